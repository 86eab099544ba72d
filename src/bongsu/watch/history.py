"""What the lake says, kept for pages: a page never waits for the lake, it shows what is known and how old that is.

The first question after a start is waited for a moment; later ones are asked in the background, once a minute.
"""

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import inf

from bongsu.kit.clock import Clock
from bongsu.kit.errors import LakeAway
from bongsu.lake import results
from bongsu.lake.client import LakeClient
from bongsu.lake.results import Day

DAYS = 90
FRESH_S = 60.0
FIRST_WAIT_S = 0.4
AWAY_S = 2.0  # until a lake that is away is asked again
PAGE = 200  # checks in one question: what comes back is read in a stretch of the loop
KEPT = 50_000  # checks whose history stays in memory, the deleted among them
_logger = logging.getLogger("bongsu.watch")
_RANK = {"up": 0, "unknown": 1, "degraded": 2, "down": 3}


@dataclass(frozen=True, slots=True)
class History:
    """Of one check, or of a service (the worst of its checks)."""

    days: tuple[str | None, ...] = (None,) * DAYS  # states, oldest first; None: not watched yet
    percent: float | None = None  # 0..1
    spark_ms: tuple[float | None, ...] = ()  # p95 of each of the last 24 hours

    @property
    def latest_ms(self) -> float | None:
        return next((value for value in reversed(self.spark_ms) if value is not None), None)


@dataclass(frozen=True, slots=True)
class Known:
    """All checks at one moment."""

    checks: Mapping[int, History] = field(default_factory=dict)
    at: datetime | None = None
    away_since: datetime | None = None
    _several: dict[tuple[int, ...], History] = field(default_factory=dict, compare=False)

    def of(self, check_ids: Sequence[int]) -> History:
        """Of several checks as one: the worst state of each day, the mean uptime, the slowest line."""
        key = tuple(check_ids)
        if key not in self._several:
            self._several[key] = self._as_one(key)
        return self._several[key]

    def _as_one(self, check_ids: Sequence[int]) -> History:
        found = [self.checks[one] for one in check_ids if one in self.checks]
        if len(found) <= 1:
            return found[0] if found else History()
        days = tuple(_worst(states) for states in zip(*(h.days for h in found), strict=True))
        percents = [h.percent for h in found if h.percent is not None]
        sparks = [h.spark_ms for h in found if h.spark_ms]
        lines = tuple(_largest(values) for values in zip(*sparks, strict=False)) if sparks else ()
        return History(days, sum(percents) / len(percents) if percents else None, lines)


def _worst(states: Iterable[str | None]) -> str | None:
    seen = [state for state in states if state is not None]
    return max(seen, key=_RANK.__getitem__) if seen else None


def _largest(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


class HistoryKeeper:
    """One for each `serve` process."""

    def __init__(self, lake: LakeClient, clock: Clock) -> None:
        self.lake, self.clock = lake, clock
        self.known = Known()
        self._asking: asyncio.Task[None] | None = None
        self._asked_s: dict[int, float] = {}  # when each check was asked for

    async def get(self, check_ids: Sequence[int]) -> Known:
        """What is known now. Asks in the background for those that are new, or of which that is old."""
        if (old := self._old(check_ids)) and (self._asking is None or self._asking.done()):
            self._asked_s |= dict.fromkeys(old, self.clock.monotonic_s())
            self._asking = asyncio.create_task(self._ask(old))
        if self.known.at is None and self.known.away_since is None and self._asking:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._asking), FIRST_WAIT_S)
        return self.known

    def _old(self, wanted: Sequence[int]) -> list[int]:
        before_s = self.clock.monotonic_s() - FRESH_S
        return sorted({one for one in wanted if self._asked_s.get(one, -inf) < before_s})

    async def _ask(self, check_ids: Sequence[int]) -> None:
        now = self.clock.now()
        found: dict[int, History] = {}
        try:
            for start in range(0, len(check_ids), PAGE):
                found |= await self._page(check_ids[start : start + PAGE], now)
        except LakeAway as error:
            _logger.warning("history is away: %s", error.why)
            again_s = self.clock.monotonic_s() - FRESH_S + AWAY_S
            self._asked_s |= dict.fromkeys(check_ids, again_s)
            since = self.known.away_since or now
            self.known = Known(self.known.checks, self.known.at, since)
            return
        kept = self.known.checks if len(self.known.checks) < KEPT else {}
        self.known = Known({**kept, **found}, now)

    async def _page(self, ids: Sequence[int], now: datetime) -> dict[int, History]:
        strips = await results.uptime(self.lake, ids, DAYS, now)
        sparks = await results.sparks(self.lake, ids, now)
        return {one: _history(strips.get(one, []), sparks.get(one, []), now) for one in ids}

    async def close(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)


def _history(days: Sequence[Day], spark_us: Sequence[float | None], now: datetime) -> History:
    by_day: dict[date, Day] = {one.day: one for one in days}
    states = tuple(
        by_day[day].worst if (day := now.date() - timedelta(days=back)) in by_day else None
        for back in range(DAYS - 1, -1, -1)
    )
    good = sum(one.up_s + one.degraded_s for one in days)
    whole = good + sum(one.down_s for one in days)
    line = tuple(None if value is None else value / 1000 for value in spark_us)
    return History(states, good / whole if whole else None, line)
