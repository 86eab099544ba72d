import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.watch.schedule import (
    FIRST_WITHIN_US,
    LATE_LIMIT_US,
    SECOND_US,
    Grid,
    Schedule,
    allowance,
    first_within_us,
    phase_us,
    slot_after,
)

EVERY_S = st.integers(1, 86_400)
IDS = st.integers(1, 10**12)
NOW_US = st.integers(1_700_000_000 * SECOND_US, 2_000_000_000 * SECOND_US)


def run_through(schedule: Schedule, start_us: int, seconds: float, tick_us: int = 1000) -> list:
    """Takes what is due at every tick, as the engine does."""
    taken, now_us = [], start_us
    while now_us <= start_us + seconds * SECOND_US:
        due = schedule.next_us()
        now_us = max(now_us + tick_us, due or now_us)
        taken += [(now_us, slot) for slot in schedule.take(now_us, 10_000)]
    return taken


@given(IDS, EVERY_S, NOW_US)
def test_a_slot_lies_on_the_grid_within_one_interval_after_any_moment(check_id, every_s, now_us):
    every_us = every_s * SECOND_US
    phase = phase_us(check_id, every_us)

    slot = slot_after(phase, every_us, now_us)

    assert 0 < slot - now_us <= every_us
    assert slot % every_us == phase


def test_phases_of_many_checks_spread_evenly_over_their_interval():
    every_us = 10 * SECOND_US
    tenths = [0] * 10

    for check_id in range(1, 23_001):
        tenths[phase_us(check_id, every_us) // SECOND_US] += 1

    assert max(tenths) < 2300 * 1.08
    assert min(tenths) > 2300 * 0.92


@given(st.lists(st.tuples(IDS, st.integers(1, 60)), max_size=30, unique_by=lambda c: c[0]), NOW_US)
def test_a_cold_start_runs_every_check_once_within_one_interval(checks, now_us):
    schedule = Schedule()
    for check_id, every_s in checks:
        schedule.put_cold(check_id, every_s, now_us)

    first = {}
    while (due_us := schedule.next_us()) is not None and len(first) < len(checks):
        for slot in schedule.take(due_us, 1):
            first.setdefault(slot.check_id, slot.due_us)

    for check_id, every_s in checks:
        assert 0 < first[check_id] - now_us <= every_s * SECOND_US


@given(IDS, st.integers(61, 86_400), NOW_US)
def test_a_cold_start_sees_a_check_of_long_interval_within_a_minute_and_then_keeps_its_grid(
    check_id, every_s, now_us
):
    schedule = Schedule()
    schedule.put_cold(check_id, every_s, now_us)

    first_us = schedule.next_us()
    schedule.take(first_us, 1)
    second_us = schedule.next_us()

    assert first_us - now_us <= FIRST_WITHIN_US + 1
    assert second_us == slot_after(
        phase_us(check_id, every_s * SECOND_US), every_s * SECOND_US, first_us
    )


@given(IDS, st.integers(1, 86_400), NOW_US)
def test_when_there_are_few_checks_each_is_seen_within_a_second_of_the_start(
    check_id, every_s, now_us
):
    """A first look came up to a minute after `bongsu up`, although there was one check."""
    schedule = Schedule()
    schedule.put_cold(check_id, every_s, now_us, first_within_us(1))

    assert 0 < schedule.next_us() - now_us <= SECOND_US


@pytest.mark.parametrize(
    ("checks", "seconds"), [(0, 1), (1, 1), (250, 1), (500, 2), (10_000, 40), (23_000, 60)]
)
def test_many_checks_take_as_long_as_their_number_says_but_a_minute_at_most(checks, seconds):
    assert first_within_us(checks) == seconds * SECOND_US


def test_a_thousand_slots_later_there_is_no_drift():
    schedule, start_us = Schedule(), 1_800_000_000 * SECOND_US
    schedule.put(7, 0.7 + 0.3, start_us)
    first_us = schedule.next_us()

    taken = run_through(schedule, start_us, 1000, tick_us=3_331)

    assert [first_us + n * SECOND_US for n in range(len(taken))] == [s.due_us for _, s in taken]
    assert len(taken) >= 1000


@given(
    st.lists(st.tuples(IDS, st.integers(1, 30)), min_size=1, max_size=20, unique_by=lambda c: c[0]),
    st.floats(0, 120),
)
def test_after_a_stall_each_check_has_one_turn_and_all_it_missed_is_counted(checks, stall_s):
    schedule, start_us = Schedule(), 1_800_000_000 * SECOND_US
    for check_id, every_s in checks:
        schedule.put(check_id, every_s, start_us)

    now_us = start_us + int(stall_s * SECOND_US)
    slots = schedule.take(now_us, 10_000)

    assert len(slots) == len({slot.check_id for slot in slots})
    for slot in slots:
        every_us = dict(checks)[slot.check_id] * SECOND_US
        passed = (slot.due_us - start_us) // every_us + ((slot.due_us - start_us) % every_us > 0)
        assert slot.missed == passed - 1
        assert slot.due_us <= now_us < slot.due_us + every_us
        assert slot.late == (now_us - slot.due_us > LATE_LIMIT_US)
    assert all(s.next_us() > now_us for s in [schedule] if s.next_us())


def test_a_tick_takes_no_more_than_its_allowance_and_the_rest_comes_next_in_order():
    schedule, start_us = Schedule(), 1_800_000_000 * SECOND_US
    for check_id in range(500):
        schedule.put(check_id, 1, start_us)
    now_us = start_us + SECOND_US

    first, second = schedule.take(now_us, 100), schedule.take(now_us, 1000)

    assert (100, 400) == (len(first), len(second))
    assert max(s.due_us for s in first) <= min(s.due_us for s in second)


def test_catching_up_is_bounded_by_the_usual_rate():
    assert allowance(2300, 10.0) == allowance(2300, 0.05) == 4 + math.ceil(2300 * 0.05 * 3)
    assert allowance(0.1, 0.001) == 5


def test_a_check_keeps_its_place_until_its_interval_changes_and_leaves_when_dropped():
    schedule, now_us = Schedule(), 1_800_000_000 * SECOND_US
    schedule.put(1, 10, now_us)
    before_us = schedule.next_us()

    schedule.put(1, 10, now_us + 3, first_us=now_us + 4)
    assert schedule.next_us() == before_us

    schedule.put(1, 20, now_us)
    assert schedule.next_us() == slot_after(phase_us(1, 20 * SECOND_US), 20 * SECOND_US, now_us)
    assert schedule.per_s == 1 / 20
    assert len(schedule) == 1

    schedule.drop(1)
    schedule.drop(1)
    assert schedule.next_us() is None
    assert schedule.take(now_us + 10**9, 10) == []
    assert schedule.per_s == 0
    assert len(schedule) == 0


def test_a_new_check_may_run_at_once_and_then_joins_its_grid():
    schedule, now_us = Schedule(), 1_800_000_000 * SECOND_US
    schedule.put(9, 3600, now_us, first_us=now_us)

    (slot,) = schedule.take(now_us, 10)

    assert (now_us, 0, False) == (slot.due_us, 0, False)
    assert schedule.next_us() % (3600 * SECOND_US) == phase_us(9, 3600 * SECOND_US)


def test_grid_time_is_the_monotonic_clock_set_to_wall_time_at_start():
    start = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
    grid = Grid.at(start, 500.0)

    assert grid.now_us(501.5) == int(start.timestamp()) * SECOND_US + 1_500_000
    assert grid.monotonic_s(grid.now_us(501.5)) == 501.5
