"""What an environment costs in a quiet, a usual and a busy month, and how far that may be believed. Pure."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from bongsu.infra.cost.breakeven import BreakEven, break_evens
from bongsu.infra.cost.hosts import HostsAgainstFargate, hosts_against_fargate
from bongsu.infra.cost.hours import share_running
from bongsu.infra.cost.line import Line
from bongsu.infra.cost.lines import lines_of
from bongsu.infra.cost.prices import Prices
from bongsu.infra.cost.traffic import LEVELS, Level, Month, month
from bongsu.infra.machines import MACHINES
from bongsu.infra.plan.model import Plan
from bongsu.kit.i18n import Said, say, say_n


@dataclass(frozen=True, slots=True)
class Cost:
    """One month. `saved_usd`: what office hours take off `full_usd`."""

    month: Month
    lines: tuple[Line, ...]
    running: float

    @property
    def full_usd(self) -> float:
        return sum(line.usd or 0.0 for line in self.lines)

    @property
    def saved_usd(self) -> float:
        return sum(line.usd or 0.0 for line in self.lines if line.stops) * (1 - self.running)

    @property
    def total_usd(self) -> float:
        return self.full_usd - self.saved_usd

    @property
    def missing(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.usd is None)

    def by_part(self) -> dict[str, float]:
        """The dearest first, without what office hours save."""
        sums: Counter[str] = Counter()
        for line in self.lines:
            share = self.running if line.stops else 1.0
            sums[line.part] += (line.usd or 0.0) * share  # type: ignore[assignment]
        return dict(sums.most_common())


@dataclass(frozen=True, slots=True)
class Report:
    environment: str
    region: str
    costs: dict[Level, Cost]
    break_evens: tuple[BreakEven, ...]
    hosts: tuple[HostsAgainstFargate, ...]
    as_of: tuple[str, str] | None  # of the oldest and the newest row that was used

    @property
    def expected(self) -> Cost:
        return self.costs["expected"]

    def said(self) -> tuple[Said, ...]:
        """The report in sentences, the one that matters first."""
        cost = self.expected
        return (self._head(), *_missing(cost), *_saving(cost), *self._believed())

    def _head(self) -> Said:
        """A sum that lacks something says so at once; one that lacks everything is none."""
        cost, where = self.expected, {"environment": self.environment, "region": self.region}
        if cost.missing and len(cost.missing) == len(cost.lines):
            return say(
                "What {environment} costs is not known: no price of {region} is in the table.",
                **where,
            )
        sums = {level: money(one.total_usd) for level, one in self.costs.items()}
        values = {"environment": self.environment, "usd": sums["expected"], "low": sums["low"],
                  "high": sums["high"]}  # fmt: skip
        if cost.missing:
            return say(
                "{environment} costs more than {usd} USD in a usual month, {low} in a quiet "
                "and {high} in a busy one.",
                **values,
            )
        return say(
            "{environment} costs {usd} USD in a usual month, {low} in a quiet and {high} in a busy one.",
            **values,
        )

    def _believed(self) -> tuple[Said, ...]:
        lines = self.expected.lines
        unverified = sum(not line.verified for line in lines if line.usd is not None)
        notes = []
        if unverified:
            notes.append(
                say(
                    "{count} of {all} lines use prices that nobody has verified: refresh the table first.",
                    count=unverified,
                    all=len(lines),
                )
            )
        if self.as_of:
            notes.append(
                say("Prices of {first} to {last}.", first=self.as_of[0], last=self.as_of[1])
            )
        if self.expected.month.assumed:
            names = ", ".join(self.expected.month.assumed)
            notes.append(
                say("Assumed, because `traffic` does not give them: {names}.", names=names)
            )
        notes.append(say("List prices: free tiers, discounts and taxes are left out."))
        return tuple(notes)

    def as_json(self) -> dict[str, Any]:
        return {
            "environment": self.environment,
            "region": self.region,
            "total_usd": {level: round(cost.total_usd, 2) for level, cost in self.costs.items()},
            "saved_usd": round(self.expected.saved_usd, 2),
            "missing": [f"{line.service} {line.item}" for line in self.expected.missing],
            "lines": [_line(line) for line in self.expected.lines],
            "break_even": [one.as_json() for one in self.break_evens],
            "hosts": [one.as_json() for one in self.hosts],
            "notes": [said.stored() for said in self.said()],
        }


def cost_report(plan: Plan, prices: Prices) -> Report:
    architecture = plan.architecture
    running = share_running(architecture.hours)
    costs: dict[Level, Cost] = {}
    for level in LEVELS:
        usual = month(level, architecture.traffic)
        costs[level] = Cost(usual, lines_of(plan, prices, usual), running)
    used = sorted(
        prices.of(architecture.region, line.service, line.item).as_of
        for line in costs["expected"].lines
        if line.usd is not None
    )
    dates = (used[0], used[-1]) if used else None
    found = break_evens(plan, prices, MACHINES.values())
    hosts = hosts_against_fargate(plan, prices)
    return Report(architecture.environment, architecture.region, costs, found, hosts, dates)


def money(usd: float) -> str:
    """Cents only where they matter."""
    return f"{usd:,.0f}" if abs(usd) >= 100 else f"{usd:,.2f}"


def _missing(cost: Cost) -> tuple[Said, ...]:
    if not cost.missing:
        return ()
    names = ", ".join(dict.fromkeys(f"{line.service} {line.item}" for line in cost.missing))
    return (
        say_n(
            "{n} line has no price, so the sum is too low: {names}. "
            "Add the row to a table of your own: --prices.",
            "{n} lines have no price, so the sum is too low: {names}. "
            "Add the rows to a table of your own: --prices.",
            len(cost.missing),
            names=names,
        ),
    )


def _saving(cost: Cost) -> tuple[Said, ...]:
    if cost.running >= 1:
        return ()
    return (
        say(
            "Office hours save {usd} USD a month: {percent} % of the week it stands still.",
            usd=money(cost.saved_usd),
            percent=round(100 * (1 - cost.running)),
        ),
    )


def _line(line: Line) -> dict[str, Any]:
    return {
        "part": line.part,
        "path": list(line.path),
        "service": line.service,
        "item": line.item,
        "quantity": round(line.quantity, 3),
        "unit": line.unit,
        "usd": None if line.usd is None else round(line.usd, 2),
        "verified": line.verified,
        "stops": line.stops,
    }
