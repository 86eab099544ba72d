from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.kit.i18n import say
from bongsu.watch.combine import Seen, combine, is_fresh

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
STATES = {"u": "up", "d": "down", "g": "degraded", "?": "unknown"}


def places(states: str, silent: str = "") -> list[Seen]:
    """One location a letter; those of `silent` have not looked for a minute."""
    seen = []
    for n, letter in enumerate(states + silent):
        looked_at = NOW - timedelta(seconds=60 if n >= len(states) else 1)
        reason = None if letter == "u" else say("Reason {n}.", n=n)
        since = NOW - timedelta(minutes=10 - n)
        seen.append(Seen(f"at-{n}", STATES[letter], since, looked_at, reason))
    return seen


def state(states: str, quorum: int = 1, silent: str = "") -> str:
    return combine(places(states, silent), quorum, 10.0, None, NOW).state


@given(
    st.sampled_from("udg?"),
    st.integers(1, 5),
    st.sampled_from([None, "paused", "maintenance"]),
    st.booleans(),
)
def test_one_location_is_taken_at_its_word(letter, quorum, overlay, with_reason):
    since = NOW - timedelta(hours=1)
    reason = say("Because.") if with_reason else None
    one = Seen("here", STATES[letter], since, NOW, reason)

    combined = combine([one], quorum, 30.0, overlay, NOW)

    assert (one.state, since, overlay) == (combined.state, combined.since, combined.overlay)
    assert combined.reason == (reason or combined.reason)
    assert {"here": one.state} == combined.locations


@pytest.mark.parametrize(
    ("states", "quorum", "silent", "expected"),
    [
        ("uuu", 2, "", "up"),
        ("duu", 2, "", "up"),
        ("duu", 1, "", "down"),
        ("ddu", 2, "", "down"),
        ("dgu", 2, "", "degraded"),
        ("ggu", 2, "", "degraded"),
        ("dgg", 2, "", "degraded"),
        ("ddd", 5, "", "down"),  # a quorum that cannot be had is all of them
        ("d??", 1, "", "down"),
        ("???", 1, "", "unknown"),
        ("u??", 2, "", "up"),
        ("d??", 2, "", "unknown"),  # the missing votes could decide
        ("d", 2, "u", "unknown"),
        ("u", 2, "d", "up"),
        ("", 1, "d", "unknown"),
        ("u", 1, "d", "up"),  # a silent location does not count
    ],
)
def test_what_locations_agree_on(states, quorum, silent, expected):
    assert state(states, quorum, silent) == expected


def test_no_location_at_all_is_unknown_and_ours():
    combined = combine([], 1, 10.0, None, NOW)

    assert ("unknown", {}) == (combined.state, combined.locations)
    assert "no location has looked lately" in str(combined.reason)


def test_a_combined_reason_says_how_many_see_it_and_since_when():
    combined = combine(places("udd"), 2, 10.0, None, NOW)

    assert str(combined.reason) == "From 2 of 3 locations: Reason 1."
    assert combined.since == NOW - timedelta(minutes=8)


def test_trouble_below_the_quorum_is_said_though_the_state_is_up():
    assert "1 of 3 locations see trouble; 2 must agree" in str(
        combine(places("uud"), 2, 10.0, None, NOW).reason
    )
    assert "the others are silent" in str(combine(places("d?"), 2, 10.0, None, NOW).reason)


def test_reasons_that_nobody_gave_are_filled_in():
    silent = [Seen("here", "down", NOW, NOW), Seen("there", "down", NOW, NOW)]

    assert "without saying why" in str(combine(silent, 2, 10.0, None, NOW).reason)


def test_a_look_is_fresh_for_two_intervals_and_ten_seconds_at_least():
    assert is_fresh(NOW - timedelta(seconds=60), 30.0, NOW)
    assert not is_fresh(NOW - timedelta(seconds=61), 30.0, NOW)
    assert is_fresh(NOW - timedelta(seconds=10), 1.0, NOW)
    assert not is_fresh(NOW - timedelta(seconds=11), 1.0, NOW)


@given(st.text("udg?", min_size=1, max_size=7), st.text("udg", max_size=3), st.integers(1, 5))
def test_trouble_is_never_declared_without_its_quorum_nor_hidden_with_it(states, silent, quorum):
    found = state(states, quorum, silent)
    needed = min(quorum, len(states + silent))

    if found == "down":
        assert states.count("d") >= needed
    if found in {"down", "degraded"}:
        assert states.count("d") + states.count("g") >= needed
    if states.count("d") >= needed:
        assert found == "down"
    if set(states) == {"u"}:
        assert found == "up"
