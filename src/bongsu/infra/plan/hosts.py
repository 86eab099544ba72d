"""Names that an architecture answers for, and what they lead to. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from bongsu.document import Path
from bongsu.infra.model.architecture import Architecture


@dataclass(frozen=True, slots=True)
class Claim:
    """`owner`: what the name leads to; several routes to one load balancer are one owner.

    `path` is that of the list in which it stands, `index` its place there (None: it stands alone).
    """

    host: str
    owner: str
    path: Path
    index: int | None = None

    @property
    def place(self) -> Path:
        return self.path if self.index is None else (*self.path, self.index)


def claims(architecture: Architecture) -> Iterator[Claim]:
    for name, balancer in architecture.load_balancers.items():
        yield from _listed(balancer.hosts, name, ("load_balancers", name, "hosts"))
    for name, distribution in architecture.distributions.items():
        yield from _listed(distribution.aliases, name, ("distributions", name, "aliases"))
    for name, gateway in architecture.gateways.items():
        yield from _listed(gateway.hosts, name, ("gateways", name, "hosts"))
    for section, name, block in architecture.workloads():
        for index, route in enumerate(block.routes):
            yield from _listed(route.hosts, route.via, (section, name, "routes", index, "hosts"))
    for name, record in architecture.records.items():
        yield Claim(record.name, f"records.{name}", ("records", name, "name"))


def places(architecture: Architecture) -> dict[str, Path]:
    """Each name once, with the last place that claims it."""
    return {claim.host: claim.path for claim in claims(architecture)}


def hosts_of_load_balancer(architecture: Architecture, name: str) -> tuple[str, ...]:
    """Its own names, then those of its routes, each once: its certificate covers them all."""
    return tuple(dict.fromkeys(claim.host for claim in claims(architecture) if claim.owner == name))


def host_of_load_balancer(architecture: Architecture, name: str) -> str | None:
    """The first that is one name and no pattern."""
    hosts = hosts_of_load_balancer(architecture, name)
    return next((host for host in hosts if not host.startswith("*")), None)


def host_of_gateway(architecture: Architecture, name: str) -> str | None:
    """The first that is one name and no pattern."""
    hosts = architecture.gateways[name].hosts
    return next((host for host in hosts if not host.startswith("*")), None)


def _listed(hosts: tuple[str, ...], owner: str, path: Path) -> Iterator[Claim]:
    yield from (Claim(host, owner, path, index) for index, host in enumerate(hosts))
