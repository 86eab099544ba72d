"""Names that an architecture answers for, and where they stand in the file. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from bongsu.document import Path
from bongsu.infra.model.architecture import Architecture


@dataclass(frozen=True, slots=True)
class Claim:
    """`owner`: what the name leads to; several routes to one load balancer are one owner."""

    host: str
    owner: str
    path: Path


def claims(architecture: Architecture) -> Iterator[Claim]:
    for name, balancer in architecture.load_balancers.items():
        for host in balancer.hosts:
            yield Claim(host, name, ("load_balancers", name, "hosts"))
    for name, distribution in architecture.distributions.items():
        for host in distribution.aliases:
            yield Claim(host, name, ("distributions", name, "aliases"))
    for section, name, block in architecture.workloads():
        for index, route in enumerate(block.routes):
            for host in route.hosts:
                yield Claim(host, route.via, (section, name, "routes", index, "hosts"))
    for name, record in architecture.records.items():
        yield Claim(record.name, f"records.{name}", ("records", name, "name"))


def places(architecture: Architecture) -> dict[str, Path]:
    """Each name once, with the last place that claims it."""
    return {claim.host: claim.path for claim in claims(architecture)}
