from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.kit.i18n import say
from bongsu.watch.changes import Change, Pending, brief, settle
from bongsu.watch.combine import Seen
from bongsu.watch.model import Fault, Observation, Outcome
from bongsu.watch.store_states import Known
from bongsu.watch.verdict import Transition
from tests.watch.world import a_check

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SERVICE = {"id": 1, "name": "shop", "title": "Shop", "group": "Retail"}


def change(
    after: str, before: str | None = "up", check_id: int = 1, location: str = "here"
) -> Change:
    since = NOW - timedelta(seconds=10)
    move = Transition(before, after, since, NOW, say("Because."))
    return Change(
        a_check(check_id),
        location,
        move,
        {"status": 503},
        None,
        f"event-{after}",
        f"evidence/{after}",
    )


def known(state: str | None = "up", **values) -> Known:
    return Known(a_check(1), SERVICE, state=state, since=NOW - timedelta(hours=1), **values)


def test_a_change_of_the_only_location_is_the_checks_change():
    one = known("up")

    draft = settle(one, change("down"), NOW)

    assert ("check.state_changed", "bongsu.watch", "check/1") == (
        draft.type,
        draft.source,
        draft.subject,
    )
    assert (("service/1",), 4, "location/here", "service/shop", "here") == (
        draft.resources, draft.severity, draft.actor, draft.dedup_key, draft.site,
    )  # fmt: skip
    assert (draft.id, draft.time) == ("event-down", NOW)
    assert draft.data == {
        "object": "check/1",
        "service": SERVICE,
        "check": {"id": 1, "name": "check-1", "kind": "http", "target": "http://a.test/"},
        "before": {"state": "up", "since": "2026-11-21T08:00:00.000Z"},
        "after": {"state": "down", "since": "2026-11-21T08:59:50.000Z"},
        "changed": ["state"],
        "reason": {"text": "Because.", "args": {}},
        "evidence": "evidence/down",
        "overlay": None,
        "locations": {"here": "down"},
        "observation": {"status": 503},
    }
    assert (one.state, one.evidence, one.event_id) == ("down", "evidence/down", "event-down")


@pytest.mark.parametrize(("after", "severity"), [("degraded", 3), ("unknown", 3), ("down", 4)])
def test_severity_follows_the_state(after, severity):
    assert settle(known("up"), change(after), NOW).severity == severity


def test_the_first_verdict_about_a_new_check_comes_from_unknown():
    draft = settle(known(None), change("up", before=None), NOW)

    assert (
        draft.data["before"] == {"state": "unknown", "since": None} or draft.data["before"]["state"]
    )
    assert (draft.severity, draft.data["after"]["state"]) == (1, "up")


def test_a_new_check_that_cannot_be_seen_is_kept_without_an_event():
    one = known(None)

    assert settle(one, change("unknown", before=None), NOW) is None
    assert one.state == "unknown"


def test_one_of_three_locations_is_not_enough_where_two_must_agree():
    one = known("up", quorum=2)
    for name in ("busan", "tokyo"):
        one.seen[name] = Seen(name, "up", NOW, NOW)

    assert settle(one, change("down"), NOW) is None
    assert one.seen["here"].state == "down"
    assert one.state == "up"

    one.seen["busan"] = Seen("busan", "down", NOW, NOW, say("There too."))
    draft = settle(one, change("down"), NOW)

    assert draft.data["locations"] == {"here": "down", "busan": "down", "tokyo": "up"}
    assert draft.data["reason"]["text"] == "From {count} of {all} locations: {reason}"


def test_a_paused_check_changes_under_its_overlay():
    draft = settle(known("up", paused=True), change("down"), NOW)

    assert draft.data["overlay"] == "paused"


def test_a_brief_of_a_look_hides_secrets_and_cuts_long_text():
    seen = Observation(
        False, "down", NOW, status=500, fault=Fault("tls", "password=hunter2 " + "x" * 900),
        conditions=(Outcome("[STATUS] == 200", False, "[STATUS] (500) == 200"),),
    )  # fmt: skip

    said = brief(seen)

    assert "hunter2" not in said["fault"]["text"]
    assert len(said["fault"]["text"]) == 500
    assert said["conditions"] == [
        {"condition": "[STATUS] == 200", "ok": False, "text": "[STATUS] (500) == 200"}
    ]
    assert brief(Observation(True, "up", NOW))["fault"] is None


def test_pending_changes_come_out_by_check_in_their_order_and_can_be_put_back():
    pending = Pending(limit=100)
    for after, check_id in (("down", 1), ("down", 2), ("up", 1)):
        pending.add(change(after, check_id=check_id))

    taken = pending.take(2)
    assert [(c.check_id, c.transition.after) for c in taken] == [(1, "down"), (1, "up")]
    assert len(pending) == 1
    pending.add(change("degraded", check_id=1))
    pending.put_back(taken)

    rest = pending.take(100)
    assert [c.transition.after for c in rest if c.check_id == 1] == ["down", "up", "degraded"]
    assert (len(rest), len(pending), pending.take(10)) == (4, 0, [])


@given(st.lists(st.tuples(st.integers(1, 5), st.booleans()), max_size=300), st.integers(1, 20))
def test_what_is_merged_away_is_never_the_last_outage_or_its_end(steps, limit):
    """However long the database is away: bounded, and the newest two changes of every check stay."""
    pending, last = Pending(limit), {}
    for check_id, is_down in steps:
        after = "down" if is_down else "up"
        pending.add(change(after, check_id=check_id))
        last.setdefault(check_id, []).append(after)

    assert len(pending) <= limit + 2 * len(last)
    assert len(pending) + pending.merged == len(steps)
    rest = pending.take(10_000)
    for check_id, afters in last.items():
        kept = [c.transition.after for c in rest if c.check_id == check_id]
        assert kept[-2:] == afters[-2:]
