"""Who must reach whom, and whom the security groups let in. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Network

from bongsu.infra.model.architecture import REGIONAL, Architecture
from bongsu.infra.model.clusters import Cluster
from bongsu.infra.model.compute import Ingress, Service
from bongsu.infra.model.traffic import Distribution, LoadBalancer
from bongsu.infra.plan.cidr import is_private
from bongsu.infra.plan.model import CLOUDFRONT, INTERNET, Link, NetworkPlan, Opening, Part
from bongsu.infra.plan.parts import inner_load_balancers, link_of, volume_of
from bongsu.infra.plan.pods import nodes_name

EVERYWHERE = IPv4Network("0.0.0.0/0")
NFS = 2049
HTTPS = 443
UNCALLED = ("links", "functions")  # AWS itself hands them their work; their interfaces only call


def links_of(architecture: Architecture, parts: dict[str, Part]) -> tuple[Link, ...]:
    return (
        *_from_outside(architecture),
        *_gateways(architecture),
        *_routes(architecture),
        *_uses(architecture, parts),
        *_migrations(architecture),
        *_nodes(architecture),
    )


def openings_of(
    parts: dict[str, Part],
    links: tuple[Link, ...],
    networks: dict[str, NetworkPlan],
) -> tuple[Opening, ...]:
    """What the file says by hand for a part, else exactly what the links need."""
    found: list[Opening] = []
    for part in parts.values():
        by_hand = getattr(part.block, "ingress", None)
        if part.network is None or part.section in UNCALLED:
            continue
        if by_hand is not None:
            found += _by_hand(part, by_hand)
        elif isinstance(part.block, Cluster):
            found += (*_of_links(part, links), *_of_people(part, part.block))
        elif isinstance(part.block, LoadBalancer):
            found += _of_load_balancer(part, part.block, links, networks[part.network].cidr)
        else:
            found += _of_links(part, links)
    return tuple(dict.fromkeys(near for one in found for near in _near(one, parts, networks)))


def _near(
    opening: Opening, parts: dict[str, Part], networks: dict[str, NetworkPlan]
) -> Iterator[Opening]:
    """A group of another network cannot be named: there the source's own subnets stand in its place."""
    source, part = parts.get(str(opening.source)), parts[opening.part]
    if opening.by_hand or source is None or source.network in (None, part.network):
        yield opening
        return
    tiers = (source.tier, "pods" if getattr(source.block, "runs_on", None) else None)
    for subnet in networks[str(source.network)].subnets:
        if subnet.tier in tiers and subnet.zone in source.zones:
            yield replace(opening, source=subnet.cidr)


def entry_ports(balancer: LoadBalancer) -> tuple[int, ...]:
    """Where clients knock: HTTPS, and plain HTTP only to be sent there, as a network one cannot do."""
    if not balancer.tls:
        return (80,)
    return (443, 80) if balancer.kind == "application" else (443,)


def _from_outside(architecture: Architecture) -> Iterator[Link]:
    fronted = fronted_by(architecture)
    for name, balancer in architecture.load_balancers.items():
        if balancer.public and not fronted.get(name):
            for port in entry_ports(balancer):
                yield Link(INTERNET, name, port, "serve", ("load_balancers", name))
    for name, distribution in architecture.distributions.items():
        yield Link(INTERNET, name, 443, "serve", ("distributions", name))
        yield from _origins(architecture, name, distribution)
    for section, name, block in architecture.workloads():
        if block.port and not block.routes and block.public_ip and block.tier == "public":
            yield Link(INTERNET, name, block.port, "serve", (section, name, "public_ip"))


def _origins(architecture: Architecture, name: str, distribution: Distribution) -> Iterator[Link]:
    for key, origin in distribution.origins.items():
        path = ("distributions", name, "origins", key)
        port = 443
        if origin.load_balancer:
            port = entry_ports(architecture.load_balancers[origin.load_balancer])[0]
        target = origin.load_balancer or origin.gateway or origin.bucket
        if target:
            yield Link(name, target, port, "serve", path)


def _gateways(architecture: Architecture) -> Iterator[Link]:
    """To functions by AWS itself, into a network by the link, to what is public by its name."""
    for name, gateway in architecture.gateways.items():
        here = ("gateways", name)
        yield Link(INTERNET, name, 443, "serve", here)
        inside = inner_load_balancers(architecture, name)
        if inside:
            yield Link(name, link_of(name), 443, "serve", here)
        for index, route in enumerate(gateway.routes):
            path = (*here, "routes", index)
            if route.function:
                yield Link(name, route.function, 443, "serve", path)
            elif route.load_balancer:
                port = entry_ports(architecture.load_balancers[route.load_balancer])[0]
                source = link_of(name) if route.load_balancer in inside else name
                yield Link(source, route.load_balancer, port, "serve", path)


def fronted_by(architecture: Architecture) -> dict[str, tuple[str, ...]]:
    """Load balancer → the distributions whose origin it is."""
    found: dict[str, tuple[str, ...]] = {}
    for name, distribution in architecture.distributions.items():
        for origin in distribution.origins.values():
            if origin.load_balancer:
                found[origin.load_balancer] = (*found.get(origin.load_balancer, ()), name)
    return found


def _routes(architecture: Architecture) -> Iterator[Link]:
    for section, name, block in architecture.workloads():
        for index, route in enumerate(block.routes):
            path = (section, name, "routes", index)
            port = block.port
            if port is None:
                continue
            yield Link(route.via, name, port, "serve", path)
            if block.health.port and block.health.port != port:
                yield Link(
                    route.via, name, block.health.port, "health", (section, name, "health", "port")
                )


def _uses(architecture: Architecture, parts: dict[str, Part]) -> Iterator[Link]:
    for section, name, block in architecture.users():
        for used in block.uses:
            target = parts[used]
            port = 443 if target.section in REGIONAL else _port_of(target)
            if port:
                yield Link(name, used, port, "use", (section, name, "uses", used))
        if isinstance(block, Service) and block.volume:
            yield Link(name, volume_of(name), NFS, "use", (section, name, "volume"))


def _port_of(target: Part) -> int | None:
    if isinstance(target.block, LoadBalancer):
        return entry_ports(target.block)[0]
    return getattr(target.block, "port", None)


def _migrations(architecture: Architecture) -> Iterator[Link]:
    for name, migration in architecture.migrations.items():
        port = architecture.databases[migration.target].port
        yield Link(name, migration.target, port, "use", ("migrations", name, "target"))


def _nodes(architecture: Architecture) -> Iterator[Link]:
    """Nodes join their cluster at its own interface."""
    for name, cluster in architecture.clusters.items():
        for group in cluster.nodes:
            path = ("clusters", name, "nodes", group)
            yield Link(nodes_name(name, group), name, HTTPS, "use", path)


def _by_hand(part: Part, rules: tuple[Ingress, ...]) -> Iterator[Opening]:
    for index, rule in enumerate(rules):
        source = rule.source or rule.cidr or EVERYWHERE  # the model has one of the first two
        yield Opening(
            part.name, source, rule.first, rule.last, (*part.path, "ingress", index), by_hand=True
        )


def _of_load_balancer(
    part: Part, balancer: LoadBalancer, links: tuple[Link, ...], network: IPv4Network
) -> Iterator[Opening]:
    """From `allow`, else from where its links come; one that nobody here uses is open to its network."""
    ports = entry_ports(balancer)
    if balancer.allow is not None:
        for index, cidr in enumerate(balancer.allow):
            for port in ports:
                yield Opening(
                    part.name, cidr, port, port, (*part.path, "allow", index), by_hand=True
                )
        return
    yield from _of_links(part, links)
    if not balancer.public and not any(link.target == part.name for link in links):
        for port in ports:
            yield Opening(part.name, network, port, port, part.path)


def _of_people(part: Part, cluster: Cluster) -> Iterator[Opening]:
    """Over a company's line; who comes over the internet is admitted by EKS itself."""
    for index, cidr in enumerate(cluster.endpoint.allow):
        if is_private(cidr):
            path = (*part.path, "endpoint", "allow", index)
            yield Opening(part.name, cidr, HTTPS, HTTPS, path)


def _of_links(part: Part, links: tuple[Link, ...]) -> Iterator[Opening]:
    for link in links:
        if link.target == part.name:
            yield Opening(part.name, _source(link), link.port, link.port, link.path)


def _source(link: Link) -> str | IPv4Network:
    """The internet is everybody, so is a gateway without its link; a distribution is CloudFront's addresses,
    a part has its own group."""
    if link.source == INTERNET or link.path[:2] == ("gateways", link.source):
        return EVERYWHERE
    return CLOUDFRONT if link.path[0] == "distributions" else link.source
