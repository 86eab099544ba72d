import pytest

from bongsu.events import log
from bongsu.events.envelope import Draft
from bongsu.kit.clock import ManualClock
from bongsu.kit.errors import Invalid
from bongsu.rules.backtest import SAMPLES, backtest
from bongsu.rules.log_view import PAGE, find

CLOCK = ManualClock()


async def everything(_tx, events):
    """Of an administrator: nothing is hidden."""
    return list(events)


async def fill(database, count: int) -> None:
    async with database.write() as tx:
        for n in range(count):
            kind = "check.state_changed" if n % 3 == 0 else "user.created"
            log.record(tx, Draft(type=kind, source="t", subject=f"x/{n}", data={"n": n}), CLOCK)


async def test_a_pattern_is_tried_on_what_has_happened(db):
    async with db() as database:
        await fill(database, 90)

        tried = await backtest(database, {"detail-type": ["check.state_changed"]}, CLOCK)

    assert (tried["scanned"], tried["fired"]) == (90, 30)
    assert tried["by_type"] == {"check.state_changed": 30}
    assert len(tried["samples"]) == SAMPLES
    assert tried["samples"][0]["subject"] == "x/87"


async def test_a_wrong_pattern_is_refused_before_anything_is_read(db):
    async with db() as database:
        with pytest.raises(Invalid):
            await backtest(database, {"a": 1}, CLOCK)


async def test_the_log_is_paged_newest_first_with_and_without_a_pattern(db):
    async with db() as database:
        await fill(database, 200)
        async with database.read() as tx:
            first = await find(tx, everything, matches=None)
            second = await find(tx, everything, matches=None, before_seq=first.older)
            some = await find(tx, everything, matches=lambda view: view["detail"]["n"] % 100 == 0)

    assert [len(first.events), first.events[0].data["n"]] == [PAGE, 199]
    assert second.events[0].seq == first.events[-1].seq - 1
    assert [e.data["n"] for e in some.events] == [100, 0]
    assert (some.scanned, some.older) == (200, None)
