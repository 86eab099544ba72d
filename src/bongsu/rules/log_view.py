"""The log as people search it: newest first, by type, by thing, by pattern."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from bongsu.accounts.model import Actor
from bongsu.accounts.sight import hidden_from
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


Sees = Callable[[Tx, Sequence[Event]], Awaitable[list[Event]]]


def sight_of(request: Request, actor: Actor) -> Sees:
    """Leaves of events those that name nothing that is hidden from the actor."""

    async def visible(tx: Tx, events: Sequence[Event]) -> list[Event]:
        names = {name for event in events for name in _things(event)}
        hidden = await hidden_from(request, tx, actor, names)
        return [event for event in events if hidden.isdisjoint(_things(event))]

    return visible


def _things(event: Event) -> tuple[str, ...]:
    return (event.subject, *event.resources)


async def seen(tx: Tx, event_id: str, sees: Sees) -> Event:
    """Raises NotFound, also for one that is about what is not theirs to see."""
    event = await log.get(tx, event_id)
    if event is None or not await sees(tx, [event]):
        raise no_event(event_id)
    return event


async def find(
    tx: Tx,
    sees: Sees,
    *,
    matches: Callable[[dict[str, Any]], bool] | None,
    type_prefix: str = "",
    subject: str = "",
    before_seq: int | None = None,
) -> Found:
    """One page. Without a pattern it is one query where nothing is hidden; else at most SCAN_LIMIT events are
    read."""
    found: list[Event] = []
    scanned, position, picked = 0, before_seq, matches is not None
    while scanned < SCAN_LIMIT:
        limit = _BATCH if picked else PAGE + 1
        batch = await log.search(
            tx, type_prefix=type_prefix, subject=subject, before_seq=position, limit=limit
        )
        visible = {event.seq for event in await sees(tx, batch)}
        picked = picked or len(visible) < len(batch)
        for event in batch:
            scanned += 1
            position = event.seq
            if event.seq in visible and (matches is None or matches(event.match_view())):
                found.append(event)
            if len(found) == PAGE:
                return Found(found, scanned, position)
        if len(batch) < limit:
            return Found(found, scanned, None)
    return Found(found, scanned, position)
