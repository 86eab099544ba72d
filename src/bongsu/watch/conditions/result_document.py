"""A result written as JSON: `{"condition": …, "result": {"status": 200, "body": …}}`."""

from collections.abc import Callable, Mapping
from typing import Any

from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import Said, say
from bongsu.watch.conditions.render import JsonNumber, minified, shown
from bongsu.watch.conditions.result import ConditionResult, parse_exact


def read_result(document: bytes) -> tuple[str, ConditionResult]:
    """The condition and the result; fields that are absent or null keep their defaults. Raises Invalid."""
    value = parse_exact(document)
    if not isinstance(value, dict):
        raise Invalid(say("This line is not a JSON object. Write {example}.", example=_EXAMPLE))
    condition, given = value.get("condition"), value.get("result") or {}
    if type(condition) is not str:
        raise Invalid(_must_be_text("condition"))
    if not isinstance(given, dict):
        raise Invalid(_must_be_object("result"))
    fields = {name: _field(name, item) for name, item in given.items() if _is_given(name, item)}
    return condition, ConditionResult(**fields)


_EXAMPLE = '{"condition": "[STATUS] == 200", "result": {"status": 200}}'


def _is_given(name: str, value: Any) -> bool:
    return value is not None or name == "body"  # null is a body, too


def _field(name: str, value: Any) -> Any:
    if name not in _READERS:
        known = ", ".join(_READERS)
        raise Invalid(
            say("A result has no field {name}. Its fields are {known}.", name=name, known=known)
        )
    must_be, read = _READERS[name]
    try:
        return read(value)
    except (TypeError, ValueError, OverflowError, RecursionError):
        raise Invalid(must_be(name)) from None


def _whole(value: Any) -> int:
    if type(value) is int:
        return value
    return int(_number(value))


def _number(value: Any) -> float:
    if type(value) is int or isinstance(value, JsonNumber):
        return float(value)
    raise TypeError


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError
    return value


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _headers(value: Any) -> tuple[tuple[str, str], ...]:
    """`{"Server": "nginx"}`, with lists for headers sent several times, or `[["Server", "nginx"]]`."""
    pairs = value.items() if isinstance(value, Mapping) else value
    headers: list[tuple[str, str]] = []
    for name, sent in pairs:
        values = sent if isinstance(sent, list) else [sent]
        headers += [(_text(name), shown(one)) for one in values]
    return tuple(headers)


def _body(value: Any) -> bytes:
    text = value if isinstance(value, str) else minified(value, ordered=False)
    return text.encode("utf-8", "replace")


def _context(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TypeError
    return {key: _plain(item) for key, item in value.items()}


def _plain(value: Any) -> Any:
    """What a suite carries from step to step are plain values, floats among them."""
    if isinstance(value, JsonNumber):
        return float(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _must_be_text(name: str) -> Said:
    return say("The field {name} must be a text.", name=name)


def _must_be_object(name: str) -> Said:
    return say("The field {name} must be an object.", name=name)


def _must_be_whole(name: str) -> Said:
    return say("The field {name} must be a whole number.", name=name)


def _must_be_number(name: str) -> Said:
    return say("The field {name} must be a number.", name=name)


def _must_be_truth(name: str) -> Said:
    return say("The field {name} must be true or false.", name=name)


def _must_be_headers(name: str) -> Said:
    return say("The field {name} must be an object or a list of pairs.", name=name)


def _too_deep(name: str) -> Said:
    return say("The field {name} is nested too deeply. Send it as a text.", name=name)


_READERS: dict[str, tuple[Callable[[str], Said], Callable[[Any], Any]]] = {
    "status": (_must_be_whole, _whole),
    "ip": (_must_be_text, _text),
    "connected": (_must_be_truth, _truth),
    "duration_ms": (_must_be_number, _number),
    "certificate_expiration_ms": (_must_be_whole, _whole),
    "domain_expiration_ms": (_must_be_whole, _whole),
    "dns_rcode": (_must_be_text, _text),
    "headers": (_must_be_headers, _headers),
    "body": (_too_deep, _body),
    "context": (_must_be_object, _context),
}
