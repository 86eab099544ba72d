from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bongsu.incidents.model import Touched
from bongsu.incidents.plan import CALM, QUIET, Plan, Standing, calm, plan
from bongsu.kit.i18n import say
from bongsu.tell.model import Deliver, Listener, Skip, Told
from tests.incidents.support import START
from tests.incidents.test_model import incident

SEOUL = ZoneInfo("Asia/Seoul")


def listener(key: str = "user/1", barred: str = "") -> Listener:
    return Listener(
        key=key,
        person=key,
        reason=say("member of Shop team, which owns Shop"),
        barred=say(barred) if barred else None,
    )


def told(
    key: str = "user/1", occasion: str = "opened", minutes: float = 0, severity: int = 4, **values
):
    at = START + timedelta(minutes=minutes)
    given = {"told": True, "reason": say("member")}
    return Told(key=key, occasion=occasion, severity=severity, at=at, **(given | values))


def standing(severity: int = 4, **values) -> Standing:
    return Standing(severity=severity, zone=SEOUL, **values)


KIM, LEE = listener("user/1"), listener("user/2")
HELD = {"holder": "user/1", "holder_name": "Kim", "held_since": START}
OVER = {"resolved_at": START + timedelta(minutes=9)}


def decided(made: Plan) -> list[tuple[str, str, bool]]:
    return [(d.listener.key, d.occasion, isinstance(d, Deliver)) for d in made.decisions]


def at(minutes: float):
    return START + timedelta(minutes=minutes)


def test_the_first_page_goes_to_everybody_at_once_with_the_reason():
    made = plan(standing(), [KIM, LEE], [], [], START)

    assert [("user/1", "opened", True), ("user/2", "opened", True)] == decided(made)
    assert "member of Shop team, which owns Shop" == str(made.decisions[0].reason)
    assert made.next_at is None


def test_who_was_told_is_not_told_again():
    assert [] == decided(plan(standing(), [KIM], [KIM], [told()], at(1)))


def test_who_joins_the_team_later_is_told_then():
    assert [("user/2", "opened", True)] == decided(
        plan(standing(), [KIM, LEE], [KIM], [told()], at(1))
    )


def test_a_disabled_account_is_not_told_and_that_is_said_once():
    off = listener("user/3", "the account is disabled")
    made = plan(standing(), [off], [], [], START)
    kept = told("user/3", told=False, reason=say("the account is disabled"))

    assert [("user/3", "opened", False)] == decided(made)
    assert "the account is disabled" == str(made.decisions[0].reason)
    assert [] == decided(plan(standing(), [off], [], [kept], at(1)))


def test_a_severity_that_rises_soon_waits_and_says_until_when():
    made = plan(standing(5), [KIM], [KIM], [told()], at(1))

    (skip,) = made.decisions
    assert isinstance(skip, Skip)
    assert at(5) == skip.until == made.next_at
    assert "already told at 09:41; later changes are on the page" == str(skip.reason)


def test_a_wait_that_is_known_is_not_written_again_but_still_looked_at():
    known = told(occasion="worse", severity=5, told=False,
                 reason=say("already told at {time}; later changes are on the page"))  # fmt: skip
    made = plan(standing(5), [KIM], [KIM], [told(), known], at(2))

    assert ([], at(5)) == (decided(made), made.next_at)


def test_after_five_minutes_it_is_told_that_it_got_worse():
    made = plan(standing(5), [KIM], [KIM], [told()], START + QUIET)

    assert [("user/1", "worse", True)] == decided(made)
    assert "severity rose from 4 to 5" == str(made.decisions[0].reason)
    assert [] == decided(
        plan(
            standing(5),
            [KIM],
            [KIM],
            [told(), told(occasion="worse", minutes=5, severity=5)],
            at(20),
        )
    )


def test_once_somebody_has_it_only_they_hear_of_what_comes():
    held = standing(5, **HELD)
    made = plan(held, [KIM, LEE], [KIM, LEE], [told(), told("user/2")], at(10))

    assert [("user/1", "worse", True), ("user/2", "worse", False)] == decided(made)
    assert "Kim has it since 09:41" == str(made.decisions[1].reason)


def test_who_was_not_told_yet_when_it_was_taken_is_not_told_any_more():
    assert [("user/2", "opened", False)] == decided(
        plan(standing(**HELD), [KIM, LEE], [KIM], [told()], at(1))
    )


def test_a_holder_outside_of_the_audience_hears_of_what_comes():
    outside = listener("user/9")
    held = standing(5, holder="user/9", holder_name="Park", held_since=START)
    handed = told("user/9", "handed")

    assert [("user/9", "worse", True)] == decided(plan(held, [], [outside], [handed], at(6)))
    assert [] == decided(plan(standing(5), [], [outside], [handed], at(6)))


def test_while_all_is_paused_nobody_is_told():
    quiet = standing(stopped=say("home is paused"))

    assert [("user/1", "opened", False)] == decided(plan(quiet, [KIM], [], [], START))


def test_resolved_goes_to_exactly_those_who_were_told_that_it_is_open():
    skipped = told("user/2", told=False)
    made = plan(standing(**OVER), [KIM, LEE], [KIM], [told(), skipped], at(9))

    assert [("user/1", "resolved", True)] == decided(made)
    ended = [told(), told(occasion="resolved", minutes=9)]
    assert [] == decided(plan(standing(**OVER), [KIM, LEE], [KIM], ended, at(10)))


def test_who_has_left_the_team_since_still_hears_that_it_is_over():
    assert [("user/1", "resolved", True)] == decided(
        plan(standing(**OVER), [], [KIM], [told()], at(9))
    )


def test_what_was_over_before_anybody_could_be_told_is_said_once():
    off = listener("user/3", "the account is disabled")
    made = plan(standing(**OVER), [KIM, off], [], [], at(9))

    assert [("user/1", "passed", True), ("user/3", "passed", False)] == decided(made)
    assert [] == decided(
        plan(standing(**OVER), [KIM], [KIM], [told(occasion="passed", minutes=9)], at(10))
    )


def test_what_a_person_ended_before_anybody_was_told_is_not_told():
    assert [] == decided(plan(standing(by_hand=True, **OVER), [KIM], [], [], at(9)))


# --- what only happened


def test_an_hour_without_another_word_ends_what_only_happened():
    happened = [Touched("role/watch", "role/watch", "happened", START)]

    assert (False, START + CALM) == _calm(happened, 59)
    assert (True, None) == _calm(happened, 60)


@pytest.mark.parametrize("states", [["down"], ["happened", "down"], ["up"], []])
def test_what_has_a_state_waits_for_its_own_word(states):
    things = [Touched(f"x/{n}", "x", state, START) for n, state in enumerate(states)]

    assert (False, None) == _calm(things, 600)


def test_what_is_over_is_not_ended_again():
    over = replace(incident(), resolved_at=START)
    happened = [Touched("x/1", "x", "happened", START)]

    assert not calm(over, happened, at(600)).over


def _calm(touched, minutes):
    made = calm(incident(), touched, at(minutes))
    return made.over, made.look_at


# --- properties

PEOPLE = [listener(f"user/{n}") for n in range(4)] + [listener("user/9", "the account is disabled")]
STEP = st.one_of(
    st.tuples(st.just("wait"), st.integers(0, 400)),
    st.tuples(st.just("severity"), st.integers(1, 5)),
    st.tuples(st.just("audience"), st.sets(st.integers(0, 4)).map(sorted)),
    st.tuples(st.just("take"), st.integers(0, 3)),
    st.tuples(st.just("pause"), st.booleans()),
)


def tell(made: Plan, kept: list[Told], now) -> list[Told]:
    return kept + [
        Told(
            key=d.listener.key, occasion=d.occasion, severity=d.severity, at=now, reason=d.reason,
            told=isinstance(d, Deliver), until=d.until if isinstance(d, Skip) else None,
        )
        for d in made.decisions
    ]  # fmt: skip


def listening(kept: list[Told]) -> list[Listener]:
    return [listener(key) for key in dict.fromkeys(one.key for one in kept if one.told)]


@settings(max_examples=400, deadline=None)
@given(steps=st.lists(STEP, max_size=25), ending=st.booleans())
def test_nobody_is_told_twice_and_resolved_reaches_exactly_those_who_know(steps, ending):
    now, state, audience, kept = START, standing(1), PEOPLE, []
    for what, value in steps:
        if what == "wait":
            now += timedelta(seconds=value)
        elif what == "severity":
            state = replace(state, severity=max(state.severity, value))
        elif what == "audience":
            audience = [PEOPLE[n] for n in value]
        elif what == "pause":
            state = replace(state, stopped=say("paused") if value else None)
        else:
            state = replace(
                state, holder=f"user/{value}", holder_name="X", held_since=now, by_hand=True
            )
        for _ in range(2):  # planning again at the same moment changes nothing
            kept = tell(plan(state, audience, listening(kept), kept, now), kept, now)
    opened = {one.key for one in kept if one.told}
    if ending:
        over = replace(state, resolved_at=now)
        for _ in range(3):
            kept = tell(plan(over, audience, listening(kept), kept, now), kept, now)

    deliveries = [one for one in kept if one.told]
    occasions = [(one.key, one.occasion, one.severity) for one in deliveries]
    assert len(occasions) == len(set(occasions))
    assert 1 >= max(
        (sum(1 for k, o, _ in occasions if (k, o) == (key, "opened")) for key in opened), default=0
    )
    assert "user/9" not in {one.key for one in deliveries}
    for key in opened:
        times = sorted(
            one.at for one in deliveries if one.key == key and one.occasion != "resolved"
        )
        assert all(b - a >= QUIET for a, b in pairwise(times))
    if ending:
        ended = {one.key for one in deliveries if one.occasion == "resolved"}
        passed = {one.key for one in deliveries if one.occasion == "passed"}
        assert opened == ended
        assert not (opened and passed)
    skips = [(o.key, o.occasion, o.severity, o.reason.text) for o in kept if not o.told]
    assert len(skips) == len(set(skips))
