"""One match value of a pattern to its matcher: a literal, or an object with one operator."""

from collections.abc import Callable
from typing import Any

from bongsu.events.pattern.addresses import NotANetwork, network, packed
from bongsu.events.pattern.matchers import (
    Absent,
    AnythingBut,
    Exact,
    Head,
    Matcher,
    Network,
    Present,
    SameAddress,
    SameLetters,
    Tail,
    Wildcard,
)
from bongsu.events.pattern.numeric import number_operand, numeric_of
from bongsu.events.pattern.operands import SHOWN_LIMIT, Wrong, kind_of, only, text_of
from bongsu.events.pattern.values import Digits, token_of
from bongsu.kit.i18n import Said, say
from bongsu.kit.text import head

STARS_LIMIT = 64  # in one wildcard


def matcher_of(value: Any) -> Matcher:
    """Raises Wrong."""
    if isinstance(value, dict):
        return _operator(value)
    if isinstance(value, list):
        raise Wrong(
            say("A match value is text, a number, true, false or null, not a list."),
            say("Take out the inner brackets: the outer list already means “one of these”."),
        )
    return _literal(value)


def _literal(value: Any) -> Matcher:
    if isinstance(value, str):
        address = packed(value)
        if address is not None:
            return SameAddress(value, address)
    try:
        return Exact(value, token_of(value))
    except TypeError as error:
        raise Wrong(
            say("{value} is not a JSON value.", value=head(str(value), SHOWN_LIMIT)),
            say("Put it in quotes."),
        ) from error


def _operator(expression: dict[str, Any]) -> Matcher:
    name, operand = only(expression)
    read = OPERATORS.get(name)
    if read is None:
        raise Wrong(
            say("There is no match type {name}.", name=head(name, SHOWN_LIMIT)),
            say("Known match types: {known}.", known=", ".join(PUBLIC)),
        )
    return read(expression, operand)


def _exactly(shown: Any, operand: Any) -> Matcher:
    return Exact(shown, text_of(operand, "exactly"))


def _edge(name: str, end: str, plain: type[Head | Tail]) -> Callable[[Any, Any], Matcher]:
    def read(shown: Any, operand: Any) -> Matcher:
        if not isinstance(operand, dict):
            return plain(shown, text_of(operand, name))
        inner, text = only(operand)
        if inner != "equals-ignore-case":
            raise Wrong(
                say("{name} cannot hold {inner}.", name=name, inner=head(inner, SHOWN_LIMIT)),
                say('Write {{"{name}": {{"equals-ignore-case": "…"}}}} or plain text.', name=name),
            )
        return SameLetters(shown, text_of(text, "equals-ignore-case"), end)

    return read


def _equals_ignore_case(shown: Any, operand: Any) -> Matcher:
    return SameLetters(shown, text_of(operand, "equals-ignore-case"))


def _wildcard(shown: Any, operand: Any) -> Matcher:
    pieces = _pieces(text_of(operand, "wildcard"))
    return Exact(shown, pieces[0]) if len(pieces) == 1 else Wildcard(shown, pieces)


def _pieces(text: str) -> tuple[str, ...]:
    """The literal pieces between the stars; a backslash takes the meaning from a star or a backslash."""
    pieces, at = [""], 0
    while at < len(text):
        letter, after = text[at], text[at + 1 : at + 2]
        if letter == "*" and after == "*":
            raise Wrong(
                say("Two stars follow each other at position {n}.", n=at),
                say("One star already stands for any text. Write \\* for a star itself."),
            )
        if letter == "*":
            pieces.append("")
        elif letter != "\\":
            pieces[-1] += letter
        elif after in ("*", "\\") and after:
            pieces[-1] += after
            at += 1
        else:
            raise Wrong(
                say("The backslash at position {n} escapes nothing.", n=at),
                say("Only \\* and \\\\ are escapes. Write \\\\ for a backslash itself."),
            )
        at += 1
    if len(pieces) > STARS_LIMIT + 1:
        raise Wrong(
            say("There are {n} stars; the limit is {limit}.", n=len(pieces) - 1, limit=STARS_LIMIT),
            say("Use fewer stars."),
        )
    return tuple(pieces)


def _exists(shown: Any, operand: Any) -> Matcher:
    if not isinstance(operand, bool):
        raise Wrong(
            say("exists takes true or false, not {given}.", given=kind_of(operand)),
            say('Write {"exists": true} or {"exists": false}.'),
        )
    return Present(shown) if operand else Absent(shown)


def _cidr(shown: Any, operand: Any) -> Matcher:
    text = text_of(operand, "cidr")
    try:
        return Network(shown, *network(text))
    except NotANetwork as error:
        raise Wrong(_CIDR_FAULTS[error.code](text, error.bits), _CIDR_TODO) from error


_CIDR_TODO = say("Write a network as 10.0.0.0/24 or 2001:db8::/32; a single address as plain text.")
_CIDR_FAULTS: dict[str, Callable[[str, int], Said]] = {
    "form": lambda text, _: say(
        "{text} is not an address, one slash and a number.", text=head(text, SHOWN_LIMIT)
    ),
    "address": lambda text, _: say(
        "{text} does not begin with an IP address.", text=head(text, SHOWN_LIMIT)
    ),
    "mask": lambda text, bits: say(
        "The mask of {text} must be less than {bits}.", text=head(text, SHOWN_LIMIT), bits=bits
    ),
}

_BUT_TODO = say('Write text, a number, a list of texts or a list of numbers, or {"prefix": "…"}.')
_BUT_READERS: dict[str, Callable[[Any, Any], Matcher]] = {}


def _anything_but(shown: Any, operand: Any) -> Matcher:
    if isinstance(operand, dict):
        return _anything_but_like(shown, operand)
    values = operand if isinstance(operand, list) else [operand]
    if values and all(isinstance(value, str) for value in values):
        return AnythingBut(shown, frozenset(values))
    if values and all(_is_json_number(value) for value in values):
        return AnythingBut(shown, frozenset(number_operand(value) for value in values))
    raise Wrong(say("anything-but takes texts or numbers, at least one, not mixed."), _BUT_TODO)


def _is_json_number(value: Any) -> bool:
    return isinstance(value, int | float | Digits) and not isinstance(value, bool)


def _anything_but_like(shown: Any, operand: dict[str, Any]) -> Matcher:
    name, texts = only(operand)
    read = _BUT_READERS.get(name)
    if read is None:
        raise Wrong(
            say("anything-but cannot hold {inner}.", inner=head(name, SHOWN_LIMIT)),
            say("It can hold {known}.", known=", ".join(_BUT_READERS)),
        )
    listed = texts if isinstance(texts, list) else [texts]
    if not listed or (name in ("prefix", "suffix") and "" in listed):
        raise Wrong(
            say("anything-but with an empty {name} would never match.", name=name), _BUT_TODO
        )
    return AnythingBut(shown, matchers=tuple(read(shown, text_of(one, name)) for one in listed))


_prefix = _edge("prefix", "head", Head)
_suffix = _edge("suffix", "tail", Tail)
_BUT_READERS |= {
    "prefix": _prefix,
    "suffix": _suffix,
    "equals-ignore-case": _equals_ignore_case,
    "wildcard": _wildcard,
}
OPERATORS: dict[str, Callable[[Any, Any], Matcher]] = {
    "prefix": _prefix,
    "suffix": _suffix,
    "equals-ignore-case": _equals_ignore_case,
    "wildcard": _wildcard,
    "numeric": numeric_of,
    "cidr": _cidr,
    "exists": _exists,
    "anything-but": _anything_but,
    "exactly": _exactly,
}
PUBLIC = tuple(name for name in OPERATORS if name != "exactly")  # EventBridge keeps it to itself
