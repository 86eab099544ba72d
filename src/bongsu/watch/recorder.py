"""Everything the watch role writes to the state, in one loop: batches, each one transaction.

    engine → evidence to the outbox (2 s at most) → changes wait → one transaction: location, state, event

A database that is locked, full or away is waited for: nothing upstream notices, what is pending is bounded,
and one event about it is written with the first transaction that succeeds.
"""

import asyncio
import logging
from collections import deque
from dataclasses import dataclass, field, replace
from typing import Any

from bongsu.db.session import Database, Tx
from bongsu.events.log import record
from bongsu.kit.backoff import exponential_s
from bongsu.kit.clock import Clock
from bongsu.kit.redact import redact_text
from bongsu.kit.text import head
from bongsu.kit.wait import pause
from bongsu.watch import store_requests, store_states
from bongsu.watch.changes import Change, Pending, settle
from bongsu.watch.evidence_lane import EvidenceLane, Outbox
from bongsu.watch.trouble import Episode, Troubles

BATCH = 100
COLLECT_S = 0.02  # a transaction costs a disk flush; this long more rows may join it
PENDING_LIMIT = 10_000
BREATH_S = 0.1  # at most, between full batches
FINAL_S = 1.0
_logger = logging.getLogger("bongsu.watch")


@dataclass(slots=True)
class Batch:
    changes: list[Change] = field(default_factory=list)
    certificates: dict[int, dict[str, Any]] = field(default_factory=dict)
    answers: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    snapshot: tuple[int, bytes] | None = None
    episodes: list[Episode] = field(default_factory=list)

    def __bool__(self) -> bool:
        whole = (self.changes, self.certificates, self.answers, self.snapshot, self.episodes)
        return any(whole)


class Recorder:
    def __init__(
        self, db: Database, outbox: Outbox, clock: Clock, location: str, troubles: Troubles
    ) -> None:
        self._db, self._clock = db, clock
        self._location, self._troubles = location, troubles
        self._evidence = EvidenceLane(outbox, self._pend, self.trouble)
        self._pending, self._firsts = Pending(PENDING_LIMIT), Pending(PENDING_LIMIT)
        self._certificates: dict[int, dict[str, Any]] = {}
        self._answers: deque[tuple[str, dict[str, Any]]] = deque(maxlen=1000)
        self._snapshot: tuple[int, bytes] | None = None
        self._wake = asyncio.Event()
        self._failures = self._writing = 0
        self.recorded = 0

    @property
    def waiting(self) -> int:
        waiting = len(self._pending) + len(self._firsts) + len(self._evidence)
        return waiting + self._writing

    def change(self, change: Change, document: bytes | None) -> None:
        """Never waits. `document` is put into the outbox before the change's transaction, unless so many
        change at once that people would be told later for it."""
        self._evidence.add(change, document)

    def certificate(self, check_id: int, seen: dict[str, Any]) -> None:
        self._certificates[check_id] = seen
        self._wake.set()

    def answer(self, request_id: str, summary: dict[str, Any]) -> None:
        self._answers.append((request_id, summary))
        self._wake.set()

    def snapshot(self, generation: int, body: bytes) -> None:
        """The newest one wins."""
        self._snapshot = (generation, body)
        self._wake.set()

    def trouble(self, kind: str, /, **details: Any) -> None:
        """A sign of a trouble of ours; the first sign of each becomes one event."""
        now, now_s = self._clock.now(), self._clock.monotonic_s()
        if self._troubles.sign(kind, now, now_s, **details):
            _logger.warning("own trouble: %s %s", kind, details)
            self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Records until `stop`, then once more what is left, at most FINAL_S."""
        evidence = asyncio.create_task(self._evidence.run())
        recording = asyncio.create_task(self._record(stop))
        stopped = asyncio.create_task(stop.wait())
        tasks: tuple[asyncio.Task[Any], ...] = (evidence, recording, stopped)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait((recording,), timeout=FINAL_S if stop.is_set() else 0)
            for task in (evidence, recording):
                if task.done():
                    task.result()  # a bug of ours ends the role
            if self.waiting:
                _logger.warning("%d changes were not recorded before the end", self.waiting)
        finally:
            for task in tasks:
                task.cancel()  # not waited for: one may sit in a database that does not answer

    async def _record(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await _either(self._wake, stop)
            await pause(stop, COLLECT_S)
            await self.flush(stop)
        while self._evidence:
            await asyncio.sleep(COLLECT_S)
        await self.flush(stop)

    async def flush(self, stop: asyncio.Event) -> None:
        """Writes until nothing waits, or until the database refuses."""
        self._wake.clear()
        while batch := self._take():
            began_s = self._clock.monotonic_s()
            if not await self._written(batch):
                jitter = self._clock.monotonic_s() % 1.0
                self._wake.set()
                await pause(stop, exponential_s(self._failures, 0.1, 5.0, jitter))
                return
            if len(batch.changes) == BATCH:  # very many: looks must not wait for their recording
                await pause(stop, min(2 * (self._clock.monotonic_s() - began_s), BREATH_S))

    def _take(self) -> Batch:
        certificates = {i: self._certificates[i] for i in list(self._certificates)[:BATCH]}
        changes = self._pending.take(BATCH)
        batch = Batch(
            changes + self._firsts.take(BATCH - len(changes)),
            certificates,
            [self._answers.popleft() for _ in range(min(BATCH, len(self._answers)))],
            self._snapshot,
            self._troubles.untold(),
        )
        for check_id in certificates:
            del self._certificates[check_id]
        self._snapshot = None
        return batch

    async def _written(self, batch: Batch) -> bool:
        """False when the database refuses for now; the batch is back in line then."""
        self._writing = len(batch.changes)
        try:
            async with self._db.write() as tx:
                await self._write(tx, batch)
        except Exception as error:
            _end_if_cancelled(error)
            self._writing = 0
            kind = store_states.trouble_of(error)
            if kind is None:
                _logger.exception("a batch could not be recorded; trying its parts")
                return await self._apart(batch)
            self._put_back(batch)
            self._failures += 1
            self.trouble(kind)
            return False
        self._failures = 0
        self._told(batch)
        return True

    def _told(self, batch: Batch) -> None:
        self._writing = 0
        self.recorded += len(batch.changes)
        for episode in batch.episodes:
            episode.told = True

    def _put_back(self, batch: Batch) -> None:
        self._pending.put_back(c for c in batch.changes if not c.is_first_good)
        for change in batch.changes:
            if change.is_first_good and change.check_id not in self._pending:
                self._firsts.add(change)
        self._certificates = batch.certificates | self._certificates
        self._answers.extendleft(reversed(batch.answers))
        self._snapshot = self._snapshot or batch.snapshot

    async def _apart(self, batch: Batch) -> bool:
        """Each part in a transaction of its own, so that one wrong row does not take the others with it."""
        parts = [Batch(changes=[change]) for change in batch.changes]
        if rest := replace(batch, changes=[]):
            parts.append(rest)
        for number, part in enumerate(parts):
            try:
                async with self._db.write() as tx:
                    await self._write(tx, part)
            except Exception as error:  # noqa: BLE001  a wrong row must not stop the others
                if store_states.trouble_of(error) is not None:
                    for left in reversed(parts[number:]):
                        self._put_back(left)
                    return False
                self._set_aside(part, error)
            else:
                self._told(part)
        return True

    def _set_aside(self, part: Batch, error: Exception) -> None:
        words = head(redact_text(f"{type(error).__name__}: {error}"), 300)
        checks = [change.check_id for change in part.changes]
        _logger.error("set aside %s: %s", checks or "a part of a batch", words)
        self.trouble("record_failed", checks=checks, error=words)

    async def _write(self, tx: Tx, batch: Batch) -> None:
        now = self._clock.now()
        if batch.changes:
            await self._write_changes(tx, batch.changes)
        if batch.certificates:
            await store_states.save_certificates(tx, batch.certificates)
        if batch.answers:
            await store_requests.answer(tx, batch.answers, now)
        if batch.snapshot is not None:
            generation, body = batch.snapshot
            await store_states.save_snapshot(tx, self._location, now, generation, body)
        for episode in batch.episodes:
            record(tx, self._troubles.draft(episode), self._clock)

    async def _write_changes(self, tx: Tx, changes: list[Change]) -> None:
        """Changes of checks that were deleted meanwhile are nobody's any more."""
        given = {change.check_id: change.check for change in changes}
        known = await store_states.known(tx, given, self._location)
        for change in changes:
            if change.check_id in known:
                draft = settle(known[change.check_id], change, self._clock.now())
                if draft is not None:
                    record(tx, draft, self._clock)
        await store_states.save_location_states(tx, self._location, list(known.values()))
        await store_states.save_states(tx, list(known.values()))

    def _pend(self, change: Change) -> None:
        """Nobody waits for news that a new check is well; what comes after it makes it old."""
        if change.is_first_good:
            self._firsts.add(change)
        else:
            self._firsts.discard(change.check_id)
            self._pending.add(change)
        self._wake.set()


def _end_if_cancelled(error: Exception) -> None:
    """A cancelled wait for the database comes back as "busy"; taken for that, the end would be put off."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError from error


async def _either(first: asyncio.Event, second: asyncio.Event) -> None:
    waits = [asyncio.ensure_future(event.wait()) for event in (first, second)]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
