import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bongsu.kit.clock import SYSTEM_CLOCK, ManualClock
from bongsu.watch.model import Fault, Observation
from bongsu.watch.own import LOOP_LATE_S, TICK_S, OwnFaults

AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
GOOD = Observation(True, "up", AT, connected=True, status=200)
BAD = Observation(False, "down", AT, connected=True, status=503)


def unreached(kind: str) -> Observation:
    return Observation(False, "down", AT, fault=Fault(kind, "words"))


class Canary:
    def __init__(self, well: bool | None) -> None:
        self.well, self.asked = well, 0

    async def __call__(self) -> bool | None:
        self.asked += 1
        return self.well


def watching(well: bool | None = True) -> tuple[OwnFaults, ManualClock, Canary]:
    clock, canary = ManualClock(), Canary(well)
    return OwnFaults(clock, canary), clock, canary


@pytest.mark.parametrize("seen", [GOOD, BAD, unreached("connect_refused")])
async def test_a_calm_look_is_left_as_it_is(seen):
    own, clock, _ = watching()
    since = own.started()
    clock.advance(5)

    assert seen is await own.judged(seen, since, 1.9)


@pytest.mark.parametrize("seen", [GOOD, BAD, unreached("timeout")])
async def test_a_look_that_started_over_two_seconds_late_is_ours(seen):
    own, _, _ = watching()

    judged = await own.judged(seen, own.started(), 2.1)

    assert ("late_start", "unknown", False) == (judged.own, judged.level, judged.ok)


@pytest.mark.parametrize("jump_s", [3600, -3600, 1.5, -1.5])
async def test_a_clock_that_jumps_during_a_look_makes_it_ours(jump_s):
    own, clock, _ = watching()
    since = own.started()
    clock.advance(1)
    clock._now += timedelta(seconds=jump_s)

    assert "clock_jump" == (await own.judged(BAD, since)).own
    after = own.started()
    clock.advance(1)
    assert None is (await own.judged(BAD, after)).own


async def test_a_slow_drift_of_the_clock_is_no_jump():
    own, clock, _ = watching()
    since = own.started()
    clock.advance(10)
    clock._now += timedelta(milliseconds=900)

    assert None is (await own.judged(BAD, since)).own


async def test_a_loop_that_really_stood_still_is_noticed_by_whoever_runs_first():
    own = OwnFaults(SYSTEM_CLOCK, Canary(True))
    own.start()
    await asyncio.sleep(TICK_S * 2)

    since = own.started()
    time.sleep(LOOP_LATE_S + 0.1)  # what a busy loop does to everybody
    judged = await own.judged(BAD, since)
    own.close()

    assert "loop_late" == judged.own


async def test_a_stall_makes_the_looks_ours_that_it_fell_into_and_no_others():
    own, clock, _ = watching()
    own.start()
    before = own.started()
    clock.advance(TICK_S + LOOP_LATE_S + 0.01)
    after = own.started()  # runs before the watcher's own timer
    clock.advance(TICK_S)

    assert "loop_late" == (await own.judged(GOOD, before)).own
    assert None is (await own.judged(GOOD, after)).own
    own.close()


async def test_short_waits_and_a_watcher_that_has_stopped_are_not_counted():
    own, clock, _ = watching()
    own.start()
    since = own.started()
    clock.advance(TICK_S + LOOP_LATE_S - 0.01)
    assert None is (await own.judged(GOOD, since)).own

    own.close()
    clock.advance(60)
    assert None is (await own.judged(GOOD, since)).own


@pytest.mark.parametrize(
    "kind",
    [
        "name",
        "resolver",
        "connect_timeout",
        "connect_refused",
        "connect_reset",
        "unreachable",
        "timeout",
    ],
)
async def test_nothing_reached_while_the_canary_is_gone_too_is_ours(kind):
    own, _, canary = watching(well=False)

    judged = await own.judged(unreached(kind), own.started())

    assert ("resolver", "unknown", 1) == (judged.own, judged.level, canary.asked)


@pytest.mark.parametrize("kind", ["name", "resolver", "connect_timeout", "timeout"])
async def test_nothing_reached_while_the_canary_sings_is_the_targets(kind):
    own, _, _ = watching(well=True)

    assert None is (await own.judged(unreached(kind), own.started())).own


async def test_without_a_canary_only_a_resolver_that_does_not_answer_is_ours():
    own, _, _ = watching(well=None)

    assert "resolver" == (await own.judged(unreached("resolver"), own.started())).own
    assert None is (await own.judged(unreached("name"), own.started())).own
    assert None is (await own.judged(unreached("connect_timeout"), own.started())).own


@pytest.mark.parametrize(
    "seen",
    [
        GOOD,
        BAD,
        unreached("guard"),
        unreached("options"),
        replace(unreached("timeout"), connected=True),
        replace(unreached("certificate"), connected=True),
    ],
)
async def test_who_got_through_or_never_tried_needs_no_canary(seen):
    own, _, canary = watching(well=False)

    assert seen is await own.judged(seen, own.started())
    assert 0 == canary.asked


async def test_what_is_ours_already_stays_what_it_is():
    own, _, canary = watching(well=False)
    seen = unreached("own").as_own("EMFILE")

    assert "EMFILE" == (await own.judged(seen, own.started(), 9)).own
    assert 0 == canary.asked
