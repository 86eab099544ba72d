"""Which checks the engine holds: all at start, then only those that changed; and what somebody asks to see now.

One short read every 250 ms tells whether the configuration moved and whether anybody waits for a look.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

from bongsu.db.session import Database
from bongsu.kit.clock import Clock
from bongsu.kit.wait import pause
from bongsu.watch import store, store_requests, store_states
from bongsu.watch.engine import Engine
from bongsu.watch.model import Check
from bongsu.watch.recorder import Recorder
from bongsu.watch.schedule import first_within_us
from bongsu.watch.verdict import NEW

POLL_S = 0.25
FORGET_S = 600.0
SILENT_KEPT = timedelta(days=7)  # a location that says nothing for so long was given up or renamed
_logger = logging.getLogger("bongsu.watch")


class Roster:
    def __init__(
        self, db: Database, engine: Engine, recorder: Recorder, clock: Clock, location: str
    ) -> None:
        self._db, self._engine, self._recorder = db, engine, recorder
        self._clock, self._location = clock, location
        self._stamps: dict[
            int, int
        ] = {}  # of each check, a hash of when it and its service changed
        self._seen: tuple[int, int] = (-1, -1)
        # Not at once: after an outage of everything, others are about to speak again as well.
        self._forget_at_s = clock.monotonic_s() + FORGET_S

    @property
    def generation(self) -> int:
        """The configuration that the engine runs."""
        return max(self._seen[0], 0)

    async def load(self) -> None:
        """Everything, with the states as they were. Raises StateBusy."""
        # Through connections of its own: what they cached of the whole state goes with them.
        reading = Database.open(self._db.url)
        try:
            async with reading.read() as tx:
                self._seen = await store.configuration(tx)
            self._stamps = await self._all_stamps(reading)
            self._engine.first_within_us = first_within_us(len(self._stamps))
            await self._load_checks(reading)
        finally:
            await reading.close()

    async def _load_checks(self, reading: Database) -> None:
        after_id = 0
        while True:
            async with reading.read() as tx:
                page = await store.checks(tx, after_id=after_id)
                states = await store_states.location_states(tx, self._location, after_id)
                certificates = await store_states.certificates(tx, after_id)
            for check in page:
                if check.is_looked_at_from(self._location):
                    state, seen = states.get(check.id, NEW), certificates.get(check.id)
                    self._engine.put(check, state, seen, cold=True)
            if len(page) < store.PAGE:
                return
            after_id = page[-1].id

    async def run(self, stop: asyncio.Event) -> None:
        """Follows until `stop`; a database that is away is only noted."""
        while not await pause(stop, POLL_S):
            try:
                await self.step()
            except Exception as error:
                kind = store_states.trouble_of(error)
                if kind is None:
                    raise
                self._recorder.trouble(kind)

    async def step(self) -> None:
        async with self._db.read() as tx:
            now_seen = await store.configuration(tx)
            asked = await store_requests.open_requests(tx, self._clock.now())
        if now_seen != self._seen:
            await self._refresh()
            self._seen = now_seen
        ours = [request for request, check_id in asked.items() if check_id in self._engine.checks]
        if ours:
            await self._take_requests(ours)
        if self._clock.monotonic_s() >= self._forget_at_s:
            await self._forget()

    async def _forget(self) -> None:
        self._forget_at_s = self._clock.monotonic_s() + FORGET_S
        now = self._clock.now()
        async with self._db.write() as tx:
            await store_requests.forget_old(tx, now)
            gone = await store_states.retire(tx, self._location, now - SILENT_KEPT)
        for name in gone:
            days = SILENT_KEPT.days
            _logger.warning("location %s was silent for %d days and is forgotten", name, days)

    async def _take_requests(self, open_ones: Sequence[str]) -> None:
        async with self._db.write() as tx:
            claimed = await store_requests.claim(tx, open_ones, self._clock.now())
        for request_id, check_id in claimed:
            self._engine.look_now(check_id, request_id)

    async def _refresh(self) -> None:
        """Compares stamps, loads what differs, drops what is gone. Nothing else is touched."""
        stamps = await self._all_stamps(self._db)
        changed = [i for i, stamp in stamps.items() if self._stamps.get(i) != stamp]
        for first in range(0, len(changed), store.PAGE):
            async with self._db.read() as tx:
                for check in await store.checks(tx, changed[first : first + store.PAGE]):
                    self._take_in(check)
        for check_id in self._stamps.keys() - stamps.keys():
            self._engine.drop(check_id)
        _logger.info("configuration %s: %d checks changed", self._seen[0], len(changed))
        self._stamps = stamps

    def _take_in(self, check: Check) -> None:
        if check.is_looked_at_from(self._location):
            self._engine.put(check, NEW)
        else:
            self._engine.drop(check.id)

    async def _all_stamps(self, db: Database) -> dict[int, int]:
        """Page by page, so that the loop breathes."""
        stamps: dict[int, int] = {}
        after_id = 0
        while True:
            async with db.read() as tx:
                page = await store.stamps(tx, after_id)
            stamps |= {stamp.id: hash(stamp.changed) for stamp in page}
            if len(page) < store.PAGE:
                return stamps
            after_id = page[-1].id
