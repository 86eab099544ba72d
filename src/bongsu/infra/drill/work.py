"""How what runs stands: copies that are left, ways out that are left, and what it uses. Pure."""

from collections.abc import Sequence
from math import ceil

from bongsu.infra.drill.hosts import hosts_left, hosts_of, moved, taken_along
from bongsu.infra.drill.losses import Loss, ways_lost, zones_left
from bongsu.infra.drill.standing import Standing, StandingOf, Verdict
from bongsu.infra.plan.messages import TAKES
from bongsu.infra.plan.model import INTERNET, Part, Plan, Reach
from bongsu.infra.plan.pods import PODS_BEGIN_BY, wearers
from bongsu.infra.reach import Why, way
from bongsu.kit.i18n import say

Cut = tuple[Reach, str, Why]  # what a part called, the zone that it called from
Stuck = dict[str, list[Why]]  # zone that is left → why no new copy starts there


def workload(plan: Plan, part: Part, losses: frozenset[Loss], standing_of: StandingOf) -> Standing:
    verdict = Verdict(part.name)
    zones = zones_left(part, losses)
    cut = _cut(plan, part, zones, losses)
    _copies(verdict, plan, part, losses, _stuck(plan, part, zones, losses, cut))
    spread, moves = part.spread(), verdict.share < 1
    for reach, zone, why in cut:
        if _running(reach) and (spread[zone] or moves):
            _no_way(verdict, part, reach, zone, why)
    _uses(verdict, plan, part, standing_of)
    return verdict.done()


def function(plan: Plan, part: Part, losses: frozenset[Loss], standing_of: StandingOf) -> Standing:
    """AWS runs it in any zone that is left to it; it has no copies to lose, only what it uses."""
    verdict = Verdict(part.name)
    zones = zones_left(part, losses)
    if part.zones and not zones:
        verdict.worse("down", say("No zone of {part} is left.", part=part.name))
        verdict.at_most(0.0, 0.0)
    for reach, zone, why in _cut(plan, part, zones, losses):
        _no_way(verdict, part, reach, zone, why)
    _uses(verdict, plan, part, standing_of)
    return verdict.done()


def _uses(verdict: Verdict, plan: Plan, part: Part, standing_of: StandingOf) -> None:
    """Who takes from a queue does not hang on it: the queue hangs on who takes."""
    for used, access in getattr(part.block, "uses", {}).items():
        if TAKES.get(plan.parts[used].section) != access:
            _depends(verdict, plan, part, standing_of(used))


def _copies(
    verdict: Verdict, plan: Plan, part: Part, losses: frozenset[Loss], stuck: Stuck
) -> None:
    spread, zones = part.spread(), list(stuck)
    left = sum(spread[zone] for zone in zones) - _single(plan, part, zones, losses)
    left = max(left - _on_lost_nodes(plan, part, left, losses), 0)
    if part.copies == 0 or left >= part.copies:
        _no_new_ones(verdict, part, stuck)
        return
    starts = any(not why for why in stuck.values())
    verdict.at_most(left / part.copies, 1.0 if starts else left / part.copies)
    values = {"part": part.name, "left": left, "copies": part.copies}
    if left:
        verdict.worse("degraded", say("{part} has {left} of {copies} copies left.", **values))
    else:
        verdict.worse("down", say("{part} has no copy left.", **values))
    _replacement(verdict, plan, part, losses, stuck, part.copies - left)


def _single(plan: Plan, part: Part, zones: list[str], losses: frozenset[Loss]) -> int:
    """Copies that are lost by themselves, or with their host."""
    hosts = hosts_of(plan, part)
    with_host = taken_along(part, hosts, zones, losses) if hosts else 0
    itself = Loss("host" if part.section == "capacity" else "copy", part.name) in losses
    return max(with_host, itself)


def _on_lost_nodes(plan: Plan, part: Part, left: int, losses: frozenset[Loss]) -> int:
    """Pods go with their node; they are spread over all of them."""
    groups = _nodes_of(plan, part)
    lost = [group for group in groups if Loss("copy", group.name) in losses]
    nodes = sum(group.copies for group in groups)
    return ceil(left * len(lost) / nodes) if lost else 0


def _nodes_of(plan: Plan, part: Part) -> list[Part]:
    """The groups of nodes that a service runs on as pods; none for what runs elsewhere."""
    worn = wearers(plan.architecture, part.name)
    return [plan.parts[name] for name in worn if name != part.name]


def _replacement(
    verdict: Verdict,
    plan: Plan,
    part: Part,
    losses: frozenset[Loss],
    stuck: Stuck,
    missing: int,
) -> None:
    hosts, zones = hosts_of(plan, part), list(stuck)
    if not zones:
        verdict.why.append(say("No zone of {part} is left to start another.", part=part.name))
    elif verdict.later < 1:
        first = stuck[zones[0]][0]
        verdict.why.append(
            say("A new copy of {part} cannot start: {why}", part=part.name, why=first.said)
        )
    elif hosts:
        moved(verdict, plan, part, hosts, hosts_left(hosts, zones, losses), missing)
    else:
        names = ", ".join(zones)
        verdict.notes.append(
            say("New copies of {part} start in zone {zones}.", part=part.name, zones=names)
        )


def _no_new_ones(verdict: Verdict, part: Part, stuck: Stuck) -> None:
    """Nobody notices today; the next update or a busy hour will."""
    for zone, reasons in stuck.items():
        for why in reasons[:1]:
            values = {"part": part.name, "zone": zone, "why": why.said}
            verdict.notes.append(
                say("No new copy of {part} can start in zone {zone}: {why}", **values)
            )


def _running(reach: Reach) -> bool:
    """What a copy needs all the time, not only to start."""
    return (reach.service == INTERNET and "image" not in reach.path) or "uses" in reach.path


def _cut(plan: Plan, part: Part, zones: Sequence[str], losses: frozenset[Loss]) -> list[Cut]:
    """What was reached before and is not now; a way that never was is the design check's to tell."""
    lost, found = ways_lost(losses), []
    if not lost:
        return []
    callers = {part.name: part} | {nodes.name: nodes for nodes in _nodes_of(plan, part)}
    for reach in plan.reaches:
        caller = callers.get(reach.part)
        others = caller is not part and reach.service not in PODS_BEGIN_BY
        if caller is None or others:
            continue
        for zone in zones:
            why = way(plan, caller, reach.service, zone, lost)
            if isinstance(why, Why) and why.lost:
                found.append((reach, zone, why))
    return found


def _stuck(
    plan: Plan, part: Part, zones: Sequence[str], losses: frozenset[Loss], cut: Sequence[Cut]
) -> Stuck:
    """`cut`: of the part itself; on hosts it is they who fetch its image and take the order."""
    hosts = hosts_of(plan, part)
    of_hosts = _cut(plan, hosts, zones, losses) if hosts else []
    stuck: Stuck = {zone: [] for zone in zones}
    for reach, zone, why in (*cut, *of_hosts):
        if "uses" not in reach.path and _at_start(reach):
            stuck[zone].append(why)
    return stuck


def _at_start(reach: Reach) -> bool:
    return reach.service != INTERNET or "image" in reach.path


def _no_way(verdict: Verdict, part: Part, reach: Reach, zone: str, why: Why) -> None:
    values = {"part": part.name, "zone": zone, "why": why.said}
    if reach.service == INTERNET:
        said = say("{part} in zone {zone} cannot call addresses outside: {why}", **values)
    else:
        said = say(
            "{part} in zone {zone} cannot reach {service}: {why}", service=reach.service, **values
        )
    verdict.worse("degraded", said)


def _depends(verdict: Verdict, plan: Plan, part: Part, used: Standing) -> None:
    """A part without its database is down; without its cache it is slower, as far as the plan can know."""
    section = plan.parts[used.part].section
    if section == "caches" and used.state == "down":
        said = say("{part} works without its cache {used}.", part=part.name, used=used.part)
        verdict.worse("degraded", said, *used.why)
    elif used.state == "down":
        verdict.worse(
            "down", say("{part} needs {used}, which is down.", part=part.name, used=used.part)
        )
        verdict.why += used.why
        verdict.at_most(0.0, used.later)
    elif used.state == "degraded":
        verdict.worse("degraded", *used.why)
        verdict.at_most(used.share, used.later)
    verdict.notes += used.notes
