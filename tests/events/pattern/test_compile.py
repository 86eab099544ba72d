"""Faults of a pattern: each is named with its place and what to do, all at once."""

import json
from datetime import date
from typing import Any

import pytest

from bongsu.events.pattern import compile_pattern
from bongsu.kit.errors import Invalid


def faults(source: str | bytes | dict[str, Any]) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        compile_pattern(source)
    assert caught.value.problems
    return {problem.where: problem.to("en") for problem in caught.value.problems}


def test_a_fault_names_the_place_of_the_value() -> None:
    found = faults({"detail": {"after": {"state": ["down", {"prefix": 5}]}}})

    assert list(found) == ["detail.after.state[1]"]
    assert "prefix takes text, not a number" in found["detail.after.state[1]"]
    assert 'Write {"prefix": "…"}' in found["detail.after.state[1]"]


def test_all_faults_are_told_at_once() -> None:
    found = faults({"a": 5, "b": [], "c": {}, "d": [{"regex": "x"}, {"numeric": ["!", 1]}]})

    assert list(found) == ["a", "b", "c", "d[0]", "d[1]"]


def test_a_fault_inside_a_choice_names_the_alternative() -> None:
    found = faults({"detail": {"$or": [{"a": ["x"]}, {"b": {"c": [{"wildcard": "**"}]}}]}})

    assert list(found) == ["detail.$or[1].b.c[0]"]


@pytest.mark.parametrize(
    ("source", "where", "says"),
    [
        ('{"a": ["x"]', "pattern", "stops being JSON at line 1, column 12"),
        ('{"a": [NaN]}', "pattern", "NaN is not a JSON value"),
        (b'{"a": ["\xff"]}', "pattern", "not UTF-8 text (byte 8)"),
        ("[]", "pattern", "A pattern is a JSON object."),
        ("{}", "pattern", "An empty object would test nothing."),
        ('{"a": ["x"], "a": ["y"]}', "a", "a is given twice"),
        ('{"a.b": ["x"], "a": {"b": ["y"]}}', "a.b", "b is given twice"),
        ('{"$or": [{"a": ["x"]}]}', "$or", "$or needs at least two alternatives"),
        ('{"$or": []}', "$or", "$or needs at least two alternatives"),
        ('{"$or": [{"a": ["x"]}, {}]}', "$or[1]", "An empty object would test nothing."),
        ('{"a": [{"cidr": "10.0.0.1/32"}]}', "a[0]", "The mask of 10.0.0.1/32 must be less than 32."),
        ('{"a": [{"cidr": "nowhere/8"}]}', "a[0]", "nowhere/8 does not begin with an IP address."),
        ('{"a": [{"wildcard": "a\\\\"}]}', "a[0]", "The backslash at position 1 escapes nothing."),
        ('{"a": [{"anything-but": {"numeric": ["=", 1]}}]}', "a[0]", "anything-but cannot hold numeric."),
        ('{"a": [{"anything-but": {"prefix": ""}}]}', "a[0]", "empty prefix would never match"),
        ('{"a": [{"numeric": ["=", 9007199254740993]}]}', "a[0]", "9007199254740993 cannot be compared"),
        ('{"a": [{"prefix": "x", "suffix": "y"}]}', "a[0]", "exactly one key; this one has 2"),
    ],
)  # fmt: skip
def test_each_kind_of_fault_has_its_sentence(source: str | bytes, where: str, says: str) -> None:
    assert says in faults(source)[where]


def test_a_value_that_yaml_made_a_date_is_a_fault() -> None:
    found = faults({"time": [date(2026, 11, 21)]})

    assert "2026-11-21 is not a JSON value. Put it in quotes." in found["time[0]"]


def test_a_name_that_yaml_made_a_bool_is_a_fault() -> None:
    assert "The field name True is not text." in faults({"detail": {True: ["x"]}})["detail"]  # type: ignore[dict-item]


def test_a_choice_with_a_match_type_as_name_is_told_as_what_it_was_meant_to_be() -> None:
    found = faults({"$or": [{"regex": ["x"]}, {"a": ["y"]}]})

    assert "There is no match type regex." in found["$or[0]"]


def test_last_wins_takes_the_last_of_two_as_event_bridge_does() -> None:
    pattern = compile_pattern('{"a": [1], "b": {"c": [1]}, "a": [2], "b.c": [2]}', last_wins=True)

    assert pattern.matches({"a": 2, "b": {"c": 2}})
    assert not pattern.matches({"a": 1, "b": {"c": 2}})
    assert not pattern.matches({"a": 2, "b": {"c": 1}})


def test_the_source_is_kept_and_can_be_stored() -> None:
    text = '{"a": [1.5, 9007199254740993, null], "b": [{"prefix": "x"}]}'

    pattern = compile_pattern(text)

    assert pattern.source == {"a": [1.5, 9007199254740993, None], "b": [{"prefix": "x"}]}
    assert json.loads(json.dumps(pattern.source)) == pattern.source


def test_sixteen_kilobytes_are_the_limit() -> None:
    fits = '{"a": ["' + "x" * (16 * 1024 - 11) + '"]}'
    assert len(fits) == 16 * 1024

    assert compile_pattern(fits).matches({"a": "x" * (16 * 1024 - 11)})
    assert "16385 bytes; the limit is 16384" in faults(fits.replace("x", "xx", 1))["pattern"]
    assert "the limit is 16384" in faults({"a": ["é" * 9000]})["pattern"]


def test_ten_megabytes_are_refused_before_they_are_parsed() -> None:
    assert "the limit is 16384" in faults(b"[" * 10_000_000)["pattern"]


def test_depth_is_limited() -> None:
    deep = '{"a":' * 90 + '["x"]' + "}" * 90
    assert compile_pattern(deep).paths() == {".".join("a" * 90)}

    too_deep = '{"a":' * 150 + '["x"]' + "}" * 150
    assert "more than 100 levels deep" in " ".join(faults(too_deep).values())
    assert "nested too deeply" in faults('{"a":' * 2500 + '["x"]' + "}" * 2500)["pattern"]


def test_an_object_that_holds_itself_is_refused() -> None:
    source: dict[str, Any] = {}
    source["a"] = source

    assert "holds itself" in faults(source)["pattern"]


def test_alternatives_are_limited_before_they_are_multiplied_out() -> None:
    choice = [{"a": ["x"]}, {"b": ["y"]}]
    allowed = {f"k{n}": {"$or": choice} for n in range(9)}
    assert len(compile_pattern(allowed).alternatives) == 512

    too_many = {f"k{n}": {"$or": choice} for n in range(60)}
    assert f"{2**60} alternatives; the limit is 1000" in faults(too_many)["$or"]


def test_stars_are_limited() -> None:
    assert compile_pattern({"a": [{"wildcard": "*a" * 64}]}).matches({"a": "a" * 64})
    assert (
        "There are 65 stars; the limit is 64." in faults({"a": [{"wildcard": "*a" * 65}]})["a[0]"]
    )


def test_the_number_of_faults_told_is_limited() -> None:
    assert len(faults({f"k{n}": 1 for n in range(500)})) == 20


def test_faults_are_told_in_korean_too() -> None:
    with pytest.raises(Invalid) as caught:
        compile_pattern({"a": 5})

    assert caught.value.said.to("ko") != caught.value.said.to("en")
    assert caught.value.problems[0].to("ko") != caught.value.problems[0].to("en")
