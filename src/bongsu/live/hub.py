"""One cursor on the log feeds every open page: topics out, at most two frames a second a client.

A client that lags gets `reset` (re-read everything), never an unbounded queue. What happened while a page
was still on its way is told when its stream opens. See docs/adr/0040-while-a-page-loads.md.
"""

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from bongsu.db.session import Database
from bongsu.events import log
from bongsu.events.envelope import Event
from bongsu.kit.errors import StateBusy
from bongsu.live.topics import topics_of

POLL_S = 0.1
FRAME_S = 0.5
KEEPALIVE_S = 15.0
RECENT_S = 60.0  # a page that took longer to load reads everything again
SLACK_S = 0.5  # the age that a page gives of itself is not exact
MayStay = Callable[[], Awaitable[bool]]
BATCH = 500


@dataclass(eq=False, slots=True)
class Client:
    """What one stream still has to say. Empty `wanted` means every topic."""

    wanted: frozenset[str]
    stale: set[str] = field(default_factory=set)
    reset: bool = False
    doubt: bool = False  # whether whoever opened it may still be here
    seq: int = 0
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, topics: frozenset[str], seq: int) -> None:
        self.seq = seq
        hit = topics & self.wanted if self.wanted else topics
        if hit:
            self.stale |= hit
            self.ready.set()

    def ask_again(self) -> None:
        self.doubt = True
        self.ready.set()


def changes_who_may_stay(event: Event) -> bool:
    """Somebody disabled, a session ended, a second factor made compulsory: a stream must not outlive it."""
    return event.type.startswith(("user.", "policy.")) or event.type in {
        "session.revoked",
        "session.signed_out",
    }


class Hub:
    def __init__(self, db: Database) -> None:
        self.db = db
        self.clients: set[Client] = set()
        self.seq = 0
        self.recent: deque[tuple[float, frozenset[str]]] = deque()  # when each was seen here

    async def run(self, stop: asyncio.Event) -> None:
        """Follows the newest events until `stop`; history is the pages' own business."""
        while not stop.is_set():
            with contextlib.suppress(StateBusy, sa.exc.SQLAlchemyError, OSError):  # away: later
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
        self._remember(topics)
        for client in self.clients:
            client.tell(topics, self.seq)
        if any(changes_who_may_stay(event) for event in events):
            for client in self.clients:
                client.ask_again()

    def _remember(self, topics: frozenset[str]) -> None:
        now = asyncio.get_running_loop().time()
        self.recent.append((now, topics))
        while self.recent[0][0] < now - RECENT_S:
            self.recent.popleft()

    def _since(self, age_s: float) -> frozenset[str]:
        begin = asyncio.get_running_loop().time() - age_s - SLACK_S
        return frozenset().union(*(topics for at, topics in self.recent if at >= begin))

    async def stream(
        self,
        wanted: frozenset[str],
        last_seen: int | None,
        stop: asyncio.Event,
        may_stay: MayStay | None = None,
        age_s: float = 0.0,
    ) -> AsyncIterator[str]:
        """Server-sent events for one page. A page that was away longer than it knows gets `reset`.

        `age_s`: how long ago the page was asked for; what happened since is told first.
        `may_stay` is asked at every keep-alive, and at once after an event that may mean it: a stream
        outlives the sign-in that opened it.
        """
        client = Client(wanted, seq=self.seq)
        self.clients.add(client)
        try:
            yield _frame("hello", {"seq": self.seq}, self.seq)
            behind = age_s > RECENT_S if last_seen is None else last_seen < self.seq
            if behind:
                yield _frame("reset", {}, self.seq)
            elif last_seen is None:
                client.tell(self._since(age_s), self.seq)
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
        due = asyncio.get_running_loop().time() - asked_at >= KEEPALIVE_S
        if may_stay and (due or client.doubt):
            client.doubt = False
            asked_at = asyncio.get_running_loop().time()
            if not await may_stay():
                yield _frame("reset", {}, client.seq)  # its parts then say where to go instead
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
