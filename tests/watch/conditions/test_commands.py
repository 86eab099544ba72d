import io
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from bongsu.watch import condition_commands
from bongsu.watch.conditions.condition import Compat

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def ask(*documents: Any, compat: Compat = "bongsu", language: str = "en") -> list[dict[str, Any]]:
    lines = [d if isinstance(d, bytes) else json.dumps(d).encode() for d in documents]
    answers = condition_commands.answers(io.BytesIO(b"\n".join(lines)), compat, language, NOW)
    return [json.loads(answer) for answer in answers]


def test_each_line_is_answered_in_order_and_a_bad_one_stops_nothing() -> None:
    answers = ask(
        {"condition": "[STATUS] == 200", "result": {"status": 500}},
        b"not json",
        {"condition": "[STATUS] = 200"},
        b"",
        b"\xff\xfe",
        {"condition": "[CONNECTED] == true", "result": {"connected": True}},
    )

    assert {"ok": False, "text": "[STATUS] (500) == 200"} == answers[0]
    assert "not a JSON object" in answers[1]["error"]
    assert "Write [STATUS] == 200" in answers[2]["error"]
    assert "not a JSON object" in answers[3]["error"]
    assert {"ok": True, "text": "[CONNECTED] == true"} == answers[4]
    assert len(answers) == 5


def test_every_field_of_a_result_is_optional_and_used() -> None:
    result = {
        "status": 200,
        "ip": "192.0.2.1",
        "connected": True,
        "duration_ms": 12.75,
        "certificate_expiration_ms": 86_400_000,
        "domain_expiration_ms": 86_400_000.0,
        "dns_rcode": "NOERROR",
        "headers": {"Server": "nginx", "Vary": ["a", "b"], "Age": 7},
        "body": {"n": 12345678901234567890, "f": 1.50},
        "context": {"user": "hana", "limit": 0.5, "list": [0.25]},
    }
    conditions = [
        "[STATUS] == 200",
        "[IP] == 192.0.2.1",
        "[CONNECTED] == true",
        "[RESPONSE_TIME] == 12",
        "[CERTIFICATE_EXPIRATION] == 1d",
        "[DOMAIN_EXPIRATION] == 24h",
        "[DNS_RCODE] == NOERROR",
        '[HEADER].Vary == "a, b" and [HEADER].age == 7',
        "[BODY].n == 12345678901234567890 and [BODY].f == 1.5",
        "[CONTEXT].user == hana and [CONTEXT].limit == 0.5 and [CONTEXT].list[0] < 1",
    ]

    with_all = ask(*({"condition": text, "result": result} for text in conditions))
    with_none = ask(
        *({"condition": text} for text in conditions),
        {"condition": "[STATUS] == 0", "result": None},
    )

    assert [{"ok": True, "text": text} for text in conditions] == with_all
    assert [False] * len(conditions) + [True] == [answer["ok"] for answer in with_none]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("plain", "plain"),
        ('{"a": 1}', '{"a": 1}'),
        ({"b": 1, "a": [True, None]}, '{"b":1,"a":[true,null]}'),
        ([1, "x"], '[1,"x"]'),
        (7, "7"),
        (1.5, "1.5"),
        (None, "null"),
        ("\ud800", "\ufffd"),
    ],
)
def test_a_body_is_a_text_or_any_json(body: Any, text: str) -> None:
    [answer] = ask({"condition": "[BODY] == -", "result": {"body": body}})

    assert f"[BODY] ({text}) == -" == answer["text"]


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"result": {}}, "condition must be a text"),
        ({"condition": 5}, "condition must be a text"),
        ({"condition": "[STATUS] == 1", "result": []}, None),
        ({"condition": "[STATUS] == 1", "result": [1]}, "result must be an object"),
        ({"condition": "[STATUS] == 1", "result": {"code": 1}}, "no field code"),
        (
            {"condition": "[STATUS] == 1", "result": {"status": "200"}},
            "status must be a whole number",
        ),
        (
            {"condition": "[STATUS] == 1", "result": {"status": True}},
            "status must be a whole number",
        ),
        (
            {"condition": "[STATUS] == 1", "result": {"duration_ms": "1"}},
            "duration_ms must be a number",
        ),
        (
            {"condition": "[STATUS] == 1", "result": {"connected": 1}},
            "connected must be true or false",
        ),
        ({"condition": "[STATUS] == 1", "result": {"ip": 1}}, "ip must be a text"),
        ({"condition": "[STATUS] == 1", "result": {"headers": 1}}, "headers must be an object or"),
        (
            {"condition": "[STATUS] == 1", "result": {"headers": ["a"]}},
            "headers must be an object or",
        ),
        ({"condition": "[STATUS] == 1", "result": {"context": [1]}}, "context must be an object"),
        (
            b'{"condition": "[STATUS] == 1", "result": {"status": 1e999}}',
            "status must be a whole number",
        ),
        (b'{"condition": "[STATUS] == 1", "result": {"duration_ms": NaN}}', "not a JSON object"),
        (
            b'{"condition": "[STATUS] == 1", "result": {"body": ' + b"[" * 700 + b"]" * 700 + b"}}",
            "nested too deeply",
        ),
        (b"[" * 100_000, "not a JSON object"),
    ],
)
def test_what_is_wrong_with_a_line_is_told(document: Any, told: str | None) -> None:
    [answer] = ask(document)

    if told is None:
        assert answer["ok"] is False
    else:
        assert told in answer["error"]


def test_gatus_compat_answers_in_gatus_s_words() -> None:
    answers = ask(
        {"condition": "[RESPONSE_TIME] > potato", "result": {"duration_ms": 1}},
        {"condition": "[STATUS]==200"},
        compat="gatus",
    )

    assert [
        {"ok": True, "text": "[RESPONSE_TIME] > potato"},
        {"error": "invalid condition: [STATUS]==200"},
    ] == answers


def test_errors_are_in_the_callers_language() -> None:
    [answer] = ask({"condition": "[STATUS] = 200"}, language="ko")

    assert "이렇게 쓰세요: [STATUS] == 200" in answer["error"]


def test_age_counts_from_the_time_of_the_call() -> None:
    [answer] = ask({"condition": "age([BODY]) < 1h", "result": {"body": "2026-11-21T07:00:00Z"}})

    assert {"ok": False, "text": "age([BODY]) (2h) < 1h"} == answer


def test_an_endless_line_is_refused_and_the_next_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(condition_commands, "LINE_LIMIT_BYTES", 64)

    answers = ask(b"x" * 1000, {"condition": "[STATUS] == 0"}, b"y" * 64)

    assert "longer than 64 bytes" in answers[0]["error"]
    assert answers[1]["ok"] is True
    assert "longer than 64 bytes" in answers[2]["error"]


def test_the_command_works_as_a_program_and_answers_line_by_line() -> None:
    command = [sys.executable, "-m", "bongsu", "conditions", "test", "--compat", "gatus"]
    environment = os.environ | {"LC_ALL": "C.UTF-8"}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        for status, ok in ((200, True), (500, False)):
            document = {"condition": "[STATUS] == 200", "result": {"status": status}}
            program.stdin.write(json.dumps(document).encode() + b"\n")
            program.stdin.flush()
            assert json.loads(program.stdout.readline())["ok"] is ok
        program.stdin.close()

        assert program.wait(timeout=30) == 0


def test_the_command_imports_no_server_code() -> None:
    code = "import sys, bongsu.watch.condition_commands; print(*sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    modules = set(done.stdout.split())
    assert not modules & {"sqlalchemy", "fastapi", "boto3", "pycurl", "pydantic", "re2"}
    assert "bongsu.watch.conditions" in modules
