"""What was seen at a change is kept before the change is recorded, so that who is told finds it.

One document after the other goes to the outbox on this machine's disk. The alarm goes on without its evidence
rather than late: a change waits for it EVIDENCE_S at most, and not at all when very many come at once.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from bongsu.kit.errors import ObjectsAway
from bongsu.kit.text import head
from bongsu.watch.changes import Change

FIRST = 200  # documents that changes wait for; when more come at once, changes go first
LIMIT = 3_000  # documents in memory; beyond it a change is recorded without one
EVIDENCE_S = 2.0
_A_LITTLE_S = 0.02  # later, so that who is given up goes on without a link to nothing


class Outbox(Protocol):
    async def put_later(self, key: str, body: bytes, content_type: str) -> None:
        """Keeps the object on this machine's disk until the store has it. Raises ObjectsAway."""


class Trouble(Protocol):
    def __call__(self, kind: str, /, **details: Any) -> None: ...


@dataclass(eq=False, slots=True)
class _Document:
    change: Change
    body: bytes
    gone_on: bool = False  # its change waits no longer


class EvidenceLane:
    """`go_on` takes each change exactly once; those of one check in the order in which they came."""

    def __init__(self, outbox: Outbox, go_on: Callable[[Change], None], trouble: Trouble) -> None:
        self._outbox, self._next, self._trouble = outbox, go_on, trouble
        self._documents: deque[_Document] = deque()
        self._behind: dict[int, list[_Document]] = {}  # by check: whose changes wait
        self._wake = asyncio.Event()

    def __len__(self) -> int:
        return len(self._documents)

    def add(self, change: Change, body: bytes | None) -> None:
        """Never waits."""
        waiting = len(self._documents)
        if body is None or waiting >= LIMIT:
            self._go_on(self._behind.get(change.check_id, ()))
            self._next(replace(change, evidence=None))
            return
        document = _Document(change, body)
        self._documents.append(document)
        behind = self._behind.setdefault(change.check_id, [])
        behind.append(document)
        if waiting >= FIRST:
            self._go_on(behind)
        else:  # a disk that hangs costs everybody once, not one after the other
            wait_s = EVIDENCE_S + _A_LITTLE_S
            asyncio.get_running_loop().call_later(wait_s, self._leave, document, change)
        self._wake.set()

    def _go_on(self, documents: Iterable[_Document]) -> None:
        """Whatever waits for an earlier one of the check goes first: old news must never be the last."""
        for document in list(documents):
            self._leave(document, document.change)

    def _leave(self, document: _Document, change: Change) -> None:
        if document.gone_on:
            return
        behind = self._behind[change.check_id]
        while behind[0] is not document:
            self._leave(behind[0], behind[0].change)
        document.gone_on = True
        del behind[0]
        if not behind:
            del self._behind[change.check_id]
        self._next(change)

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._documents:
                document = self._documents[0]
                kept = await self._kept(document.change.evidence or "", document.body)
                self._documents.popleft()
                change = document.change
                self._leave(document, change if kept else replace(change, evidence=None))

    async def _kept(self, key: str, body: bytes) -> bool:
        try:
            async with asyncio.timeout(EVIDENCE_S):
                await self._outbox.put_later(key, body, "application/json")
        except TimeoutError:
            self._trouble("objects_away", why="the outbox did not answer in time")
            return False
        except ObjectsAway as error:
            self._trouble("disk_full", why=head(error.why or str(error), 200))
            return False
        return True
