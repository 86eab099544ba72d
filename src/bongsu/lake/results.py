"""Check results: the row a writer sends, and the questions pages ask. All have limits; none scans a table.

Every question is by `check_id` first, the leading column of all three tables. Percentages are of time in
the confirmed `state`; what we could not see (`unknown`) counts neither for nor against the service.
Latency is that of answers. All raise LakeAway.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from bongsu.kit.clock import from_micros, micros
from bongsu.lake import result_sql as sql
from bongsu.lake.client import LakeClient, Param

TABLE = "check_result"
MAX_CHECKS = 1000  # in one question
MAX_DAYS = 400
MAX_BUCKETS = 500
MAX_NEWEST = 1000
SPARK_HOURS = 24
WINDOWS: Mapping[str, timedelta] = {
    "now": timedelta(minutes=15),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
_RAW_SPAN = timedelta(days=2)  # longer spans are answered from the hours
_U16, _U32 = (1 << 16) - 1, (1 << 32) - 1
Params = Mapping[str, Param]
_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One probe. `level` is what it saw, `state` what its location has confirmed after it.

    `every_s` is the time it stands for. `phases_us`: name, connect, tls, first byte, transfer.
    """

    check_id: int
    at: datetime
    location: str
    level: str
    state: str
    every_s: float
    status: int = 0
    phases_us: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)
    size_bytes: int = 0
    fault: str = ""
    own: str = ""

    @property
    def total_us(self) -> int:
        return sum(self.phases_us)

    def encode(self) -> bytes:
        """One line for `Spool.append(TABLE, …)`. What does not fit its column becomes the nearest that does."""
        phases_us: Sequence[int] = self.phases_us
        if min(phases_us) < 0 or max(phases_us) > _U32:
            phases_us = [_fit(phase, _U32) for phase in phases_us]
        row = (
            self.check_id,
            micros(self.at) // 1000 / 1000,
            self.location,
            self.level,
            self.state,
            _fit(round(self.every_s * 1000), _U32),
            _fit(self.status, _U16),
            *phases_us,
            _fit(self.size_bytes, _U32),
            self.fault,
            self.own,
        )
        return _ENCODER.encode(row) + b"\n"


def _fit(value: int, largest: int) -> int:
    return min(max(value, 0), largest)


class Day(NamedTuple):
    """A day of a check's strip. Seconds are means over its locations.

    A tuple, because a wall makes 90,000 of them for a thousand checks.
    """

    day: date
    up_s: float
    degraded_s: float
    down_s: float
    unknown_s: float

    @property
    def worst(self) -> str:
        """The worst confirmed state that any location was in, however short."""
        seen = {"down": self.down_s, "degraded": self.degraded_s, "unknown": self.unknown_s}
        return next((state for state, seconds in seen.items() if seconds > 0), "up")

    @property
    def percent(self) -> float | None:
        """None when we saw nothing but our own faults."""
        return _percent(self.up_s + self.degraded_s, self.down_s)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A part of a latency series; the figures are None when there was no answer in it."""

    at: datetime
    answers: int
    failures: int
    average_us: float | None
    p50_us: float | None
    p95_us: float | None
    phases_us: tuple[float, ...]  # means: name, connect, tls, first byte, transfer


@dataclass(frozen=True, slots=True)
class Window:
    """What a check was like from some time until now. `percent` as in Day, percentiles as in Bucket."""

    results: int
    percent: float | None
    p50_us: float | None
    p95_us: float | None
    p99_us: float | None


async def uptime(
    lake: LakeClient, check_ids: Sequence[int], days: int, now: datetime, zone: str = "UTC"
) -> dict[int, list[Day]]:
    """The last `days` days of each check, oldest first, today included; days without results are absent.

    Days begin at midnight in `zone` (zones that are not whole hours off are up to an hour wrong).
    At most MAX_CHECKS checks and MAX_DAYS days are answered.
    """
    ids = list(check_ids)[:MAX_CHECKS]
    if not ids:
        return {}
    here = now.astimezone(ZoneInfo(zone))
    first = here.date() - timedelta(days=min(days, MAX_DAYS) - 1)
    begin = datetime(first.year, first.month, first.day, tzinfo=here.tzinfo).astimezone(UTC)
    given: Params = {"ids": ids, "first": str(first), "limit": len(ids)}
    if zone == "UTC":
        rows = await lake.query(sql.DAYS_UTC, given)
    else:
        of_zone: Params = {"zone": zone, "since": _seconds(begin)}
        rows = await lake.query(sql.DAYS_IN_ZONE, {**given, **of_zone})
    dates = [first + timedelta(days=nth) for nth in range(MAX_DAYS + 1)]
    strips: dict[int, list[Day]] = {check_id: [] for check_id in ids}
    for number, (check_id, *lists) in enumerate(rows, 1):
        strips[check_id] = _strip(dates, lists)
        if number % 50 == 0:
            await asyncio.sleep(0)  # a thousand strips are 0.1 s: streams and other pages go on
    return strips


def _strip(dates: Sequence[date], lists: Sequence[Sequence[int]]) -> list[Day]:
    return [
        Day(dates[nth], up / 1000 / n, degraded / 1000 / n, down / 1000 / n, unknown / 1000 / n)
        for nth, up, degraded, down, unknown, n in sorted(zip(*lists, strict=True))
    ]


async def sparks(
    lake: LakeClient, check_ids: Sequence[int], now: datetime
) -> dict[int, list[float | None]]:
    """p95 in µs of each of the last 24 hours (the current one last) for many checks, in one query."""
    ids = list(check_ids)[:MAX_CHECKS]
    if not ids:
        return {}
    begin = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=SPARK_HOURS - 1)
    first = _seconds(begin)
    limit = len(ids) * SPARK_HOURS
    rows = await lake.query(sql.SPARKS, {"ids": ids, "since": first, "limit": limit})
    lines: dict[int, list[float | None]] = {check_id: [None] * SPARK_HOURS for check_id in ids}
    for check_id, at, answers, p95 in rows:
        slot = (at - first) // 3600
        if slot < SPARK_HOURS and answers:
            lines[check_id][slot] = p95
    return lines


async def series(
    lake: LakeClient, check_id: int, since: datetime, until: datetime, buckets: int = 120
) -> list[Bucket]:
    """Latency from `since` to before `until`, oldest first; buckets without results are absent.

    Up to two days exactly, from the results; longer from the hours, with percentiles good to about 1 %.
    """
    span = until - since
    raw = span <= _RAW_SPAN
    step = max(1, -(-int(span.total_seconds()) // min(max(buckets, 1), MAX_BUCKETS)))
    step = step if raw else -(-step // 3600) * 3600
    given: Params = {"id": check_id, "step": step, "limit": MAX_BUCKETS + 1}
    if raw:
        span_of: Params = {"since": _millis(since), "until": _millis(until)}
    else:
        span_of = {"since": _seconds(since) // 3600 * 3600, "until": _seconds(until)}
    question = sql.SERIES_RAW if raw else sql.SERIES_HOURS
    rows = await lake.query(question, {**given, **span_of})
    return [_bucket(row) for row in rows]


def _bucket(row: list[Any]) -> Bucket:
    at, answers, failures, total_us, quantiles, *phases = row
    return Bucket(
        at=from_micros(at * 1_000_000),
        answers=answers,
        failures=failures,
        average_us=total_us / answers if answers else None,
        p50_us=quantiles[0] if answers else None,
        p95_us=quantiles[1] if answers else None,
        phases_us=tuple(phase / answers if answers else 0.0 for phase in phases),
    )


async def windows(lake: LakeClient, check_id: int, now: datetime) -> dict[str, Window]:
    """Uptime and percentiles of each of WINDOWS: now (15 minutes), 24h, 7d, 30d."""
    asked = (window(lake, check_id, now - span, now) for span in WINDOWS.values())
    return dict(zip(WINDOWS, await asyncio.gather(*asked), strict=True))


async def window(lake: LakeClient, check_id: int, since: datetime, now: datetime) -> Window:
    """Up to two days exactly; longer from the hours, beginning with the hour of `since`."""
    if now - since <= _RAW_SPAN:
        return await window_exact(lake, check_id, since)
    hour = _seconds(since) // 3600 * 3600
    rows = await lake.query(sql.WINDOW_HOURS, {"id": check_id, "since": hour})
    return _window(rows[0])


async def window_exact(lake: LakeClient, check_id: int, since: datetime) -> Window:
    """From the results themselves, over any span: 90 days of one check are some 250,000 rows."""
    rows = await lake.query(sql.WINDOW_RAW, {"id": check_id, "since": _millis(since)})
    return _window(rows[0])


def _window(row: list[Any]) -> Window:
    results, up_ms, down_ms, answers, quantiles = row
    p50, p95, p99 = quantiles if answers else (None, None, None)
    return Window(results, _percent(up_ms, down_ms), p50, p95, p99)


async def newest(
    lake: LakeClient, check_id: int, limit: int = 50, before: datetime | None = None
) -> list[ResultRow]:
    """Newest first; `before` is the time of the last row of the page before this one."""
    given: Params = {
        "id": check_id,
        "before": _millis(before) if before else f"{_U32}",
        "limit": min(limit, MAX_NEWEST),
    }
    return [_row(row) for row in await lake.query(sql.NEWEST, given)]


def _row(row: list[Any]) -> ResultRow:
    check_id, at_ms, location, level, state, every_ms, status, *phases, size, fault, own = row
    name, connect, tls, first_byte, transfer = phases
    return ResultRow(
        check_id=check_id,
        at=from_micros(at_ms * 1000),
        location=location,
        level=level,
        state=state,
        every_s=every_ms / 1000,
        status=status,
        phases_us=(name, connect, tls, first_byte, transfer),
        size_bytes=size,
        fault=fault,
        own=own,
    )


def _percent(good: float, bad: float) -> float | None:
    return 100 * good / (good + bad) if good + bad else None


def _seconds(at: datetime) -> int:
    return micros(at) // 1_000_000


def _millis(at: datetime) -> str:
    """Exact: as decimal text, not by way of a float."""
    seconds, rest = divmod(micros(at) // 1000, 1000)
    return f"{seconds}.{rest:03}"
