"""When a check is due: pure arithmetic on a fixed grid, and a heap of the next slots. Nothing here reads a clock.

All times are whole microseconds of *grid time*: the monotonic clock, set to wall time once at start. A
check's slots are `phase + k * every` with `phase = hash(id) mod every`, so they never drift, are the same
after a restart, and thousands of checks with one interval are spread over it.
"""

import heapq
import math
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from bongsu.kit.clock import micros

SECOND_US = 1_000_000
LATE_LIMIT_US = 2 * SECOND_US  # a slot later than this is skipped, never made up
FIRST_WITHIN_US = 60 * SECOND_US  # checks with long intervals are seen once soon after a cold start
_COLD_PER_S = 250  # first looks a second: few checks are all seen at once, thousands make no storm
_CATCH_UP = 3  # after a stall, starts go at most this many times their usual rate
_TICK_LIMIT_S = 0.05
_MASK = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Grid:
    """What to add to the monotonic clock to get grid time."""

    offset_us: int

    @classmethod
    def at(cls, now: datetime, monotonic_s: float) -> "Grid":
        return cls(micros(now) - int(monotonic_s * SECOND_US))

    def now_us(self, monotonic_s: float) -> int:
        return int(monotonic_s * SECOND_US) + self.offset_us

    def monotonic_s(self, grid_us: int) -> float:
        return (grid_us - self.offset_us) / SECOND_US


class Slot(NamedTuple):
    """A check's turn. `missed`: earlier slots that nobody started; `late`: nor is this one to be started."""

    check_id: int
    due_us: int
    missed: int = 0
    late: bool = False


def phase_us(check_id: int, every_us: int) -> int:
    """Where in its interval a check runs: the same on every machine and after every restart (splitmix64)."""
    mixed = (check_id + 1) * 0x9E3779B97F4A7C15 & _MASK
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & _MASK
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & _MASK
    return (mixed ^ mixed >> 31) % every_us


def slot_after(phase: int, every_us: int, after_us: int) -> int:
    """The first slot later than `after_us`."""
    return phase + ((after_us - phase) // every_us + 1) * every_us


def allowance(per_s: float, elapsed_s: float) -> int:
    """How many starts one tick may make: enough for the usual rate and a quick catching up, never a burst."""
    return 4 + math.ceil(per_s * min(elapsed_s, _TICK_LIMIT_S) * _CATCH_UP)


def first_within_us(checks: int) -> int:
    """In what time a cold start sees this many checks once: a second for a few, never more than a minute."""
    return min(max(SECOND_US, checks * SECOND_US // _COLD_PER_S), FIRST_WITHIN_US)


class Schedule:
    """The next slot of every check; `put`, `drop` and each slot of `take` cost O(log n)."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int]] = []  # entries that `_next` no longer names are dead
        self._next: dict[int, int] = {}
        self._every: dict[int, int] = {}
        self._intervals: dict[int, int] = {}
        self._off_grid: set[int] = set()  # whose next run is an extra first one
        self.per_s = 0.0  # how many slots a second all checks together have

    def __len__(self) -> int:
        return len(self._every)

    def put(self, check_id: int, every_s: float, now_us: int, first_us: int | None = None) -> None:
        """Enters a check, or its new interval; one with the interval it has keeps its place.

        `first_us`: an extra first run off the grid, for a check that nobody has seen yet.
        """
        every_us = round(every_s * SECOND_US)
        every_us = self._intervals.setdefault(every_us, every_us)  # one int for all that share it
        if self._every.get(check_id) == every_us:
            return
        self.drop(check_id)
        due_us = slot_after(phase_us(check_id, every_us), every_us, now_us)
        if first_us is not None and first_us < due_us:
            self._off_grid.add(check_id)
            due_us = first_us
        self._arm(check_id, every_us, due_us)

    def put_cold(
        self, check_id: int, every_s: float, now_us: int, within_us: int = FIRST_WITHIN_US
    ) -> None:
        """Enters a check at start: its first run is within its interval, and within `within_us`."""
        soon_us = now_us + 1 + phase_us(check_id, within_us)
        self.put(check_id, every_s, now_us, first_us=soon_us)

    def drop(self, check_id: int) -> None:
        every_us = self._every.pop(check_id, None)
        if every_us is not None:
            self.per_s -= SECOND_US / every_us
            del self._next[check_id]
            self._off_grid.discard(check_id)

    def next_us(self) -> int | None:
        """When the next slot is due; None while there is no check."""
        while self._heap and self._next.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def take(self, now_us: int, limit: int) -> list[Slot]:
        """At most `limit` slots that are due, earliest first, each check once; every one is armed again."""
        slots: list[Slot] = []
        while len(slots) < limit:
            due_us = self.next_us()
            if due_us is None or due_us > now_us:
                break
            slots.append(self._take_one(due_us, self._heap[0][1], now_us))
        return slots

    def _take_one(self, due_us: int, check_id: int, now_us: int) -> Slot:
        every_us = self._every[check_id]
        following_us = due_us + every_us
        if following_us <= now_us or check_id in self._off_grid:
            self._off_grid.discard(check_id)
            following_us = slot_after(phase_us(check_id, every_us), every_us, now_us)
        latest_us = max(due_us, following_us - every_us)
        self._next[check_id] = following_us
        heapq.heapreplace(self._heap, (following_us, check_id))
        missed = -(-(latest_us - due_us) // every_us)
        return Slot(check_id, latest_us, missed, late=now_us - latest_us > LATE_LIMIT_US)

    def _arm(self, check_id: int, every_us: int, due_us: int) -> None:
        self._every[check_id] = every_us
        self._next[check_id] = due_us
        self.per_s += SECOND_US / every_us
        heapq.heappush(self._heap, (due_us, check_id))
