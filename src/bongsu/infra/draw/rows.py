"""Which parts of a network stand in one row: by tier, and in it by how far requests have come. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bongsu.infra.plan.model import NetworkPlan, Part, Plan

TIERS = ("public", "app", "data", "control")


@dataclass(frozen=True, slots=True)
class Row:
    """`across`: boxes over all zones; `zones`: boxes in every zone; `nats`: what leads out of each zone.

    `hosts`: what the tasks in the row above stand on.
    """

    kind: Literal["nats", "across", "zones", "hosts"]
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
    return depths | _on_hosts(plan, depths)


def _on_hosts(plan: Plan, depths: dict[str, int]) -> dict[str, int]:
    """Tasks of the same hosts stand side by side on them, as far down as the last of them."""
    found: dict[str, int] = {}
    for hosts in plan.of_section("capacity"):
        on = [one.name for one in plan.of_section("services") if one.block.runs_on == hosts.name]
        deepest = max((depths[name] for name in on), default=0)
        found |= dict.fromkeys([hosts.name, *on], deepest)
    return found


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
        hosts = tuple(part for part in here if part.section == "capacity")
        others = tuple(part for part in here if part not in (*balancers, *hosts))
        if balancers:
            yield Row("across", balancers)
        yield from _on(hosts, others)
    if nodes:  # below the pods that run on them
        yield Row("zones", nodes)
    if kept:
        yield Row("zones", tuple(kept))


def _on(hosts: tuple[Part, ...], others: tuple[Part, ...]) -> Iterable[Row]:
    """What stands on nothing, then the tasks of each hosts with these right below."""
    names = {part.name for part in hosts}
    free = tuple(part for part in others if getattr(part.block, "runs_on", None) not in names)
    if free:
        yield Row("zones", free)
    for one in hosts:
        tasks = tuple(part for part in others if getattr(part.block, "runs_on", None) == one.name)
        if tasks:
            yield Row("zones", tasks)
        yield Row("hosts", (one,))
