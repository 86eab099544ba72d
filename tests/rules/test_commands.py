"""`bongsu rules test` and `bongsu rules explain`: real processes, JSON lines in and out."""

import json
import subprocess
import sys
from typing import Any

import pytest

SERVER = (
    "sqlalchemy",
    "fastapi",
    "boto3",
    "uvicorn",
    "pydantic",
    "pycurl",
    "chdb",
    "bongsu.db",
    "bongsu.accounts",
)


def bongsu(*arguments: str, lines: list[Any]) -> tuple[int, list[dict[str, Any]]]:
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    done = subprocess.run(
        [sys.executable, "-m", "bongsu", "rules", *arguments],
        input=text.encode(),
        capture_output=True,
        check=False,
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_each_line_has_its_answer_in_the_same_order() -> None:
    status, answers = bongsu(
        "test",
        lines=[
            {"pattern": {"a": ["x"]}, "event": {"a": "x"}},
            {"pattern": '{"a": [{"prefix": "y"}]}', "event": {"a": "x"}},
            {"pattern": {"a": [{"exists": False}]}, "event": {}},
        ],
    )

    assert status == 0
    assert answers == [{"match": True}, {"match": False}, {"match": True}]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("not json", "stops being JSON at line 1, column 1"),
        ("", "stops being JSON"),
        ("[]", 'not {"pattern": …, "event": …}'),
        ('{"pattern": {"a": ["x"]}}', 'not {"pattern": …, "event": …}'),
        ('{"pattern": 5, "event": {}}', "A pattern is a JSON object, or its text."),
        ('{"pattern": {"a": ["x"]}, "event": "{}"}', "An event is a JSON object."),
        ('{"pattern": {"a": [{"regex": "x"}]}, "event": {}}', "a[0]: There is no match type regex."),
        ('{"pattern": "{", "event": {}}', "stops being JSON"),
        ('{"pattern": {"a": ["x"], "a": ["y"]}, "event": {}}', "a is given twice"),
        ('{"pattern": {}, "event": {}}', "An empty object would test nothing."),
        ('{"pattern": {"a": ["' + "x" * 20_000 + '"]}, "event": {}}', "the limit is 16384"),
        ("x" * 3_000_000, "The line is longer than 2097152 bytes."),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_answered_gives_an_error_and_the_run_goes_on(
    line: str, says: str
) -> None:
    good = {"pattern": {"a": ["x"]}, "event": {"a": "x"}}

    status, answers = bongsu("test", lines=[good, line, good])

    assert status == 0
    assert [answers[0], answers[2]] == [{"match": True}, {"match": True}]
    assert set(answers[1]) == {"error"}
    assert says in answers[1]["error"]


def test_bytes_that_are_not_utf8_and_a_last_line_without_an_end_are_lines_too() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bongsu", "rules", "test"],
        input=b'\xff\xfe\r\n{"pattern": {"a": ["\\ud800"]}, "event": {"a": "\\ud800"}}',
        capture_output=True,
        check=True,
    )

    first, second = (json.loads(line) for line in done.stdout.splitlines())
    assert "not UTF-8" in first["error"]
    assert second == {"match": True}


def test_big_integers_stay_exact_on_both_sides() -> None:
    _, answers = bongsu(
        "test",
        lines=[
            '{"pattern": {"a": [9007199254740993]}, "event": {"a": 9007199254740993}}',
            '{"pattern": {"a": [9007199254740993]}, "event": {"a": 9007199254740992}}',
            '{"pattern": {"a": [1]}, "event": {"a": 1.0}}',
        ],
    )

    assert [answer["match"] for answer in answers] == [True, False, True]


def test_explain_gives_a_verdict_for_each_leaf_and_the_lines_to_read() -> None:
    line = {"pattern": {"a": ["x"], "b": [{"numeric": [">", 3]}]}, "event": {"a": "x", "b": 2}}

    _, [answer] = bongsu("explain", lines=[line])

    assert answer == {
        "match": False,
        "leaves": [
            {
                "where": "a",
                "path": "a",
                "matcher": ["x"],
                "values": ["x"],
                "ok": True,
                "why": 'a is "x", as it should be.',
            },
            {
                "where": "b",
                "path": "b",
                "matcher": [{"numeric": [">", 3]}],
                "values": [2],
                "ok": False,
                "why": 'b is 2, which does not fit {"numeric": [">", 3]}.',
            },
        ],
        "lines": [
            "The event does not fit the pattern.",
            '  yes: a is "x", as it should be.',
            '  no: b is 2, which does not fit {"numeric": [">", 3]}.',
        ],
    }


def test_reasons_are_told_in_korean_when_asked() -> None:
    lines = [{"pattern": {"a": ["x"]}, "event": {"a": "y"}}, "?"]

    _, [answer, error] = bongsu("explain", "--language", "ko", lines=lines)

    assert answer["lines"][0] == "이벤트가 패턴에 맞지 않습니다."
    assert "JSON이 아닙니다" in error["error"]


def test_a_call_that_makes_no_sense_ends_with_status_two() -> None:
    assert bongsu("test", "--nonsense", lines=[])[0] == 2
    assert bongsu("nonsense", lines=[])[0] == 2
    assert bongsu("test", "--language", "fr", lines=[])[0] == 2


def test_no_input_is_no_output() -> None:
    assert bongsu("test", lines=[]) == (0, [])


def test_the_command_imports_no_server_code() -> None:
    code = f"import sys, bongsu.rules.commands; print([m for m in {SERVER!r} if m in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
