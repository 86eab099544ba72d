"""Sends what the outbox holds: claim → channel → record.

One round: in one transaction record what has ended and claim what is due, at most LANE_LIMIT(S) a lane and
IN_FLIGHT_LIMIT in all; then send each on its own, with a deadline. A lane is what hangs together (the mail
server, one webhook), so that one that hangs holds up nobody else.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import ModuleType

from bongsu.db.session import Database, Tx
from bongsu.deliver import news, store
from bongsu.deliver.context import Context
from bongsu.deliver.failed import as_error
from bongsu.deliver.kinds import SHELF, parsed
from bongsu.deliver.model import (
    DEADLINE_S,
    PAGE_LADDER_S,
    Delivery,
    DeliveryError,
    Lane,
    Message,
    Sent,
    fate,
    without_words,
)
from bongsu.deliver.pace import rest
from bongsu.deliver.presence import Presence
from bongsu.events.envelope import Event
from bongsu.kit.clock import Clock, SetBack
from bongsu.kit.errors import StateBusy
from bongsu.kit.i18n import Said
from bongsu.kit.ids import uuid7
from bongsu.kit.text import head

POLL_S = 0.25
GATHER_S = 0.005  # what ends within it is recorded in one transaction
LANE_LIMIT = 4
LANE_LIMITS = {
    "mail": 16,  # one server for everybody; how many connections it sees is its own limit
    **dict.fromkeys(("dynamodb", "eventbridge", "s3"), 8),  # services made for many at once
}
IN_FLIGHT_LIMIT = 64
LEASE_S = DEADLINE_S + 10.0  # the deadline, and time to record how it went
BATCH = 100
STOP_GRACE_S = 0.3
_logger = logging.getLogger("bongsu.deliver")


@dataclass(frozen=True, slots=True)
class Limits:
    """Tests make them small."""

    deadline_s: float = DEADLINE_S
    lease_s: float = LEASE_S
    lane: int | None = None  # None: by kind
    in_flight: int = IN_FLIGHT_LIMIT


# Asked in the transaction that claims: why one must not go out any more, or what is left to say where a part must
# not; an error where that could not be found out counts as an attempt that failed.
Refused = Mapping[int, Said | DeliveryError | Message]
Guard = Callable[[Tx, Sequence[Delivery]], Awaitable[Refused]]


class Worker:
    """One for each `alarm` process; several processes share the outbox by claims."""

    def __init__(
        self,
        db: Database,
        context: Context,
        clock: Clock,
        *,
        limits: Limits | None = None,
        jitter: Callable[[], float] = random.random,
        presence: Presence | None = None,
        guard: Guard | None = None,
    ) -> None:
        """With `presence`, what a killed sender of this machine left under way is taken over at once."""
        self.guard = guard
        self.db, self.context, self.clock = db, context, clock
        self.limits, self.jitter, self.presence = limits or Limits(), jitter, presence
        self.name = presence.name if presence else uuid7()
        self.wake = asyncio.Event()  # set it after a commit that queued something
        self._sends: dict[asyncio.Task[Sent], Delivery] = {}
        self._ended: list[Sent] = []
        self._lanes: dict[str, Lane] | None = None  # None: not looked up yet
        self._modules: dict[str, ModuleType] = {}
        self._set_back = SetBack(clock)

    async def run(self, stop: asyncio.Event) -> None:
        """Sends until `stop`; then gives back what it had not begun to finish. A busy database is waited for."""
        try:
            await self._module("mail")  # before the first alarm needs it
            while not stop.is_set():
                if not await self._round_or_wait():
                    await rest(stop, self.wake, POLL_S)
        finally:
            await self._leave()

    async def _round_or_wait(self) -> bool:
        try:
            return await self.round()
        except StateBusy:
            _logger.warning("the database is busy; deliveries wait")
        except Exception:
            _logger.exception("a round of deliveries failed; the next one tries again")
            self.wake.clear()
        return False

    async def round(self) -> bool:
        """Records and claims once; True when there may be more to do at once."""
        if self._set_back.happened():
            async with self.db.write() as tx:
                await store.pull_forward(tx, self.clock.now(), self.limits.lease_s)
            self._set_back.settled()
        lanes, lapsed = await self._look() if not self._ended else ([], False)
        if not (lanes or lapsed or self._ended):
            return False
        ended, gone = self._ended[:BATCH], self._gone() if lapsed else []
        claimed: list[Delivery] = []
        async with self.db.write() as tx:
            lanes_after = await self._record(tx, ended)
            if lapsed:
                await store.revive(tx, self.clock.now(), gone)
            for lane in lanes or await self._open_lanes(tx):
                claimed += await self._claim(tx, lane, len(claimed))
            refused = await self._withdraw(tx, claimed)
        self._ended = self._ended[len(ended) :]
        self._lanes = lanes_after
        if self.presence and gone:
            self.presence.forget()
        for delivery in claimed:
            why = refused.get(delivery.id)
            if why is None:
                self._start(delivery)
            elif isinstance(why, Message):
                self._start(replace(delivery, message=why))
            elif isinstance(why, DeliveryError):
                self._ended.append(Sent(delivery, self.clock.now(), 0, None, why))
        # What has ended may have made room or let a later one go; what was left by the dead is due.
        return bool(ended or claimed or lapsed)

    async def _look(self) -> tuple[list[str], bool]:
        """Which lanes have something due and room for it; whether a dead sender left something."""
        async with self.db.read() as tx:
            if self._lanes is None:
                self._lanes = dict.fromkeys(await store.troubled_lanes(tx), Lane(0, trouble=True))
            lapsed = bool(self._gone()) or await store.has_lapsed(tx, self.clock.now())
            return await self._open_lanes(tx), lapsed

    async def _open_lanes(self, tx: Tx) -> list[str]:
        if len(self._sends) >= self.limits.in_flight:
            return []
        busy = Counter(delivery.lane for delivery in self._sends.values())
        due = await store.due_lanes(tx, self.clock.now())
        return [lane for lane in due if busy[lane] < self._width(lane)]

    def _width(self, lane: str) -> int:
        return self.limits.lane or LANE_LIMITS.get(lane.partition("/")[0], LANE_LIMIT)

    def _gone(self) -> list[str]:
        return self.presence.gone() if self.presence else []

    async def _claim(self, tx: Tx, lane: str, taken: int) -> list[Delivery]:
        busy = sum(1 for delivery in self._sends.values() if delivery.lane == lane)
        room = min(self._width(lane) - busy, self.limits.in_flight - len(self._sends) - taken)
        if room <= 0:
            return []
        now, lease_s = self.clock.now(), self.limits.lease_s
        return await store.claim(tx, lane, worker=self.name, now=now, lease_s=lease_s, limit=room)

    async def _withdraw(self, tx: Tx, claimed: Sequence[Delivery]) -> Refused:
        """Who lost access since it was queued is not told."""
        refused = await self.guard(tx, claimed) if self.guard and claimed else {}
        for delivery in claimed if refused else ():
            why = refused.get(delivery.id)
            if isinstance(why, Message):
                await store.rewrite(tx, delivery.id, why)
            elif isinstance(why, Said) and await store.withdraw(
                tx, delivery.id, self.name, why, self.clock.now()
            ):
                causes = await store.causes(tx, [delivery.event_id] if delivery.event_id else [])
                news.withdrawn(tx, delivery, why, causes.get(delivery.event_id or ""), self.clock)
        return refused

    async def _record(self, tx: Tx, ended: list[Sent]) -> dict[str, Lane]:
        """Every attempt with its fate, and the news of it; gives the lanes as they are after."""
        ids = {sent.delivery.event_id for sent in ended if sent.delivery.event_id}
        causes = await store.causes(tx, ids)
        lanes = dict(self._lanes or {})
        if not ended:
            return lanes
        try:
            async with tx.savepoint():
                for sent in ended:
                    await self._record_one(tx, sent, causes, lanes)
        except StateBusy:
            raise
        except Exception:  # noqa: BLE001  it is found out which one it was
            return await self._record_apart(tx, ended, causes)
        return lanes

    async def _record_apart(
        self, tx: Tx, ended: list[Sent], causes: Mapping[str, Event]
    ) -> dict[str, Lane]:
        """One that cannot be kept must not be tried in a circle, and everything behind it with it."""
        lanes = dict(self._lanes or {})
        for sent in ended:
            try:
                async with tx.savepoint():
                    await self._record_one(tx, sent, causes, lanes)
            except Exception:
                _logger.exception("words of %s cannot be kept", sent.delivery.lane)
                await self._record_one(tx, without_words(sent), causes, lanes)
        return lanes

    async def _record_one(
        self, tx: Tx, sent: Sent, causes: Mapping[str, Event], lanes: dict[str, Lane]
    ) -> None:
        cause = causes.get(sent.delivery.event_id or "")
        ladder = self._ladder(sent.delivery.kind)
        become = fate(sent, ladder, self.jitter())
        words = sent.receipt.text if sent.receipt else str(sent.error)
        if not await store.finish(tx, sent, become, self.name, head(words, 1000)):
            return
        before = lanes.get(sent.delivery.lane, Lane())
        after = before.after(sent)
        await news.tell(tx, sent, become, cause, ladder, self.clock)
        news.of_lane(tx, sent, before, after, self.clock)
        lanes[sent.delivery.lane] = after

    def _start(self, delivery: Delivery) -> None:
        task = asyncio.create_task(self._send(delivery))
        self._sends[task] = delivery
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[Sent]") -> None:
        del self._sends[task]
        if not task.cancelled():
            self._ended.append(task.result())
        asyncio.get_running_loop().call_later(GATHER_S, self.wake.set)

    async def _send(self, delivery: Delivery) -> Sent:
        """One attempt; every way it can end is a value."""
        started_s, receipt, error = self.clock.monotonic_s(), None, None
        try:
            async with asyncio.timeout(self.limits.deadline_s):
                module = await self._module(delivery.kind)
                options = parsed(module, delivery.options)
                receipt = await module.send(options, delivery.message, self.context)
        except Exception as raised:  # noqa: BLE001  every fault of a channel is a value here
            error = as_error(delivery, raised, self.limits.deadline_s)
        taken_ms = round((self.clock.monotonic_s() - started_s) * 1000)
        return Sent(delivery, self.clock.now(), taken_ms, receipt, error)

    async def _module(self, kind: str) -> ModuleType:
        """Imported in a thread: some libraries take half a second. Raises NotFound, ImportError."""
        if kind not in self._modules:
            self._modules[kind] = await asyncio.to_thread(SHELF.module, kind)
        return self._modules[kind]

    def _ladder(self, kind: str) -> tuple[float, ...]:
        ladder: tuple[float, ...] = getattr(self._modules.get(kind), "LADDER_S", PAGE_LADDER_S)
        return ladder

    async def _leave(self) -> None:
        """Lets sends end for a moment, records them, and gives the rest back at once."""
        if self._sends:
            await asyncio.wait(list(self._sends), timeout=STOP_GRACE_S)
        for task in list(self._sends):
            task.cancel()
        await asyncio.gather(*self._sends, return_exceptions=True)
        try:
            async with self.db.write() as tx:
                await self._record(tx, self._ended)
                await store.release(tx, self.name, self.clock.now())
        except Exception as error:  # noqa: BLE001  the leases run out by themselves
            _logger.warning("deliveries under way are sent again after their lease: %s", error)
