"""The table of tests/golden/conditions: every case in both languages.

What stands under "gatus" came from Go: the same rules on Go's own numbers, durations, JSON and globs.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bongsu.kit.errors import Invalid
from bongsu.watch.conditions import compile_condition
from bongsu.watch.conditions.condition import Compat
from bongsu.watch.conditions.result_document import read_result

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "conditions"
CASES = [
    pytest.param(json.loads(line), id=f"{path.stem}: {json.loads(line)['name']}")
    for path in sorted(GOLDEN.glob("*.jsonl"))
    for line in path.read_text(encoding="utf-8").split("\n")
    if line
]


def answer(case: dict[str, Any], compat: Compat) -> dict[str, Any]:
    text, result = read_result(json.dumps(case, ensure_ascii=False).encode())
    try:
        outcome = compile_condition(text, compat).evaluate(result)
    except Invalid as error:
        return {"error": str(error)}
    return {"ok": outcome.ok, "text": outcome.text}


@pytest.mark.parametrize("case", CASES)
def test_gatus_compat_answers_as_gatus_does(case: dict[str, Any]) -> None:
    assert case["gatus"] == answer(case, "gatus")


@pytest.mark.parametrize("case", CASES)
def test_the_superset_answers_as_the_table_says(case: dict[str, Any]) -> None:
    assert case["bongsu"] == answer(case, None)


def test_the_table_is_large_and_names_each_case_once() -> None:
    names = Counter(str(parameter.id) for parameter in CASES)

    assert len(CASES) >= 250
    assert [name for name, count in names.items() if count > 1] == []
