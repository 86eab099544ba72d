"""The index as its users see it: order, replacement, removal, and that nothing stays behind."""

import random
from typing import Any

import pytest

from bongsu.events.pattern import PatternIndex, compile_pattern

Json = dict[str, Any]


def index_of(*patterns: Json) -> PatternIndex[int]:
    index: PatternIndex[int] = PatternIndex()
    for number, pattern in enumerate(patterns):
        index.add(number, compile_pattern(pattern))
    return index


def test_an_empty_index_matches_nothing() -> None:
    assert PatternIndex[int]().match({"a": 1}) == []


def test_keys_come_in_the_order_they_were_added() -> None:
    index: PatternIndex[str] = PatternIndex()
    for key in ("zebra", "ant", "mole"):
        index.add(key, compile_pattern({"a": ["x"]}))

    assert index.match({"a": "x"}) == ["zebra", "ant", "mole"]


def test_a_key_comes_once_though_several_alternatives_fit() -> None:
    index = index_of({"$or": [{"a": [1]}, {"b": [1]}]}, {"a": [1]})

    assert index.match({"a": 1, "b": 1}) == [0, 1]


def test_a_key_added_again_has_its_new_pattern_and_comes_last() -> None:
    index = index_of({"a": ["x"]}, {"a": ["x"]})
    assert index.match({"a": "x"}) == [0, 1]

    index.add(0, compile_pattern({"a": [{"prefix": "x"}]}))

    assert index.match({"a": "x"}) == [1, 0]
    assert index.match({"a": "xy"}) == [0]
    assert len(index) == 2


def test_a_removed_key_is_not_found_and_need_not_be_there() -> None:
    index = index_of({"a": ["x"]}, {"a": ["x"]})

    index.remove(0)
    index.remove(0)
    index.remove(99)

    assert index.match({"a": "x"}) == [1]
    assert len(index) == 1


@pytest.mark.parametrize(
    "matcher",
    [
        "x", 5, True, None, "10.0.0.1", 2**53 + 1, {"exists": True}, {"exists": False},
        {"prefix": "x"}, {"prefix": ""}, {"suffix": "x"}, {"prefix": {"equals-ignore-case": "x"}},
        {"wildcard": "x*"}, {"wildcard": "*x"}, {"wildcard": "*x*"}, {"equals-ignore-case": "x"},
        {"equals-ignore-case": "ı"}, {"numeric": [">", 1]}, {"numeric": [">", 1, "<=", 5]},
        {"cidr": "10.0.0.0/8"}, {"anything-but": "x"}, {"anything-but": [5, 6]},
        {"anything-but": {"prefix": "x"}}, {"anything-but": {"wildcard": ["*x", "y*"]}},
    ],
)  # fmt: skip
def test_every_matcher_can_be_filed_found_and_taken_out(matcher: Any) -> None:
    values = ["x", "xx", "yx", "X", "ı", "", 5, 1.5, True, None, "10.0.0.1", 2**53 + 1, 6, []]
    pattern = compile_pattern({"a": [matcher]})
    index = index_of({"a": [matcher]}, {"a": [matcher, "never"]})

    for value in values:
        assert index.match({"a": value}) == ([0, 1] if pattern.matches({"a": value}) else [])
    index.remove(0)
    for value in values:
        assert index.match({"a": value}) == ([1] if pattern.matches({"a": value}) else [])
    index.remove(1)
    assert all(index.match({"a": value}) == [] for value in values)


def test_many_wildcards_are_found_by_a_part_of_the_text() -> None:
    words = [f"w{number:03d}" for number in range(300)]
    index = index_of(*({"a": [{"wildcard": f"https://*{word}*"}]} for word in words))

    assert index.match({"a": "https://w007/x"}) == [7]
    assert index.match({"a": "https://w299-w007"}) == [7, 299]
    assert index.match({"a": "http://w007"}) == []
    for number in range(299):
        index.remove(number)
    assert index.match({"a": "https://w299-w007"}) == [299]


def test_ranges_are_found_at_open_and_closed_bounds() -> None:
    signs = [(low, high) for low in (">", ">=") for high in ("<", "<=")]
    rules: list[Json] = [{"a": [{"numeric": [low, 1, high, 3]}]} for low, high in signs]
    index = index_of(*rules, {"a": [{"numeric": ["<", 1]}]}, {"a": [{"numeric": [">=", 3]}]})

    assert index.match({"a": 1}) == [2, 3]
    assert index.match({"a": 2}) == [0, 1, 2, 3]
    assert index.match({"a": 3.0}) == [1, 3, 5]
    assert index.match({"a": 0}) == [4]
    assert index.match({"a": "2"}) == []


def test_rules_that_come_and_go_leave_nothing_behind() -> None:
    index: PatternIndex[int] = PatternIndex()
    index.add(-1, compile_pattern({"a": ["stays"]}))
    for number in range(1000):
        index.add(number, compile_pattern({f"path-{number}": [{"prefix": f"p{number}"}, number]}))
        assert index.match({f"path-{number}": "p" + str(number)}) == [number]
        index.remove(number)

    assert index.match({"a": "stays"}) == [-1]
    assert len(index._alternatives) < 100
    assert len(index._fields) < 100


def test_events_of_many_shapes_do_not_fill_the_memory() -> None:
    rules: list[Json] = [{f"k{n}": ["x"]} for n in range(12)]
    index = index_of(*rules)
    pick = random.Random(1)

    for _ in range(3000):
        names = [n for n in range(12) if pick.random() < 0.5]
        assert index.match({f"k{n}": "x" for n in names}) == names
    assert len(index._shapes) <= 1000


def test_ten_thousand_rules_find_the_few_that_fit() -> None:
    index: PatternIndex[int] = PatternIndex()
    for number in range(10_000):
        detail = {"service": [f"shop-{number}"], "after": {"state": ["down"]}}
        index.add(number, compile_pattern({"source": ["bongsu"], "detail": detail}))

    event = {"source": "bongsu", "detail": {"service": "shop-77", "after": {"state": "down"}}}
    assert index.match(event) == [77]
    assert index.match(event | {"source": "other"}) == []
