from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.tasks.due import MORNING, Due, parse_due, placed, zone_of

ZONES = (
    "UTC",
    "Asia/Seoul",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
)
DAYS = st.dates(date(1971, 1, 1), date(2100, 1, 1))
HOURS = st.none() | st.times().map(lambda one: one.strftime("%H:%M"))


@pytest.mark.parametrize(
    ("text", "day", "hour"),
    [
        ("2026-11-30", "2026-11-30", None),
        (" 2026-11-30 14:00 ", "2026-11-30", "14:00"),
        ("2026-11-30T14:00", "2026-11-30", "14:00"),
        ("2026-11-30 9:00", None, None),
        ("2026-02-30", None, None),
        ("1969-01-01", None, None),
        ("9999-12-31", None, None),
        ("soon", None, None),
    ],
)
def test_a_day_is_read_as_people_write_it(text, day, hour):
    if day is None:
        with pytest.raises(ValueError, match=r".*"):
            parse_due(text, "Asia/Seoul")
        return

    assert Due(day, hour, "Asia/Seoul") == parse_due(text, "Asia/Seoul")


def test_a_day_ends_where_whoever_said_it_lives():
    assert datetime(2026, 11, 30, 15, 0, tzinfo=UTC) == Due("2026-11-30", None, "Asia/Seoul").at
    assert datetime(2026, 11, 30, 5, 0, tzinfo=UTC) == Due("2026-11-30", "14:00", "Asia/Seoul").at


def test_an_hour_that_the_clocks_leave_out_is_the_one_after_it():
    """On 29 March 2026 it is never half past two in Berlin."""
    assert (
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC) == Due("2026-03-29", "02:30", "Europe/Berlin").at
    )


def test_an_hour_that_comes_twice_is_the_first():
    assert (
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC) == Due("2026-10-25", "02:30", "Europe/Berlin").at
    )


def test_the_day_before_a_change_of_clocks_is_the_same_hour_of_the_clock():
    (soon, due) = Due("2026-03-29", "12:00", "Europe/Berlin").reminders()

    assert ("soon", datetime(2026, 3, 28, 11, 0, tzinfo=UTC)) == soon
    assert ("due", datetime(2026, 3, 29, 10, 0, tzinfo=UTC)) == due


@given(DAYS, HOURS, st.sampled_from(ZONES))
def test_reminders_come_in_order_and_never_after_the_task_is_late(day, hour, zone):
    due = Due(day.isoformat(), hour, zone)

    (_, soon), (_, last) = due.reminders()

    assert soon < last <= due.at
    assert timedelta(hours=22) <= last - soon <= timedelta(hours=49)  # Apia left out a whole day


@given(DAYS, st.sampled_from(ZONES))
def test_a_day_without_an_hour_is_spoken_of_in_the_morning_of_its_own_zone(day, zone):
    (_, last) = Due(day.isoformat(), None, zone).reminders()[1]

    local = last.astimezone(ZoneInfo(zone))
    lost = zone == "Pacific/Apia" and day == date(2011, 12, 30)
    assert lost or (day, MORNING) == (local.date(), local.time())


@given(DAYS, HOURS, st.sampled_from(ZONES), st.integers(-5000, 5000))
def test_what_is_reached_and_what_is_to_come_are_all_there_is(day, hour, zone, minutes):
    due = Due(day.isoformat(), hour, zone)
    now = due.reminders()[1][1] + timedelta(minutes=minutes)

    reached, coming = due.reached(now), due.next_after(now)

    expected = {
        (None, "soon"): 0,
        ("soon", "due"): 1,
        ("due", None): 2,
    }
    assert (reached, coming and coming[0]) in expected


@pytest.mark.parametrize("name", ["Nowhere/Land", "", "../etc", "\x00"])
def test_a_zone_that_is_none_is_utc(name):
    assert ZoneInfo("UTC") == zone_of(name)


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-11-30T14:00+09:00", "Asia/Seoul", Due("2026-11-30", "14:00", "Asia/Seoul")),
        ("2026-11-30 14:00 +09:00", "UTC", Due("2026-11-30", "05:00", "UTC")),
        ("2026-11-30T14:00:59.5Z", "Asia/Seoul", Due("2026-11-30", "23:00", "Asia/Seoul")),
        ("2026-11-30T20:00-05:00", "Asia/Seoul", Due("2026-12-01", "10:00", "Asia/Seoul")),
        # The second half past two of a night that has two of them.
        ("2026-10-25T02:30+01:00", "Europe/Berlin", Due("2026-10-25", "01:30", "UTC")),
        ("2026-10-25T02:30+02:00", "Europe/Berlin", Due("2026-10-25", "02:30", "Europe/Berlin")),
    ],
)
def test_an_hour_with_its_offset_is_that_moment_in_the_zone_of_whoever_reads_it(
    text, zone, expected
):
    assert expected == parse_due(text, zone)


@given(DAYS, HOURS, st.sampled_from(ZONES), st.sampled_from(ZONES))
def test_what_is_written_in_one_zone_is_the_same_moment_read_in_another(day, hour, one, other):
    due = Due(day.isoformat(), hour, one)

    read = parse_due(due.text, other)

    assert due.day == read.day if hour is None else due.at == read.at


def test_an_hour_beside_the_name_of_its_zone_is_placed():
    assert "2026-11-30T14:00+09:00" == placed("2026-11-30 14:00", "Asia/Seoul")
    assert "2026-11-30" == placed("2026-11-30", "Asia/Seoul")
