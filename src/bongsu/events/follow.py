"""A reader of the log that never loses its place: the cursor moves in the handler's own transaction.

1. Take the next batch after the cursor.
2. Handle it whole in one transaction, with the cursor's move.
3. If that raises, handle its events one by one, each in a savepoint; one that fails is tried again, up
   to three times in all, then set aside with `own.rule_failed`, and the cursor goes on.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import sqlalchemy as sa

from bongsu.db.dialect import insert_ignore, upsert
from bongsu.db.session import Database, Tx
from bongsu.events import log
from bongsu.events.envelope import Draft, Event
from bongsu.events.tables import cursor, set_aside
from bongsu.kit.clock import Clock
from bongsu.kit.errors import StateBusy, Unavailable
from bongsu.kit.redact import redact_text
from bongsu.kit.text import head

POLL_S = 0.05  # costs an idle alarm role two hundredths of a core; an alarm waits half of it
TRIES = 3
Handle = Callable[[Tx, Sequence[Event]], Awaitable[None]]
_logger = logging.getLogger("bongsu.events")


class Follower:
    def __init__(
        self, db: Database, name: str, handle: Handle, clock: Clock, batch: int = 100
    ) -> None:
        self.db, self.name, self.handle, self.clock, self.batch = db, name, handle, clock, batch
        self.moved = asyncio.Event()  # set after each handled batch, for whoever acts on the rows

    async def run(self, stop: asyncio.Event) -> None:
        """Follows until `stop`; a busy database is waited for, never a reason to end."""
        while not stop.is_set():
            try:
                handled = await self.step()
            except StateBusy:
                handled = 0
            except (
                sa.exc.DBAPIError,
                OSError,
            ):  # asyncpg lets a refused connection through as it is
                _logger.exception("the database is away; %s waits", self.name)
                handled = 0
            if handled:
                self.moved.set()
            else:
                await _pause(stop, POLL_S)

    async def step(self) -> int:
        """Handles one batch; the number of events it moved past."""
        async with self.db.read() as tx:
            position = await self._position(tx)
            events = await log.read_after(tx, position, self.batch)
        if not events:
            return 0
        try:
            async with self.db.write() as tx:
                await self._advance(tx, position, events[-1].seq)
                await self.handle(tx, events)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001  a rule's fault must not stop the log
            _logger.warning("batch of %s after %d failed: %s", self.name, position, error)
            await self._one_by_one(position, events)
        return len(events)

    async def _position(self, tx: Tx) -> int:
        found = await tx.scalar(sa.select(cursor.c.seq).where(cursor.c.name == self.name))
        return int(found or 0)

    async def _advance(self, tx: Tx, before: int, after: int) -> None:
        """Moves the cursor, or raises when another follower of this name was faster."""
        now = self.clock.now()
        await tx.execute(insert_ignore(tx, cursor, {"name": self.name, "seq": 0, "moved_at": now}))
        moved = await tx.execute(
            sa.update(cursor)
            .where(cursor.c.name == self.name, cursor.c.seq == before)
            .values(seq=after, moved_at=now)
        )
        if moved.rowcount != 1:
            raise StateBusy

    async def _one_by_one(self, position: int, events: Sequence[Event]) -> None:
        for event in events:
            async with self.db.write() as tx:
                await self._advance(tx, position, event.seq)
                error = await self._try(tx, event)
                if error is not None:
                    await self.put_aside(tx, event, error)
            position = event.seq

    async def _try(self, tx: Tx, event: Event) -> Exception | None:
        last: Exception | None = None
        for _ in range(TRIES):
            try:
                async with tx.savepoint():
                    await self.handle(tx, [event])
            except Unavailable:
                raise
            except Exception as error:  # noqa: BLE001  see above
                last = error
            else:
                return None
        return last

    async def put_aside(
        self, tx: Tx, event: Event, error: Exception, dedup_key: str | None = None, **more: Any
    ) -> None:
        """Keeps what could not be done with an event and says so; `more` goes into the event's data.

        One key for all that a reader cannot handle: a fault of ours is one incident, not one for each event.
        """
        text = head(redact_text(f"{type(error).__name__}: {error}"), 500)
        values = {"name": self.name, "seq": event.seq, "tries": TRIES, "error": text}
        values["at"] = self.clock.now()
        await tx.execute(upsert(tx, set_aside, values, ("name", "seq"), ("tries", "error", "at")))
        data = {"event": event.id, "seq": event.seq, "type": event.type, "error": text}
        draft = Draft(
            type="own.rule_failed",
            source=f"bongsu.{self.name}",
            subject=event.subject,
            severity=4,
            data=data | more,
            dedup_key=dedup_key or f"own/reader/{self.name}",
        )
        log.record(tx, draft.caused_by(event), self.clock)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
