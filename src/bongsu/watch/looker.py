"""One look of the engine: in full, or after a knock where nobody answered last time.

A full look that ends without a connection is remembered; from then on the target is knocked first, and only a
door at which something stirs is looked at in full. Silence is judged as the full look would: same fault, same
conditions, same doubts about ourselves. When very many full looks are stuck, everybody is knocked first.
"""

from collections import deque
from collections.abc import Callable
from typing import Any

from bongsu.kit.clock import Clock
from bongsu.kit.i18n import Said
from bongsu.net.guard import EgressPolicy
from bongsu.net.model import Fault, Phases
from bongsu.net.place import Place, find_place
from bongsu.net.resolver import Resolver
from bongsu.net.url import parse_url, split_host_port
from bongsu.watch.checks._context import ending
from bongsu.watch.doors import Doors
from bongsu.watch.model import Check, Observation
from bongsu.watch.own import OwnFaults
from bongsu.watch.probe import Prober, Unfit, judged, prepare

STUCK_AT_ONCE = 256  # full looks that take over a second; beyond, a door is tried before
KEPT_READY = 4_000  # checks whose options and conditions stay prepared: 2 kB each, 30 µs to make


class Looker:
    def __init__(
        self, prober: Prober, own: OwnFaults, resolver: Resolver, policy: EgressPolicy, clock: Clock
    ) -> None:
        self._prober, self._own = prober, own
        self._resolver, self._policy, self._clock = resolver, policy, clock
        self._doors = Doors(clock)
        self._shut: set[int] = set()
        self._ready: set[int] = set()
        self._ready_in_order: deque[int] = deque()
        self._whole = 0
        # How many looks take over a second, of any sort.
        self.slow_count: Callable[[], int] = lambda: 0

    def close(self) -> None:
        self._doors.close()

    def forget(self, check_id: int) -> None:
        self._prober.forget(check_id)
        self._shut.discard(check_id)

    async def look(self, check: Check, late_s: float) -> Observation:
        """Few frames, few values: thousands of these wait at shut doors."""
        if check.id in self._shut or self._are_many_stuck():
            mark = self._own.started()
            place = await self._place(check)
            if place is not None:
                left_s = check.timeout_s - place.name_us / 1e6
                if not await self._doors.knock(place.address, place.port, max(left_s, 0.001)):
                    return await self._own.judged(self._silence(check, place), mark, late_s)
        return await self._look_whole(check, late_s)

    def _are_many_stuck(self) -> bool:
        """Both: full looks are many, and so are slow ones. Many that are quick are only many."""
        return self._whole >= STUCK_AT_ONCE and self.slow_count() >= STUCK_AT_ONCE

    async def _look_whole(self, check: Check, late_s: float) -> Observation:
        self._whole += 1
        try:
            seen = await self._prober.look(check, late_s)
        finally:
            self._whole -= 1
            self._keep_ready(check.id)
        if seen.fault is not None and seen.fault.kind == "connect_timeout":
            self._shut.add(check.id)
        else:
            self._shut.discard(check.id)
        return seen

    def _keep_ready(self, check_id: int) -> None:
        """First in, first out; whoever was forgotten meanwhile is forgotten once more."""
        if check_id in self._ready:
            return
        self._ready.add(check_id)
        self._ready_in_order.append(check_id)
        if len(self._ready_in_order) > KEPT_READY:
            oldest = self._ready_in_order.popleft()
            self._ready.discard(oldest)
            self._prober.forget(oldest)

    async def _place(self, check: Check) -> Place | None:
        """None where a full look is needed to say what is wrong."""
        door = door_of(check)
        if door is None:
            return None
        place = await find_place(
            *door,
            check.options.get("family", "any"),
            check.timeout_s,
            resolver=self._resolver,
            policy=self._policy,
            clock=self._clock,
        )
        return None if place.fault else place

    def _silence(self, check: Check, place: Place) -> Observation:
        """What a full look says of a target that does not answer at all."""
        self._shut.add(check.id)
        ready, now = prepare(check), self._clock.now()
        if isinstance(ready, Unfit):
            return Observation(False, "unknown", now, own="options", reason=ready.reason)
        connect_us = round(check.timeout_s * 1e6) - place.name_us
        fault = Fault("connect_timeout", f"no connection within {check.timeout_s:.3g} s")
        took = Phases(name=place.name_us, connect=max(connect_us, 0))
        end = ending(fault, _named(check), took)
        seen = Observation(
            end.ok,
            end.level,
            now,
            phases_us=took,
            fault=end.fault,
            own=end.own,
            reason=end.reason,
        )
        return judged(ready, seen)


def door_of(check: Check) -> tuple[str, int] | None:
    """Host and port that any look of the check begins with; None for kinds that are not that simple."""
    options = check.options
    if check.kind == "http":
        target = parse_url(str(options.get("url", "")))
        return None if isinstance(target, Said) else (target.host, target.port)
    if check.kind in {"tcp", "tls"}:
        split = split_host_port(str(options.get("address", "")))
        return None if isinstance(split, Said) else split
    return None


def _named(check: Check) -> str:
    """How the kinds name their target in a reason: the host of a URL, else the place as written."""
    door: Any = door_of(check) if check.kind == "http" else None
    return door[0] if door else str(check.options.get("address", ""))
