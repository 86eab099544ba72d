"""How Go reads and prints numbers and durations, as far as Gatus's conditions show it.

Strings stand for Go's byte strings: text that was not UTF-8 holds its odd bytes as surrogates
(`surrogateescape`), so that nothing is lost and lengths in bytes can be had back.
"""

import math
import re

# What strings.TrimSpace removes. Python's strip() takes U+001C…U+001F as well.
SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B)))
SPACE += "\u2028\u2029\u202f\u205f\u3000"

INT64_MIN, INT64_MAX = -(1 << 63), (1 << 63) - 1
_LONGEST_NUMBER = 4000  # int() of much longer digits is refused by Python; no reply means them

_INT = re.compile(
    r"([+-]?)(?:0[xX]((?:_?[0-9a-fA-F])+)|0[bB]((?:_?[01])+)|0[oO]((?:_?[0-7])+)"
    r"|(0(?:_?[0-7])*)|([1-9](?:_?[0-9])*))"
)
_BASES = (16, 2, 8, 8, 10)
_DIGITS = r"[0-9](?:_?[0-9])*"
_DECIMAL = re.compile(
    rf"[+-]?(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?"
)
_HEX = r"[0-9a-fA-F](?:_?[0-9a-fA-F])*"
_HEX_FLOAT = re.compile(rf"[+-]?0[xX](?:_?{_HEX}(?:\.(?:{_HEX})?)?|\.{_HEX})[pP][+-]?{_DIGITS}")
_SPECIAL = re.compile(r"(?i)[+-]?inf(?:inity)?|nan")

_UNIT_NS = {
    "ns": 1,
    "us": 1000,
    "µs": 1000,
    "μs": 1000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_DURATION_PART = re.compile(r"([0-9]*)(?:\.([0-9]*))?([^0-9.]+)")


def byte_length(text: str) -> int:
    return len(text) if text.isascii() else len(go_bytes(text))


def go_bytes(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a character that never was a byte
        return text.encode("utf-8", "replace")


def whole_number(text: str) -> int | None:
    """A whole number of any size in Go's notation with base 0: 10, -7, 0x1F, 0b1, 0o17, 017, 1_000."""
    if text.isascii() and text.isdigit() and text[0] != "0" and len(text) < _LONGEST_NUMBER:
        return int(text)
    found = _INT.fullmatch(text) if len(text) < _LONGEST_NUMBER else None
    if found is None:
        return None
    sign, *kinds = found.groups()
    base, digits = next(kind for kind in zip(_BASES, kinds, strict=True) if kind[1])
    value = int(digits.replace("_", ""), base)
    return -value if sign == "-" else value


def parse_int(text: str) -> int | None:
    """strconv.ParseInt(text, 0, 64)."""
    value = whole_number(text)
    return value if value is not None and INT64_MIN <= value <= INT64_MAX else None


def parse_float(text: str) -> float | None:
    """strconv.ParseFloat(text, 64); None also where Go reports a value out of range."""
    plain = text.replace("_", "")
    if _DECIMAL.fullmatch(text):
        value = float(plain)
    elif _HEX_FLOAT.fullmatch(text):
        try:
            value = float.fromhex(plain)
        except OverflowError:
            return None
    elif _SPECIAL.fullmatch(text):
        return float(text)
    else:
        return None
    return None if value in (float("inf"), float("-inf")) else value


def is_decimal(text: str) -> bool:
    return len(text) < _LONGEST_NUMBER and _DECIMAL.fullmatch(text) is not None


def to_int64(value: float) -> int:
    """int64(value) on amd64: towards zero, and the smallest number where it does not fit."""
    if math.isnan(value) or not -9.3e18 < value < 9.3e18:
        return INT64_MIN
    whole = int(value)
    return whole if INT64_MIN <= whole <= INT64_MAX else INT64_MIN


def parse_duration_ns(text: str) -> int | None:
    """time.ParseDuration: `1h30m`, `-1.5s`, `500ms`; `0` needs no unit."""
    sign, rest = (text[0], text[1:]) if text[:1] in ("+", "-") else ("", text)
    if rest == "0":
        return 0
    total, position = 0, 0
    while position < len(rest):
        part = _DURATION_PART.match(rest, position)
        length_ns = _part_ns(part) if part else None
        if part is None or length_ns is None or total + length_ns > 1 << 63:
            return None
        total, position = total + length_ns, part.end()
    if position == 0 or (sign != "-" and total > INT64_MAX):
        return None
    return -total if sign == "-" else total


def _part_ns(part: re.Match[str]) -> int | None:
    digits, fraction, unit = part[1], part[2] or "", _UNIT_NS.get(part[3])
    if unit is None or not (digits or fraction) or len(digits.lstrip("0")) > 19:
        return None
    whole = int(digits or "0") * unit
    if whole > 1 << 63:
        return None
    kept, scale = 0, 1.0
    for digit in fraction:
        more = kept * 10 + int(digit)
        if kept > INT64_MAX // 10 or more > 1 << 63:
            break  # Go drops the digits that do not fit
        kept, scale = more, scale * 10
    whole += int(float(kept) * (unit / scale)) if kept else 0
    return whole if whole <= 1 << 63 else None


def truncate_ms(duration_ns: int) -> int:
    return duration_ns // 1_000_000 if duration_ns >= 0 else -(-duration_ns // 1_000_000)


def format_expiry(duration_ms: int) -> str:
    """What Gatus prints for an expiry or beside a duration: Go's `1h0m0s` with its ends cut.

    The cutting is as blunt as there: 30s becomes `3` and 1h10m becomes `1h1`.
    """
    seconds = abs(duration_ms) // 1000
    if seconds == 0:
        return "0s"
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    text = f"{seconds % 60}s"
    if hours:
        text = f"{hours}h{minutes}m{text}"
    elif minutes:
        text = f"{minutes}m{text}"
    if text.endswith("0s"):
        text = text.removesuffix("0s").removesuffix("0m")
    return f"-{text}" if duration_ms < 0 else text


def _digits(value: float) -> tuple[str, str, int]:
    """Sign, the shortest digits that read back as `value`, and where the point stands among them."""
    mantissa, _, exponent = f"{value!r}".partition("e")
    sign, mantissa = ("-", mantissa[1:]) if mantissa[0] == "-" else ("", mantissa)
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(digits) - len(fraction) + int(exponent or "0")
    digits = digits.rstrip("0")
    return (sign, digits, point) if digits else (sign, "0", 1)


def format_float(value: float) -> str:
    """fmt's `%v`: 0.85, 123456; with an exponent from the seventh digit on: 1.23456789e+08."""
    if value.is_integer() and 0 < abs(value) < 1_000_000:
        return str(int(value))
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else f"{'+' if value > 0 else '-'}Inf"
    sign, digits, point = _digits(value)
    if -4 <= point - 1 < 6:
        return sign + _plain(digits, point)
    return sign + _scientific(digits, point, width=2)


def format_json_float(value: float) -> str:
    """encoding/json: plain between 1e-6 and 1e21, else an exponent without a leading zero."""
    sign, digits, point = _digits(value)
    if digits == "0" or 1e-6 <= abs(value) < 1e21:
        return sign + _plain(digits, point)
    return sign + _scientific(digits, point, width=1)


def _plain(digits: str, point: int) -> str:
    if point <= 0:
        return "0." + "0" * -point + digits
    if point >= len(digits):
        return digits + "0" * (point - len(digits))
    return f"{digits[:point]}.{digits[point:]}"


def _scientific(digits: str, point: int, width: int) -> str:
    tail = f".{digits[1:]}" if len(digits) > 1 else ""
    exponent = point - 1
    return f"{digits[0]}{tail}e{'-' if exponent < 0 else '+'}{abs(exponent):0{width}d}"
