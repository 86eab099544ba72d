"""The matcher and the index say what the plain reference says, on random patterns and events."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bongsu.events.pattern import Pattern, PatternIndex, compile_pattern, explain

from . import strategies
from .reference import reference_match

Json = dict[str, Any]


def compiled(source: Json) -> Pattern:
    return compile_pattern(source, last_wins=True)


@settings(max_examples=150, deadline=None)
@given(strategies.meetings())
def test_a_pattern_matches_what_the_reference_matches(meeting: tuple[Json, Json]) -> None:
    source, event = meeting

    assert compiled(source).matches(event) == reference_match(source, event)


@settings(max_examples=100, deadline=None)
@given(strategies.patterns, strategies.events)
def test_a_pattern_refuses_what_the_reference_refuses(source: Json, event: Json) -> None:
    assert compiled(source).matches(event) == reference_match(source, event)


@settings(max_examples=25, deadline=None)
@given(st.lists(strategies.meetings(), min_size=1, max_size=12), strategies.events)
def test_the_index_finds_what_each_pattern_matches(
    meetings: list[tuple[Json, Json]], stranger: Json
) -> None:
    patterns = [compiled(source) for source, _ in meetings]
    index: PatternIndex[int] = PatternIndex()
    for number, pattern in enumerate(patterns):
        index.add(number, pattern)

    for event in [stranger, *(event for _, event in meetings)]:
        expected = [number for number, pattern in enumerate(patterns) if pattern.matches(event)]
        assert index.match(event) == expected


@settings(max_examples=25, deadline=None)
@given(
    st.lists(strategies.patterns, min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(0, 5), st.one_of(st.none(), st.integers(0, 7))), max_size=40),
    strategies.events,
)
def test_the_index_forgets_what_is_removed_and_replaces_what_is_added_again(
    sources: list[Json], changes: list[tuple[int, int | None]], event: Json
) -> None:
    patterns = [compiled(source) for source in sources]
    index: PatternIndex[int] = PatternIndex()
    held: dict[int, Pattern] = {}
    for key, which in changes:
        held.pop(key, None)
        if which is None:
            index.remove(key)
        else:
            held[key] = patterns[which % len(patterns)]
            index.add(key, held[key])

        assert index.match(event) == [
            key for key, pattern in held.items() if pattern.matches(event)
        ]
        assert len(index) == len(held)


@settings(max_examples=100, deadline=None)
@given(strategies.meetings())
def test_an_explanation_agrees_with_the_matcher_or_says_why_not(
    meeting: tuple[Json, Json],
) -> None:
    source, event = meeting
    pattern = compiled(source)

    explanation = explain(pattern, event)

    assert explanation.match == pattern.matches(event)
    assert (explanation.note is None) == (explanation.match == explanation.tree.ok)
    assert explanation.lines("en")
