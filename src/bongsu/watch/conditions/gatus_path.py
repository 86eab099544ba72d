"""Paths into a JSON body as Gatus walks them, with its surprises:

an array met on the way ends the walk and is the answer, and so does a number or a boolean; `null` is no
value. Where Gatus's process ends with a panic (a negative index, a key asked of an array) there is no value.
"""

import re
from typing import Any

from bongsu.watch.conditions.golang import INT64_MAX, byte_length
from bongsu.watch.conditions.render import minified, shown
from bongsu.watch.conditions.result import MISSING, ConditionResult, go_decode

_INDEX = re.compile(r"\+?[0-9]+|-0+")


def split_keys(path: str) -> tuple[str, ...]:
    """At every dot that is outside brackets."""
    keys, start, depth = [], 0, 0
    for position, char in enumerate(path):
        if char == "[":
            depth += 1
        elif char == "]":
            depth -= 1
        elif char == "." and depth == 0:
            keys.append(path[start:position])
            start = position + 1
    return (*keys, path[start:])


def find(result: ConditionResult, keys: tuple[str, ...]) -> Any:
    """The value at the path; MISSING where Gatus says (INVALID)."""
    body = result.body
    if keys == ("",) and not (body[:1] == b"[" and body[-1:] == b"]"):
        return go_decode(body)
    document = result.go_json
    return MISSING if document is MISSING else _walk(document, keys)


def text(value: Any) -> str:
    return minified(value, html=True) if isinstance(value, dict) else shown(value)


def length(value: Any) -> int:
    """Items of an array, bytes of everything else."""
    return len(value) if isinstance(value, list) else byte_length(text(value))


def _walk(value: Any, keys: tuple[str, ...]) -> Any:
    for position, key in enumerate(keys, start=1):
        value = _step(value, key)
        if not isinstance(value, dict):
            stopped = isinstance(value, str) and position < len(keys)
            return MISSING if value is None or stopped else value
    return value


def _step(value: Any, key: str) -> Any:
    if key.endswith("]") and "[" in key:
        return _indexed(value, key)
    return value.get(key) if isinstance(value, dict) else value


def _indexed(value: Any, key: str) -> Any:
    """`name[1]`, `[1]`, `name[1][2]`: the first index here, the rest by going on."""
    start, end, index = _first_brackets(key)
    if _INDEX.fullmatch(index) is None or int(index) > INT64_MAX:
        return None
    if start > 0:
        value = value.get(key[:start]) if isinstance(value, dict) else None
    if not isinstance(value, list) or len(value) <= int(index):
        return None
    inner = value[int(index)]
    return _step(inner, key[end + 1 :]) if key[end + 1 : end + 2] == "[" else inner


def _first_brackets(key: str) -> tuple[int, int, str]:
    start = depth = 0
    for position, char in enumerate(key):
        if char == "[":
            start, depth = position, depth + 1
        elif char == "]" and depth == 1:
            return start, position, key[start + 1 : position]
    return start, 0, ""
