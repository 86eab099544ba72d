"""Numbers and durations without loss: whole numbers of any size, decimals as they are written."""

import re
from decimal import Context, Decimal, InvalidOperation
from math import isfinite
from typing import Any

from bongsu.watch.conditions.golang import is_decimal, whole_number
from bongsu.watch.conditions.render import JsonNumber

Number = int | Decimal

_UNIT_MS = {
    "ns": Decimal("0.000001"),
    "us": Decimal("0.001"),
    "µs": Decimal("0.001"),
    "μs": Decimal("0.001"),
    "ms": Decimal(1),
    "s": Decimal(1000),
    "m": Decimal(60_000),
    "h": Decimal(3_600_000),
    "d": Decimal(86_400_000),
    "w": Decimal(604_800_000),
}
_DURATION = re.compile(
    r"[+-]?(?:(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:ns|us|µs|μs|ms|[smhdw]))+"
)
_PART = re.compile(r"([0-9]*\.?[0-9]*)([^0-9.]+)")
_WIDE = Context(prec=200)
_LONGEST_DURATION_CHARS = 100


def number_of(text: str) -> Number | None:
    """`42`, `0x2A`, `-1.50`, `6e23`, `1_000`; None for anything else."""
    whole = whole_number(text)
    if whole is not None or not is_decimal(text):
        return whole
    return _decimal(text.replace("_", ""))


def duration_ms(text: str) -> Decimal | None:
    """`500ms`, `1.5h`, `1h30m`, `14d`, `2w`."""
    if len(text) > _LONGEST_DURATION_CHARS or _DURATION.fullmatch(text) is None:
        return None
    total = Decimal(0)
    for amount, unit in _PART.findall(text.lstrip("+-")):
        total = _WIDE.add(total, _WIDE.multiply(Decimal(amount), _UNIT_MS[unit]))
    return -total if text[0] == "-" else total


def quantity_of(value: Any) -> Number | None:
    """What `<` and `>` compare: a number, or a duration in milliseconds."""
    number = typed_number(value)
    if number is not None or not isinstance(value, str) or isinstance(value, JsonNumber):
        return number
    number = number_of(value)
    return duration_ms(value) if number is None else number


def typed_number(value: Any) -> Number | None:
    """The number where the value *is* one; text that only looks like one is not."""
    if type(value) is int:
        return value
    if isinstance(value, JsonNumber):
        return _decimal(value)
    if isinstance(value, float) and isfinite(value):
        return Decimal(repr(value))
    return None


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent with more than eighteen digits
        return None


def format_duration(milliseconds: int) -> str:
    """`336h`, `1h30m`, `1h0m15s`, `45s`, `250ms`, `0s`: Go's way without the empty ends."""
    length = abs(milliseconds)
    if 0 < length < 1000:
        text = f"{length}ms"
    else:
        minutes, seconds = divmod(length // 1000, 60)
        hours, minutes = divmod(minutes, 60)
        text = _clock(hours, minutes, seconds)
    return f"-{text}" if milliseconds < 0 else text


def _clock(hours: int, minutes: int, seconds: int) -> str:
    head = f"{hours}h" if hours else ""
    middle = f"{minutes}m" if minutes or (hours and seconds) else ""
    tail = f"{seconds}s" if seconds or not (hours or minutes) else ""
    return head + middle + tail
