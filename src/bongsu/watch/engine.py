"""Looks at every check on time: due → look → own fault? → verdict → recorder, results, archive.

States live in memory and are written when they change. One timer starts what is due; each look is a task.
Nothing here waits for a database, the lake or the object store.
"""

import asyncio
import logging
import traceback
from typing import Any, NamedTuple, Protocol

from bongsu.kit.clock import Clock, micros
from bongsu.kit.redact import redact_text
from bongsu.kit.text import head
from bongsu.net.model import Certificate
from bongsu.watch import evidence
from bongsu.watch.changes import certificate_of
from bongsu.watch.figures import Figures
from bongsu.watch.lanes import Lanes, Place
from bongsu.watch.model import Check, Observation, State
from bongsu.watch.own import CLOCK_JUMP_S, LOOP_LATE_S
from bongsu.watch.schedule import FIRST_WITHIN_US, SECOND_US, Grid, Schedule, Slot, allowance
from bongsu.watch.target import host_of
from bongsu.watch.verdict import LocationState, Transition
from bongsu.watch.watched import Watched

# Few checks start to the millisecond; of very many, some together (`_tick_s`).
TICK_S = (0.002, 0.025)
_TICK_LOOKS = 80e-6
IDLE_TICK_S = 0.1  # waiting looks are given up and slow ones moved at least this often
ASKED_AT_ONCE = 64
STALL_S = LOOP_LATE_S + IDLE_TICK_S
STALE_INTERVALS = 2
_logger = logging.getLogger("bongsu.watch")


class Looking(Protocol):
    async def look(self, check: Check, late_s: float) -> Observation:
        """One look, judged for own faults. Raises only for a bug of a kind."""

    def forget(self, check_id: int) -> None: ...


class Outlet(Protocol):
    """Where looks go. Nothing of it waits."""

    def looked(self, check: Check, state: State, seen: Observation, intervals: int = 1) -> None: ...

    def changed(self, check: Check, move: Transition, seen: Observation) -> None: ...

    def certificate(self, check_id: int, seen: dict[str, Any]) -> None: ...

    def answer(self, request_id: str, summary: dict[str, Any]) -> None: ...

    def trouble(self, kind: str, /, **details: Any) -> None: ...


class Turn(NamedTuple):
    watched: Watched
    slot: Slot


class Engine:
    """Call `run` once; `put` and `drop` at any time, from the same loop."""

    def __init__(self, looking: Looking, outlet: Outlet, clock: Clock, capacity: int) -> None:
        self._looking, self._outlet, self._clock = looking, outlet, clock
        self.checks: dict[int, Watched] = {}
        self.figures = Figures()
        self.grid = Grid.at(clock.now(), clock.monotonic_s())
        self.schedule = Schedule()
        self.first_within_us = FIRST_WITHIN_US  # of checks that are put in cold
        self.lanes: Lanes[Turn] = Lanes(capacity)
        self._asked = asyncio.Semaphore(ASKED_AT_ONCE)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._bugs: set[tuple[str, type[Exception]]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._ticked_us = self.now_us()
        self._wall_offset_us = self._offset_us(self._ticked_us)

    def now_us(self) -> int:
        return self.grid.now_us(self._clock.monotonic_s())

    def put(
        self,
        check: Check,
        state: LocationState,
        certificate: dict[str, Any] | None = None,
        *,
        cold: bool = False,
    ) -> None:
        """Enters a check, or its new definition: a known one keeps its state and its place in time.

        `cold`: at start, when thousands come at once; else a new check is looked at now.
        """
        now_us = self.now_us()
        known = self.checks.get(check.id)
        if known is not None:
            known.redefine(check)
            self.schedule.put(check.id, check.every_s, now_us)
            return
        seen = (certificate["subject"], certificate["not_after"]) if certificate else None
        entry = [check.id, state.state or "unknown", None, 0.0]
        self.checks[check.id] = Watched(
            check, host_of(check.options), state, now_us, entry, certificate=seen
        )
        if cold:
            self.schedule.put_cold(check.id, check.every_s, now_us, self.first_within_us)
        else:
            self.schedule.put(check.id, check.every_s, now_us, first_us=now_us)

    def drop(self, check_id: int) -> None:
        """A look under way ends by itself; what it sees counts for nothing."""
        self.schedule.drop(check_id)
        self.checks.pop(check_id, None)
        self._looking.forget(check_id)

    async def run(self, stop: asyncio.Event) -> None:
        """Looks until `stop`; looks under way are then given up, which says nothing about their targets."""
        self._ticked_us = self.now_us()
        self._turn()
        await stop.wait()
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def snapshot(self) -> list[list[Any]]:
        return [watched.entry for watched in self.checks.values()]

    def look_now(self, check_id: int, request_id: str) -> None:
        """A look that somebody waits for: no slot, no lane, ahead of everything that is due."""
        watched = self.checks.get(check_id)
        if watched is None:
            self._outlet.answer(request_id, {"check_id": check_id, "state": "unknown", "ok": False})
            return
        self.figures.asked += 1
        self._spawn(self._answer(watched, request_id))

    async def _answer(self, watched: Watched, request_id: str) -> None:
        async with self._asked:
            seen = await self._seen(watched, 0.0)
        self._take_in(watched, seen)
        self._outlet.answer(request_id, evidence.summary(watched.check, watched.shown, seen))
        self._forget_task()

    def tick(self) -> None:
        """Starts what is due, gives up what waited too long. Called by the timer of `run`."""
        now_us = self.now_us()
        elapsed_s = (now_us - self._ticked_us) / SECOND_US
        self._ticked_us = now_us
        self._watch_ourselves(now_us, elapsed_s)
        for slot in self.schedule.take(now_us, allowance(self.schedule.per_s, elapsed_s)):
            self._due(self.checks[slot.check_id], slot, now_us)
        for place in self.lanes.settle(now_us):
            self._begin(place)
        for place in self.lanes.expired(now_us):
            place.work.watched.running = False
            self._skip(place.work.watched, "busy", 1)

    def _turn(self) -> None:
        self.tick()
        due_us = self.schedule.next_us()
        wait_s = IDLE_TICK_S if due_us is None else (due_us - self.now_us()) / SECOND_US
        delay_s = min(max(wait_s, self._tick_s()), IDLE_TICK_S)
        self._timer = asyncio.get_running_loop().call_later(delay_s, self._turn)

    def _tick_s(self) -> float:
        """Looks that start together share wake-ups of the loop and of the target: each costs a third less."""
        return min(max(TICK_S[0], self.schedule.per_s * _TICK_LOOKS), TICK_S[1])

    def _watch_ourselves(self, now_us: int, elapsed_s: float) -> None:
        """Two troubles that only a regular pulse can notice; each look is judged for itself as well."""
        if elapsed_s > STALL_S:
            self._outlet.trouble("stalled", seconds=round(elapsed_s, 3))
        offset_us = self._offset_us(now_us)
        jump_s = (offset_us - self._wall_offset_us) / SECOND_US
        self._wall_offset_us = offset_us
        if abs(jump_s) > CLOCK_JUMP_S:
            self._outlet.trouble("clock_jump", seconds=round(jump_s, 3))

    def _offset_us(self, now_us: int) -> int:
        """How far wall time has moved from grid time, which only the monotonic clock moves."""
        return micros(self._clock.now()) - now_us

    def _due(self, watched: Watched, slot: Slot, now_us: int) -> None:
        if slot.missed or slot.late:
            self._skip(watched, "late", slot.missed + slot.late)
        if slot.late:
            return
        if watched.running:
            self._skip(watched, "running", 1)
            return
        watched.running = True
        place = Place(Turn(watched, slot), watched.host, watched.slow, slot.due_us)
        if self.lanes.offer(place, now_us):
            self._begin(place)

    def _begin(self, place: Place[Turn]) -> None:
        self._spawn(self._look(place))

    def _spawn(self, work: Any) -> None:
        self._tasks.add(asyncio.get_running_loop().create_task(work))

    def _forget_task(self) -> None:
        """At the end of each, by itself: a callback for it would cost every look a turn of the loop."""
        task = asyncio.current_task()
        if task is not None:
            self._tasks.discard(task)

    async def _look(self, place: Place[Turn]) -> None:
        watched, slot = place.work
        late_us = self.now_us() - slot.due_us
        self.figures.start(late_us)
        try:
            seen = await self._seen(watched, late_us / SECOND_US)
        finally:
            watched.running = False
            watched.slow = place.slow
            for following in self.lanes.leave(place, self.now_us()):
                self._begin(following)
            self._forget_task()
        self._take_in(watched, seen)

    async def _seen(self, watched: Watched, late_s: float) -> Observation:
        """A kind that raises is a bug of ours: said once, and its look says nothing about the target."""
        try:
            return await self._looking.look(watched.check, late_s)
        except Exception as error:  # noqa: BLE001  one kind's bug must not stop the others
            self._say_bug(watched.check, error)
            return Observation(False, "unknown", self._clock.now(), own=type(error).__name__)

    def _say_bug(self, check: Check, error: Exception) -> None:
        words = redact_text(f"{type(error).__name__}: {error}")
        self._outlet.trouble("probe_failed", check_kind=check.kind, error=head(words, 300))
        if (check.kind, type(error)) not in self._bugs:
            self._bugs.add((check.kind, type(error)))
            trace = redact_text("".join(traceback.format_exception(error)))
            _logger.error("kind %s failed at check %s: %s", check.kind, check.title, trace)

    def _take_in(self, watched: Watched, seen: Observation) -> None:
        check = watched.check
        if self.checks.get(check.id) is not watched:
            return  # deleted meanwhile
        watched.looked_us = self.now_us()
        move = watched.see(seen)
        took_ms = None if seen.own else round(seen.total_us / 1000, 3)
        watched.entry[2:] = (took_ms, micros(seen.at) // 1000 / 1000)
        self.figures.own += seen.own is not None
        self.figures.failed += not seen.ok
        self._outlet.looked(check, watched.shown, seen)
        if seen.own == "resolver":
            self._outlet.trouble("resolver_away", check=check.title)
        if move is not None:
            self._outlet.changed(check, move, seen)
        if seen.certificate is not None:
            self._note_certificate(watched, seen.certificate)

    def _note_certificate(self, watched: Watched, seen: Certificate) -> None:
        shown = certificate_of(seen)
        key = (shown["subject"], shown["not_after"])
        if key != watched.certificate:
            watched.certificate = key
            self._outlet.certificate(watched.check.id, shown)

    def _skip(self, watched: Watched, why: str, count: int) -> None:
        """A skipped slot is recorded. A check that is never looked at becomes unknown, not silently old."""
        self.figures.skipped[why] += count
        check = watched.check
        seen = Observation(False, "unknown", self._clock.now(), own=f"skipped_{why}")
        self._outlet.looked(check, watched.shown, seen, intervals=count)
        stale_us = STALE_INTERVALS * check.every_s * SECOND_US
        if self.now_us() - watched.looked_us > stale_us:
            own = Observation(False, "unknown", seen.at, own="not_looked")
            move = watched.see(own)
            if move is not None:
                self._outlet.changed(check, move, own)
