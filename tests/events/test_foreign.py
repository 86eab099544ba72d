"""Events read back from copies elsewhere: rules see the same as here; what is none says so."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bongsu.events.envelope import Event
from bongsu.events.foreign import RESERVED, Strange, of_cloudevent, of_eventbridge, resources_of

AT = datetime(2026, 11, 30, 9, 41, 7, 123000, tzinfo=UTC)
ONE = Event(
    seq=7, id="0193", source="bongsu.tasks", type="task.updated", subject="task/42",
    resources=("project/1", "incident/12"), time=AT, recorded=AT, workspace="bongsu", site="busan",
    data={"a": {"b": [1, None]}}, correlation="c", causation="d", depth=0, severity=3,
    actor="user/3", dedup_key="k",
)  # fmt: skip
BARE = replace(ONE, resources=(), correlation=None, causation=None, dedup_key=None, data={})


@pytest.mark.parametrize("event", [ONE, BARE])
def test_a_cloudevent_is_read_into_the_same_event(event):
    assert event == of_cloudevent(event.cloudevent())


def test_how_deep_it_lay_in_a_chain_is_not_carried_along():
    assert 0 == of_cloudevent(replace(ONE, depth=3).cloudevent()).depth


def test_resources_are_a_text_as_extensions_are():
    assert "project/1 incident/12" == ONE.cloudevent()["resources"]
    assert "resources" not in BARE.cloudevent()
    assert ("project/1", "incident/12") == resources_of(ONE.cloudevent())


@pytest.mark.parametrize("name", ["id", "source", "type", "subject", "time"])
def test_one_without_what_every_event_has_is_strange(name):
    document = ONE.cloudevent()
    del document[name]

    with pytest.raises(Strange, match=name):
        of_cloudevent(document)


@pytest.mark.parametrize(("name", "value"), [("time", "yesterday"), ("sequence", "first")])
def test_one_that_cannot_be_read_is_strange(name, value):
    with pytest.raises(Strange):
        of_cloudevent(ONE.cloudevent() | {name: value})


def on_bus(**values: Any) -> dict[str, Any]:
    return {
        "version": "0", "id": "theirs", "detail-type": "Scheduled Event", "source": "aws.events",
        "account": "123456789012", "time": "2026-11-30T09:41:07Z", "region": "eu-west-1",
        "resources": ["arn:one", "arn:two"], "detail": {"state": "on"},
    } | values  # fmt: skip


def test_one_of_ours_on_a_bus_keeps_its_own_number_and_fields():
    own = {name: value for name, value in ONE.cloudevent().items() if name != "data"}
    document = on_bus(detail=ONE.data | {RESERVED: own})

    assert ONE == of_eventbridge(document)


def test_one_of_others_on_a_bus_is_read_with_theirs():
    found = of_eventbridge(on_bus())

    assert ("theirs", "aws.events", "Scheduled Event") == (found.id, found.source, found.type)
    assert ("arn:one", ("arn:two",)) == (found.subject, found.resources)
    assert on_bus() == {name: found.eventbridge()[name] for name in on_bus()} | {
        "time": "2026-11-30T09:41:07Z"
    }


def test_without_resources_its_source_is_what_it_is_about():
    assert "aws.events" == of_eventbridge(on_bus(resources=[])).subject


@pytest.mark.parametrize("detail", [None, "text", {RESERVED: "no object"}])
def test_whatever_its_detail_is(detail):
    assert isinstance(of_eventbridge(on_bus(detail=detail)).data, dict)
