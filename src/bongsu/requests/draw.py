"""Three bands over one time axis: how many, how many failed, how slow. Pure geometry; words are the template's.

The drawing is stretched to its place: x counts tenths of buckets, y goes from 0 (top) to 100 (bottom).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bongsu.kit.clock import from_micros, micros
from bongsu.requests.filter import Filter
from bongsu.requests.service import Summary
from bongsu.requests.store_lake import Figures
from bongsu.web.charts import nice_steps

_STEP_X, _HEIGHT = 10.0, 100.0
_TIMES = 5
# Of a bucket that has only begun: less of it would make a rate out of one request.
_LEAST_PART = 0.25
Value = Callable[[Figures], float]


@dataclass(frozen=True, slots=True)
class Band:
    """`top` is the value at the upper edge, 0 lies at the lower one; `highest` was reached `at`."""

    width: float
    paths: tuple[tuple[str, str], ...]  # (class, path data)
    top: float
    highest: float
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Drawing:
    rate: Band  # a minute
    failed: Band  # a bucket
    p95: Band  # ms
    times: tuple[datetime, ...]  # five, evenly from the first to the last moment
    mean_rate: float


def drawing_of(summary: Summary) -> Drawing | None:
    """None when there is nothing to draw."""
    if not summary.whole.count:
        return None
    slots = _slots(summary.wanted)
    found = {one.at: one.figures for one in summary.buckets}
    minutes = [_minutes(summary.wanted, at) for at in slots]
    rates = {at: 1 / part for at, part in zip(slots, minutes, strict=True)}
    return Drawing(
        rate=_bars(slots, found, _RATE, rates),
        failed=_bars(slots, found, {"x": lambda one: one.failed}, dict.fromkeys(slots, 1.0)),
        p95=_line(slots, found),
        times=_times(summary.wanted, slots),
        mean_rate=summary.whole.count / max(sum(minutes), 1 / 60),
    )


# From below: what went well, what was answered otherwise than wished, what the client cut off, what failed.
_RATE: Mapping[str, Value] = {
    "u": lambda one: one.outcomes["ok"],
    "d": lambda one: one.turned_away,
    "k": lambda one: one.outcomes["cut"],
    "x": lambda one: one.failed,
}


def _slots(wanted: Filter) -> list[datetime]:
    step_us = wanted.step_s * 1_000_000
    first = micros(wanted.since) // step_us * step_us
    return [from_micros(at) for at in range(first, micros(wanted.until), step_us)]


def _minutes(wanted: Filter, at: datetime) -> float:
    """How much of the bucket lies in the span."""
    end = min(at + timedelta(seconds=wanted.step_s), wanted.until)
    inside_s = (end - max(at, wanted.since)).total_seconds()
    return max(inside_s, wanted.step_s * _LEAST_PART) / 60


def _bars(
    slots: Sequence[datetime],
    found: Mapping[datetime, Figures],
    parts: Mapping[str, Value],
    scale: Mapping[datetime, float],
) -> Band:
    sums = {
        at: sum(part(found[at]) for part in parts.values()) * scale[at]
        for at in found
        if at in scale
    }
    highest = max(sums.values(), default=0.0)
    top = _top(highest)
    drawn: dict[str, list[str]] = {}
    for index, at in enumerate(slots):
        foot = 0.0
        for name, part in parts.items():
            value = part(found[at]) * scale[at] if at in found else 0.0
            if value:
                drawn.setdefault(name, []).append(_bar(index, foot / top, (foot + value) / top))
            foot += value
    paths = tuple((name, "".join(drawn[name])) for name in parts if name in drawn)
    return Band(len(slots) * _STEP_X, paths, top, highest, _when(sums, highest))


def _bar(index: int, low: float, high: float) -> str:
    """At least a hair high: one request in a thousand is seen."""
    height = max((high - low) * _HEIGHT, 1.2)
    y = _HEIGHT - low * _HEIGHT - height
    return f"M{_n(index * _STEP_X + 0.75)} {_n(y)}h{_n(_STEP_X - 1.5)}v{_n(height)}h{_n(1.5 - _STEP_X)}z"


def _line(slots: Sequence[datetime], found: Mapping[datetime, Figures]) -> Band:
    """p95 in ms; nothing where nothing ended, and steps instead of slopes: a bucket is one value."""
    values = {
        at: found[at].p95_us / 1000  # type: ignore[operator]
        for at in slots
        if at in found and found[at].p95_us is not None
    }
    highest = max(values.values(), default=0.0)
    top = _top(highest)
    line, area = [], []
    for run in _runs(slots, values):
        points = [(index, _HEIGHT - values[slots[index]] / top * _HEIGHT) for index in run]
        steps = "".join(f"V{_n(y)}H{_n((index + 1) * _STEP_X)}" for index, y in points)
        begin = f"M{_n(run[0] * _STEP_X)} {_n(points[0][1])}"
        line.append(begin + steps)
        area.append(f"{begin}{steps}V{_n(_HEIGHT)}H{_n(run[0] * _STEP_X)}z")
    paths = (("area", "".join(area)), ("line", "".join(line))) if values else ()
    return Band(len(slots) * _STEP_X, paths, top, highest, _when(values, highest))


def _runs(slots: Sequence[datetime], values: Mapping[datetime, float]) -> list[list[int]]:
    runs: list[list[int]] = [[]]
    for index, at in enumerate(slots):
        if at in values:
            runs[-1].append(index)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _top(highest: float) -> float:
    """The next round value: a scale of its own for each band, from zero."""
    if highest <= 0:
        return 1.0
    steps = nice_steps(highest, 4)
    step = steps[1] if len(steps) > 1 else highest
    return next(step * n for n in range(1, 12) if step * n >= highest * 0.999)


def _when(values: Mapping[datetime, float], highest: float) -> datetime | None:
    return next((at for at, value in values.items() if value == highest and highest > 0), None)


def _times(wanted: Filter, slots: Sequence[datetime]) -> tuple[datetime, ...]:
    """Round where the buckets are; the last one is now, or where the span ends."""
    length = timedelta(seconds=wanted.step_s) * len(slots)
    begins = (slots[0] + length * nth / (_TIMES - 1) for nth in range(_TIMES - 1))
    return (*begins, wanted.until)


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
