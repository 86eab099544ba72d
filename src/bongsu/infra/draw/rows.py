"""Which parts of a network stand in one row: by tier, and in it by how far requests have come. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bongsu.infra.plan.model import NetworkPlan, Part, Plan

TIERS = ("public", "app", "data", "control")


@dataclass(frozen=True, slots=True)
class Row:
    """`across`: boxes over all zones; `zones`: boxes in every zone; `nats`: what leads out of each zone."""

    kind: Literal["nats", "across", "zones"]
    parts: tuple[Part, ...] = ()


def rows_of(plan: Plan, network: NetworkPlan) -> dict[str, tuple[Row, ...]]:
    """Rows by tier, from the way in to what keeps things; a tier without any is left out."""
    inside = [part for part in plan.parts.values() if part.network == network.name]
    depths = depths_of(plan)
    found: dict[str, tuple[Row, ...]] = {}
    for tier in TIERS:
        rows = [Row("nats")] if tier == "public" and any(nat.zone for nat in network.nats) else []
        rows += _rows([part for part in inside if part.tier == tier], depths)
        if rows:
            found[tier] = tuple(rows)
    return found


def depths_of(plan: Plan) -> dict[str, int]:
    """How many parts a request has passed at most before it comes here; a circle ends where it began."""
    depths: dict[str, int] = {}

    def visit(name: str, way: tuple[str, ...]) -> int:
        if name in depths:
            return depths[name]
        if name in way:
            return 0
        before = [link.source for link in plan.links_to(name) if link.source in plan.parts]
        depths[name] = max((visit(one, (*way, name)) + 1 for one in before), default=0)
        return depths[name]

    for name in plan.parts:
        visit(name, ())
    return depths


def _rows(parts: list[Part], depths: dict[str, int]) -> Iterable[Row]:
    """Load balancers stand in a row of their own, before those to whom they send."""
    kept = [
        part for part in parts if part.section in ("databases", "caches", "volumes", "migrations")
    ]
    nodes = tuple(part for part in parts if part.section == "nodes")
    moving = [part for part in parts if part not in (*kept, *nodes)]
    for depth in sorted({depths[part.name] for part in moving}):
        here = [part for part in moving if depths[part.name] == depth]
        balancers = tuple(part for part in here if part.section == "load_balancers")
        others = tuple(part for part in here if part.section != "load_balancers")
        if balancers:
            yield Row("across", balancers)
        if others:
            yield Row("zones", others)
    if nodes:  # below the pods that run on them
        yield Row("zones", nodes)
    if kept:
        yield Row("zones", tuple(kept))
