"""JSON values as text: arrays and scalars as Go's `%v` prints them, objects as minified JSON.

A limit stops the writing of long arrays and objects once that many characters are there; what is written up
to the limit is right, what follows is not. So a comparison with a short text does not write a mebibyte first.
"""

import json
from collections.abc import Callable, Iterable
from math import isfinite
from typing import Any

from bongsu.watch.conditions.golang import format_float, format_json_float

NO_LIMIT = 1 << 62
_quote = json.encoder.encode_basestring
_HTML = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


class JsonNumber(str):
    """A JSON number with a fraction or an exponent, kept as it was written."""

    __slots__ = ()


def shown(value: Any, limit_chars: int = NO_LIMIT) -> str:
    """`%v`: text bare, `true`, `<nil>`, `[a b]`, `map[k:v]`."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format_float(value)
    if isinstance(value, list | tuple):
        return f"[{' '.join(_written(value, limit_chars, shown))}]"
    if isinstance(value, dict):
        fields = _written(
            sorted(value), limit_chars, lambda key, left: f"{key}:{shown(value[key], left)}"
        )
        return f"map[{' '.join(fields)}]"
    return "<nil>" if value is None else str(value)


def minified(
    value: Any, limit_chars: int = NO_LIMIT, *, html: bool = False, ordered: bool = True
) -> str:
    """JSON without spaces. `html` escapes <, > and & as Go does; `ordered` sorts the keys as Go does."""

    def write(item: Any, left: int) -> str:
        return minified(item, left, html=html, ordered=ordered)

    if isinstance(value, str) and not isinstance(value, JsonNumber):
        return _quote(value).translate(_HTML) if html else _quote(value)
    if isinstance(value, float):
        return format_json_float(value) if isfinite(value) else "null"
    if isinstance(value, list | tuple):
        return f"[{','.join(_written(value, limit_chars, write))}]"
    if isinstance(value, dict):
        fields = _written(
            sorted(value) if ordered else value,
            limit_chars,
            lambda key, left: f"{write(key, left)}:{write(value[key], left)}",
        )
        return f"{{{','.join(fields)}}}"
    return "null" if value is None else shown(value)


def _written(items: Iterable[Any], limit_chars: int, write: Callable[[Any, int], str]) -> list[str]:
    pieces = []
    left = limit_chars
    for item in items:
        if left < 0:
            break
        piece = write(item, left)
        pieces.append(piece)
        left -= len(piece) + 1
    return pieces


def text_of(value: Any, limit_chars: int = NO_LIMIT) -> str:
    """What an operand stands for: an object is its minified JSON, all else as `shown`."""
    if type(value) is int:
        return str(value)
    if isinstance(value, dict):
        return minified(value, limit_chars)
    return shown(value, limit_chars)
