"""What the world can ask of an architecture: addresses, and the part that answers each. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.compute import Servers, Service
from bongsu.infra.model.traffic import LoadBalancer, Route
from bongsu.infra.plan.flows import EVERYWHERE, entry_ports, fronted_by
from bongsu.infra.plan.hosts import hosts_of_load_balancer

Addresses = Mapping[str, str]  # part → the name that AWS gave it, where it has none of its own


@dataclass(frozen=True, slots=True)
class Face:
    """`part` answers at `path` of `host`. `exact`: it says 200 there; else the path only leads to it."""

    part: str
    host: str
    path: str
    tls: bool
    exact: bool

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.host}{self.path}"


def is_open(architecture: Architecture, name: str) -> bool:
    """Anybody may knock at this load balancer itself."""
    balancer = architecture.load_balancers[name]
    if not balancer.public:
        return False
    if balancer.allow is not None:
        return EVERYWHERE in balancer.allow
    return not fronted_by(architecture).get(name)


def names_of(architecture: Architecture, part: str, addresses: Addresses) -> tuple[str, ...]:
    """Of a load balancer, a distribution or a gateway: its own without patterns, else the one that AWS gave it."""
    if part in architecture.distributions:
        known = architecture.distributions[part].aliases
    elif part in architecture.gateways:
        known = architecture.gateways[part].hosts
    else:
        known = hosts_of_load_balancer(architecture, part)
    plain = tuple(dict.fromkeys(host for host in known if not host.startswith("*")))
    if known:
        return plain
    return (addresses[part],) if part in addresses else ()


def faces_of(architecture: Architecture, addresses: Addresses) -> Iterator[Face]:
    """Each part with every name of its own; what stands behind a distribution, with the first of its names."""
    for name in architecture.distributions:
        yield from _distribution(architecture, name, addresses)
    for name in architecture.load_balancers:
        if is_open(architecture, name):
            yield from _balancer(architecture, name, addresses)
    for _, name, block in architecture.workloads():
        yield from _workload(architecture, name, block, addresses)
    yield from _functions(architecture, addresses)


def _distribution(architecture: Architecture, name: str, addresses: Addresses) -> Iterator[Face]:
    path = architecture.alarms.probe or "/"
    for host in names_of(architecture, name, addresses):
        yield Face(name, host, path, True, exact=True)


def _balancer(architecture: Architecture, name: str, addresses: Addresses) -> Iterator[Face]:
    """Where a name leads to no workload of its own, the load balancer answers for it."""
    block = architecture.load_balancers[name]
    if block.kind != "application":
        return
    for host in names_of(architecture, name, addresses):
        path = architecture.alarms.probe or "/"
        if host in block.hosts and answerer(architecture, name, host, path) is None:
            yield Face(name, host, path, block.tls, exact=False)


def _workload(
    architecture: Architecture, name: str, block: Service | Servers, addresses: Addresses
) -> Iterator[Face]:
    seen: set[str] = set()
    for route in block.routes:
        balancer = architecture.load_balancers[route.via]
        if balancer.kind != "application":
            continue
        if is_open(architecture, route.via):
            found = _through_balancer(architecture, name, block, route, addresses)
        else:
            found = _through_fronts(architecture, name, block, route, addresses)
        for face in found:
            if face.host not in seen:
                seen.add(face.host)
                yield face


def _through_balancer(
    architecture: Architecture,
    name: str,
    block: Service | Servers,
    route: Route,
    addresses: Addresses,
) -> Iterator[Face]:
    """A route without names of its own takes those of its load balancer."""
    tls = architecture.load_balancers[route.via].tls
    hosts = [host for host in route.hosts if not host.startswith("*")]
    for host in hosts if route.hosts else names_of(architecture, route.via, addresses):
        for path, exact in _paths(architecture, block, route):
            if answerer(architecture, route.via, host, path) == name:
                yield Face(name, host, path, tls, exact)
                break


def _through_fronts(
    architecture: Architecture,
    name: str,
    block: Service | Servers,
    route: Route,
    addresses: Addresses,
) -> Iterator[Face]:
    """By the first distribution or gateway with a name that leads there."""
    for front in (*architecture.distributions, *architecture.gateways):
        patterns = _patterns_of(architecture, front)
        for host in names_of(architecture, front, addresses)[:1]:
            for path, exact in (*_paths(architecture, block, route), *_literals(patterns)):
                leads = behind(architecture, front, path) == route.via
                if leads and answerer(architecture, route.via, None, path) == name:
                    yield Face(name, host, path, True, exact)
                    return


def _functions(architecture: Architecture, addresses: Addresses) -> Iterator[Face]:
    """Those that a gateway asks by GET too: a look must change nothing."""
    for front in (*architecture.distributions, *architecture.gateways):
        for host in names_of(architecture, front, addresses)[:1]:
            for path, _ in _literals(_patterns_of(architecture, front)):
                found = behind(architecture, front, path, method="GET")
                if found in architecture.functions:
                    yield Face(str(found), host, path, True, exact=False)


def _paths(
    architecture: Architecture, block: Service | Servers, route: Route
) -> Iterator[tuple[str, bool]]:
    """Best first: where it says how it is, what the file wants asked, where it is routed at all."""
    for path in (block.health.path, architecture.alarms.probe):
        if path:
            yield path, True
    yield from _literals(route.paths or ("/",))


def _literals(patterns: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
    """`/app/*` → `/app/`"""
    for pattern in patterns:
        yield pattern.replace("?", "*").split("*", 1)[0] or "/", False


def _patterns_of(architecture: Architecture, front: str) -> tuple[str, ...]:
    """Paths that a front tells apart, with those of gateways behind it."""
    if front in architecture.gateways:
        return tuple(one.path for one in architecture.gateways[front].routes)
    distribution = architecture.distributions[front]
    inner = [one.gateway for one in distribution.origins.values() if one.gateway]
    return (
        *distribution.paths,
        *(path for one in inner for path in _patterns_of(architecture, one)),
    )


def behind(
    architecture: Architecture, front: str, path: str, method: str | None = None
) -> str | None:
    """The load balancer or the function that a distribution or a gateway asks for a path, if any."""
    if front in architecture.distributions:
        distribution = architecture.distributions[front]
        found = (one for pattern, one in distribution.paths.items() if fnmatchcase(path, pattern))
        origin = distribution.origins[next(found, distribution.default).origin]
        if origin.gateway:
            return behind(architecture, origin.gateway, path, method)
        return origin.load_balancer
    routes = [
        one
        for one in architecture.gateways[front].routes
        if fnmatchcase(path, one.path) and (not method or not one.methods or method in one.methods)
    ]
    best = max(routes, key=lambda one: len(one.path), default=None)
    return (best.load_balancer or best.function) if best else None


def answerer(architecture: Architecture, balancer: str, host: str | None, path: str) -> str | None:
    """The workload that a load balancer asks; the most exact route wins. `host` None: whatever it is."""
    found = [
        (bool(route.hosts), max((len(pattern) for pattern in taken), default=0), name)
        for _, name, block in architecture.workloads()
        for route in block.routes
        if route.via == balancer
        and (host is None or not route.hosts or any(fnmatchcase(host, one) for one in route.hosts))
        and ((taken := [one for one in route.paths if fnmatchcase(path, one)]) or not route.paths)
    ]
    return max(found, key=lambda one: one[:2])[2] if found else None


def doors_of(balancer: LoadBalancer) -> int:
    """The port of a network load balancer."""
    return entry_ports(balancer)[0]
