"""Who may start a look now: caps in all, for slow targets and for each host. Pure; time is a parameter.

Targets that do not answer hold their place until their time-out. So that they never delay those that do:

- a check whose last look took over SLOW_US goes to the *slow* lane, which holds three quarters of all places;
- a look under way for longer than that moves to the slow lane, so the quick lane is free again in a second;
- the quick lane is shorter: more at once only makes each of them slower, when it is we who are slow;
- who finds no place waits in line (first come, first served) and is given up after the slot's lateness limit.
"""

from collections import deque
from dataclasses import dataclass
from typing import Generic, TypeVar

from bongsu.watch.schedule import LATE_LIMIT_US, SECOND_US

SLOW_US = SECOND_US
PER_HOST = 32
SLOW_SHARE = 0.75
QUICK_AT_ONCE = 2048
Work = TypeVar("Work")


@dataclass(eq=False, slots=True)
class Place(Generic[Work]):
    """One look's way through the lanes. `slow` changes when it turns out to be."""

    work: Work
    host: str
    slow: bool
    since_us: int  # the slot's due time while it waits, then the time of its start
    left: bool = False


class Lanes(Generic[Work]):
    """`offer` and `leave` give the looks to start now; `expired` those that waited too long."""

    def __init__(self, total: int, per_host: int = PER_HOST) -> None:
        self.total, self.per_host = total, per_host
        self.slow_limit = max(1, int(total * SLOW_SHARE))
        self.quick_count = self.slow_count = 0
        self._hosts: dict[str, int] = {}
        self._host_lines: dict[str, deque[Place[Work]]] = {}
        self._lines: tuple[deque[Place[Work]], deque[Place[Work]]] = (deque(), deque())
        self._young: deque[Place[Work]] = deque()  # under way in the quick lane, by start

    @property
    def under_way(self) -> int:
        return self.quick_count + self.slow_count

    @property
    def waiting(self) -> int:
        return sum(map(len, (*self._lines, *self._host_lines.values())))

    def offer(self, place: Place[Work], now_us: int) -> bool:
        """True: start it now. False: it waits in line."""
        if self._hosts.get(place.host, 0) >= self.per_host:
            self._host_lines.setdefault(place.host, deque()).append(place)
            return False
        self._hosts[place.host] = self._hosts.get(place.host, 0) + 1
        if not self._has_room(place.slow):
            self._lines[place.slow].append(place)
            return False
        self._enter(place, now_us)
        return True

    def leave(self, place: Place[Work], now_us: int) -> list[Place[Work]]:
        """The look is over. Gives those that may start in its place."""
        place.left = True
        if place.slow:
            self.slow_count -= 1
        else:
            self.quick_count -= 1
        self._leave_host(place.host)
        started: list[Place[Work]] = []
        line = self._host_lines.get(place.host)
        if line:
            following = line.popleft()
            if not line:
                del self._host_lines[place.host]
            if self.offer(following, now_us):
                started.append(following)
        return started + self._advance(now_us)

    def settle(self, now_us: int) -> list[Place[Work]]:
        """Moves looks that turned out slow to the slow lane; gives those that may start by it."""
        while self._young and (self._young[0].left or now_us - self._young[0].since_us > SLOW_US):
            place = self._young.popleft()
            if not place.left:
                place.slow = True
                self.quick_count -= 1
                self.slow_count += 1
        return self._advance(now_us) if any(self._lines) else []

    def expired(self, now_us: int) -> list[Place[Work]]:
        """Those that waited longer than a slot may be late; they are out of line."""
        gone: list[Place[Work]] = []
        for line in self._lines:
            while line and now_us - line[0].since_us > LATE_LIMIT_US:
                gone.append(line.popleft())
                self._leave_host(gone[-1].host)
        for host in list(self._host_lines):
            waiting = self._host_lines[host]
            while waiting and now_us - waiting[0].since_us > LATE_LIMIT_US:
                gone.append(waiting.popleft())
            if not waiting:
                del self._host_lines[host]
        return gone

    def _has_room(self, slow: bool) -> bool:
        if slow:
            return self.under_way < self.slow_limit
        return self.quick_count < QUICK_AT_ONCE and self.under_way < self.total

    def _enter(self, place: Place[Work], now_us: int) -> None:
        place.since_us = now_us
        if place.slow:
            self.slow_count += 1
        else:
            self.quick_count += 1
            self._young.append(place)

    def _advance(self, now_us: int) -> list[Place[Work]]:
        started: list[Place[Work]] = []
        for slow in (False, True):
            line = self._lines[slow]
            while line and self._has_room(slow):
                started.append(line.popleft())
                self._enter(started[-1], now_us)
        return started

    def _leave_host(self, host: str) -> None:
        left = self._hosts[host] - 1
        if left:
            self._hosts[host] = left
        else:
            del self._hosts[host]
