"""Was it us? Signs that an observation says nothing about its target.

A busy loop, a clock that jumped, a late start, an exhausted machine or a network of ours that is gone must
never make a target `down` (DESIGN.md, "Own faults never make a down").
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from bongsu.kit.clock import Clock
from bongsu.watch.model import Observation

LOOP_LATE_S = 0.25
CLOCK_JUMP_S = 1.0
LATE_START_S = 2.0
TICK_S = 0.05

# Without a connection it may be our own network; an answer, even a bad one, shows that it is not.
_MAYBE_OURS = frozenset(
    {
        "name",
        "resolver",
        "connect_timeout",
        "connect_refused",
        "connect_reset",
        "unreachable",
        "timeout",
    }
)

Canary = Callable[[], Awaitable[bool | None]]


class Mark(NamedTuple):
    """When a look began: on the monotonic clock, and how far wall time was from it."""

    monotonic_s: float
    offset_s: float


class OwnFaults:
    """One for each loop. `canary` says whether a name that must resolve does; None when it cannot be asked."""

    def __init__(self, clock: Clock, canary: Canary) -> None:
        self._clock = clock
        self._canary = canary
        self._stalls: deque[float] = deque(maxlen=64)  # when each ended
        self._due_s = float("inf")
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begins to watch the loop it is called on."""
        self._due_s = self._clock.monotonic_s() + TICK_S
        self._arm()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._due_s = float("inf")

    def started(self) -> Mark:
        """To be kept until the look is over and given to `judged`."""
        return self._mark()

    async def judged(self, seen: Observation, since: Mark, late_s: float = 0.0) -> Observation:
        """The observation, as our own where there is a sign of that. `late_s` is how late it started."""
        if seen.own is not None:
            return seen
        if why := self._sign(since, late_s):
            return seen.as_own(why)
        if seen.fault is None or seen.connected or seen.fault.kind not in _MAYBE_OURS:
            return seen
        well = await self._canary()
        if well is False or (well is None and seen.fault.kind == "resolver"):
            return seen.as_own("resolver")
        return seen

    def _sign(self, since: Mark, late_s: float) -> str | None:
        now = self._mark()
        if late_s > LATE_START_S:
            return "late_start"
        if abs(now.offset_s - since.offset_s) > CLOCK_JUMP_S:
            return "clock_jump"
        if self._stalls and self._stalls[-1] > since.monotonic_s:
            return "loop_late"
        return None

    def _mark(self) -> Mark:
        """Also notes a stall that just ended: whoever runs first after it must know."""
        now_s = self._clock.monotonic_s()
        if now_s - self._due_s > LOOP_LATE_S:
            self._stalls.append(now_s)
            self._due_s = now_s + TICK_S
        return Mark(now_s, self._clock.now().timestamp() - now_s)

    def _arm(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(TICK_S, self._tick)

    def _tick(self) -> None:
        self._mark()
        self._due_s = self._clock.monotonic_s() + TICK_S
        self._arm()
