"""One cursor on the log feeds every open page: topics out, at most two frames a second a client.

A client that lags gets `reset` (re-read everything), never an unbounded queue.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from bongsu.db.session import Database
from bongsu.events import log
from bongsu.kit.errors import StateBusy
from bongsu.live.topics import topics_of

POLL_S = 0.1
FRAME_S = 0.5
KEEPALIVE_S = 15.0
MayStay = Callable[[], Awaitable[bool]]
BATCH = 500


@dataclass(eq=False, slots=True)
class Client:
    """What one stream still has to say. Empty `wanted` means every topic."""

    wanted: frozenset[str]
    stale: set[str] = field(default_factory=set)
    reset: bool = False
    seq: int = 0
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, topics: frozenset[str], seq: int) -> None:
        self.seq = seq
        hit = topics & self.wanted if self.wanted else topics
        if hit:
            self.stale |= hit
            self.ready.set()


class Hub:
    def __init__(self, db: Database) -> None:
        self.db = db
        self.clients: set[Client] = set()
        self.seq = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Follows the newest events until `stop`; history is the pages' own business."""
        while not stop.is_set():
            with contextlib.suppress(StateBusy, sa.exc.OperationalError):
                await self._step()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), POLL_S)
        for client in self.clients:
            client.ready.set()

    async def _step(self) -> None:
        async with self.db.read() as tx:
            if self.seq == 0:
                self.seq = await log.newest_seq(tx)
            events = await log.read_after(tx, self.seq, BATCH)
        if not events:
            return
        self.seq = events[-1].seq
        topics = frozenset().union(*(topics_of(event) for event in events))
        for client in self.clients:
            client.tell(topics, self.seq)

    async def stream(
        self,
        wanted: frozenset[str],
        last_seen: int | None,
        stop: asyncio.Event,
        may_stay: MayStay | None = None,
    ) -> AsyncIterator[str]:
        """Server-sent events for one page. A page that was away longer than it knows gets `reset`.

        `may_stay` is asked at every keep-alive: a stream outlives the sign-in that opened it.
        """
        client = Client(wanted, seq=self.seq)
        self.clients.add(client)
        try:
            yield _frame("hello", {"seq": self.seq}, self.seq)
            if last_seen is not None and last_seen < self.seq:
                yield _frame("reset", {}, self.seq)
            async for frame in _frames(client, stop, may_stay):
                yield frame
        finally:
            self.clients.discard(client)


async def _frames(
    client: Client, stop: asyncio.Event, may_stay: MayStay | None
) -> AsyncIterator[str]:
    asked_at = asyncio.get_running_loop().time()
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(client.ready.wait(), KEEPALIVE_S)
        if may_stay and asyncio.get_running_loop().time() - asked_at >= KEEPALIVE_S:
            asked_at = asyncio.get_running_loop().time()
            if not await may_stay():
                return
        if not client.ready.is_set():
            yield ": still here\n\n"
            continue
        client.ready.clear()
        if client.stale:
            topics, client.stale = sorted(client.stale), set()
            yield _frame("topics", {"topics": topics}, client.seq)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), FRAME_S)


def _frame(event: str, data: Any, seq: int) -> str:
    return f"id: {seq}\nevent: {event}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n"
