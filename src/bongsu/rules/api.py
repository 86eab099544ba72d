"""/api/v1/rules and /api/v1/events"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from bongsu.accounts.http import ApiCaller, ClockOf, Db
from bongsu.accounts.model import require
from bongsu.events.pattern import compile_pattern
from bongsu.rules import service, store
from bongsu.rules.backtest import EVENTS_LIMIT, backtest
from bongsu.rules.log_view import find, seen, sight_of
from bongsu.rules.model import RuleDraft

router = APIRouter(prefix="/api/v1", tags=["rules"])
Text = Annotated[str, Query(max_length=16_384)]


@router.get("/rules")
async def list_rules(actor: ApiCaller, db: Db) -> dict[str, Any]:
    require(actor, "rule.read")
    async with db.read() as tx:
        rules = await store.every(tx)
    return {"rules": [rule.shown() | {"builtin": rule.builtin} for rule in rules]}


@router.post("/rules", status_code=201)
async def create_rule(draft: RuleDraft, actor: ApiCaller, db: Db, clock: ClockOf) -> dict[str, Any]:
    async with db.write() as tx:
        return (await service.create(tx, actor, draft, clock)).shown()


class Trial(BaseModel):
    """A pattern to try on the log."""

    model_config = ConfigDict(extra="forbid")
    pattern: dict[str, Any] | str
    events: int = Field(EVENTS_LIMIT, ge=1, le=EVENTS_LIMIT, description="How many of the newest")


@router.post("/rules/backtest")
async def try_rule(
    request: Request, trial: Trial, actor: ApiCaller, db: Db, clock: ClockOf
) -> dict[str, Any]:
    """What a rule with this pattern would have fired on. Nothing is done."""
    require(actor, "event.read")
    return await backtest(db, trial.pattern, clock, trial.events, sight_of(request, actor))


@router.get("/rules/{name}")
async def get_rule(name: str, actor: ApiCaller, db: Db) -> dict[str, Any]:
    require(actor, "rule.read")
    async with db.read() as tx:
        return (await service.get(tx, name)).shown()


@router.put("/rules/{name}")
async def change_rule(
    name: str, draft: RuleDraft, actor: ApiCaller, db: Db, clock: ClockOf
) -> dict[str, Any]:
    async with db.write() as tx:
        return (await service.update(tx, actor, name, draft, clock)).shown()


@router.delete("/rules/{name}", status_code=204)
async def delete_rule(name: str, actor: ApiCaller, db: Db, clock: ClockOf) -> Response:
    async with db.write() as tx:
        await service.delete(tx, actor, name, clock)
    return Response(status_code=204)


@router.get("/events", tags=["events"])
async def list_events(
    request: Request,
    actor: ApiCaller,
    db: Db,
    pattern: Text = "",
    family: Text = "",
    subject: Text = "",
    before: Annotated[int | None, Query(ge=1)] = None,
) -> dict[str, Any]:
    """Newest first, as CloudEvents. `older` is the `before` of the next page, null at the beginning."""
    require(actor, "event.read")
    matches = compile_pattern(pattern).matches if pattern.strip() else None
    async with db.read() as tx:
        found = await find(
            tx,
            sight_of(request, actor),
            matches=matches,
            type_prefix=family,
            subject=subject,
            before_seq=before,
        )
    events = [event.cloudevent() for event in found.events]
    return {"events": events, "scanned": found.scanned, "older": found.older}


@router.get("/events/{event_id}", tags=["events"])
async def get_event(request: Request, event_id: str, actor: ApiCaller, db: Db) -> dict[str, Any]:
    require(actor, "event.read")
    async with db.read() as tx:
        event = await seen(tx, event_id, sight_of(request, actor))
    return event.cloudevent()
