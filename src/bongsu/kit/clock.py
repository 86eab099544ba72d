"""The only place that reads a clock. Everything else gets `now` or a `Clock` as a parameter."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Wall time, aware, UTC."""

    def monotonic_s(self) -> float:
        """Seconds that never go back; only differences mean anything."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        return time.monotonic()


class ManualClock:
    """A clock that moves when a test says so."""

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
        self._monotonic_s = 1000.0

    def now(self) -> datetime:
        return self._now

    def monotonic_s(self) -> float:
        return self._monotonic_s

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        self._monotonic_s += seconds

    def jump(self, seconds: float) -> None:
        """Somebody sets the wall clock."""
        self._now += timedelta(seconds=seconds)


SYSTEM_CLOCK = SystemClock()


class SetBack:
    """Notices that the wall clock was set back by more than `tolerance_s`.

    Whatever waits for a moment of the wall clock would then wait that much longer, an hour perhaps.
    """

    def __init__(self, clock: Clock, tolerance_s: float = 1.0) -> None:
        self._clock, self._tolerance_s = clock, tolerance_s
        self._ahead_s, self._open = self._now_ahead_s(), False

    def _now_ahead_s(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic_s()

    def happened(self) -> bool:
        """True from then on until `settled`."""
        before_s, self._ahead_s = self._ahead_s, self._now_ahead_s()
        self._open = self._open or self._ahead_s < before_s - self._tolerance_s
        return self._open

    def settled(self) -> None:
        """What waited has been pulled forward."""
        self._open = False


def micros(at: datetime) -> int:
    """Whole microseconds since 1970; exact, unlike `timestamp()`."""
    delta = at - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def from_micros(value: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=value)


def iso(at: datetime) -> str:
    """RFC 3339 with `Z`, milliseconds: how times look in JSON everywhere."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_iso(text: str) -> datetime:
    """Raises ValueError for anything without a zone."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return at.astimezone(UTC)
