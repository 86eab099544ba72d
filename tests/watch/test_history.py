import asyncio
from collections.abc import Sequence
from datetime import datetime

import pytest

from bongsu.kit.clock import ManualClock
from bongsu.kit.errors import LakeAway
from bongsu.lake import results
from bongsu.lake.results import Day
from bongsu.watch import history
from bongsu.watch.history import AWAY_S, FRESH_S, HistoryKeeper


class Lake:
    """What `results` asks of a lake, counted: every check was down for a minute today."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[list[int]] = []
        self.away = False
        monkeypatch.setattr(results, "uptime", self.uptime)
        monkeypatch.setattr(results, "sparks", self.sparks)

    async def uptime(self, _lake: object, ids: Sequence[int], _days: int, now: datetime) -> dict:
        self.asked.append(list(ids))
        if self.away:
            raise LakeAway("nobody answers")
        return {one: [Day(now.date(), 86_340.0, 0.0, 60.0, 0.0)] for one in ids}

    async def sparks(self, _lake: object, ids: Sequence[int], _now: datetime) -> dict:
        return {one: [None, 1000.0 * one] for one in ids}


@pytest.fixture
def lake(monkeypatch: pytest.MonkeyPatch) -> Lake:
    return Lake(monkeypatch)


async def settled(keeper: HistoryKeeper, *ids: int) -> history.Known:
    await keeper.get(ids)
    assert keeper._asking is not None
    await keeper._asking
    return keeper.known


async def test_only_what_is_new_or_old_is_asked_for_and_the_rest_is_kept(lake):
    clock = ManualClock()
    keeper = HistoryKeeper(None, clock)  # type: ignore[arg-type]

    await settled(keeper, 1, 2)
    known = await settled(keeper, 2, 3)
    await settled(keeper, 1)
    assert [[1, 2], [3]] == lake.asked
    assert {1, 2, 3} == set(known.checks)
    clock.advance(FRESH_S + 1)
    await settled(keeper, 2)

    assert [[1, 2], [3], [2]] == lake.asked
    assert {1, 2, 3} == set(keeper.known.checks)


async def test_several_checks_as_one_are_the_worst_day_and_the_slowest_line(lake):
    known = await settled(HistoryKeeper(None, ManualClock()), 1, 2)  # type: ignore[arg-type]

    as_one = known.of((1, 2))

    assert ("down", None) == (as_one.days[-1], as_one.days[0])
    assert (None, 2.0) == as_one.spark_ms
    assert as_one.percent == pytest.approx(86_340 / 86_400)
    assert as_one is known.of([1, 2])
    assert history.History() == known.of([9])


async def test_many_checks_are_asked_for_in_small_questions(lake, monkeypatch):
    monkeypatch.setattr(history, "PAGE", 2)

    await settled(HistoryKeeper(None, ManualClock()), 5, 4, 3, 2, 1)  # type: ignore[arg-type]

    assert [[1, 2], [3, 4], [5]] == lake.asked


async def test_a_lake_that_is_away_leaves_what_was_known_and_says_since_when(lake):
    clock = ManualClock()
    keeper = HistoryKeeper(None, clock)  # type: ignore[arg-type]
    await settled(keeper, 1)
    lake.away, since = True, clock.now()
    clock.advance(FRESH_S + 1)
    first = await settled(keeper, 1)
    clock.advance(FRESH_S + 1)
    second = await settled(keeper, 1)

    assert {1} == set(second.checks)
    assert first.away_since == second.away_since > since
    lake.away = False
    clock.advance(AWAY_S + 0.1)
    assert (await settled(keeper, 1)).away_since is None
    await asyncio.wait_for(keeper.close(), 1)
