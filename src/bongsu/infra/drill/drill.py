"""The drill: take things away and say what still serves, how much of it, and why. Pure.

It knows what the plan knows: a part that uses a database needs it, one that uses a cache can do without, copies
are spread evenly, and whoever replaces a copy puts it into a zone that is left.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bongsu.infra.drill import entries, kept, messages, work
from bongsu.infra.drill.losses import Loss, losses_of, pairs_of
from bongsu.infra.drill.standing import Standing, StandingOf, State, worst
from bongsu.infra.plan.model import INTERNET, Part, Plan

SHOWN = (
    "distributions",
    "gateways",
    "load_balancers",
    "services",
    "servers",
    "capacity",
    "nodes",
    "functions",
    "databases",
    "caches",
    "queues",
    "streams",
)
RUNNING = ("load_balancers", "services", "servers")
WORKING = ("services", "servers", "functions", "queues", "streams")

Judge = Callable[[Plan, Part, frozenset[Loss], StandingOf], Standing]
JUDGES: dict[str, Judge] = {
    "databases": lambda _plan, part, losses, _of: kept.database(part, part.block, losses),
    "caches": lambda _plan, part, losses, _of: kept.cache(part, losses),
    "distributions": lambda _plan, part, losses, of: entries.distribution(part, losses, of),
    "services": work.workload,
    "servers": work.workload,
    "capacity": work.workload,
    "nodes": work.workload,
    "functions": work.function,
    "load_balancers": entries.load_balancer,
    "gateways": entries.gateway,
    "queues": messages.waiting,
    "streams": messages.waiting,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """`entries`: where requests come in; the outcome's state is that of the worst of them.

    `beside`: what else does work, such as a program that takes from a queue.
    """

    losses: tuple[Loss, ...]
    standings: dict[str, Standing]
    entries: tuple[str, ...]
    beside: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        return worst(self.standings[name].state for name in self.entries)

    @property
    def share(self) -> float:
        return min((self.standings[name].share for name in self.entries), default=1.0)

    @property
    def later(self) -> float:
        return min((self.standings[name].later for name in self.entries), default=1.0)

    def as_json(self) -> dict[str, Any]:
        return {
            "lost": [{"kind": loss.kind, "name": loss.name} for loss in self.losses],
            "state": self.state,
            "share": round(self.share, 3),
            "later": round(self.later, 3),
            "entries": list(self.entries),
            "parts": [standing.as_json() for standing in self.standings.values()],
        }


def drill(plan: Plan, losses: Iterable[Loss]) -> Outcome:
    """All of `losses` at once; none says how things stand on a good day."""
    chosen = tuple(losses)
    running = _Drill(plan, frozenset(chosen))
    standings = {
        part.name: running.of(part.name) for section in SHOWN for part in plan.of_section(section)
    }
    entries = entries_of(plan)
    working = [part.name for section in WORKING for part in plan.of_section(section)]
    beside = tuple(name for name in working if name not in entries)
    return Outcome(chosen, standings, entries, beside)


def drill_all(plan: Plan, *, pairs: bool = False) -> tuple[Outcome, ...]:
    """Each loss alone, and with `pairs` any two."""
    ones = [(loss,) for loss in losses_of(plan)]
    return tuple(drill(plan, lost) for lost in (*ones, *(pairs_of(plan) if pairs else ())))


def entries_of(plan: Plan) -> tuple[str, ...]:
    """Parts that the internet reaches; where there are none, everything that runs."""
    reached = dict.fromkeys(link.target for link in plan.links_from(INTERNET))
    if reached:
        return tuple(reached)
    return tuple(part.name for section in RUNNING for part in plan.of_section(section))


class _Drill:
    """Each part is judged once. A circle of parts that use each other ends where it began."""

    def __init__(self, plan: Plan, losses: frozenset[Loss]) -> None:
        self.plan, self.losses = plan, losses
        self.found: dict[str, Standing] = {}

    def of(self, name: str) -> Standing:
        if name not in self.found:
            self.found[name] = Standing(name)
            self.found[name] = self._judged(self.plan.parts[name])
        return self.found[name]

    def _judged(self, part: Part) -> Standing:
        judge = JUDGES.get(part.section)
        return judge(self.plan, part, self.losses, self.of) if judge else Standing(part.name)
