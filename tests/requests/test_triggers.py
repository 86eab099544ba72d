"""What a trigger takes, for whom it counts, how often it would have fired, and what its events say."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from bongsu.kit.clock import ManualClock, iso
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import Said
from bongsu.requests.builtin import BUILTIN
from bongsu.requests.triggers import (
    OTHERS,
    Firing,
    Hit,
    Trigger,
    TriggerDraft,
    check,
    fired,
    firings,
    heading,
    key_of,
    quiet,
)
from tests.requests.support import seen

NOW = ManualClock().now()
DRAFT = {
    "name": "slow", "title": "Slow pages", "pattern": {"outcome": ["failed"]}, "at_least": 3, "window_s": 60,
}  # fmt: skip


def trigger(**values) -> Trigger:
    usual = DRAFT | {
        "id": 1, "per": "route", "severity": 3, "enabled": True, "builtin": False, "updated_at": NOW,
    }  # fmt: skip
    return Trigger(**(usual | values))


@pytest.mark.parametrize(
    ("per", "key"),
    [("person", "user/7"), ("address", "203.0.113.7"), ("route", "GET /"), ("all", "all")],
)
def test_for_whom_a_request_counts(per, key):
    assert key == key_of(per, seen(NOW))


def test_requests_of_nobody_count_together():
    assert "nobody" == key_of("person", seen(NOW, person=0))


def at(*seconds: float):
    return [(NOW + timedelta(seconds=one), "k") for one in seconds]


@pytest.mark.parametrize(
    ("seconds", "begun"),
    [
        ((), 0),
        ((0, 1), 0),
        ((0, 1, 2), 1),
        ((0, 30, 59.9), 1),
        ((0, 30, 60), 0),  # the first one has left the window
        ((0, 1, 2, 3, 4, 5, 6), 1),  # one storm
        ((0, 1, 2, 50, 51, 52), 1),
        ((0, 1, 2, 200, 201, 202), 2),  # with a quiet time between
    ],
)
def test_how_often_it_would_have_begun_to_fire(seconds, begun):
    assert begun == firings(at(*seconds), 3, 60, 60)


def test_each_key_has_a_window_of_its_own():
    hits = [(NOW + timedelta(seconds=n), str(n % 3)) for n in range(6)]

    assert 0 == firings(hits, 3, 60, 60)
    assert 3 == firings(hits, 2, 60, 60)


def test_both_ends_have_one_key_so_that_an_incident_ends_with_the_second():
    one = trigger(severity=4)
    begin = fired(one, "GET /", 12, NOW, [seen(NOW).sample()] * 9)
    end = quiet(one, Firing(1, "GET /", NOW, NOW + timedelta(seconds=90), 400), NOW)

    assert ("request.triggered", "request.triggered") == (begin.type, end.type)
    assert begin.dedup_key == end.dedup_key == "request/slow/GET /"
    assert ("down", "up") == (begin.data["after"]["state"], end.data["after"]["state"])
    assert (12, 5, 4) == (begin.data["count"], len(begin.data["samples"]), begin.severity)
    assert "Quiet for 60 s; 400 requests in 90 s before" == str(Said.load(end.data["reason"]))
    assert "12 requests in 60 s; 3 are enough" == str(Said.load(begin.data["reason"]))
    assert iso(NOW) == begin.data["after"]["since"]
    assert "degraded" == fired(trigger(severity=3), "x", 1, NOW, []).data["after"]["state"]


def test_a_person_is_a_resource_of_the_event_and_called_by_name():
    draft = fired(trigger(per="person"), "user/7", 3, NOW, [], "Bob")

    assert ("user/7",) == draft.resources
    assert {"title": {"text": "Slow pages", "args": {}}, "key": "Bob"} == draft.data["title"][
        "args"
    ]


def test_an_incident_of_it_is_called_by_what_it_means():
    assert "Slow pages: GET /" == str(heading(trigger(), "GET /"))
    assert "Slow pages" == str(heading(trigger(per="all"), "all"))
    assert "Slow pages: more than 20 at once" == str(heading(trigger(), OTHERS))
    assert "요청이 느림: GET /" == heading(trigger(title="Requests are slow"), "GET /").to("ko")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Slow Pages"), ("title", ""), ("title", "x" * 121), ("at_least", 0), ("window_s", 9),
        ("window_s", 3601), ("per", "planet"), ("severity", 6), ("extra", 1),
    ],
)  # fmt: skip
def test_a_draft_is_refused_at_its_field(field, value):
    with pytest.raises(ValidationError) as caught:
        TriggerDraft(**(DRAFT | {field: value}))

    assert (field,) == caught.value.errors()[0]["loc"]


def test_a_pattern_over_fields_that_no_request_has_would_never_fire_and_is_refused():
    with pytest.raises(Invalid) as caught:
        check(TriggerDraft(**(DRAFT | {"pattern": {"detail": {"status": [500]}, "path": ["/"]}})))

    assert ["pattern.detail.status", "pattern.path"] == [p.where for p in caught.value.problems]


def test_a_wrong_pattern_is_refused_with_its_place():
    with pytest.raises(Invalid) as caught:
        check(TriggerDraft(**(DRAFT | {"pattern": {"status": [{"numeric": ["~", 1]}]}})))

    assert caught.value.problems[0].where.startswith("pattern.status")


@pytest.mark.parametrize("one", BUILTIN, ids=lambda one: one["name"])
def test_those_to_begin_with_are_right(one):
    check(TriggerDraft(**one))


@pytest.mark.parametrize(
    ("name", "fits", "other"),
    [
        ("slow-requests", {"took_us": 2_000_001}, {"took_us": 9_000_000, "stream": True}),
        ("failed-sign-ins", {"method": "POST", "route": "/sign-in", "outcome": "refused"},
         {"method": "GET", "route": "/sign-in"}),
        ("failed-requests", {"outcome": "failed", "status": 500}, {"outcome": "refused"}),
    ],
)  # fmt: skip
def test_those_to_begin_with_take_what_they_are_for(name, fits, other):
    from bongsu.events.pattern import compile_pattern

    pattern = next(compile_pattern(one["pattern"]) for one in BUILTIN if one["name"] == name)

    assert pattern.matches(seen(NOW, **fits).document())
    assert not pattern.matches(seen(NOW, **other).document())
    assert not pattern.matches(seen(NOW).document())


def test_hits_keep_the_newest_samples_and_the_time_of_the_last_end():
    hit, newer = Hit(), Hit()
    for number in range(7):
        hit.add(seen(NOW + timedelta(seconds=number), took_us=1_000_000))
    newer.add(seen(NOW + timedelta(seconds=9)))

    hit.merge(newer)

    assert (8, 5) == (hit.count, len(hit.samples))
    assert NOW + timedelta(seconds=9, microseconds=12_000) == hit.at
