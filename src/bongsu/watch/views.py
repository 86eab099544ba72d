"""What the wall shows of services. Pure. In this order: what is broken, since when, why, who has it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bongsu.kit.i18n import Said, say
from bongsu.watch.headline import headline
from bongsu.watch.model import WORST_FIRST, Overlay, State
from bongsu.watch.store_pages import Brief, Look, Wall
from bongsu.watch.verdict import our_fault

SILENT_AFTER = timedelta(seconds=15)  # a location says every 2 s that it lives
NOT_YET = say("Not looked at yet.")
_RANK: dict[State, int] = {state: rank for rank, state in enumerate(WORST_FIRST)}


@dataclass(frozen=True, slots=True)
class Totals:
    """What the checks of a service come to. `state` None: it has none, or none was looked at yet."""

    state: State | None
    overlay: Overlay | None  # paused: all of its checks are
    since: datetime | None
    reason: Said | None
    counts: dict[State, int]
    checks: int


_NO_CHECKS = Totals(None, None, None, say("It has no checks yet."), {}, 0)
ServiceTotals = Mapping[int, tuple[Totals, tuple[int, ...]]]  # by service: its totals, its checks


@dataclass(frozen=True, slots=True)
class ServiceRow:
    id: int
    name: str
    title: str
    group: str
    owners: tuple[str, ...]
    totals: Totals
    slowest_ms: float | None  # the slowest last look of its checks that answered
    check_ids: tuple[int, ...]

    @property
    def state(self) -> State | None:
        return self.totals.state


@dataclass(frozen=True, slots=True)
class GroupView:
    title: str
    services: tuple[ServiceRow, ...]  # worst first
    counts: dict[State, int]
    more: int = 0  # services that are not shown, none of them worse than those that are

    @property
    def state(self) -> State | None:
        return worst(row.state for row in self.services)


@dataclass(frozen=True, slots=True)
class WallView:
    sentence: Said
    state: State | None
    severity: int  # 1 all is well … 4 something is down
    groups: tuple[GroupView, ...]  # worst first
    counts: dict[State, int]  # of services
    checks: int
    locations: tuple[str, ...]
    silent: dict[str, datetime]  # locations, and since when
    worst_since: datetime | None
    trouble: tuple[ServiceRow, ...] = field(
        default=()
    )  # all that are not up, worst and oldest first


def worst(states: Iterable[State | None]) -> State | None:
    known = [state for state in states if state is not None]
    return min(known, key=_RANK.__getitem__, default=None)


def rank_of(state: State | None) -> int:
    """The worst is 0; what was never looked at comes last."""
    return len(WORST_FIRST) if state is None else _RANK[state]


def service_totals(checks: Iterable[Brief]) -> ServiceTotals:
    """What the checks of each service come to, and their ids."""
    of: dict[int, list[Brief]] = {}
    for check in checks:
        of.setdefault(check.service_id, []).append(check)
    return {key: (totals(some), tuple(check.id for check in some)) for key, some in of.items()}


def wall_view(wall: Wall, now: datetime, known: ServiceTotals | None = None) -> WallView:
    """`known`: the totals of these checks, where they are known."""
    of = service_totals(wall.checks) if known is None else known
    rows = []
    for one in wall.services:
        come_to, ids = of.get(one.id, (_NO_CHECKS, ()))
        slowest_ms = _slowest(ids, wall.looks)
        rows.append(
            ServiceRow(one.id, one.name, one.title, one.group, one.owners, come_to, slowest_ms, ids)
        )
    state = worst(row.state for row in rows if row.totals.overlay is None)
    trouble = [row for row in _sorted(rows) if row.state not in {None, "up"}]
    told = [row for row in trouble if row.totals.overlay is None]
    return WallView(
        sentence=_sentence(rows),
        state=state,
        severity={"down": 4, "degraded": 3, "unknown": 2}.get(state or "up", 1),
        groups=_groups(rows),
        counts=_counts(row.state for row in rows),
        checks=len(wall.checks),
        locations=tuple(sorted(wall.locations)),
        silent=silent(wall.locations, now),
        worst_since=min((r.totals.since for r in told if r.totals.since), default=None),
        trouble=tuple(trouble),
    )


def silent(locations: Mapping[str, datetime], now: datetime) -> dict[str, datetime]:
    return {name: at for name, at in locations.items() if now - at > SILENT_AFTER}


def totals(checks: Sequence[Brief]) -> Totals:
    """The worst of the checks that are not paused; of all of them when every one is."""
    counted = [check for check in checks if not check.paused] or list(checks)
    state = worst(check.state for check in counted)
    bad = [check for check in counted if check.state == state]
    paused = bool(checks) and all(check.paused for check in checks)
    since = [check.since for check in bad if check.since is not None]
    return Totals(
        state=state,
        overlay="paused" if paused else None,
        since=(max if state == "up" else min)(since, default=None),
        reason=_reason(counted, bad, state),
        counts=_counts(check.state for check in checks),
        checks=len(checks),
    )


def _reason(counted: Sequence[Brief], bad: Sequence[Brief], state: State | None) -> Said | None:
    if state == "up":
        return None
    if state is None:
        return NOT_YET if counted else say("It has no checks yet.")
    first = min(bad, key=lambda check: (check.since is None, check.since, check.id))
    reason = first.reason or our_fault("unknown")
    if len(counted) == 1:
        return reason
    sentence = {
        "down": "{count} of {all} checks fail. {name}: {reason}",
        "degraded": "{count} of {all} checks are degraded. {name}: {reason}",
        "unknown": "{count} of {all} checks cannot be judged. {name}: {reason}",
    }[state]
    return say(sentence, count=len(bad), all=len(counted), name=first.name, reason=reason)


def _counts(states: Iterable[State | None]) -> dict[State, int]:
    """Worst first; what was never looked at counts as unknown."""
    found = Counter(state or "unknown" for state in states)
    return {state: found[state] for state in WORST_FIRST if found[state]}


def _slowest(check_ids: Iterable[int], looks: Mapping[int, Look]) -> float | None:
    seen = [looks[one].milliseconds for one in check_ids if one in looks]
    return max((one for one in seen if one is not None), default=None)


def _order(row: ServiceRow) -> tuple[int, int, float, str]:
    since = row.totals.since.timestamp() if row.totals.since and row.state != "up" else 0.0
    return (row.totals.overlay is not None, rank_of(row.state), since, row.title)


def _sorted(rows: Iterable[ServiceRow]) -> list[ServiceRow]:
    return sorted(rows, key=_order)


def _groups(rows: Sequence[ServiceRow]) -> tuple[GroupView, ...]:
    by_title: dict[str, list[ServiceRow]] = {}
    for row in _sorted(rows):
        by_title.setdefault(row.group, []).append(row)
    groups = [GroupView(t, tuple(r), _counts(one.state for one in r)) for t, r in by_title.items()]
    return tuple(sorted(groups, key=lambda group: (_order(group.services[0])[:2], group.title)))


def shortened(groups: Sequence[GroupView], limit: int) -> list[GroupView]:
    """At most about `limit` services in all, so that a wall of thousands is still read at a glance.

    What is not well goes first, the worst of it where that alone is too much; what room is left, the groups
    share alike.
    """
    rows = [row for group in groups for row in group.services]
    if len(rows) <= limit:
        return list(groups)
    bad = [row for row in rows if row.state not in {None, "up"}]
    chosen = {row.id for row in _sorted(bad)[:limit]}
    share = max((limit - len(bad)) // max(len(groups), 1), 0)
    counts = [sum(row.id in chosen for row in group.services) + share for group in groups]
    return [_first(group, max(count, 1)) for group, count in zip(groups, counts, strict=True)]


def _first(group: GroupView, count: int) -> GroupView:
    more = len(group.services) - count
    return group if more <= 0 else replace(group, services=group.services[:count], more=more)


def _sentence(rows: Sequence[ServiceRow]) -> Said:
    """The wall in one sentence. Paused services keep quiet."""
    if not rows:
        return say("There is nothing to watch yet")
    names: dict[State, list[str]] = {state: [] for state in WORST_FIRST}
    for row in _sorted(rows):
        if row.totals.overlay is None and row.state is not None:
            names[row.state].append(row.title)
    return headline(names)


def grid(wall: Wall) -> list[tuple[int, int, State]]:
    """Every check as the grid draws it, by id: check, service, state."""
    return [(check.id, check.service_id, check.state or "unknown") for check in wall.checks]
