"""Why a rule fired or did not, in words."""

from typing import Any

import pytest

from bongsu.events.pattern import GroupVerdict, compile_pattern, explain

Json = dict[str, Any]


def why(pattern: Json, event: Json) -> dict[str, str]:
    return {
        leaf.where: leaf.why.to("en") for leaf in explain(compile_pattern(pattern), event).leaves()
    }


def lines(pattern: Json, event: Json) -> list[str]:
    return explain(compile_pattern(pattern), event).lines("en")


@pytest.mark.parametrize(
    ("pattern", "event", "says"),
    [
        ({"a": ["x"]}, {"a": "x"}, 'a is "x", as it should be.'),
        ({"a": [{"prefix": "x"}]}, {"a": "xy"}, 'a is "xy", which fits {"prefix": "x"}.'),
        ({"a": ["q", {"numeric": [">", 1]}]}, {"a": [0, 5]}, 'a is 5, which fits {"numeric": [">", 1]}.'),
        ({"a": [{"exists": False}]}, {}, "a is not in the event, as it should be."),
        ({"a": ["x"]}, {"a": "y"}, 'a is "y", which does not fit "x".'),
        ({"a": ["x", "z"]}, {"a": ["y", None]}, 'a is "y", null, which does not fit ["x", "z"].'),
        ({"a": ["x"]}, {"b": 1}, 'a is not in the event; "x" was looked for.'),
        ({"a": [{"exists": False}]}, {"a": 0}, "a should not be in the event, but is 0."),
        ({"a": ["x"]}, {"a": "X"}, 'a is "X", which does not fit "x": upper and lower case differ.'),
        ({"a": [5]}, {"a": "5"}, 'a is "5", which does not fit 5: the event has text here, the pattern a number.'),
        ({"a": ["5"]}, {"a": 5}, 'a is 5, which does not fit "5": the event has a number here, the pattern text.'),
        (
            {"a": [{"numeric": [">", 1]}]},
            {"a": "5"},
            'a is "5", which does not fit {"numeric": [">", 1]}: the event has text here, the pattern a number.',
        ),
        (
            {"a": ["x"]},
            {"a": {"b": 1}},
            'a holds no value of its own, only an object or an empty list; "x" was looked for.',
        ),
        (
            {"a": {"b": [{"exists": True}]}},
            {"a": [[{"b": []}]]},
            'a.b holds no value of its own, only an object or an empty list; {"exists": true} was looked for.',
        ),
    ],
)  # fmt: skip
def test_a_leaf_says_what_was_seen_and_what_was_wanted(
    pattern: Json, event: Json, says: str
) -> None:
    assert list(why(pattern, event).values()) == [says]


def test_every_leaf_has_its_verdict_not_only_the_first_that_fails() -> None:
    pattern = {"source": ["bongsu"], "detail": {"state": ["down"], "n": [{"numeric": [">", 3]}]}}

    explanation = explain(
        compile_pattern(pattern), {"source": "bongsu", "detail": {"state": "up", "n": 1}}
    )

    assert [(leaf.path, leaf.ok) for leaf in explanation.leaves()] == [
        ("source", True), ("detail.state", False), ("detail.n", False),
    ]  # fmt: skip
    assert [leaf.values for leaf in explanation.leaves()] == [["bongsu"], ["up"], [1]]
    assert [leaf.matcher for leaf in explanation.leaves()][2] == [{"numeric": [">", 3]}]


def test_alternatives_are_a_group_with_their_places() -> None:
    pattern = {"s": ["x"], "$or": [{"a": [1], "b": [1]}, {"c": [1]}]}

    explanation = explain(compile_pattern(pattern), {"s": "x", "a": 1, "c": 1})

    assert explanation.match
    assert list(why(pattern, {})) == ["s", "$or[0].a", "$or[0].b", "$or[1].c"]
    assert isinstance(explanation.tree, GroupVerdict)
    either = explanation.tree.parts[1]
    assert isinstance(either, GroupVerdict)
    assert (either.kind, either.where, either.ok) == ("either", "$or", True)
    assert [part.ok for part in either.parts] == [False, True]


def test_lines_are_indented_under_their_alternative() -> None:
    pattern = {"s": ["x"], "$or": [{"a": [1]}, {"b": [1]}]}

    assert lines(pattern, {"s": "x", "b": 1}) == [
        "The event fits the pattern.",
        '  yes: s is "x", as it should be.',
        "  yes: One of 2 alternatives fits.",
        "    1.",
        "      no: a is not in the event; 1 was looked for.",
        "    2.",
        "      yes: b is 1, as it should be.",
    ]
    assert lines(pattern, {})[2] == "  no: 0 of 2 alternatives fit."


def test_two_elements_of_one_list_are_told() -> None:
    pattern = {"e": {"f": ["Anna"], "l": ["Jones"]}}
    event = {"e": [{"f": "Anna", "l": "Smith"}, {"f": "Peter", "l": "Jones"}]}

    assert lines(pattern, event)[:2] == [
        "The event does not fit the pattern.",
        "Each part fits, but only with values from different elements of one list; one element must fit them all.",
    ]


def test_a_field_missing_from_the_chosen_element_is_told() -> None:
    explanation = explain(
        compile_pattern({"a": {"b": [1], "c": [{"exists": False}]}}), {"a": [{"c": 1}, {"b": 1}]}
    )

    assert explanation.match
    assert explanation.note is not None
    assert "missing from the list element" in explanation.note.to("en")


def test_where_one_test_takes_anothers_place_the_alternatives_are_shown() -> None:
    pattern = {"a": [1], "$or": [{"a": [2]}, {"b": [1]}]}

    explanation = explain(compile_pattern(pattern), {"a": 2})

    assert explanation.match
    assert explanation.tree.ok
    assert explanation.note is None
    assert [(leaf.where, leaf.ok) for leaf in explanation.leaves()] == [
        ("$or[0].a", True), ("a", False), ("$or[1].b", False),
    ]  # fmt: skip


def test_long_values_are_cut() -> None:
    [said] = why({"a": ["x"]}, {"a": ["y" * 1000, "z" * 1000]}).values()

    assert len(said) < 500
    [leaf] = explain(compile_pattern({"a": ["x"]}), {"a": list(range(100))}).leaves()
    assert len(leaf.values) == 10


def test_a_reason_is_said_in_korean() -> None:
    explanation = explain(compile_pattern({"a": ["x"]}), {"a": "y"})

    korean = explanation.lines("ko")
    assert korean != explanation.lines("en")
    assert '"y"' in korean[1]
