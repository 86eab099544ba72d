"""What the log keeps of one person: for their own export, and taken away when they leave for good."""

import asyncio
import logging
from datetime import timedelta
from typing import Any

from bongsu.db.session import Database, Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import LakeAway, StateBusy
from bongsu.kit.wait import pause
from bongsu.lake.client import LakeClient
from bongsu.requests import service, store, store_lake

EXPORT_LIMIT = 10_000  # the newest; all of them are in /api/v1/requests?person=me
# By then what was on its way to the lake is there, except from a disk that waits for a lake that is away.
SETTLED = timedelta(minutes=10)
LOOK_S = 60.0
_logger = logging.getLogger("bongsu.requests")


class Kept:
    """The two hooks of the room `accounts`: `exports` and `partings`."""

    def __init__(self, lake: LakeClient, clock: Clock) -> None:
        self._lake, self._clock = lake, clock

    async def export(self, _tx: Tx, user_id: int) -> dict[str, Any]:
        """`complete` is false when there are more than these, or the history did not answer."""
        found: list[dict[str, Any]] = []
        try:
            async for rows in service.export(self._lake, user_id, self._clock.now()):
                found += [seen.document() for seen in rows]
                if len(found) > EXPORT_LIMIT:
                    return {"newest": found[:EXPORT_LIMIT], "complete": False}
        except LakeAway:
            return {"newest": found, "complete": False}
        return {"newest": found, "complete": True}

    async def part(self, tx: Tx, user_id: int) -> None:
        """Only noted here: the history may be away, and leaving must not wait for it."""
        await store.add_leaver(tx, user_id, self._clock.now())


class Forgetting:
    def __init__(self, db: Database, lake: LakeClient, clock: Clock) -> None:
        self._db, self._lake, self._clock = db, lake, clock

    async def run(self, stop: asyncio.Event) -> None:
        while not await pause(stop, LOOK_S):
            try:
                await self.step()
            except (LakeAway, StateBusy):
                _logger.warning("who left is still named in the history; tried again in a minute")
            except Exception:
                _logger.exception("who left could not be forgotten")

    async def step(self) -> int:
        """How many were forgotten. Twice does no harm, so that several processes need not agree."""
        async with self._db.read() as tx:
            gone = await store.leavers(tx, self._clock.now() - SETTLED)
        for user_id in gone:
            await store_lake.forget(self._lake, user_id)
            async with self._db.write() as tx:
                await store.drop_leaver(tx, user_id)
        return len(gone)
