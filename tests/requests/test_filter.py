"""Which requests somebody asks for: what is understood, what is refused with words."""

from datetime import timedelta

import pytest

from bongsu.kit.clock import ManualClock, iso, micros
from bongsu.kit.errors import Invalid
from bongsu.requests.filter import Cursor, query_of, read_filter
from tests.requests.support import seen

NOW = ManualClock().now()
ME = 3


def read(**asked: str):
    return read_filter(asked, NOW, ME)


@pytest.mark.parametrize(
    ("given", "person"),
    [("", None), ("me", ME), ("nobody", 0), ("12", 12), ("4294967295", 4_294_967_295)],
)
def test_a_person_is_me_nobody_or_a_number(given, person):
    assert person == read(person=given).person


@pytest.mark.parametrize(
    ("given", "kind", "thing"),
    [
        ("TSK-42", "", "task/TSK-42"),
        ("tsk-42", "", "task/TSK-42"),
        ("task/TSK-42", "", "task/TSK-42"),
        ("incident/12", "", "incident/12"),
        ("task/", "task/", ""),
        ("task", "task/", ""),
        ("", "", ""),
    ],
)
def test_a_thing_is_a_kind_a_key_or_itself(given, kind, thing):
    found = read(object=given)

    assert (kind, thing) == (found.object_kind, found.object)


def test_an_id_that_was_copied_from_an_answer_is_looked_for_as_such():
    found = read(q=" 01A22219-8AB6-703B-99A5-33F0A767658C ")

    assert ("01a22219-8ab6-703b-99a5-33f0a767658c", "") == (found.id, found.text)
    assert ("", "/tasks") == (read(q="/tasks").id, read(q="/tasks").text)


@pytest.mark.parametrize(
    ("period", "step_s", "buckets"),
    [("1h", 60, 60), ("24h", 1800, 48), ("7d", 10_800, 56), ("30d", 43_200, 60)],
)
def test_a_period_begins_with_a_whole_bucket(period, step_s, buckets):
    found = read(period=period)

    assert step_s == found.step_s
    assert 0 == micros(found.since) % (step_s * 1_000_000)
    assert buckets >= found.length_s / step_s > buckets - 2


def test_without_a_period_the_last_day_is_meant_and_now_is_in_it():
    found = read()

    assert timedelta(hours=23) < found.until - found.since <= timedelta(hours=24, seconds=1)
    assert found.until > NOW


def test_a_span_is_given_by_its_ends_and_never_reaches_into_the_future():
    since, until = NOW - timedelta(minutes=2), NOW - timedelta(minutes=1)

    found = read(since=iso(since), until=iso(until))
    assert (since, until) == (found.since, found.until)
    assert NOW + timedelta(seconds=1) == read(until="2999-01-01T00:00:00Z").until
    assert 0 <= micros(read(since="1901-01-01T00:00:00Z").since)


@pytest.mark.parametrize(
    ("where", "given"),
    [
        ("person", "bob"),
        ("person", "-1"),
        ("person", "4294967296"),
        ("person", "1 OR 1=1"),
        ("person", "²"),
        ("person", "0" * 30),
        ("outcome", "fine"),
        ("outcome", "ok' OR '1'='1"),
        ("slower_ms", "fast"),
        ("slower_ms", "1e9"),
        ("slower_ms", "٣"),
        ("period", "90d"),
        ("since", "yesterday"),
        ("since", "2026-11-21T09:30:00"),
        ("since", "0001-01-01T00:00:00+23:59"),
        ("parts", "maybe"),
    ],
)
def test_what_cannot_be_understood_is_refused_at_its_place(where, given):
    with pytest.raises(Invalid) as caught:
        read(**{where: given})

    assert [where] == [problem.where for problem in caught.value.problems]


def test_everything_wrong_is_said_at_once():
    with pytest.raises(Invalid) as caught:
        read(person="x", outcome="x", slower_ms="x", period="x", parts="x")

    assert {"person", "outcome", "slower_ms", "period", "parts"} == {
        problem.where for problem in caught.value.problems
    }


def test_the_end_does_not_lie_before_the_beginning():
    with pytest.raises(Invalid, match="filter"):
        read(since=iso(NOW), until=iso(NOW - timedelta(hours=1)))


def test_parts_of_pages_are_there_when_somebody_asks_for_one_route():
    assert not read(parts="no").parts
    assert read(parts="no", route="/-/wall").parts
    assert read().parts


def test_a_place_in_the_list_goes_there_and_back():
    one = seen(NOW)

    assert Cursor.of(one) == Cursor.parse(str(Cursor.of(one)))
    assert Cursor.parse("") is None


@pytest.mark.parametrize("text", ["1", "x-y", "1-" + "-" * 36, "1; DROP TABLE request", "9" * 30])
def test_another_place_is_refused(text):
    with pytest.raises(Invalid):
        Cursor.parse(text)


def test_an_address_carries_what_was_asked_and_what_changes():
    asked = {"q": "x", "person": "", "before": "1-2"}

    assert {"q": "x", "sort": "p95"} == query_of(asked, sort="p95")
    assert {} == query_of(asked, q="")
