"""Scalars: types stay apart, numbers are compared as binary64 or by their digits."""

import pytest

from bongsu.events.pattern import compile_pattern, parse_json
from bongsu.events.pattern.json_text import Twice
from bongsu.events.pattern.values import Digits, number_of, shown, token_of
from bongsu.kit.errors import Invalid


def test_one_true_and_one_point_zero_stay_apart_in_a_set() -> None:
    tokens = {token_of(value) for value in (1, 1.0, True, "1", None, False, 0)}

    assert len(tokens) == 6  # 1 and 1.0 are the same number


@pytest.mark.parametrize("value", [2**53, -(2**53), 10**22, 10**23, 2**53 + 2])
def test_an_integer_that_binary64_holds_is_a_number(value: int) -> None:
    assert token_of(value) == float(value)


@pytest.mark.parametrize("value", [2**53 + 1, -(2**53) - 1, 2**60, 10**400])
def test_an_integer_that_binary64_would_change_is_its_digits(value: int) -> None:
    assert token_of(value) == Digits(str(value))
    assert shown(token_of(value)) == value


@pytest.mark.parametrize(
    "text", ["0.1000000000000000055", "1e400", "-1e400", "1e-400", "1e-9999999999999999999"]
)
def test_a_fraction_that_binary64_would_change_is_its_digits(text: str) -> None:
    assert number_of(text) == Digits(text)


@pytest.mark.parametrize(
    ("text", "value"), [("0.1", 0.1), ("1e2", 100.0), ("-0.0", 0.0), ("5e-324", 5e-324)]
)
def test_an_ordinary_fraction_is_a_float(text: str, value: float) -> None:
    assert number_of(text) == value


def test_infinity_in_a_python_event_is_no_number() -> None:
    pattern = compile_pattern({"a": [{"numeric": [">", 0]}]})

    assert not pattern.matches({"a": float("inf")})
    assert not pattern.matches({"a": float("nan")})


def test_what_json_does_not_have_is_refused_loudly() -> None:
    pattern = compile_pattern({"a": ["x"]})

    with pytest.raises(TypeError, match="not set"):
        pattern.matches({"a": {1, 2}})


def test_tuples_are_lists() -> None:
    assert compile_pattern({"a": ["x"]}).matches({"a": ("y", "x")})


def test_parse_keeps_big_integers_and_remembers_repeated_keys() -> None:
    parsed = parse_json('{"n": 9007199254740993, "k": 1, "k": 2, "x": 1.5}')

    assert parsed == {"n": 2**53 + 1, "k": 2, "x": 1.5}
    assert isinstance(parsed, Twice)
    assert parsed.repeated() == ["k"]


def test_an_integer_longer_than_python_reads_is_its_digits() -> None:
    digits = "9" * 5000

    assert parse_json(digits) == Digits(digits)
    assert compile_pattern('{"a": [' + digits + "]}").matches(parse_json('{"a": ' + digits + "}"))


def test_json_nested_beyond_reason_is_refused() -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        parse_json("[" * 100_000)
