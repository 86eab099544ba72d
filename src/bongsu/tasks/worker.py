"""Reminders: a due row is claimed like any other, said once as an event, and set to its next moment."""

import asyncio
import logging
from contextlib import suppress

import sqlalchemy as sa  # house: sql only its errors are named here

from bongsu.accounts.model import SYSTEM
from bongsu.db.session import Database, Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import StateBusy
from bongsu.tasks import store
from bongsu.tasks.changes import Change
from bongsu.tasks.model import Task
from bongsu.tasks.news import tell_log
from bongsu.tasks.values import due_of

POLL_S = 1.0
BATCH = 50
_logger = logging.getLogger("bongsu.tasks")


class Reminders:
    """`run(stop)` is a task of the alarm role. Several may run: each row is held by one at a time."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db, self.clock = db, clock

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            said = 0
            try:
                said = await self.step()
            except StateBusy:
                pass
            except (sa.exc.DBAPIError, OSError):
                _logger.exception("the database is away; reminders wait")
            if said < BATCH:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), POLL_S)

    async def step(self) -> int:
        """How many tasks were looked at."""
        now = self.clock.now()
        async with self.db.read() as tx:
            first = await store.next_reminder(tx)
        if first is None or first > now:
            return 0
        async with self.db.write() as tx:
            tasks = await store.claim_reminders(tx, now, BATCH)
            for task in tasks:
                await self._say(tx, task)
        return len(tasks)

    async def _say(self, tx: Tx, task: Task) -> None:
        due, now = due_of(task), self.clock.now()
        kind = due.reached(now) if due else None
        if kind is not None and task.deleted_at is None and task.status != "done":
            after = {"due": task.due}
            more = {"reminder": kind}
            tell_log(tx, SYSTEM, task, Change("due", {}, after), self.clock, more=more)
        following = due.next_after(now) if due else None
        await store.remind_again(tx, task.id, following[1] if following else None)
