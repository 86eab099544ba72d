"""What can be lost, one thing at a time. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

from bongsu.infra.plan.model import Part, Plan
from bongsu.infra.reach import Lost, endpoint_name, nat_name
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import Said, say

Kind = Literal[
    "zone", "nat", "database", "cache", "endpoint", "origin", "load-balancer", "copy", "host"
]


@dataclass(frozen=True, slots=True, order=True)
class Loss:
    """`name`: a zone's letter, `main/a`, `main/ecr.api`, `www/static`, or a part's name.

    Of a database and a cache it is the primary that is lost, of a service, of servers and of nodes one copy, of
    hosts the fullest one.
    """

    kind: Kind
    name: str

    def said(self) -> Said:
        return replace(LABELS[self.kind], args={"name": self.name})


LABELS: dict[Kind, Said] = {
    "zone": say("Zone {name}"),
    "nat": say("NAT {name}"),
    "database": say("Primary of {name}"),
    "cache": say("Primary of the cache {name}"),
    "endpoint": say("Endpoint {name}"),
    "origin": say("Origin {name}"),
    "load-balancer": say("Load balancer {name}"),
    "copy": say("One copy of {name}"),
    "host": say("One host of {name}"),
}
PARTS: dict[str, Kind] = {
    "load_balancers": "load-balancer",
    "databases": "database",
    "caches": "cache",
    "capacity": "host",
    "services": "copy",
    "servers": "copy",
    "nodes": "copy",
}


def losses_of(plan: Plan) -> tuple[Loss, ...]:
    """Each that this plan has, the largest first."""
    return tuple(dict.fromkeys((*_zones(plan), *_of_networks(plan), *_of_parts(plan))))


def pairs_of(plan: Plan) -> tuple[tuple[Loss, Loss], ...]:
    """Any two at once."""
    return tuple(combinations(losses_of(plan), 2))


def zones_left(part: Part, losses: frozenset[Loss]) -> list[str]:
    """Of those where it stands."""
    return [zone for zone in part.zones if Loss("zone", zone) not in losses]


def ways_lost(losses: frozenset[Loss]) -> frozenset[Lost]:
    """Those that take away a part's way out."""
    found = set()
    for loss in losses:
        if loss.kind in ("zone", "nat", "endpoint"):
            found.add(Lost(loss.kind, loss.name))
    return frozenset(found)


def _zones(plan: Plan) -> Iterator[Loss]:
    letters = sorted({zone for network in plan.networks.values() for zone in network.zones})
    yield from (Loss("zone", letter) for letter in letters)


def _of_networks(plan: Plan) -> Iterator[Loss]:
    for network in plan.networks.values():
        yield from (Loss("nat", nat_name(network.name, nat)) for nat in network.nats)
    for network in plan.networks.values():
        yield from (
            Loss("endpoint", endpoint_name(network.name, endpoint))
            for endpoint in network.endpoints
        )


def _of_parts(plan: Plan) -> Iterator[Loss]:
    for part in plan.of_section("distributions"):
        yield from (Loss("origin", f"{part.name}/{origin}") for origin in part.block.origins)
    for section, kind in PARTS.items():
        yield from (Loss(kind, part.name) for part in plan.of_section(section))


def named(plan: Plan, texts: Iterable[str]) -> tuple[Loss, ...]:
    """`zone:a` → that loss. Raises Invalid for what this plan does not have, with what it has."""
    known = {f"{loss.kind}:{loss.name}": loss for loss in losses_of(plan)}
    unknown = [text for text in texts if text not in known]
    if unknown:
        words = {"name": ", ".join(unknown), "known": ", ".join(known) or "–"}
        raise Invalid(say("Nothing here is called {name}. What can be lost: {known}.", **words))
    return tuple(known[text] for text in texts)
