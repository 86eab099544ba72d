"""JSON values as text: arrays and scalars as Go's `%v` prints them, objects as minified JSON."""

import json
from typing import Any

from bongsu.watch.conditions.golang import format_float, format_json_float

_quote = json.encoder.encode_basestring
_HTML = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


class JsonNumber(str):
    """A JSON number with a fraction or an exponent, kept as it was written."""

    __slots__ = ()


def shown(value: Any) -> str:
    """`%v`: text bare, `true`, `<nil>`, `[a b]`, `map[k:v]`."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format_float(value)
    if isinstance(value, list | tuple):
        return f"[{' '.join(map(shown, value))}]"
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{shown(value[key])}' for key in sorted(value))}]"
    return "<nil>" if value is None else str(value)


def minified(value: Any, *, html: bool = False, ordered: bool = True) -> str:
    """JSON without spaces. `html` escapes <, > and & as Go does; `ordered` sorts the keys as Go does."""
    if isinstance(value, str) and not isinstance(value, JsonNumber):
        return _quote(value).translate(_HTML) if html else _quote(value)
    if isinstance(value, float):
        return format_json_float(value)
    if isinstance(value, list | tuple):
        return f"[{','.join(minified(item, html=html, ordered=ordered) for item in value)}]"
    if isinstance(value, dict):
        keys = sorted(value) if ordered else value
        fields = (
            f"{minified(key, html=html)}:{minified(value[key], html=html, ordered=ordered)}"
            for key in keys
        )
        return f"{{{','.join(fields)}}}"
    return "null" if value is None else shown(value)


def text_of(value: Any, *, html: bool = False) -> str:
    """What an operand stands for: an object is its minified JSON, all else as `shown`."""
    return minified(value, html=html) if isinstance(value, dict) else shown(value)
