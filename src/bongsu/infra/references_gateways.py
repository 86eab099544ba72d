"""Gateways: where their routes lead, and what AWS does not do for an HTTP API. Pure."""

from collections.abc import Iterator

from bongsu.document import Path
from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.base import Wrong
from bongsu.infra.model.gateways import Gateway
from bongsu.infra.plan.hosts import host_of_gateway, host_of_load_balancer
from bongsu.kit.i18n import say


def routed_by_gateways(
    architecture: Architecture,
) -> Iterator[tuple[Path, str, tuple[str, ...]]]:
    """Every place where a gateway names a part, with the sections where it may be."""
    for name, gateway in architecture.gateways.items():
        for index, route in enumerate(gateway.routes):
            path = ("gateways", name, "routes", index)
            if route.function:
                yield (*path, "function"), route.function, ("functions",)
            if route.load_balancer:
                yield (*path, "load_balancer"), route.load_balancer, ("load_balancers",)


def wrong_gateways(architecture: Architecture) -> Iterator[Wrong]:
    for name, gateway in architecture.gateways.items():
        if gateway.waf:
            said = say("{name} is an HTTP API: AWS takes no web firewall before it.", name=name)
            todo = say(
                "Take waf out; put a distribution with waf: true before it, whose origin is gateway: {name}.",
                name=name,
            )
            yield ("gateways", name, "waf"), said, todo
        yield from _twice(name, gateway)
        yield from _load_balancers(architecture, name, gateway)
    yield from _origins(architecture)


def _twice(name: str, gateway: Gateway) -> Iterator[Wrong]:
    seen: set[str] = set()
    for index, route in enumerate(gateway.routes):
        for key in route.keys:
            if key in seen:
                said = say("{name} has two routes for {key}.", name=name, key=key)
                todo = say("Take one of them out, or name other methods.")
                yield ("gateways", name, "routes", index), said, todo
            seen.add(key)


def _load_balancers(architecture: Architecture, name: str, gateway: Gateway) -> Iterator[Wrong]:
    """Each is asked by the link, in one network, or by a name on the internet."""
    networks: set[str | None] = set()
    for index, route in enumerate(gateway.routes):
        balancer = architecture.load_balancers.get(route.load_balancer or "")
        if balancer is None or route.load_balancer is None:
            continue
        path = ("gateways", name, "routes", index, "load_balancer")
        if not balancer.public:
            networks.add(architecture.network_of(balancer))
            if len(networks) > 1:
                said = say("The link of {name} would lead into two networks.", name=name)
                yield path, said, say("Give the other network a gateway of its own.")
        host = host_of_load_balancer(architecture, route.load_balancer)
        if (balancer.public or balancer.tls) and not (balancer.tls and host):
            said = say(
                "{gateway} cannot ask {name}: it has no TLS or no host.",
                gateway=name,
                name=route.load_balancer,
            )
            todo = say("Set public: false and tls: false; or give it tls: true and hosts.")
            yield path, said, todo


def _origins(architecture: Architecture) -> Iterator[Wrong]:
    """CloudFront's stack comes first and knows a gateway by a name of ours only."""
    for name, distribution in architecture.distributions.items():
        for key, origin in distribution.origins.items():
            gateway = origin.gateway
            if gateway in architecture.gateways and not host_of_gateway(architecture, str(gateway)):
                said = say("CloudFront cannot ask {name}: it has no host.", name=gateway)
                todo = say("Give the gateway a name in hosts.")
                yield ("distributions", name, "origins", key, "gateway"), said, todo
