"""What an operand of a Gatus condition stands for, as text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bongsu.watch.conditions import gatus_path
from bongsu.watch.conditions.golang import byte_length
from bongsu.watch.conditions.render import shown
from bongsu.watch.conditions.result import MISSING, ConditionResult

INVALID = " (INVALID)"
_NOTHING: frozenset[str] = frozenset()

Resolve = Callable[[ConditionResult], str]


@dataclass(frozen=True, slots=True)
class Operand:
    text: str
    resolve: Resolve
    needs: frozenset[str] = _NOTHING


def compile_operand(text: str) -> Operand:
    function, inner = _function(text)
    upper = inner.upper()
    if upper.startswith("[CONTEXT]"):
        return Operand(text, _context(text, function, inner))
    if upper in _BASIC:
        read, needs = _BASIC[upper]
        return Operand(text, _apply(function, read), needs)
    if upper == "[BODY]":
        return Operand(text, _body(function), frozenset({"body"}))
    if upper.startswith(("[BODY].", "[BODY][")):
        return Operand(text, _body_path(text, function, inner), frozenset({"body"}))
    return Operand(text, _constant(_unknown(text, function)))


def _function(text: str) -> tuple[str, str]:
    for name in ("len", "has"):
        if text.startswith(f"{name}(") and text.endswith(")"):
            return name, text[4:-1]
    return "", text


def _constant(text: str) -> Resolve:
    return lambda _result: text


def _unknown(text: str, function: str) -> str:
    if function == "has":
        return "false"
    return text + INVALID if function else text


_BASIC: dict[str, tuple[Resolve, frozenset[str]]] = {
    "[STATUS]": (lambda result: str(result.status), _NOTHING),
    "[IP]": (lambda result: result.ip, _NOTHING),
    "[RESPONSE_TIME]": (lambda result: str(result.response_time_ms), _NOTHING),
    "[DNS_RCODE]": (lambda result: result.dns_rcode, _NOTHING),
    "[CONNECTED]": (lambda result: "true" if result.connected else "false", _NOTHING),
    "[CERTIFICATE_EXPIRATION]": (
        lambda result: str(result.certificate_expiration_ms),
        frozenset({"certificate"}),
    ),
    "[DOMAIN_EXPIRATION]": (
        lambda result: str(result.domain_expiration_ms),
        frozenset({"domain"}),
    ),
}


def _apply(function: str, read: Resolve) -> Resolve:
    if function == "len":
        return lambda result: str(byte_length(read(result)))
    if function == "has":
        return lambda result: "true" if read(result) else "false"
    return read


def _body(function: str) -> Resolve:
    """`len([BODY])` counts the items of an array, and the bytes of anything else as it came."""
    if function == "has":
        return lambda result: "true" if result.go_text else "false"
    if function == "len":
        return _body_length
    return lambda result: result.go_text


def _body_length(result: ConditionResult) -> str:
    found = gatus_path.find(result, ("",))
    return str(byte_length(result.go_text) if found is MISSING else gatus_path.length(found))


def _body_path(text: str, function: str, inner: str) -> Resolve:
    keys = gatus_path.split_keys(inner[len("[BODY]") :].removeprefix("."))
    if function == "has":
        return lambda result: "false" if gatus_path.find(result, keys) is MISSING else "true"
    measure = gatus_path.length if function == "len" else gatus_path.text
    invalid = text + INVALID

    def resolve(result: ConditionResult) -> str:
        found = gatus_path.find(result, keys)
        return invalid if found is MISSING else str(measure(found))

    return resolve


def _context(text: str, function: str, inner: str) -> Resolve:
    """Outside a suite there is no context and the words stay as written."""
    keys = inner.removeprefix("[CONTEXT]").removeprefix(".")
    outside = _unknown(text, function)

    def resolve(result: ConditionResult) -> str:
        if result.context is None:
            return outside
        value = _context_value(result.context, keys)
        if function == "has":
            return "false" if value is MISSING else "true"
        if value is MISSING:
            return text + INVALID
        return _context_length(value) if function == "len" else shown(value)

    return resolve


def _context_value(context: Any, keys: str) -> Any:
    value = context
    for key in keys.split(".") if keys else (None,):
        if not isinstance(value, Mapping) or key not in value:
            return MISSING
        value = value[key]
    return value


def _context_length(value: Any) -> str:
    if isinstance(value, list | tuple | dict):
        return str(len(value))
    return str(byte_length(shown(value)))
