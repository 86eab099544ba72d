"""Array consistency on large and odd events; its meaning is in the tables and in the reference."""

import time
from typing import Any

from bongsu.events.pattern import PatternIndex, compile_pattern


def matches(pattern: dict[str, Any], event: dict[str, Any]) -> bool:
    compiled = compile_pattern(pattern)
    index: PatternIndex[str] = PatternIndex()
    index.add("it", compiled)
    assert index.match(event) == (["it"] if compiled.matches(event) else [])
    return compiled.matches(event)


def test_a_long_list_costs_about_its_length() -> None:
    rule = {"a": {"x": ["yes"], "y": ["yes"], "z": ["yes"]}}
    rows = [{"x": "yes", "y": "yes", "z": "no"}, {"x": "no", "y": "yes", "z": "yes"}] * 5000
    started = time.process_time()

    assert not matches(rule, {"a": rows})
    assert matches(rule, {"a": [*rows, {"x": "yes", "y": "yes", "z": "yes"}]})
    assert time.process_time() - started < 20  # 0.4 s; with every pair tried it would be minutes


def test_two_long_lists_are_not_multiplied() -> None:
    rule = {"a": {"x": ["yes"]}, "b": {"x": ["yes"], "y": ["yes"]}}
    event = {"a": [{"x": "yes"}] * 3000, "b": [{"x": "yes"}, {"y": "yes"}] * 3000}
    started = time.process_time()

    assert not matches(rule, event)
    assert time.process_time() - started < 20


def test_a_list_nested_a_thousand_deep_is_walked_without_recursion() -> None:
    deep: Any = {"x": 1, "y": 2}
    for _ in range(5000):
        deep = [deep]

    assert matches({"a": {"x": [1], "y": [2]}}, {"a": deep})
    assert not matches({"a": {"x": [1], "y": [3]}}, {"a": deep})


def test_an_object_nested_a_thousand_deep_is_walked_without_recursion() -> None:
    deep: Any = {"x": 1}
    for _ in range(5000):
        deep = {"a": deep}

    assert not matches({"a": {"x": [1]}}, deep)
    assert matches({"a": {"a": {"x": [{"exists": False}]}}}, deep)


def test_a_path_through_two_spellings_joins_what_it_finds() -> None:
    event = {"a": [{"b": 1, "c": 0}, {"b": 0, "c": 1}], "a.b": 1}

    assert matches({"a": {"b": [1], "c": [1]}}, event)  # the value without a place agrees with all
    assert not matches({"a": {"b": [2], "c": [1]}}, event)


def test_a_rule_that_one_listed_field_alone_decides_needs_no_agreement() -> None:
    event = {"a": [{"b": 1}, {"b": 2}], "v": "k"}

    assert matches({"a": {"b": [2]}, "v": ["k"]}, event)
    assert not matches({"a": {"b": [2]}, "v": [{"exists": False}]}, event)
