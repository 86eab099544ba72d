"""JSON scalars as patterns compare them: strictly by type, numbers as binary64 or by their digits.

A *token* is a scalar made safe for sets and dictionaries, where Python would take `True`, `1` and `1.0`
for one: a string or a comparable number stays itself, `true`, `false` and `null` are words of their
own, and a number that binary64 cannot hold is its digits (docs/adr/0012).
"""

import math
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

EXACT_INTEGER_LIMIT = 2**53  # every integer up to here is a binary64 number
INTEGER_DIGITS_LIMIT = 4000  # Python refuses to read or write integers not much longer


class Word:
    """`true`, `false` or `null`; compared by identity."""

    __slots__ = ("value",)

    def __init__(self, value: bool | None) -> None:
        self.value = value


TRUE, FALSE, NULL = Word(True), Word(False), Word(None)


@dataclass(frozen=True, slots=True)
class Digits:
    """A number that binary64 would change: equal only to the same digits, greater or less than nothing."""

    text: str

    def __str__(self) -> str:
        return self.text


Token = str | int | float | Word | Digits


def token_of(value: Any) -> Token:
    """Raises TypeError for what JSON does not have; objects and lists are not scalars."""
    if isinstance(value, str | Digits):
        return value
    if value is None:
        return NULL
    if isinstance(value, bool):
        return TRUE if value else FALSE
    if isinstance(value, int):
        return value if abs(value) <= EXACT_INTEGER_LIMIT else _large(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else Digits(repr(value))
    raise TypeError(f"an event holds JSON values only, not {type(value).__name__}")


def _large(value: int) -> Token:
    """An integer beyond 2**53 is a number where its shortest binary64 form has the same value."""
    try:
        number = float(value)
    except OverflowError:
        return Digits(str(value))
    return number if Decimal(repr(number)) == value else Digits(str(value))


def number_of(text: str) -> int | float | Digits:
    """A JSON number from its text, nothing lost: an int stays whole, a fraction that would change
    is kept as digits.
    """
    number = float(text)
    try:
        kept = math.isfinite(number) and Decimal(repr(number)) == Decimal(text)
    except InvalidOperation:  # an exponent of nineteen digits
        kept = False
    return number if kept else Digits(text)


def is_number(token: Token) -> bool:
    """Whether it can be compared as a number; `Digits` cannot."""
    return isinstance(token, int | float)


def shown(token: Token) -> Any:
    """The JSON value again, for people and for JSON output."""
    if isinstance(token, Word):
        return token.value
    if isinstance(token, Digits):
        whole = len(token.text) <= INTEGER_DIGITS_LIMIT and token.text.lstrip("-").isdigit()
        return int(token.text) if whole else token.text  # text where JSON writers would round it
    return token
