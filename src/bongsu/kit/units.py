"""Durations and sizes as people write them: `30s`, `15m`, `6h`, `14d`, `1h30m`, `250ms`."""

import re

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)")


def parse_duration_s(text: str) -> float:
    """Seconds. Raises ValueError for anything but whole parts in falling order of unit."""
    whole, total, last = text.strip(), 0.0, float("inf")
    position = 0
    while position < len(whole):
        part = _PART.match(whole, position)
        if part is None or _SECONDS[part[2]] >= last:
            raise ValueError(f"{text!r} is not a duration such as 30s, 15m, 1h30m or 14d")
        total, last, position = (
            total + float(part[1]) * _SECONDS[part[2]],
            _SECONDS[part[2]],
            part.end(),
        )
    if position == 0:
        raise ValueError(f"{text!r} is not a duration such as 30s, 15m, 1h30m or 14d")
    return total


def format_duration(seconds: float) -> str:
    """The inverse of `parse_duration_s`, in the largest units that lose nothing above 1 ms."""
    if seconds < 1:
        return f"{round(seconds * 1000)}ms"
    parts, rest = [], round(seconds, 3)
    for unit in ("d", "h", "m"):
        count, rest = divmod(rest, _SECONDS[unit])
        parts += [f"{int(count)}{unit}"] if count else []
    return "".join([*parts, f"{rest:g}s"] if rest else parts)
