"""Requests on their way to the lake: gathered for 100 ms, then on this machine's disk, then shipped.

    middleware → pending (memory) → every 100 ms: rows to the spool, the batch to the triggers → lake

Each `serve` process has a recorder of its own. Several may share a folder: the spool keeps their files apart.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec

from bongsu.accounts import entry
from bongsu.accounts.model import Actor
from bongsu.db.session import Database
from bongsu.kit.clock import Clock
from bongsu.kit.errors import StateBusy
from bongsu.kit.wait import pause
from bongsu.lake.client import LakeClient
from bongsu.lake.spool import FLUSH_S, Shipper, Spool
from bongsu.lake.trouble import Trouble
from bongsu.requests.model import Seen, Via, is_kept

TABLE = "request"
SPOOL_CAP_BYTES = 256 << 20  # about a million requests
PENDING_LIMIT = 100_000  # while the loop stands still; what is beyond it is counted as lost
_UNKNOWN_LIMIT = 1000
_CHUNK = 200  # rows encoded and matched in one stretch of the loop
_ENCODER = msgspec.json.Encoder()
_logger = logging.getLogger("bongsu.requests")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a request carried that may say whose it is. Never written anywhere."""

    cookie: str = ""
    token: str = ""

    def __repr__(self) -> str:
        return "Shown(…)"


class Stream(Protocol):
    """Who wants to see each batch; the triggers."""

    def see(self, batch: Sequence[Seen]) -> None:
        """Cheap, never waits."""

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`, and once more at the end."""

    def spool_says(self, trouble: Trouble) -> None:
        """Something about ourselves."""


class Beside(Protocol):
    """What else runs while requests are recorded."""

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`."""


class Recorder:
    def __init__(
        self,
        folder: Path,
        db: Database,
        lake: LakeClient,
        clock: Clock,
        stream: Stream,
        *beside: Beside,
    ) -> None:
        self._folder, self._db, self._lake, self._clock = folder, db, lake, clock
        self._stream, self._beside = stream, (stream, *beside)
        self._pending: list[Seen] = []
        self._unknown: deque[tuple[Seen, Shown, str]] = deque()
        self._spool: Spool | None = None
        self.away_since: datetime | None = None
        self.lost = 0

    @property
    def waiting_bytes(self) -> int:
        """On this machine's disk, not yet in the lake; what other `serve` processes hold is theirs to say."""
        return self._spool.backlog_bytes if self._spool is not None else 0

    def add(self, seen: Seen) -> None:
        """Cheap, never waits, never raises."""
        if len(self._pending) < PENDING_LIMIT:
            self._pending.append(seen)
        else:
            self.lost += 1

    def add_unknown(self, seen: Seen, shown: Shown, path: str) -> None:
        """A request whose route asked nobody who they are; it is looked up beside the requests."""
        if len(self._unknown) < _UNKNOWN_LIMIT:
            self._unknown.append((seen, shown, path))
        elif is_kept(seen, path):
            self.add(seen)

    @contextlib.asynccontextmanager
    async def running(self, stop: asyncio.Event) -> AsyncIterator[None]:
        """Open while the application is; at the end all that was seen is on the disk."""
        spool = self._spool = await asyncio.to_thread(
            Spool, self._folder, SPOOL_CAP_BYTES, self._spool_says, clock=self._clock
        )
        shipper = Shipper(spool, self._lake, self._spool_says)
        loops = [self._run(stop), self._look_up(stop), shipper.run(stop)]
        loops += [one.run(stop) for one in self._beside]
        tasks = [asyncio.create_task(loop) for loop in loops]
        try:
            yield
        finally:
            stop.set()
            await asyncio.wait(tasks, timeout=2.0)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.identify(), 1.0)
            await self.step()  # those that ended while the server stopped
            await spool.close()

    async def _run(self, stop: asyncio.Event) -> None:
        while not await pause(stop, FLUSH_S):
            await self.step()

    async def step(self) -> None:
        """What was added before is in the spool's file when this returns. A bug must not end the log."""
        try:
            batch, self._pending = self._pending, []
            for start in range(0, len(batch), _CHUNK):
                self._append(batch[start : start + _CHUNK])
                await asyncio.sleep(0)
            if self._spool is not None:
                await self._spool.flush()
        except Exception:
            _logger.exception("a batch of requests went wrong")

    def _append(self, batch: Sequence[Seen]) -> None:
        if self._spool is not None:
            lines = b"".join([_ENCODER.encode(seen.row()) + b"\n" for seen in batch])
            self._spool.append(TABLE, lines)
        self._stream.see(batch)

    async def _look_up(self, stop: asyncio.Event) -> None:
        """Apart from the flushing: a database that is busy must not hold up the others."""
        while not await pause(stop, FLUSH_S):
            await self.identify()

    async def identify(self) -> None:
        """All that wait, each as whoever the state says; as nobody's when it does not answer."""
        while self._unknown:
            seen, shown, path = self._unknown.popleft()
            try:
                actor = await self._actor(shown)
            except StateBusy:
                actor = None
            known = seen if actor is None else _as(seen, actor)
            if is_kept(known, path):
                self.add(known)

    async def _actor(self, shown: Shown) -> Actor | None:
        now = self._clock.now()
        if shown.token:
            return await entry.token_actor(self._db, shown.token, now)
        signed = await entry.signed_in(self._db, shown.cookie, now)
        return signed.actor if signed is not None else None

    def _spool_says(self, trouble: Trouble) -> None:
        if trouble.kind == "away":
            self.away_since = self._clock.now()
        elif trouble.kind == "back":
            self.away_since = None
        else:
            self._stream.spool_says(trouble)


def _as(seen: Seen, actor: Actor) -> Seen:
    token = actor.token_id or 0
    via: Via = "token" if token else "session"
    return seen._replace(person=actor.id, name=actor.name, token=token, via=via)
