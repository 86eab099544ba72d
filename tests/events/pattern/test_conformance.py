"""Tables of pattern, event and result. `event_ruler.jsonl` was run on event-ruler 2.0.1; `ours.jsonl` follows
its code and documents, but for the differences of docs/adr/0010.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from bongsu.events.pattern import Pattern, PatternIndex, compile_pattern, explain, parse_json
from bongsu.kit.errors import Invalid

TABLES = Path(__file__).parents[2] / "golden" / "patterns"
ROWS = [
    (f"{name}: {row['probe']}", row)
    for name in ("event_ruler", "ours")
    for row in map(json.loads, (TABLES / f"{name}.jsonl").read_text("utf-8").splitlines())
]
CASES = [pytest.param(row, id=name) for name, row in ROWS]
COMPILED = [pytest.param(row, id=name) for name, row in ROWS if row["result"] != "error"]
Case = dict[str, str]


def result_of(case: Case) -> str:
    try:
        pattern = compile_pattern(case["pattern"])
    except Invalid:
        return "error"
    return str(pattern.matches(parse_json(case["event"])))


def test_the_reference_table_is_whole() -> None:
    lines = (TABLES / "event_ruler.jsonl").read_text("utf-8").splitlines()

    assert len(lines) == 88


@pytest.mark.parametrize("case", CASES)
def test_the_result_is_that_of_the_table(case: Case) -> None:
    assert result_of(case) == case["result"]


@pytest.mark.parametrize("case", COMPILED)
def test_a_pattern_given_as_an_object_is_the_pattern_given_as_text(case: Case) -> None:
    given = parse_json(case["pattern"])

    assert str(compile_pattern(given).matches(parse_json(case["event"]))) == case["result"]


@pytest.fixture(scope="module")
def patterns() -> dict[str, Pattern]:
    """Every pattern of the tables that compiles, by its text."""
    good = {row["pattern"] for _, row in ROWS if row["result"] != "error"}
    return {text: compile_pattern(text) for text in sorted(good)}


@pytest.fixture(scope="module")
def index(patterns: dict[str, Pattern]) -> PatternIndex[str]:
    made: PatternIndex[str] = PatternIndex()
    for text, pattern in patterns.items():
        made.add(text, pattern)
    return made


@pytest.mark.parametrize("case", CASES)
def test_an_index_of_all_patterns_finds_those_that_match(
    case: Case, patterns: dict[str, Pattern], index: PatternIndex[str]
) -> None:
    event: dict[str, Any] = parse_json(case["event"])

    found = index.match(event)

    assert found == [text for text, pattern in patterns.items() if pattern.matches(event)]
    assert (case["pattern"] in found) == (case["result"] == "True")


@pytest.mark.parametrize("case", COMPILED)
def test_the_explanation_gives_the_same_answer(case: Case, patterns: dict[str, Pattern]) -> None:
    explanation = explain(patterns[case["pattern"]], parse_json(case["event"]))

    assert str(explanation.match) == case["result"]
    assert len(explanation.lines("en")) > len(explanation.leaves())
