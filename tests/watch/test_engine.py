import asyncio
from collections import Counter

import pytest

from bongsu.kit.clock import ManualClock
from bongsu.net.model import Certificate
from bongsu.watch.engine import Engine
from bongsu.watch.model import Observation
from bongsu.watch.verdict import NEW, LocationState
from tests.watch.world import Heard, Looks, a_check, saw, settle


class Watch:
    """An engine whose time moves when the test says so."""

    def __init__(self, capacity: int = 100) -> None:
        self.clock = ManualClock()
        self.looks, self.heard = Looks(self.clock), Heard()
        self.engine = Engine(self.looks, self.heard, self.clock, capacity)

    async def pass_(self, seconds: float, step_s: float = 0.05) -> None:
        for _ in range(round(seconds / step_s)):
            self.clock.advance(step_s)
            self.engine.tick()
            await settle()


async def test_every_check_is_looked_at_once_an_interval():
    watch = Watch()
    for check_id in range(50):
        watch.engine.put(a_check(check_id), NEW, cold=True)

    await watch.pass_(10.05)
    assert sorted(watch.looks.started) == list(range(50))

    await watch.pass_(100)
    assert len(watch.looks.started) == 550
    assert watch.engine.figures.skipped == {}
    assert watch.engine.figures.most_late_us <= 50_000


async def test_an_outage_is_told_once_and_so_is_its_end():
    watch = Watch()
    watch.engine.put(a_check(1), NEW)
    await watch.pass_(10)
    watch.looks.levels[1] = "down"
    await watch.pass_(60)
    watch.looks.levels[1] = "up"
    await watch.pass_(30)

    assert watch.heard.moves == [(1, "up"), (1, "down"), (1, "up")]
    assert watch.engine.checks[1].entry[1] == "up"


async def test_a_state_from_before_a_restart_is_not_told_again():
    watch = Watch()
    watch.engine.put(a_check(1), LocationState("down", watch.clock.now()), cold=True)
    watch.looks.levels[1] = "down"

    await watch.pass_(60)
    assert watch.heard.moves == []

    watch.looks.levels[1] = "up"
    await watch.pass_(11)
    assert watch.heard.moves == [(1, "up")]


async def test_a_slot_whose_predecessor_still_runs_is_skipped_and_never_made_up():
    watch = Watch()
    watch.looks.holding[1] = asyncio.Event()
    watch.engine.put(a_check(1, every_s=1.0), LocationState("up", watch.clock.now()))

    await watch.pass_(5)
    assert watch.engine.figures.skipped["running"] == len(watch.heard.rows) >= 4
    assert {row[2] for row in watch.heard.rows} == {"skipped_running"}

    watch.looks.holding.pop(1).set()
    await watch.pass_(3)
    assert 2 <= len(watch.looks.started) - 1 <= 3


async def test_after_a_stall_there_is_no_burst_and_all_it_cost_is_recorded():
    watch = Watch()
    for check_id in range(200):
        watch.engine.put(a_check(check_id, every_s=1.0), NEW, cold=True)
    await watch.pass_(2)
    before = len(watch.looks.started)

    watch.clock.advance(30)
    watch.engine.tick()
    await settle()
    burst = len(watch.looks.started) - before
    await watch.pass_(0.5)

    assert burst <= 4 + 200 * 0.05 * 3
    assert max(Counter(watch.looks.started[before:]).values()) <= 2  # the newest slot, and the next
    assert watch.engine.figures.skipped["late"] == pytest.approx(29 * 200, rel=0.05)
    assert [kind for kind, _ in watch.heard.troubles] == ["stalled"]
    assert all(row[3] >= 1 for row in watch.heard.rows)


async def test_a_clock_that_jumps_is_one_trouble_and_moves_no_slot():
    watch = Watch()
    watch.engine.put(a_check(1), NEW)
    await watch.pass_(20)
    before = len(watch.looks.started)

    for jump_s in (3600, -3600):
        watch.clock._now = watch.clock._now.fromtimestamp(
            watch.clock._now.timestamp() + jump_s, watch.clock._now.tzinfo
        )
        await watch.pass_(100)

    assert len(watch.looks.started) - before == 20
    assert [(k, d["seconds"]) for k, d in watch.heard.troubles] == [
        ("clock_jump", 3600.0),
        ("clock_jump", -3600.0),
    ]


@pytest.mark.parametrize("own", ["loop_late", "resolver", "EMFILE", "clock_jump"])
async def test_own_faults_make_no_check_down(own):
    watch = Watch()
    for check_id in range(10):
        watch.engine.put(a_check(check_id), NEW)
    await watch.pass_(10)
    watch.looks.own = own
    await watch.pass_(100)
    watch.looks.own = None
    await watch.pass_(20)

    told = [after for _, after in watch.heard.moves]
    assert told.count("down") == 0
    assert told == ["up"] * 10 + ["unknown"] * 10 + ["up"] * 10
    kinds = {kind for kind, _ in watch.heard.troubles}
    assert kinds == ({"resolver_away"} if own == "resolver" else set())


async def test_black_holes_do_not_delay_who_answers():
    """Twenty holes of 5 s need ten places on average and may have nine; the well ones never wait."""
    watch = Watch(capacity=12)
    for check_id in range(40):
        watch.engine.put(a_check(check_id, host=f"h{check_id}.test"), NEW, cold=True)
        if check_id % 2:
            watch.looks.takes_s[check_id] = 5.0
    await watch.pass_(30)  # by now every hole is known
    watch.looks.started.clear()
    watch.heard.rows.clear()

    await watch.pass_(50)

    well = Counter(check_id for check_id in watch.looks.started if check_id % 2 == 0)
    assert well == dict.fromkeys(range(0, 40, 2), 5)
    assert watch.engine.figures.skipped["busy"] > 0
    assert {row[0] % 2 for row in watch.heard.rows if row[2] == "skipped_busy"} == {1}
    assert watch.engine.lanes.slow_count <= 9


async def test_a_check_nobody_can_look_at_becomes_unknown_and_says_why():
    watch = Watch(capacity=1)
    watch.looks.holding[1] = asyncio.Event()
    watch.engine.put(a_check(1, every_s=100.0, host="hole.test"), NEW)
    await watch.pass_(0.1)
    watch.engine.put(a_check(2, every_s=5.0), LocationState("up", watch.clock.now()))

    await watch.pass_(40)

    assert watch.heard.moves == [(2, "unknown")]
    assert "not run for two intervals" in str(watch.engine.checks[2].state.reason)
    assert watch.engine.figures.skipped["busy"] >= 4


async def test_who_asks_now_is_served_at_once_and_the_look_counts():
    watch = Watch(capacity=1)
    watch.looks.holding[1] = asyncio.Event()
    watch.engine.put(a_check(1, host="hole.test"), NEW)
    await watch.pass_(0.1)
    watch.engine.put(a_check(2, every_s=3600.0), LocationState("up", watch.clock.now()))
    watch.looks.levels[2] = "down"

    for number in range(2):
        watch.engine.look_now(2, f"request-{number}")
        await settle()
    watch.engine.look_now(99, "request-x")

    assert watch.heard.answers["request-0"]["level"] == "down"
    assert watch.heard.answers["request-0"]["state"] == "up"
    assert watch.heard.answers["request-1"]["state"] == "down"
    assert watch.heard.answers["request-x"] == {"check_id": 99, "state": "unknown", "ok": False}
    assert watch.heard.moves == [(2, "down")]


async def test_a_bug_in_a_kind_is_ours_and_is_said_with_its_kind(caplog):
    watch = Watch()
    watch.looks.error = ZeroDivisionError("token=hunter2")
    watch.engine.put(a_check(1), NEW)
    await watch.pass_(30)

    assert watch.heard.moves == [(1, "unknown")]
    kind, details = watch.heard.troubles[0]
    assert (kind, details["check_kind"]) == ("probe_failed", "http")
    assert "hunter2" not in details["error"]
    assert 1 == sum("ZeroDivisionError" in one.message for one in caplog.records)
    assert "hunter2" not in caplog.text


async def test_a_changed_check_keeps_its_state_and_a_deleted_one_is_forgotten():
    watch = Watch()
    watch.looks.holding[1] = asyncio.Event()
    watch.engine.put(a_check(1), LocationState("down", watch.clock.now()))
    await watch.pass_(0.1)
    watch.engine.put(a_check(1, every_s=20.0, host="b.test"), NEW)
    assert watch.engine.checks[1].state.state == "down"
    assert watch.engine.checks[1].host == "b.test"

    watch.engine.drop(1)
    watch.looks.holding.pop(1).set()
    await watch.pass_(60)

    assert watch.heard.rows == []
    assert len(watch.looks.started) == 1
    assert watch.engine.snapshot() == []


@pytest.mark.parametrize("changed", [{"locations": ("here",)}, {"quorum": 2}])
async def test_who_else_has_a_say_makes_the_verdict_be_said_once_more(changed):
    watch = Watch()
    watch.looks.levels[1] = "down"
    watch.engine.put(a_check(1), NEW)
    await watch.pass_(25)
    watch.engine.put(a_check(1), NEW)  # nothing of the kind
    await watch.pass_(25)
    assert watch.heard.moves == [(1, "down")]

    watch.engine.put(a_check(1, **changed), NEW)
    await watch.pass_(25)

    assert watch.heard.moves == [(1, "down"), (1, "down")]
    assert {state for _, state, _, _ in watch.heard.rows[1:]} == {"down"}


async def test_a_certificate_is_passed_on_when_it_is_another_one():
    watch = Watch()
    now = watch.clock.now()
    certificate = Certificate("a.test", "CA", ("a.test",), now, now, 2)
    seen = saw("up", now, certificate=certificate)

    async def look(_check, _late_s) -> Observation:
        return seen

    watch.looks.look = look  # type: ignore[method-assign]
    watch.engine.put(a_check(1), NEW)
    await watch.pass_(25)
    assert watch.heard.certificates.pop(1)["subject"] == "a.test"
    await watch.pass_(25)

    assert watch.heard.certificates == {}


async def test_the_timer_runs_it_and_a_stop_gives_up_what_is_under_way():
    watch, stop = Watch(), asyncio.Event()
    watch.looks.holding[1] = asyncio.Event()
    watch.engine.put(a_check(1), NEW)

    running = asyncio.create_task(watch.engine.run(stop))
    await asyncio.sleep(0.02)
    assert watch.looks.started == [1]
    stop.set()
    await asyncio.wait_for(running, 10)

    assert watch.heard.rows == []
    assert watch.heard.moves == []


async def test_the_snapshot_has_a_line_a_check():
    watch = Watch()
    watch.engine.put(a_check(1), NEW)
    watch.engine.put(a_check(2), LocationState("down", watch.clock.now()))
    watch.looks.levels[2] = "down"
    assert [line[1:] for line in watch.engine.snapshot()] == [
        ["unknown", None, 0.0],
        ["down", None, 0.0],
    ]

    await watch.pass_(0.1)

    at_s = watch.engine.snapshot()[0][3]
    assert watch.engine.snapshot() == [[1, "up", 1.0, at_s], [2, "down", 0.0, at_s]]
