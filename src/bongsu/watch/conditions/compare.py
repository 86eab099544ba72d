"""Compares two operands: equal by number where one is a number, greater or less by number only.

A value that is missing equals nothing and is neither greater nor less than anything; so `!=` holds for it.
"""

import operator
from collections.abc import Callable
from typing import Any

from bongsu.watch.conditions.exact import (
    Number,
    duration_ms,
    format_duration,
    number_of,
    quantity_of,
    typed_number,
)
from bongsu.watch.conditions.golang import whole_number
from bongsu.watch.conditions.grammar import Choice, Comparison, Match
from bongsu.watch.conditions.render import text_of
from bongsu.watch.conditions.result import MISSING, ConditionResult
from bongsu.watch.conditions.values import Seen, compile_value
from bongsu.watch.conditions.verdicts import Compiled, Now

_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_BESIDE_PATTERN_CHARS = 25
_NOT_A_NUMBER = "NOT A NUMBER"


def compile_comparison(comparison: Comparison) -> Compiled:
    other = comparison.other
    if isinstance(other, Match):
        return _matching(comparison, other)
    if isinstance(other, Choice):
        return _choosing(comparison, other)
    left, right = compile_value(comparison.value), compile_value(other)
    if comparison.sign in _ORDERS:
        return _ordering(comparison.sign, left, right)
    return _equality(comparison.sign, left, right)


def _equality(sign: str, left: Seen, right: Seen) -> Compiled:
    wanted, same = sign == "==", _same(left, right)
    left_get, right_get = left.get, right.get

    def test(result: ConditionResult, now: Now) -> bool:
        return same(left_get(result, now), right_get(result, now)) is wanted

    def show(result: ConditionResult, now: Now) -> str:
        return f"{left.show(left_get(result, now))} {sign} {right.show(right_get(result, now))}"

    return Compiled(test, show, left.needs | right.needs)


def _matching(comparison: Comparison, pattern: Match) -> Compiled:
    seen, wanted = compile_value(comparison.value), comparison.sign == "=="
    get, matches = seen.get, pattern.matches

    def test(result: ConditionResult, now: Now) -> bool:
        value = get(result, now)
        return (value is not MISSING and matches(text_of(value))) is wanted

    def show(result: ConditionResult, now: Now) -> str:
        return _sides(comparison, seen.show(get(result, now), _BESIDE_PATTERN_CHARS))

    return Compiled(test, show, seen.needs)


def _choosing(comparison: Comparison, choice: Choice) -> Compiled:
    seen, wanted = compile_value(comparison.value), comparison.sign == "=="
    options = [compile_value(option) for option in choice.options]
    choices = [(_same(seen, option), option.get) for option in options]
    get = seen.get

    def test(result: ConditionResult, now: Now) -> bool:
        value = get(result, now)
        return any(same(value, option(result, now)) for same, option in choices) is wanted

    def show(result: ConditionResult, now: Now) -> str:
        return _sides(comparison, seen.show(get(result, now)))

    return Compiled(test, show, seen.needs.union(*(option.needs for option in options)))


def _sides(comparison: Comparison, value: str) -> str:
    pattern, sign = comparison.other.text, comparison.sign
    return f"{pattern} {sign} {value}" if comparison.flipped else f"{value} {sign} {pattern}"


def _ordering(sign: str, left: Seen, right: Seen) -> Compiled:
    order, left_quantity, right_quantity = _ORDERS[sign], _quantity(left), _quantity(right)

    def test(result: ConditionResult, now: Now) -> bool:
        a, b = left_quantity(result, now), right_quantity(result, now)
        return a is not None and b is not None and order(a, b)

    def show(result: ConditionResult, now: Now) -> str:
        sides = (_show_quantity(side, side.get(result, now)) for side in (left, right))
        return f" {sign} ".join(sides)

    return Compiled(test, show, left.needs | right.needs)


def _quantity(side: Seen) -> Callable[[ConditionResult, Now], Number | None]:
    get = side.get
    if side.is_literal:
        constant = quantity_of(get(ConditionResult(), None))
        return lambda _result, _now: constant
    return lambda result, now: quantity_of(get(result, now))


def _show_quantity(side: Seen, value: Any) -> str:
    if value is MISSING or quantity_of(value) is not None:
        return side.show(
            format_duration(value) if side.is_length and value is not MISSING else value
        )
    return side.show(value, note=_NOT_A_NUMBER)


def _same(left: Seen, right: Seen) -> Callable[[Any, Any], bool]:
    """Equality fit for the two sides; a literal is looked at once, here."""
    if left.is_text or right.is_text:
        return _same_text
    is_ms = left.is_ms or right.is_ms
    if right.is_literal and not left.is_literal:
        same = _same_as_literal(right.text, is_ms)
        return lambda value, _literal: same(value)
    if left.is_literal and not right.is_literal:
        same = _same_as_literal(left.text, is_ms)
        return lambda _literal, value: same(value)
    return lambda a, b: a is not MISSING and _same_as_literal_or_value(a, b, is_ms)


def _same_text(a: Any, b: Any) -> bool:
    return a is not MISSING and b is not MISSING and text_of(a) == text_of(b)


def _same_as_literal(literal: str, is_ms: bool) -> Callable[[Any], bool]:
    number, whole = _read_number(literal, is_ms), whole_number(literal)

    def same(value: Any) -> bool:
        if type(value) is str:
            other = None if whole is None else whole_number(value)
            return value == literal if other is None else whole == other
        if value is MISSING:
            return False
        typed = typed_number(value)
        if typed is None or number is None:
            return text_of(value, len(literal) + 1) == literal
        return typed == number

    return same


def _same_as_literal_or_value(a: Any, b: Any, is_ms: bool) -> bool:
    if type(a) is str:
        return _same_as_literal(a, is_ms)(b)
    if type(b) is str:
        return _same_as_literal(b, is_ms)(a)
    x, y = typed_number(a), typed_number(b)
    return _same_text(a, b) if x is None or y is None else x == y


def _read_number(text: str, is_ms: bool) -> Number | None:
    number = number_of(text)
    return duration_ms(text) if number is None and is_ms else number
