from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bongsu.tell.preferences import (
    KINDS,
    RUN_S,
    Later,
    Never,
    Now,
    Occasion,
    Preferences,
    decide,
    is_quiet,
    next_open,
    next_slot,
    waiting,
)

SEOUL = ZoneInfo("Asia/Seoul")
BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # a Tuesday, 12:00 in Seoul
NIGHT = NOON + timedelta(hours=12)
CHOICE = Preferences()
QUIET = Preferences(quiet_from=time(22), quiet_until=time(7))
HOURLY = Preferences(digest="hourly")
DAILY = Preferences(digest="daily", digest_hour=8)
ONE = Occasion(
    thing="TSK-42", project="Tasks", ties=("watches",), kinds=("status",), own=False, is_text=False,
    at=NOON,
)  # fmt: skip


def why(choice: Preferences, **values) -> str:
    made = decide(choice, replace(ONE, **values), SEOUL, NOON)
    return str(made.reason) if isinstance(made, Never) else type(made).__name__


def test_who_has_chosen_nothing_is_told_everything_at_once_own_changes_too():
    assert {"Now"} == {
        why(CHOICE, kinds=(kind,), own=own) for kind in KINDS for own in (True, False)
    }


@pytest.mark.parametrize(
    ("choice", "values", "reason"),
    [
        ({"off": True}, {"kinds": ("assigned",)}, "mails about tasks are switched off"),
        ({}, {"muted": True, "kinds": ("mentioned",)}, "TSK-42 is muted"),
        ({}, {"project_choice": "mute"}, "the project Tasks is muted"),
        ({}, {"project_choice": "mine"}, "of the project Tasks only one’s own tasks"),
        ({"own": False}, {"own": True}, "one’s own changes are switched off"),
        ({"never": {"mail": frozenset({"status"})}}, {}, "switched off: Status changes"),
    ],
)
def test_what_is_not_wanted_is_not_told_and_says_why(choice, values, reason):
    assert reason == why(Preferences(**choice), **values)


@pytest.mark.parametrize("tie", ["assigned", "creator", "was_assigned", "mentioned"])
def test_only_mine_means_whatever_ties_more_than_watching(tie):
    assert "Now" == why(CHOICE, project_choice="mine", ties=("watches", tie))


def test_a_save_is_told_when_one_of_its_kinds_is_wanted():
    choice = Preferences(never={"mail": frozenset({"status"})})

    assert "Now" == why(choice, kinds=("assigned", "status"))
    assert "Now" == why(Preferences(never={"other": frozenset({"status"})}))


def test_edits_of_a_text_wait_until_five_seconds_after_the_last():
    made = decide(CHOICE, replace(ONE, is_text=True, kinds=("changed",)), SEOUL, NOON)

    assert Later(NOON + timedelta(seconds=RUN_S), made.reason, is_run=True) == made
    assert "further edits are waited for" == str(made.reason)


def test_quiet_hours_hold_back_until_the_morning_but_not_what_always_comes_at_once():
    made = decide(QUIET, ONE, SEOUL, NIGHT)
    mention = decide(QUIET, replace(ONE, kinds=("mentioned", "commented")), SEOUL, NIGHT)
    nothing_always = replace(QUIET, at_once=frozenset())

    assert (datetime(2026, 11, 24, 22, tzinfo=UTC), "quiet hours") == (made.until, str(made.reason))
    assert Now() == mention
    assert isinstance(
        decide(nothing_always, replace(ONE, kinds=("mentioned",)), SEOUL, NIGHT), Later
    )
    assert Now() == decide(QUIET, ONE, SEOUL, NOON)


def test_digests_come_at_the_full_hour_or_at_the_hour_of_the_day():
    at = NOON + timedelta(minutes=17, seconds=3)

    hourly, daily = decide(HOURLY, ONE, SEOUL, at), decide(DAILY, ONE, SEOUL, at)

    assert (NOON + timedelta(hours=1), "waits for the hourly digest") == (
        hourly.until,
        str(hourly.reason),
    )
    assert (datetime(2026, 11, 24, 23, tzinfo=UTC), "waits for the daily digest") == (
        daily.until,
        str(daily.reason),
    )
    assert NOON + timedelta(hours=1) == next_slot(HOURLY, SEOUL, NOON)


def test_a_digest_waits_for_the_end_of_quiet_hours():
    hourly = replace(HOURLY, quiet_from=time(22), quiet_until=time(7, 30))

    assert datetime(2026, 11, 24, 22, 30, tzinfo=UTC) == waiting(hourly, SEOUL, NIGHT).until


def test_a_quiet_weekend_lasts_until_the_morning_of_monday():
    friday_night = datetime(2026, 11, 27, 15, 30, tzinfo=UTC)  # Saturday 00:30 in Seoul
    whole = replace(QUIET, quiet_weekends=True)

    assert datetime(2026, 11, 29, 22, tzinfo=UTC) == next_open(whole, SEOUL, friday_night)
    only = Preferences(quiet_weekends=True)
    assert datetime(2026, 11, 29, 15, tzinfo=UTC) == next_open(only, SEOUL, friday_night)
    assert not is_quiet(only, SEOUL, NOON)


def test_quiet_hours_within_one_day_do_not_pass_midnight():
    lunch = Preferences(quiet_from=time(12), quiet_until=time(13))

    assert is_quiet(lunch, SEOUL, NOON)
    assert not is_quiet(lunch, SEOUL, NIGHT)
    assert NOON + timedelta(hours=1) == next_open(lunch, SEOUL, NOON)


def test_clocks_that_jump_over_the_end_of_quiet_hours_end_them_at_the_jump():
    jump = datetime(2026, 3, 29, 1, tzinfo=UTC)  # 02:00 in Berlin becomes 03:00
    quiet = Preferences(quiet_from=time(1), quiet_until=time(2, 30))

    assert jump == next_open(quiet, BERLIN, jump - timedelta(minutes=20))


def test_clocks_set_back_out_of_quiet_hours_end_them_for_the_time_being():
    back = datetime(2026, 10, 25, 1, tzinfo=UTC)  # 03:00 in Berlin becomes 02:00
    quiet = Preferences(quiet_from=time(2, 30), quiet_until=time(5))

    assert back == next_open(quiet, BERLIN, back - timedelta(minutes=10))


TRANSITIONS = (
    ("Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ("Asia/Seoul", datetime(2026, 6, 5, 12, tzinfo=UTC)),
    ("Africa/Cairo", datetime(2026, 4, 23, 22, tzinfo=UTC)),  # at midnight
)
HOURS = st.times(min_value=time(0), max_value=time(23, 59)).map(
    lambda t: t.replace(second=0, microsecond=0, minute=t.minute - t.minute % 10)
)


@settings(max_examples=150, deadline=None)
@given(
    near=st.sampled_from(TRANSITIONS),
    start=HOURS,
    end=HOURS,
    weekends=st.booleans(),
    minutes=st.integers(-2 * 24 * 6, 24 * 6),
)
def test_quiet_ends_at_the_first_moment_that_is_not_quiet(near, start, end, weekends, minutes):
    """Against walking on in steps of ten minutes, over every change of the clocks."""
    zone, moment = ZoneInfo(near[0]), near[1]
    choice = Preferences(quiet_from=start, quiet_until=end, quiet_weekends=weekends)
    at = moment + timedelta(minutes=10 * minutes)

    walked = at
    while is_quiet(choice, zone, walked):
        walked += timedelta(minutes=10)

    assert walked == next_open(choice, zone, at)


@settings(max_examples=200, deadline=None)
@given(
    near=st.sampled_from(TRANSITIONS),
    digest=st.sampled_from(["hourly", "daily"]),
    hour=st.integers(0, 23),
    seconds=st.integers(-200_000, 200_000),
)
def test_a_digest_is_always_ahead_and_never_far(near, digest, hour, seconds):
    zone, at = ZoneInfo(near[0]), near[1] + timedelta(seconds=seconds)
    choice = Preferences(digest=digest, digest_hour=hour)

    slot = next_slot(choice, zone, at)

    longest = timedelta(hours=1) if digest == "hourly" else timedelta(hours=26)
    assert timedelta(0) < slot - at <= longest


def test_a_kind_is_switched_off_and_on_for_one_channel():
    off = CHOICE.switched("status", False)

    assert not off.wants("status")
    assert off.wants("status", "push")
    assert off.switched("status", True).wants("status")
