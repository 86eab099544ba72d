"""Geometry of the small pictures: pure numbers in, SVG path data out. The markup is in `components/`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import groupby
from typing import Any

# How high a day stands in the strip, and its class: trouble is seen by height before colour.
_DAYS = {
    "up": ("u", 5.0),
    "maintenance": ("m", 8.0),
    "unknown": ("k", 9.0),
    "degraded": ("d", 11.0),
    "down": ("x", 99.0),
    "paused": ("z", 2.0),
    None: ("z", 2.0),
}


@dataclass(frozen=True, slots=True)
class Strip:
    width: float
    height: float
    paths: tuple[tuple[str, str], ...]  # (class, path data)


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def strip(days: Sequence[str | None], step: float = 3, height: float = 18) -> Strip:
    """One bar a day, oldest first. Runs of quiet days become one dashed path, so 90 days stay small."""
    bars: dict[str, list[str]] = {}
    for index, run in _runs(days):
        name, tall = _DAYS[run[0]]
        tall = min(tall, height)
        if name in {"u", "z"}:
            y = height - tall / 2
            bars.setdefault(name, []).append(
                f"M{_n(index * step)} {_n(y)}H{_n((index + len(run)) * step - 1)}"
            )
            continue
        inset = 0.5 if name == "k" else 0
        bars.setdefault(name, []).extend(
            _bar(
                (index + i) * step + inset,
                height - tall + inset,
                step - 1 - 2 * inset,
                tall - 2 * inset,
            )
            for i in range(len(run))
        )
    paths = tuple(
        (name, "".join(bars[name])) for name in ("z", "u", "m", "k", "d", "x") if name in bars
    )
    return Strip(len(days) * step, height, paths)


def _runs(days: Sequence[str | None]) -> Iterable[tuple[int, list[str | None]]]:
    index = 0
    for _, group in groupby(days):
        run = list(group)
        yield index, run
        index += len(run)


def _bar(x: float, y: float, width: float, height: float) -> str:
    return f"M{_n(x)} {_n(y)}h{_n(width)}v{_n(height)}h{_n(-width)}z"


@dataclass(frozen=True, slots=True)
class Ridge:
    area: str
    line: str
    hot: str  # the last part, in the state's colour; empty while all is well
    limit_y: float | None


def ridge(
    points: Sequence[float | None],
    state: str = "up",
    limit: float | None = None,
    width: float = 96,
    height: float = 24,
) -> Ridge:
    """A latency spark. Gaps stay gaps; the limit is drawn only where the line comes near it."""
    known = [value for value in points if value is not None]
    top = max(known, default=0.0)
    near = limit is not None and limit > 0 and top >= 0.6 * limit
    ceiling = max(top, limit or 0 if near else 0) or 1.0
    # A flat line stands in the middle of its band and not on its floor: its own scale, honestly from zero.
    spread = (height - 6) / ceiling
    xs = [index * width / max(1, len(points) - 1) for index in range(len(points))]
    segments = _segments(
        [
            (x, None if v is None else height - 2 - v * spread)
            for x, v in zip(xs, points, strict=True)
        ]
    )
    area = "".join(f"{_line(s)}V{_n(height)}H{_n(s[0][0])}z" for s in segments if len(s) > 1)
    trouble = state in {"down", "degraded", "unknown"}
    last = segments[-1] if segments and points[-1] is not None else []
    return Ridge(
        area,
        "".join(_line(s) for s in segments),
        _line(last[-max(2, len(points) // 8) :]) if trouble and len(last) > 1 else "",
        None if limit is None or not near else height - 2 - limit * spread,
    )


Point = tuple[float, float]


def _segments(points: Iterable[tuple[float, float | None]]) -> list[list[Point]]:
    found: list[list[Point]] = [[]]
    for x, y in points:
        if y is None:
            found.append([])
        else:
            found[-1].append((x, y))
    return [segment for segment in found if segment]


def _line(points: Sequence[Point]) -> str:
    if not points:
        return ""
    if len(points) == 1:  # a lone value is a dot: a line of no length with round caps
        return f"M{_n(points[0][0])} {_n(points[0][1])}h0"
    return "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points)


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    value: Any


@dataclass(frozen=True, slots=True)
class Mark:
    x: float
    text: str
    left: bool  # text to the left of the line, near the right edge


@dataclass(frozen=True, slots=True)
class Band:
    x: float
    width: float
    state: str


@dataclass(frozen=True, slots=True)
class Stack:
    layers: tuple[tuple[int, str], ...]  # (ramp 1-5, path data), bottom first
    values: tuple[Tick, ...]  # of the value axis, in the series' unit
    times: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    bands: tuple[Band, ...]
    limit_y: float | None


def stack(
    times: Sequence[datetime],
    series: Sequence[Mapping[str, Any]],
    limit: float | None = None,
    marks: Sequence[Mapping[str, Any]] = (),
    bands: Sequence[Mapping[str, Any]] = (),
    zone: tzinfo | None = None,
    width: float = 820,
    height: float = 200,
) -> Stack:
    """Stacked areas over time. `series`: `{"values": [...], "ramp": 1-5}` in one unit, None = gap.

    `marks`: `{"at", "text"}` (deploys); `bands`: `{"start", "end", "state"}` (downtime).
    """
    totals = [sum(s["values"][i] or 0 for s in series) for i in range(len(times))]
    highest = max([*totals, (limit or 0) * 1.1, 1e-9])
    steps, top = nice_steps(highest), highest * 1.12
    at = _scale(times, width)
    floor = [0.0] * len(times)
    layers = []
    for index, one in enumerate(series):
        roof = [low + (one["values"][i] or 0) for i, low in enumerate(floor)]
        path = _between(times, floor, roof, totals, at, lambda v: height - v / top * height)
        layers.append((int(one.get("ramp") or index + 1), path))
        floor = roof
    return Stack(
        tuple(layers),
        tuple(Tick(round(height - value / top * height, 1), value) for value in steps),
        tuple(Tick(round(at(moment), 1), moment) for moment in time_steps(times, zone)),
        tuple(
            _mark(one, at, width) for one in marks if times and times[0] <= one["at"] <= times[-1]
        ),
        tuple(band for one in bands if (band := _band(one, at, width)) is not None),
        None if limit is None else round(height - limit / top * height, 1),
    )


def _scale(times: Sequence[datetime], width: float) -> Any:
    if not times:
        return lambda _: 0.0
    span = (times[-1] - times[0]).total_seconds() or 1.0
    return lambda moment: (moment - times[0]).total_seconds() / span * width


def _between(
    times: Sequence[datetime],
    floor: Sequence[float],
    roof: Sequence[float],
    totals: Sequence[float],
    at: Any,
    y: Any,
) -> str:
    """The closed area between two lines, cut where nothing was measured."""
    parts, run = [], []
    for index in range(len(times) + 1):
        if index < len(times) and totals[index] > 0:
            run.append(index)
            continue
        if len(run) > 1:
            upper = [(at(times[i]), y(roof[i])) for i in run]
            lower = [(at(times[i]), y(floor[i])) for i in reversed(run)]
            parts.append(_line([*upper, *lower]) + "Z")
        run = []
    return "".join(parts)


def _mark(one: Mapping[str, Any], at: Any, width: float) -> Mark:
    x = round(at(one["at"]), 1)
    return Mark(x, str(one["text"]), x > width * 0.5)


def _band(one: Mapping[str, Any], at: Any, width: float) -> Band | None:
    start, end = max(0.0, at(one["start"])), min(width, at(one["end"]))
    return (
        Band(round(start, 1), round(max(1.5, end - start), 1), str(one["state"]))
        if end > 0 < width - start
        else None
    )


def nice_steps(top: float, count: int = 5) -> tuple[float, ...]:
    """From zero in round steps (1, 2, 2.5, 5 × 10ⁿ), at most `count`, up to the last one below `top`."""
    raw = top / count
    magnitude = 10.0 ** _exponent(raw)
    step = next(m * magnitude for m in (1, 2, 2.5, 5, 10) if m * magnitude >= raw)
    return tuple(step * i for i in range(int(top // step) + 1))


def _exponent(value: float) -> int:
    return int(f"{value:e}".partition("e")[2])


_MINUTES = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080)


def time_steps(
    times: Sequence[datetime], zone: tzinfo | None = None, most: int = 7
) -> list[datetime]:
    """Round local times between the first and the last, at most `most`."""
    if len(times) < 2:
        return list(times)
    span_min = (times[-1] - times[0]).total_seconds() / 60
    step = next((m for m in _MINUTES if span_min / m <= most), _MINUTES[-1])
    start = times[0].astimezone(zone)
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    first = -(-(start - midnight) // timedelta(minutes=step))
    found = midnight + timedelta(minutes=step) * first
    steps = []
    while found <= times[-1]:
        steps.append(found)
        found += timedelta(minutes=step)
    return steps


def bar(
    parts: Sequence[tuple[str, float]], width: float = 600
) -> list[tuple[str, float, float, float]]:
    """One whole in parts: (word, value, x, width); parts that are there keep at least 1.5 units."""
    total = sum(value for _, value in parts) or 1.0
    least = [max(1.5, value / total * width) if value > 0 else 0.0 for _, value in parts]
    shrink = width / (sum(least) or 1.0)
    found, x = [], 0.0
    for (word, value), wide in zip(parts, least, strict=True):
        found.append((word, value, round(x, 1), round(wide * shrink, 1)))
        x += wide * shrink
    return found
