from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.kit.i18n import say
from bongsu.watch.model import Observation
from bongsu.watch.verdict import NEW, LocationState, judge, our_fault

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
REASONS = {"down": say("It answered 503."), "degraded": say("It took 900 ms.")}


def saw(level: str, n: int = 0, own: str | None = None) -> Observation:
    at = START + timedelta(seconds=10 * n)
    reason = REASONS.get(level)
    return Observation(ok=level == "up", level=level, at=at, own=own, reason=reason)


def story(levels: str, confirm: int = 2, recover: int = 1, state: LocationState = NEW):
    """u d g ? = up, down, degraded, own. Gives the last state and the transitions with their step."""
    names = {"u": "up", "d": "down", "g": "degraded", "?": "unknown"}
    transitions = []
    for n, letter in enumerate(levels):
        own = "loop_late" if letter == "?" else None
        state, changed = judge(state, saw(names[letter], n, own), confirm, recover)
        if changed:
            transitions.append((n, changed.after))
    return state, transitions


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ("u", [(0, "up")]),
        ("d", []),
        ("dd", [(1, "down")]),
        ("udu", [(0, "up")]),
        ("udd", [(0, "up"), (2, "down")]),
        ("ududud", [(0, "up")]),
        ("uddu", [(0, "up"), (2, "down"), (3, "up")]),
        ("udg", [(0, "up"), (2, "degraded")]),
        ("udgdd", [(0, "up"), (2, "degraded"), (4, "down")]),
        ("ugdd", [(0, "up"), (2, "degraded"), (3, "down")]),
        ("ugdu", [(0, "up"), (2, "degraded"), (3, "up")]),
        ("ugg", [(0, "up"), (2, "degraded")]),
        ("uddg", [(0, "up"), (2, "down"), (3, "degraded")]),
        ("u??", [(0, "up"), (2, "unknown")]),
        ("u?u?u?", [(0, "up")]),
        ("ud?d", [(0, "up")]),
        ("u??u", [(0, "up"), (2, "unknown"), (3, "up")]),
        ("u??dd", [(0, "up"), (2, "unknown"), (4, "down")]),
        ("??", [(1, "unknown")]),
        ("?u", [(1, "up")]),
        ("udd??dd", [(0, "up"), (2, "down"), (4, "unknown"), (6, "down")]),
    ],
)
def test_stories_of_one_check(levels, expected):
    assert story(levels)[1] == expected


def test_recovering_takes_as_many_good_looks_as_asked_for():
    assert story("uddudu" + "uu", recover=3)[1] == [(0, "up"), (2, "down"), (7, "up")]
    assert story("udduu", recover=2)[1] == [(0, "up"), (2, "down"), (4, "up")]


def test_recovering_reaches_only_what_all_good_looks_agree_on():
    assert story("uddug", recover=2)[1] == [(0, "up"), (2, "down"), (4, "degraded")]
    assert story("uddguu", recover=2)[1][2:] == [(4, "degraded"), (5, "up")]


def test_a_new_check_that_is_well_is_up_at_once_even_when_recovering_takes_longer():
    assert story("u", recover=5)[1] == [(0, "up")]


def test_since_is_the_first_look_that_pointed_there_and_the_reason_is_the_last_one():
    state, _ = story("u")
    state, none = judge(state, saw("down", 1), 2, 1)
    state, transition = judge(state, saw("down", 2), 2, 1)

    assert none is None
    assert transition.since == state.since == START + timedelta(seconds=10)
    assert transition.at == START + timedelta(seconds=20)
    assert transition.before == "up"
    assert transition.reason == state.reason == REASONS["down"]


def test_a_state_that_stays_bad_keeps_the_newest_reason_without_a_transition():
    state, _ = story("dd")
    newer = Observation(ok=False, level="down", at=START, reason=say("Refused."))

    after, transition = judge(state, newer, 2, 1)
    same, _ = judge(after, newer, 2, 1)

    assert transition is None
    assert after.reason == say("Refused.")
    assert same is after


def test_an_observation_that_agrees_ends_a_streak_and_changes_nothing_else():
    up, _ = story("u")

    assert story("udu")[0] == up
    assert judge(up, saw("up", 5), 2, 1)[0] is up


def test_every_transition_has_a_reason_in_words():
    reasons = []
    state = NEW
    for level, own in [
        ("up", None), ("down", None), ("up", None), ("unknown", "loop_late"), ("up", None),
        ("degraded", None), ("unknown", "EMFILE"),
    ]:  # fmt: skip
        state, transition = judge(state, saw(level, own=own), 1, 1)
        reasons.append(str(transition.reason))

    assert reasons == [
        "The first look was good.",
        "It answered 503.",
        "One look was good.",
        "Our fault, not the service’s: this machine was too busy to measure.",
        "One look was good.",
        "It took 900 ms.",
        "Our fault, not the service’s: this machine ran out of something it needs (EMFILE).",
    ]
    assert "without saying why" in str(
        judge(NEW, Observation(ok=False, level="down", at=START), 1, 1)[1].reason
    )


def test_an_unknown_level_without_a_code_is_ours_as_well():
    _, transition = judge(NEW, Observation(ok=False, level="unknown", at=START), 1, 1)

    assert transition.after == "unknown"
    assert transition.reason == our_fault("unknown")


LEVELS = st.lists(st.sampled_from("udg?"), max_size=40).map("".join)


@given(LEVELS, st.integers(1, 4), st.integers(1, 4))
def test_what_is_ours_never_makes_up_or_down(levels, confirm, recover):
    """A transition to anything but unknown is made by an observation of the target, and by enough of them."""
    for n, after in story(levels, confirm, recover)[1]:
        if after == "unknown":
            assert levels[n - confirm + 1 : n + 1] == "?" * confirm
        else:
            assert levels[n] != "?"
        if after == "down":
            assert levels[n - confirm + 1 : n + 1] == "d" * confirm


@given(LEVELS, st.integers(1, 4), st.integers(1, 4))
def test_leaving_out_what_is_ours_never_hides_an_outage_longer_than_confirm(
    levels, confirm, recover
):
    state, transitions = story(levels + "d" * (confirm + 1), confirm, recover)

    assert state.state == "down"
    assert [a for _, a in transitions].count("down") >= 1


@given(LEVELS, st.integers(1, 4), st.integers(1, 4))
def test_transitions_alternate_and_the_state_is_the_last_one(levels, confirm, recover):
    state, transitions = story(levels, confirm, recover)
    afters = [after for _, after in transitions]

    assert all(one != next_ for one, next_ in pairwise(afters))
    assert state.state == (afters[-1] if afters else None)
    assert state.streak is None or state.streak.whole.count < max(confirm, recover)


@given(LEVELS)
def test_with_confirm_one_and_recover_one_the_state_follows_every_look(levels):
    names = {"u": "up", "d": "down", "g": "degraded", "?": "unknown"}

    state, _ = story(levels, 1, 1)

    assert state.state == (names[levels[-1]] if levels else None)
