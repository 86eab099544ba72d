"""`/events`: the event log with a pattern filter, and one event."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from bongsu.accounts import store as accounts
from bongsu.accounts.http import Caller, Db
from bongsu.accounts.model import require
from bongsu.db.session import Tx
from bongsu.events import log
from bongsu.events.envelope import Event
from bongsu.events.pattern import compile_pattern
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import Said
from bongsu.rules.log_view import find, seen, sight_of
from bongsu.web.shell import render

router = APIRouter(include_in_schema=False)
FAMILIES = ("check.", "incident.", "delivery.", "service.", "rule.", "user.", "session.", "own.")
Text = Annotated[str, Query(max_length=16_384)]


@router.get("/events")
async def events_page(
    request: Request,
    actor: Caller,
    db: Db,
    pattern: Text = "",
    family: Text = "",
    subject: Text = "",
    before: Annotated[int | None, Query(ge=1)] = None,
) -> HTMLResponse:
    require(actor, "event.read")
    matches, problem = _compiled(pattern)
    async with db.read() as tx:
        found = await find(
            tx,
            sight_of(request, actor),
            matches=matches,
            type_prefix=family,
            subject=subject,
            before_seq=before,
        )
        names = await _names(tx, found.events)
    asked = {"pattern": pattern, "family": family, "subject": subject, "before": before}
    return render(
        request,
        "rules/events.html",
        status=422 if problem else 200,
        found=found,
        asked=asked,
        problem=problem,
        families=[(name, f"{name}*") for name in FAMILIES],
        reasons={event.id: _reason(event) for event in found.events},
        names=names,
    )


async def _names(tx: Tx, events: Sequence[Event]) -> dict[str, str]:
    """`user/3` as the person is called."""
    numbers = {event.actor.partition("/")[2] for event in events if event.actor.startswith("user/")}
    ids = [int(number) for number in numbers if number.isdigit()]
    return {f"user/{user.id}": user.name for user in await accounts.users_by_ids(tx, ids)}


def _reason(event: Event) -> Said | None:
    stored = event.data.get("reason")
    return Said.load(stored) if isinstance(stored, dict) and "text" in stored else None


def _compiled(pattern: str) -> tuple[Any, Invalid | None]:
    if not pattern.strip():
        return None, None
    try:
        return compile_pattern(pattern).matches, None
    except Invalid as error:
        return None, error


@router.get("/events/{event_id}")
async def event_page(request: Request, event_id: str, actor: Caller, db: Db) -> HTMLResponse:
    require(actor, "event.read")
    sees = sight_of(request, actor)
    async with db.read() as tx:
        event = await seen(tx, event_id, sees)
        before = await log.get(tx, event.causation) if event.causation else None
        cause = before if before and await sees(tx, [before]) else None
        names = await _names(tx, [event])
    return render(
        request, "rules/event.html", event=event, cause=cause, reason=_reason(event), names=names
    )
