from datetime import timedelta

import pytest

from bongsu.events.envelope import Event
from bongsu.incidents.model import Incident, Sighting, Touched, decide, read
from bongsu.kit.clock import iso
from bongsu.kit.i18n import say
from tests.incidents.support import START


def event(subject: str = "check/12", **values) -> Event:
    given = {
        "seq": 1, "id": "e", "source": "bongsu.watch", "type": "check.state_changed",
        "subject": subject, "resources": (), "time": START, "recorded": START,
        "workspace": "bongsu", "site": "here", "data": {}, "correlation": None, "causation": None,
        "depth": 0, "severity": 4, "actor": "system", "dedup_key": "service/shop",
    }  # fmt: skip
    return Event(**(given | values))


def incident(severity: int = 4) -> Incident:
    return Incident(
        id=12, title=say("Shop is down"), severity=severity, state="open", dedup_key="service/shop",
        service_id=1, rule="tell-owner", audience=("owners",), opened_at=START,
        acknowledged_at=None, holder_id=None, resolved_at=None, changed_at=START,
        next_plan_at=None, correlation="c",
    )  # fmt: skip


def seen(state: str = "down", subject: str = "check/12", minutes: int = 0, title: str = "home"):
    return Sighting(
        subject=subject, title=title, state=state, since=START + timedelta(minutes=minutes),
        before=None, heading=say("Shop is down"), reason=say("it answers 503"), evidence=None,
        service_id=1, service="Shop",
    )  # fmt: skip


def touched(state: str = "down", subject: str = "check/12", title: str = "home") -> Touched:
    return Touched(subject, title, state, START)


# --- reading


def test_a_check_event_says_which_thing_is_how_since_when_and_why():
    data = {
        "service": {"id": 7, "name": "shop", "title": "Shop"},
        "check": {"name": "home"},
        "before": {"state": "up"},
        "after": {"state": "down", "since": iso(START - timedelta(minutes=1))},
        "reason": say("it answers {status}", status=503).stored(),
        "evidence": "evidence/x.json",
        "overlay": None,
    }
    sighting = read(event(data=data))

    assert ("home", "down", "up", 7) == (
        sighting.title, sighting.state, sighting.before, sighting.service_id,
    )  # fmt: skip
    assert "Shop is down" == str(sighting.heading)
    assert "it answers 503" == str(sighting.reason)
    assert START - timedelta(minutes=1) == sighting.since
    assert Touched(
        "check/12", "home", "down", sighting.since, sighting.reason, "evidence/x.json"
    ) == (sighting.touched)


@pytest.mark.parametrize(
    ("state", "heading"),
    [
        ("degraded", "Shop is degraded"),
        ("unknown", "Shop cannot be judged"),
        ("up", "check.state_changed of Shop"),
    ],
)
def test_the_heading_says_how_bad_it_is(state, heading):
    data = {"service": {"name": "shop", "title": "Shop"}, "after": {"state": state}}

    assert heading == str(read(event(data=data)).heading)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"after": None, "before": 5, "service": "shop", "check": [], "reason": 7, "evidence": ""},
        {"after": {"state": "on fire", "since": 12}, "service": {"id": "7"}},
    ],
)
def test_an_event_of_another_shape_is_something_that_happened(data):
    sighting = read(event("role/watch", type="own.role_died", data=data))

    assert ("role/watch", "happened", START, None, None) == (
        sighting.title, sighting.state, sighting.since, sighting.service_id, sighting.evidence,
    )  # fmt: skip
    assert "own.role_died of role/watch" == str(sighting.heading)


def test_an_event_may_bring_its_own_title_and_plain_words():
    data = {"title": say("Rule {rule} fails", rule="x").stored(), "reason": "it {is} so"}
    sighting = read(event(data=data))

    assert ("Rule x fails", "it {is} so") == (str(sighting.heading), str(sighting.reason))


@pytest.mark.parametrize(
    ("state", "overlay", "expected"),
    [("down", "paused", "paused"), ("down", "maintenance", "maintenance"), ("up", "paused", "up"),
     ("down", "tea", "down")],
)  # fmt: skip
def test_under_an_overlay_trouble_counts_as_held_and_well_as_well(state, overlay, expected):
    assert expected == read(event(data={"after": {"state": state}, "overlay": overlay})).state


# --- deciding


def verb(*args, **values) -> str:
    return decide(*args, **values).verb


def test_without_an_open_incident_trouble_opens_one_and_nothing_else_does():
    assert "open" == verb(None, [], seen("down"), 4)
    assert 4 == decide(None, [], seen("down"), 4).severity
    assert "open" == verb(None, [], seen("happened"), 4)
    assert "ignore" == verb(None, [], seen("up"), 1)
    assert "ignore" == verb(None, [], seen("paused"), 4)
    assert "ignore" == verb(None, [], seen("unknown"), 3, may_open=False)


def test_a_reason_stands_with_every_decision():
    cases = [
        decide(None, [], seen("up"), 1),
        decide(None, [], seen("maintenance"), 1),
        decide(incident(), [touched()], seen("up", minutes=1), 1),
        decide(incident(), [], seen("up"), 1),
    ]

    assert [
        "home is well and nothing is open",
        "home is under maintenance",
        "all that it touched is well again",
        "home is not part of INC-12",
    ] == [str(one.reason) for one in cases]


def test_an_event_without_a_reason_opens_for_what_it_is():
    bare = Sighting(
        subject="x", title="x", state="down", since=START, before=None, heading=say("X is down"),
        reason=None, evidence=None, service_id=None, service="",
    )  # fmt: skip

    assert "X is down" == str(decide(None, [], bare, 4).reason)


def test_another_check_of_the_same_key_is_appended():
    decision = decide(incident(), [touched()], seen("degraded", "check/13", title="cart"), 3)

    assert ("append", 4) == (decision.verb, decision.severity)
    assert "the same key: service/shop" == str(decision.reason)


def test_a_higher_severity_raises():
    decision = decide(incident(3), [touched("degraded")], seen("down", minutes=1), 4)

    assert ("raise", 4, "severity rises from 3 to 4") == (
        decision.verb, decision.severity, str(decision.reason),
    )  # fmt: skip


def test_the_same_sighting_by_a_second_rule_only_matters_when_it_is_more_severe():
    assert "ignore" == verb(incident(), [touched()], seen("down"), 4)
    assert "raise" == verb(incident(), [touched()], seen("down"), 5)
    assert "ignore" == verb(incident(), [touched("up")], seen("up"), 5)


def test_what_happens_again_is_appended():
    again = seen("happened", minutes=5)

    assert "append" == verb(incident(), [touched("happened")], again, 4)


def test_one_of_two_well_again_leaves_it_open_and_names_the_rest():
    two = [touched(), touched("down", "check/13", "cart")]
    decision = decide(incident(), two, seen("up", minutes=1), 1)

    assert ("well", 4) == (decision.verb, decision.severity)
    assert "home is well again; still wrong: cart" == str(decision.reason)


def test_the_last_one_well_again_resolves_and_a_held_one_counts_as_wrong():
    assert "resolve" == verb(
        incident(), [touched(), touched("up", "check/13")], seen("up", minutes=1), 1
    )
    assert "well" == verb(
        incident(), [touched(), touched("paused", "check/13")], seen("up", minutes=1), 1
    )


def test_pausing_what_is_down_stops_the_telling_and_keeps_it_open():
    decision = decide(incident(), [touched()], seen("paused", minutes=1), 4)

    assert ("append", "telling stops while home is paused") == (
        decision.verb, str(decision.reason),
    )  # fmt: skip


def test_what_is_not_part_of_it_is_left_out_unless_it_is_trouble_that_may_open():
    other = [touched("down", "check/99", "other")]

    assert "ignore" == verb(incident(), other, seen("up"), 1)
    assert "ignore" == verb(incident(), other, seen("paused"), 4)
    assert "ignore" == verb(incident(), other, seen("unknown"), 3, may_open=False)
    assert "append" == verb(incident(), other, seen("unknown"), 3)


def test_unknown_changes_what_is_open_already_even_by_a_rule_that_opens_nothing():
    assert "append" == verb(incident(), [touched()], seen("unknown", minutes=1), 3, may_open=False)


def test_an_incident_has_a_name_and_a_subject():
    assert ("INC-12", "incident/12") == (incident().name, incident().subject)
