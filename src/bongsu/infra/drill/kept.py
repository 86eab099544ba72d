"""How databases and caches stand: who takes over, and how long that takes. Pure.

Times are what AWS documents, measured by nobody here; the first two were read on 2026-11-28:
- RDS with a standby: typically 60-120 s, AmazonRDS/latest/UserGuide/Concepts.MultiAZ.Failover
- RDS cluster: typically under 35 s, AmazonRDS/latest/UserGuide/multi-az-db-clusters-concepts-failover
- Aurora and ElastiCache: under 60 s, from memory, not verified.
"""

from collections.abc import Collection

from bongsu.infra.drill.losses import Loss
from bongsu.infra.drill.standing import Standing, Verdict
from bongsu.infra.model.data import Database
from bongsu.infra.plan.model import Part
from bongsu.kit.i18n import Said, say


def database(part: Part, block: Database, losses: Collection[Loss]) -> Standing:
    verdict = Verdict(part.name)
    gone = _gone(part, Loss("database", part.name), losses)
    heirs = range(1, part.copies if block.aurora else 1 + _standbys(block))
    left = [copy for copy in heirs if copy not in gone]
    if 0 in gone:
        _without_primary(verdict, part, block, bool(left))
    elif gone & set(heirs) and not left:
        verdict.notes.append(
            say("The standby of {part} is lost: nothing would take over now.", part=part.name)
        )
    readers = set(range(1 + _standbys(block), part.copies)) if not block.aurora else set()
    if readers and readers <= gone:
        said = say("All readers of {part} are lost: reads must go to its primary.", part=part.name)
        verdict.worse("degraded", said)
    return verdict.done()


def cache(part: Part, losses: Collection[Loss]) -> Standing:
    verdict = Verdict(part.name)
    gone = _gone(part, Loss("cache", part.name), losses)
    if len(gone) >= part.copies:
        said = say("{part} has no node left: what it held is gone.", part=part.name)
        verdict.worse("down", said)
        verdict.at_most(0.0, 0.0)
    elif 0 in gone:
        verdict.notes.append(
            say("A replica of {part} takes over in less than 60 s.", part=part.name)
        )
    return verdict.done()


def _standbys(block: Database) -> int:
    return {"none": 0, "instance": 1, "cluster": 2}[block.standby]


def _gone(part: Part, primary: Loss, losses: Collection[Loss]) -> set[int]:
    """Copies by number, the primary is 0; they stand in the zones in turn."""
    gone = {
        copy
        for copy in range(part.copies)
        if Loss("zone", part.zones[copy % len(part.zones)]) in losses
    }
    return gone | ({0} if primary in losses else set())


def _without_primary(verdict: Verdict, part: Part, block: Database, heir: bool) -> None:
    if heir:
        verdict.worse("degraded", _pause(part, block))
        return
    if part.copies == 1:
        why = say(
            "{part} has no standby: it is down until it is restored from a backup.", part=part.name
        )
    elif not (block.aurora or _standbys(block)):
        why = say(
            "{part} has no standby: its readers do not take over by themselves.", part=part.name
        )
    else:
        why = say("{part} has lost its primary and whoever would take over.", part=part.name)
    verdict.worse("down", why)
    verdict.at_most(0.0, 0.0)


def _pause(part: Part, block: Database) -> Said:
    if block.aurora:
        return say("A reader of {part} takes over in less than 60 s.", part=part.name)
    if block.standby == "cluster":
        return say("A standby of {part} takes over in less than 35 s.", part=part.name)
    return say("{part} takes no writes for 60 to 120 s: its standby takes over.", part=part.name)
