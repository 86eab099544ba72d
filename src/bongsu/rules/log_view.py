"""The log as people search it: newest first, by type, by thing, by pattern."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bongsu.db.session import Tx
from bongsu.events import log
from bongsu.events.envelope import Event
from bongsu.kit.errors import NotFound
from bongsu.kit.i18n import say

PAGE = 50
SCAN_LIMIT = 5000  # events a pattern is tried on before the page answers with what it has
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Found:
    """`scanned` of the log were looked at; `older` is where to go on, None at the beginning of the log."""

    events: list[Event]
    scanned: int
    older: int | None


def no_event(event_id: str) -> NotFound:
    return NotFound(
        say(
            "There is no event {id} in the log. Look for it under Events.",
            id=event_id,
        )
    )


async def find(
    tx: Tx,
    *,
    matches: Callable[[dict[str, Any]], bool] | None,
    type_prefix: str = "",
    subject: str = "",
    before_seq: int | None = None,
) -> Found:
    """One page. Without a pattern it is one query; with one at most SCAN_LIMIT events are read."""
    found: list[Event] = []
    scanned, position = 0, before_seq
    while scanned < SCAN_LIMIT:
        limit = PAGE + 1 if matches is None else _BATCH
        batch = await log.search(
            tx, type_prefix=type_prefix, subject=subject, before_seq=position, limit=limit
        )
        for event in batch:
            scanned += 1
            position = event.seq
            if matches is None or matches(event.match_view()):
                found.append(event)
            if len(found) == PAGE:
                return Found(found, scanned, position)
        if len(batch) < limit:
            return Found(found, scanned, None)
    return Found(found, scanned, position)
