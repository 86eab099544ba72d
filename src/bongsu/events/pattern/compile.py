"""`compile_pattern`: text or JSON to a `Pattern`, within limits of size and of work."""

import json
from typing import Any

from bongsu.events.pattern.json_text import parse_json
from bongsu.events.pattern.pattern import Pattern
from bongsu.events.pattern.reader import OR, RESERVED_IN_OR, Reader
from bongsu.events.pattern.tree import Tree, alternatives, count
from bongsu.events.pattern.values import Digits, shown
from bongsu.kit.errors import Invalid, Problem
from bongsu.kit.i18n import Said, say, say_n

SIZE_LIMIT_BYTES = 16 * 1024
ALTERNATIVES_LIMIT = 1000


def compile_pattern(source: str | bytes | dict[str, Any], *, last_wins: bool = False) -> Pattern:
    """EventBridge's event pattern, as JSON text or as the object itself; at most 16 KB and 1,000
    alternatives after every `$or` is multiplied out.

    `last_wins` accepts a key or path given twice, where the last one counts, as EventBridge does;
    for imports. (An object that was a Python dict from the start has lost its doubles already.)
    Raises Invalid; its `problems` name each place (`detail.after.state[0]`) and what to do.
    """
    document = _document(source)
    tree, problems = _read(document, last_wins, or_is_field=False)
    if problems and _mentions_or(document):
        # EventBridge takes `$or` for an ordinary field name where it cannot be a choice.
        as_field, field_problems = _read(document, last_wins, or_is_field=True)
        if not field_problems:
            tree, problems = as_field, []
        elif not _means_choice(document):
            problems = field_problems
    if problems:
        raise _invalid(problems)
    plain = _storable(document) if isinstance(source, str | bytes) else document
    return Pattern(plain, tree, tuple(alternatives(tree)))


def _storable(value: Any) -> Any:
    """The pattern as any JSON writer takes it."""
    if isinstance(value, dict):
        return {key: _storable(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_storable(one) for one in value]
    return shown(value) if isinstance(value, Digits) else value


def _document(source: str | bytes | dict[str, Any]) -> dict[str, Any]:
    size_bytes = _size_bytes(source)
    if size_bytes > SIZE_LIMIT_BYTES:
        raise _fault(
            say(
                "The pattern has {n} bytes; the limit is {limit}.",
                n=size_bytes,
                limit=SIZE_LIMIT_BYTES,
            ),
            say("Make two rules of it."),
        )
    document = parse_json(source, "pattern") if isinstance(source, str | bytes) else source
    if not isinstance(document, dict):
        raise _fault(say("A pattern is a JSON object."), say('Write {"source": ["…"]}.'))
    return document


def _size_bytes(source: str | bytes | dict[str, Any]) -> int:
    if isinstance(source, bytes):
        return len(source)
    text = source if isinstance(source, str) else _json(source)
    return len(text.encode("utf-8", "surrogatepass"))


def _json(document: dict[str, Any]) -> str:
    try:
        return json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=str)
    except (ValueError, RecursionError) as error:
        raise _fault(say("The pattern is nested too deeply or holds itself.")) from error


def _read(
    document: dict[str, Any], last_wins: bool, *, or_is_field: bool
) -> tuple[Tree, list[Problem]]:
    reader = Reader(or_is_field=or_is_field, last_wins=last_wins)
    tree = reader.read(document)
    n = 0 if reader.problems else count(tree)
    if n > ALTERNATIVES_LIMIT:
        reader.fault(
            OR,
            say(
                "All $or together make {n} alternatives; the limit is {limit}.",
                n=n,
                limit=ALTERNATIVES_LIMIT,
            ),
            say("Make several rules of it."),
        )
    return tree, reader.problems


def _choices(value: Any) -> list[Any]:
    """The values of every `$or` key, however deep."""
    found, waiting = [], [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            found += [part[OR]] if OR in part else []
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return found


def _mentions_or(document: dict[str, Any]) -> bool:
    return bool(_choices(document))


def _means_choice(document: dict[str, Any]) -> bool:
    """Whether every `$or` looks as if a choice was meant; then its own faults help more than those
    of a field.
    """
    return all(
        isinstance(choice, list)
        and all(isinstance(one, dict) and not RESERVED_IN_OR & one.keys() for one in choice)
        for choice in _choices(document)
    )


def _fault(what: Said, todo: Said | None = None) -> Invalid:
    return _invalid([Problem("pattern", what, todo)])


def _invalid(problems: list[Problem]) -> Invalid:
    n = len(problems)
    said = say_n("The pattern has a fault.", "The pattern has {n} faults.", n)
    return Invalid(said, tuple(problems))
