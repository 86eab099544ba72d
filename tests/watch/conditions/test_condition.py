"""Compiling, evaluating and what a probe must fetch; times, formats and big replies."""

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, timedelta

import pytest

from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import Said
from bongsu.watch.conditions import ConditionResult, compile_condition, needs
from bongsu.watch.model import Outcome

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def outcome(text: str, result: ConditionResult, now: datetime | None = None) -> Outcome:
    return compile_condition(text).evaluate(result, now)


def test_an_outcome_holds_the_condition_and_the_values_seen() -> None:
    seen = outcome("[STATUS] == 200", ConditionResult(status=500))

    assert Outcome("[STATUS] == 200", False, "[STATUS] (500) == 200") == seen


def test_an_error_names_the_column_and_what_to_write_in_both_languages() -> None:
    with pytest.raises(Invalid) as caught:
        compile_condition("[STATUS] = 200")

    [problem] = caught.value.problems
    assert "[STATUS] = 200: Column 10: “=” is not known here. Write [STATUS] == 200." == problem.to(
        "en"
    )
    assert "10번째 글자" in problem.to("ko")
    assert "이렇게 쓰세요: [STATUS] == 200" in problem.to("ko")
    assert caught.value.said.to("ko") == Said.load(caught.value.said.stored()).to("ko")


def test_gatus_compat_refuses_in_gatus_s_words_and_adds_help() -> None:
    with pytest.raises(Invalid) as caught:
        compile_condition("[STATUS]==200", "gatus")

    assert "invalid condition: [STATUS]==200" == str(caught.value)
    assert "[STATUS] == 200" in caught.value.problems[0].to("en")


def test_a_long_condition_is_cut_in_its_own_error() -> None:
    with pytest.raises(Invalid) as caught:
        compile_condition("[STATUS] = " + "x" * 1900)

    assert len(caught.value.problems[0].where) == 200


@pytest.mark.parametrize("compat", [None, "gatus"])
def test_half_a_character_is_refused(compat: str | None) -> None:
    with pytest.raises(Invalid, match="column 11: Half a character"):
        compile_condition("[BODY] == \ud800", compat)  # type: ignore[arg-type]


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(Invalid, match="no language nagios"):
        compile_condition("[STATUS] == 200", "nagios")  # type: ignore[arg-type]


def test_compiled_conditions_and_results_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        compile_condition("[STATUS] == 200").text = ""  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        ConditionResult().status = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("[STATUS] == 200", set()),
        ("[CONNECTED] == true and [IP] == pat(10.*) and [RESPONSE_TIME] < 1s", set()),
        ("[BODY] == pat(*ok*)", {"body"}),
        ("[body].a == 1", {"body"}),
        ("len([BODY].items) > 3", {"body"}),
        ("[STATUS] == any(200, [BODY].code)", {"body"}),
        ("[CERTIFICATE_EXPIRATION] > 14d", {"certificate"}),
        ("48h < [DOMAIN_EXPIRATION]", {"domain"}),
        ("has([HEADER].Server) == true or [BODY] == ok", {"headers", "body"}),
        ('[STATUS] == "[BODY]"', set()),
    ],
)
def test_a_condition_knows_what_a_probe_must_fetch_for_it(text: str, wanted: set[str]) -> None:
    assert wanted == compile_condition(text).needs


def test_gatus_conditions_know_it_too() -> None:
    texts = (
        "[STATUS] == 200",
        "has([body].a) == true",
        "[CERTIFICATE_EXPIRATION] > 48h",
        "len([DOMAIN_EXPIRATION]) > 1",
    )

    found = [compile_condition(text, "gatus").needs for text in texts]

    assert [set(), {"body"}, {"certificate"}, {"domain"}] == found


def test_the_needs_of_a_list_are_those_of_all() -> None:
    conditions = [
        compile_condition(t)
        for t in ("[BODY] == ok", "[CERTIFICATE_EXPIRATION] > 14d", "[STATUS] == 200")
    ]

    assert {"body", "certificate"} == needs(conditions)
    assert frozenset() == needs([])


def test_the_body_is_parsed_once_for_all_conditions() -> None:
    result = ConditionResult(body=b'{"a": [1, 2.50]}')

    assert result.json is result.json
    assert result.go_json is result.go_json
    assert [result.json, result.go_json] == [{"a": [1, "2.50"]}, {"a": [1.0, 2.5]}]


@pytest.mark.parametrize(
    ("written", "age"),
    [
        ("2026-11-21T08:00:00Z", "1h"),
        ("2026-11-21T08:00:00.5Z", "59m59s"),
        ("2026-11-21 17:59:30+09:00", "30s"),
        ("Sat, 21 Nov 2026 07:00:00 GMT", "2h"),
        ("1795248000", "1h"),
        ("1795248000.0", "1h"),
        ("1795248000000", "1h"),
        ("2026-11-21T09:00:01Z", "-1s"),
    ],
)
def test_age_counts_from_now(written: str, age: str) -> None:
    result = ConditionResult(headers={"Last-Modified": written})

    assert outcome("age([HEADER].Last-Modified) > 9999h", result, NOW).text == (
        f"age([HEADER].Last-Modified) ({age}) > 9999h"
    )


@pytest.mark.parametrize(
    "written",
    [
        "",
        "yesterday",
        "2026-11-21T09:00:00",
        "2026-02-31T09:00:00Z",
        "Sat, 21 Nox 2026 07:00:00 GMT",
        "-1",
        "Sat, 31 Feb 2026 07:00:00 GMT",
    ],
)
def test_what_is_no_time_has_no_age(written: str) -> None:
    result = ConditionResult(headers=[("Last-Modified", written)])

    seen = outcome("age([HEADER].Last-Modified) < 1h", result, NOW)

    assert "age([HEADER].Last-Modified) (INVALID) < 1h" == seen.text


def test_without_now_and_without_a_value_no_age_is_known() -> None:
    result = ConditionResult(body=b'{"at": "2026-11-21T08:00:00Z"}')

    assert "age([BODY].at) (INVALID) < 2h" == outcome("age([BODY].at) < 2h", result).text
    assert "age([BODY].on) (INVALID) < 2h" == outcome("age([BODY].on) < 2h", result, NOW).text
    assert outcome("age([BODY].at) < 2h", result, NOW).ok


def test_age_is_older_an_hour_later() -> None:
    condition = compile_condition("age([BODY]) < 90m")
    result = ConditionResult(body=b"2026-11-21T08:00:00Z\n")

    assert condition.evaluate(result, NOW).ok
    assert not condition.evaluate(result, NOW + timedelta(hours=1)).ok


def test_a_long_value_is_cut_in_the_text() -> None:
    seen = outcome("[BODY] == ok", ConditionResult(body=b"x" * 10_000))

    assert f"[BODY] ({'x' * 500}...(truncated)) == ok" == seen.text


def test_gatus_compat_shows_the_whole_body_and_odd_bytes_as_gatus_does() -> None:
    seen = compile_condition("[BODY] == ok", "gatus").evaluate(
        ConditionResult(body=b"\xffa\xe2\x82" + b"x" * 600)
    )

    assert f"[BODY] (\ufffda\ufffd\ufffd{'x' * 600}) == ok" == seen.text


@pytest.mark.parametrize("compat", [None, "gatus"])
@pytest.mark.parametrize("depth", [100, 400, 600, 900, 100_000])
def test_deep_json_is_answered_or_invalid_but_never_a_crash(depth: int, compat: str | None) -> None:
    condition = compile_condition("[BODY].a == 1", compat)  # type: ignore[arg-type]
    body = b'{"a":' + b"[" * depth + b"]" * depth + b"}"

    seen = condition.evaluate(ConditionResult(body=body))

    assert not seen.ok
    assert seen.text.startswith("[BODY].a ")


def test_deep_objects_that_can_be_read_but_not_written_are_invalid() -> None:
    body = b'{"a":' * 480 + b"1" + b"}" * 480

    seen = compile_condition("[BODY].a == 1").evaluate(ConditionResult(body=body))

    assert not seen.ok


def test_duration_that_is_no_number_counts_as_zero() -> None:
    assert outcome("[RESPONSE_TIME] == 0", ConditionResult(duration_ms=float("nan"))).ok


def test_a_reply_may_not_make_gatus_compile_a_huge_pattern() -> None:
    condition = compile_condition("[BODY] == x", "gatus")

    assert not condition.evaluate(ConditionResult(body=b"pat(" + b"*" * 5000 + b")")).ok
    assert not condition.evaluate(ConditionResult(body=b"pat(" + b"[^a]" * 900 + b")")).ok
    assert not condition.evaluate(ConditionResult(body=b"pat([)")).ok


def test_context_values_of_other_kinds_are_compared_as_they_are() -> None:
    context = {"f": 1.5, "big": 10**30, "nan": float("nan"), "t": (1, 2)}

    texts = (
        "[CONTEXT].f == 1.50",
        "[CONTEXT].big > 1e29",
        "[CONTEXT].nan != 1",
        "[CONTEXT].t[1] == 2",
    )

    assert all(outcome(text, ConditionResult(context=context)).ok for text in texts)
    assert (
        "[CONTEXT].nan (NaN, NOT A NUMBER) > 1"
        == outcome("[CONTEXT].nan > 1", ConditionResult(context=context)).text
    )


@pytest.mark.parametrize(
    ("body", "text", "ok"),
    [
        (b'{"n": 1e99999999999999999999}', "[BODY].n > 1", False),
        (b'{"n": ' + b"9" * 5000 + b"}", "has([BODY].n) == false", True),
        (b'{"n": ' + b"9" * 4000 + b"}", "[BODY].n > 1", True),
        (b'{"n": 1e999999}', "[BODY].n > 12345678901234567890", True),
        (b'{"d": "1h1h"}', "[BODY].d > 119m", True),
        (b'{"d": "0.5d"}', "[BODY].d == 0.5d", True),
        (b'{"d": "-.5h"}', "[BODY].d < -29m", True),
        (b'{"d": "5"}', "[BODY].d < 6ms", True),
        (b'{"d": "' + b"1" * 101 + b's"}', "[BODY].d > 1", False),
    ],
)
def test_extreme_numbers_are_exact_or_none(body: bytes, text: str, ok: bool) -> None:
    assert ok is outcome(text, ConditionResult(body=body)).ok
