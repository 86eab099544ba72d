"""Makes the small pictures of what was attached, and takes away what was removed.

    claim (a lease) → read the file → pool.py → two objects → row and event → the page shows it

Part of the `serve` role: the file may still be in the outbox of the machine that took it. See docs/adr/0054.
"""

import asyncio
import logging
from datetime import timedelta
from typing import Protocol

from bongsu.db.session import Database
from bongsu.deliver.pace import rest
from bongsu.events.envelope import Draft
from bongsu.events.log import record
from bongsu.kit.clock import Clock
from bongsu.kit.errors import BongsuError, NotFound, ObjectsAway, StateBusy
from bongsu.kit.i18n import Said, say
from bongsu.notes import store, store_files
from bongsu.notes.model import TRIES, UNDO, Attachment
from bongsu.notes.pool import TIMEOUT_S, Fault, Pool
from bongsu.notes.thumbs import Pictures, Refused
from bongsu.objects.model import BINARY

POLL_S = 0.5
LEASE = timedelta(
    seconds=TIMEOUT_S + 120
)  # longer than the file, the picture and the objects may take
LATER = timedelta(seconds=30)
IDLE_S = 20.0  # without work: then the child gives its memory back
SWEEP_S = 30.0
SWEPT_AT_ONCE = 50
GIVEN_UP = 2 * TRIES
GET_S, PUT_TYPE = 60.0, "image/webp"
_logger = logging.getLogger("bongsu.notes")


class Objects(Protocol):
    async def get(self, key: str, timeout_s: float) -> bytes:
        """Raises NotFound, ObjectsAway."""

    async def put_later(self, key: str, body: bytes, content_type: str = BINARY) -> None:
        """Raises ObjectsAway."""

    async def delete(self, key: str) -> None:
        """Raises ObjectsAway."""


class Worker:
    """One for each `serve` process; a claim keeps several from making the same picture."""

    def __init__(
        self, db: Database, objects: Objects, clock: Clock, pool: Pool | None = None
    ) -> None:
        self.db, self.objects, self.clock = db, objects, clock
        self.pool = pool or Pool()
        self.wake = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`, and then at once: a picture that is being made is made by the next process."""
        working = asyncio.create_task(self._work())
        ending = asyncio.create_task(stop.wait())
        await asyncio.wait({working, ending}, return_when=asyncio.FIRST_COMPLETED)
        for task in (working, ending):
            task.cancel()
        results = await asyncio.gather(working, ending, return_exceptions=True)
        await self.pool.close()
        if isinstance(results[0], Exception):
            raise results[0]

    async def _work(self) -> None:
        never = asyncio.Event()
        idle_s, since_sweep_s = 0.0, SWEEP_S
        while True:
            made = await self._safely(self.step)
            idle_s = 0.0 if made else idle_s + POLL_S
            since_sweep_s += POLL_S
            if idle_s >= IDLE_S:
                await self.pool.close()
                idle_s = 0.0
            if since_sweep_s >= SWEEP_S:
                await self._safely(self.sweep)
                since_sweep_s = 0.0
            if not made:
                await rest(never, self.wake, POLL_S)

    async def _safely(self, work: "_Step") -> int:
        try:
            return await work()
        except StateBusy:
            return 0
        except Exception:
            _logger.exception("notes: the next look tries again")
            return 0

    # --- making

    async def step(self) -> int:
        """One picture; 0 when none waits."""
        now = self.clock.now()
        async with self.db.read() as tx:
            if not await store_files.is_waiting(tx, now):
                return 0
        async with self.db.write() as tx:
            claimed = await store_files.claim(tx, now, now + LEASE)
        if claimed is None:
            return 0
        await self._make(claimed)
        return 1

    async def _make(self, claimed: Attachment) -> None:
        if claimed.tries > GIVEN_UP:  # whoever tried was gone before it could say why
            await self._settle(claimed, "refused", say("It could not be made small."))
            return
        try:
            data = await self.objects.get(claimed.key, GET_S)
        except ObjectsAway:
            await self._put_off(claimed, counts=False)
            return
        except NotFound:  # perhaps it is still on the machine that took it
            await self._failed(claimed, say("The file is not in the object store."))
            return
        try:
            made = await self.pool.make(data)
        except Fault as fault:
            await self._failed(claimed, fault.reason)
            return
        if isinstance(made, Refused):
            await self._settle(claimed, "refused", made.reason)
        else:
            await self._keep(claimed, made)

    async def _keep(self, claimed: Attachment, made: Pictures) -> None:
        view, thumb = made.sizes
        try:
            await self.objects.put_later(claimed.view_key, view.webp, PUT_TYPE)
            await self.objects.put_later(claimed.thumb_key, thumb.webp, PUT_TYPE)
        except ObjectsAway:
            await self._put_off(claimed, counts=False)
            return
        await self._settle(
            claimed,
            "made",
            width=made.width,
            height=made.height,
            thumb_width=thumb.width,
            thumb_height=thumb.height,
        )

    async def _put_off(self, claimed: Attachment, counts: bool) -> None:
        async with self.db.write() as tx:
            await store_files.put_off(tx, claimed, self.clock.now() + LATER, counts)

    async def _failed(self, claimed: Attachment, reason: Said) -> None:
        """Another try, or after the third the reason."""
        if claimed.tries >= TRIES:
            await self._settle(claimed, "refused", reason)
        else:
            await self._put_off(claimed, counts=True)

    async def _settle(
        self, claimed: Attachment, picture: str, refusal: Said | None = None, **values: int
    ) -> None:
        async with self.db.write() as tx:
            if await store_files.settle(tx, claimed, picture, refusal, **values):
                record(tx, _news(claimed, picture, refusal), self.clock)

    # --- taking away

    async def sweep(self) -> int:
        """What was removed is gone now: words, objects, rows. How many attachments."""
        until = self.clock.now() - UNDO
        async with self.db.write() as tx:
            await store.wipe(tx, until)
        async with self.db.read() as tx:
            gone = await store_files.gone(tx, until, SWEPT_AT_ONCE)
        for one in gone:
            try:
                for key in (one.key, one.thumb_key, one.view_key):
                    await self.objects.delete(key)
            except BongsuError as error:
                _logger.warning("%s is taken away later: %s", one.folder, error)
                return 0
            async with self.db.write() as tx:
                await store_files.delete(tx, one.id, until)
        return len(gone)


class _Step(Protocol):
    async def __call__(self) -> int:
        """How much was done."""


def _news(claimed: Attachment, picture: str, refusal: Said | None) -> Draft:
    """So that pages draw it. Nobody is told."""
    return Draft(
        type="attachment.thumbnailed" if picture == "made" else "attachment.refused",
        source="bongsu.notes",
        subject=f"attachment/{claimed.id}",
        resources=(claimed.subject,),
        data={
            "object": f"attachment/{claimed.id}",
            "on": claimed.subject,
            "name": claimed.name,
            "before": {"picture": "waiting"},
            "after": {"picture": picture},
            "changed": ["picture"],
            "reason": refusal.stored() if refusal else None,
            "actor": "system",
        },
    )
