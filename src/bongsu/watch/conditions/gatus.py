"""`compat="gatus"`: conditions as Gatus v5.36.0 judges and prints them, its quirks included.

Everything is text there: operands become text, and only then are compared. So a reply that reads
`pat(*)` is taken for a pattern, what is no number counts as 0, and fractions are cut off.
"""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bongsu.watch.conditions.faults import not_gatus
from bongsu.watch.conditions.gatus_operands import INVALID, Operand, compile_operand
from bongsu.watch.conditions.glob import BadPattern, compile_glob
from bongsu.watch.conditions.golang import (
    SPACE,
    byte_length,
    format_expiry,
    parse_duration_ns,
    parse_float,
    parse_int,
    to_int64,
    truncate_ms,
)
from bongsu.watch.conditions.regex import TooCostly
from bongsu.watch.conditions.result import ConditionResult, printable
from bongsu.watch.conditions.verdicts import Compiled

_NUMERIC = {"<=": operator.le, ">=": operator.ge, ">": operator.gt, "<": operator.lt}
_OPERATORS = ("==", "!=", *_NUMERIC)  # looked for in this order, anywhere in the text
_EXPIRIES = ("[CERTIFICATE_EXPIRATION]", "[DOMAIN_EXPIRATION]")
_CUT_CHARS = 25
_PATTERN_LIMIT_CHARS = 4000  # of a pattern that came in a reply


def compile_gatus(text: str) -> Compiled:
    """Raises Invalid where Gatus refuses the condition."""
    for sign in _OPERATORS:
        if f" {sign} " in text:
            # Gatus splits at every such operator and drops all but the first two parts.
            left, right = (
                compile_operand(part.strip(SPACE)) for part in text.split(f" {sign} ")[:2]
            )
            sort = _Numeric if sign in _NUMERIC else _Equality
            comparison = sort(sign, left, right)
            return Compiled(comparison.test, comparison.show, left.needs | right.needs)
    raise not_gatus(text)


@dataclass(frozen=True, slots=True)
class _Equality:
    sign: str
    left: Operand
    right: Operand

    def test(self, result: ConditionResult, _now: object) -> bool:
        equal = is_equal(self.left.resolve(result), self.right.resolve(result))
        return equal is (self.sign == "==")

    def show(self, result: ConditionResult, _now: object) -> str:
        sides = (self.left.resolve(result), self.right.resolve(result))
        return _pretty(self.sign, (self.left.text, self.right.text), sides)


@dataclass(frozen=True, slots=True)
class _Numeric:
    sign: str
    left: Operand
    right: Operand

    def test(self, result: ConditionResult, _now: object) -> bool:
        left, right = _number(self.left.resolve(result)), _number(self.right.resolve(result))
        return bool(_NUMERIC[self.sign](left, right))

    def show(self, result: ConditionResult, _now: object) -> str:
        sides = [_numeric_text(side, result) for side in (self.left, self.right)]
        return _pretty(self.sign, (self.left.text, self.right.text), sides)


def _number(text: str) -> int:
    duration_ns = parse_duration_ns(text)
    if duration_ns:
        return truncate_ms(duration_ns)
    whole = parse_int(text)
    if whole is not None:
        return whole
    value = parse_float(text)
    return 0 if value is None else to_int64(value)


def _numeric_text(operand: Operand, result: ConditionResult) -> str:
    number = _number(operand.resolve(result))
    if operand.text in _EXPIRIES or parse_duration_ns(operand.text) is not None:
        return format_expiry(number)
    return str(number)


def is_equal(first: str, second: str) -> bool:
    """Either may be a pattern or a list of choices, wherever it came from."""
    closes = first.endswith(")"), second.endswith(")")
    if closes[0] or closes[1]:
        first, first_wraps = _unwrap(first, "pat(", closes[0])
        second, second_wraps = _unwrap(second, "pat(", closes[1])
        if first_wraps != second_wraps:
            return _matches(first, second) if first_wraps else _matches(second, first)
        first, first_wraps = _unwrap(first, "any(", closes[0])
        second, second_wraps = _unwrap(second, "any(", closes[1])
        if first_wraps != second_wraps:
            options, value = (first, second) if first_wraps else (second, first)
            return any(option.strip(SPACE) == value for option in options.split(","))
    first_int = parse_int(first)
    second_int = parse_int(second) if first_int is not None else None
    return first == second if second_int is None else first_int == second_int


def _unwrap(text: str, prefix: str, closes: bool) -> tuple[str, bool]:
    if closes and text.startswith(prefix):
        return text[len(prefix) :].removesuffix(")"), True
    return text, False


def _matches(pattern: str, text: str) -> bool:
    return len(pattern) <= _PATTERN_LIMIT_CHARS and _compile_glob(pattern)(text)


@lru_cache(maxsize=4096)
def _compile_glob(pattern: str) -> Callable[[str], bool]:
    """A pattern that is not well formed, or not affordable, matches nothing."""
    try:
        return compile_glob(pattern, bytewise=True)
    except (BadPattern, TooCostly):
        return _never


def _never(_text: str) -> bool:
    return False


def _pretty(sign: str, written: Sequence[str], seen: Sequence[str]) -> str:
    left, right = seen
    if _is_pattern(written[0]):
        right = _cut(right)
    if _is_pattern(written[1]):
        left = _cut(left)
    return printable(f"{_side(written[0], left)} {sign} {_side(written[1], right)}")


def _is_pattern(text: str) -> bool:
    return text.startswith("pat(") and text.endswith(")")


def _cut(text: str) -> str:
    """Measured in bytes, cut in characters."""
    return f"{text[:_CUT_CHARS]}...(truncated)" if byte_length(text) > _CUT_CHARS else text


def _side(written: str, seen: str) -> str:
    if seen == written:
        return written
    return seen if seen == written + INVALID else f"{written} ({seen})"
