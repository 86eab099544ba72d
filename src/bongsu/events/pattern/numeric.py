"""`{"numeric": [">=", 0, "<", 5]}`: one sign and number, or a lower bound and then an upper one."""

from typing import Any

from bongsu.events.pattern.matchers import Exact, Matcher, Range
from bongsu.events.pattern.operands import SHOWN_LIMIT, Wrong, kind_of
from bongsu.events.pattern.values import Digits, token_of
from bongsu.kit.i18n import say
from bongsu.kit.text import head

_UPPER = {"<": True, "<=": False}
_LOWER = {">": True, ">=": False}
_NUMERIC_TODO = say('Write ["=", 5], ["<", 5] or, lower bound first, [">=", 0, "<", 5].')


def numeric_of(shown: Any, operand: Any) -> Matcher:
    """Of `["=", 5]` or of one bound or two, such as `[">", 0, "<=", 5]`. Raises Wrong."""
    if not isinstance(operand, list) or not operand:
        raise Wrong(say('numeric takes a list such as [">", 5].'), _NUMERIC_TODO)
    signs, numbers = operand[0::2], operand[1::2]
    if not all(isinstance(sign, str) for sign in signs) or len(signs) != len(numbers):
        raise Wrong(say("numeric takes a sign, then a number, in turn."), _NUMERIC_TODO)
    bounds = [number_operand(number) for number in numbers]
    if signs == ["="]:
        return Exact(shown, bounds[0])
    if len(signs) == 1 and signs[0] in _UPPER:
        return Range(shown, float("-inf"), False, bounds[0], _UPPER[signs[0]])
    if len(signs) == 1 and signs[0] in _LOWER:
        return Range(shown, bounds[0], _LOWER[signs[0]], float("inf"), False)
    if len(signs) == 2 and signs[0] in _LOWER and signs[1] in _UPPER:
        return _between(shown, signs, bounds)
    raise Wrong(
        say("numeric does not know {signs}.", signs=head(" ".join(signs), SHOWN_LIMIT)),
        _NUMERIC_TODO,
    )


def _between(shown: Any, signs: list[str], bounds: list[float]) -> Matcher:
    low, high = bounds
    if low >= high:
        raise Wrong(
            say("The lower bound {low} is not below the upper bound {high}.", low=low, high=high),
            say('For one number write ["=", {low}].', low=low),
        )
    return Range(shown, low, _LOWER[signs[0]], high, _UPPER[signs[1]])


def number_operand(value: Any) -> float:
    """A number that can be compared. Raises Wrong."""
    if isinstance(value, bool) or not isinstance(value, int | float | Digits):
        raise Wrong(say("A bound is a number, not {given}.", given=kind_of(value)), _NUMERIC_TODO)
    token = token_of(value)
    if isinstance(token, int | float):
        return token
    raise Wrong(
        say(
            "{number} cannot be compared: a 64-bit number does not hold it.",
            number=head(str(token), SHOWN_LIMIT),
        ),
        say("To match exactly this number write it in the list without numeric."),
    )
