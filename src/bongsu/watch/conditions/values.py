"""What an operand stands for in one result: int, JsonNumber, bool, text, list, dict or MISSING."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bongsu.watch.conditions.golang import byte_length
from bongsu.watch.conditions.grammar import Call, Literal, PathStep, Place, Value
from bongsu.watch.conditions.render import text_of
from bongsu.watch.conditions.result import MISSING, ConditionResult
from bongsu.watch.conditions.timestamps import parse_timestamp
from bongsu.watch.conditions.verdicts import Now

Get = Callable[[ConditionResult, Now], Any]

SHOWN_CHARS = 500  # of one value, so that no page of HTML ends up in every result
_NEEDS = {
    "BODY": "body",
    "HEADER": "headers",
    "CERTIFICATE_EXPIRATION": "certificate",
    "DOMAIN_EXPIRATION": "domain",
}
_EXPIRIES = ("CERTIFICATE_EXPIRATION", "DOMAIN_EXPIRATION")


@dataclass(frozen=True, slots=True)
class Seen:
    """A compiled operand. `is_ms`: its number counts milliseconds; `is_length`: it is shown as 48h."""

    text: str
    get: Get
    is_text: bool = False  # in quotes: never taken for a number
    is_literal: bool = False
    is_ms: bool = False
    is_length: bool = False
    needs: frozenset[str] = frozenset()

    def show(self, value: Any, limit_chars: int = SHOWN_CHARS, note: str = "") -> str:
        """The operand as written, with the value seen and a note behind it."""
        if self.is_literal:
            return f"{self.text} ({note})" if note else self.text
        if value is MISSING:
            return f"{self.text} (INVALID)"
        seen = cut(text_of(value, limit_chars + 1), limit_chars)
        return f"{self.text} ({seen}, {note})" if note else f"{self.text} ({seen})"


def cut(text: str, limit_chars: int) -> str:
    return text if len(text) <= limit_chars else f"{text[:limit_chars]}...(truncated)"


def compile_value(value: Value) -> Seen:
    if isinstance(value, Literal):
        constant = value.value
        return Seen(
            value.text, lambda _result, _now: constant, is_text=value.quoted, is_literal=True
        )
    place = value.place if isinstance(value, Call) else value
    needs = frozenset({_NEEDS[place.name]}) if place.name in _NEEDS else frozenset()
    if isinstance(value, Call):
        is_age = value.name == "age"
        get = _CALLS[value.name](place)
        return Seen(value.text, get, is_ms=is_age, is_length=is_age, needs=needs)
    is_length = place.name in _EXPIRIES
    is_ms = is_length or place.name == "RESPONSE_TIME"
    return Seen(place.text, _get(place), is_ms=is_ms, is_length=is_length, needs=needs)


_SIMPLE: dict[str, Get] = {
    "STATUS": lambda result, _now: result.status,
    "IP": lambda result, _now: result.ip,
    "DNS_RCODE": lambda result, _now: result.dns_rcode,
    "CONNECTED": lambda result, _now: result.connected,
    "RESPONSE_TIME": lambda result, _now: result.response_time_ms,
    "CERTIFICATE_EXPIRATION": lambda result, _now: result.certificate_expiration_ms,
    "DOMAIN_EXPIRATION": lambda result, _now: result.domain_expiration_ms,
}


def _get(place: Place) -> Get:
    path = place.path
    if place.name == "HEADER":
        name = str(path[0])
        return lambda result, _now: result.header(name)
    if place.name == "CONTEXT":
        return lambda result, _now: _walk(result.context, path)
    if place.name == "BODY":
        if not path:
            return lambda result, _now: result.text
        return lambda result, _now: _walk(result.json, path)
    return _SIMPLE[place.name]


def _walk(value: Any, path: tuple[PathStep, ...]) -> Any:
    """A name leads into an object, a number into an array (from the end when negative)."""
    for step in path:
        if isinstance(step, str):
            if not isinstance(value, Mapping) or step not in value:
                return MISSING
        elif not isinstance(value, list | tuple) or not -len(value) <= step < len(value):
            return MISSING
        value = value[step]
    return MISSING if value is None else value


def _length(place: Place) -> Get:
    get = _body_items if place.name == "BODY" and not place.path else _get(place)

    def length(result: ConditionResult, now: Now) -> Any:
        value = get(result, now)
        if isinstance(value, list | tuple):
            return len(value)
        return MISSING if value is MISSING else byte_length(text_of(value))

    return length


def _body_items(result: ConditionResult, _now: Now) -> Any:
    """The body's items when it is a JSON array, else its text."""
    text = result.text
    is_array = text.startswith("[") and isinstance(result.json, list)
    return result.json if is_array else text


def _presence(place: Place) -> Get:
    get = _get(place)

    def has(result: ConditionResult, now: Now) -> bool:
        value = get(result, now)
        return value is not MISSING and (bool(place.path) or text_of(value) != "")

    return has


def _age(place: Place) -> Get:
    get = _get(place)

    def age(result: ConditionResult, now: Now) -> Any:
        value = get(result, now)
        at = None if value is MISSING or now is None else parse_timestamp(text_of(value))
        return MISSING if at is None or now is None else (now - at) // timedelta(milliseconds=1)

    return age


_CALLS = {"len": _length, "has": _presence, "age": _age}
