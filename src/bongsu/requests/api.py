"""/api/v1/requests and /api/v1/request-triggers"""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from bongsu.accounts.http import ApiCaller, ClockOf, Db, PartsOf
from bongsu.accounts.model import require
from bongsu.kit.clock import iso
from bongsu.requests import service, store, trigger_service
from bongsu.requests.filter import Cursor, shown
from bongsu.requests.service import Summary
from bongsu.requests.store_lake import MAX_ROWS, Figures, RouteFigures
from bongsu.requests.triggers import LEAST_WINDOW_S, LONGEST_WINDOW_S, Per, TriggerDraft

router = APIRouter(prefix="/api/v1", tags=["requests"])
Text = Annotated[str, Query(max_length=400)]


def _asked(
    person: Annotated[Text, Query(description="me, nobody or a number")] = "",
    object: Annotated[Text, Query(description="task/TSK-42, or task/ for every task")] = "",  # noqa: A002
    route: Annotated[Text, Query(description="the template, whole")] = "",
    method: Text = "",
    outcome: Annotated[Text, Query(description="ok invalid not_found refused cut failed")] = "",
    address: Text = "",
    slower_ms: Annotated[Text, Query(description="only those that took longer")] = "",
    q: Annotated[Text, Query(description="part of a route or object, or a request id")] = "",
    period: Annotated[Text, Query(description="1h 24h 7d 30d; without since")] = "",
    since: Annotated[Text, Query(description="RFC 3339")] = "",
    until: Annotated[Text, Query(description="RFC 3339")] = "",
    parts: Annotated[Text, Query(description="no: without what pages load by themselves")] = "",
) -> dict[str, str]:
    return {
        "person": person,
        "object": object,
        "route": route,
        "method": method,
        "outcome": outcome,
        "address": address,
        "slower_ms": slower_ms,
        "q": q,
        "period": period,
        "since": since,
        "until": until,
        "parts": parts,
    }


Asked = Annotated[dict[str, str], Depends(_asked)]


@router.get("/requests")
async def list_requests(
    actor: ApiCaller,
    parts: PartsOf,
    asked: Asked,
    before: Text = "",
    limit: Annotated[int, Query(ge=1, le=MAX_ROWS - 1)] = service.PAGE,
) -> dict[str, Any]:
    """Newest first. `older` is the `before` of the next page, null at the end. One's own; an administrator
    sees everybody's."""
    wanted = service.filter_for(actor, asked, parts.clock.now())
    page = await service.listed(parts.lake, wanted, Cursor.parse(before), limit)
    rows = [seen.document() for seen in page.requests]
    return {"requests": rows, "older": str(page.older) if page.older else None}


@router.get("/requests/summary")
async def summarise_requests(
    actor: ApiCaller, parts: PartsOf, asked: Asked, sort: Text = "count"
) -> dict[str, Any]:
    """How many, how they ended and how long they took: as a whole, over time, and by route."""
    wanted = service.filter_for(actor, asked, parts.clock.now())
    routes = await service.top_routes(parts.lake, wanted, sort)
    return _summary(await service.figures(parts.lake, wanted), routes)


@router.get("/requests/{request_id}")
async def get_request(request_id: str, actor: ApiCaller, parts: PartsOf) -> dict[str, Any]:
    """By the id that its answer carried as X-Request-Id."""
    found = await service.one(parts.lake, actor, request_id, parts.clock.now())
    return found.document()


def _summary(found: Summary, routes: Sequence[RouteFigures]) -> dict[str, Any]:
    series = [{"at": iso(one.at), **_figures(one.figures)} for one in found.buckets]
    named = [{"method": one.method, "route": one.route} for one in routes]
    return {
        **shown(found.wanted),
        **_figures(found.whole),
        "series": series,
        "routes": [name | _figures(one.figures) for name, one in zip(named, routes, strict=True)],
    }


def _figures(one: Figures) -> dict[str, Any]:
    times = {"p50_ms": one.p50_us, "p95_ms": one.p95_us, "p99_ms": one.p99_us}
    return {
        "count": one.count,
        "outcomes": one.outcomes,
        **{name: None if value is None else value / 1000 for name, value in times.items()},
    }


# --- triggers


@router.get("/request-triggers")
async def list_triggers(actor: ApiCaller, db: Db) -> dict[str, Any]:
    require(actor, "request_trigger.read")
    async with db.read() as tx:
        triggers = await store.every(tx)
    return {"triggers": [one.shown() | {"builtin": one.builtin} for one in triggers]}


@router.post("/request-triggers", status_code=201)
async def create_trigger(
    draft: TriggerDraft, actor: ApiCaller, db: Db, clock: ClockOf
) -> dict[str, Any]:
    async with db.write() as tx:
        return (await trigger_service.create(tx, actor, draft, clock)).shown()


class Try(BaseModel):
    """A trigger to try on the last hour."""

    model_config = ConfigDict(extra="forbid")
    pattern: dict[str, Any] | str
    at_least: int = Field(1, ge=1, le=1_000_000)
    window_s: int = Field(60, ge=LEAST_WINDOW_S, le=LONGEST_WINDOW_S)
    per: Per = "all"


@router.post("/request-triggers/try")
async def try_trigger(body: Try, actor: ApiCaller, parts: PartsOf) -> dict[str, Any]:
    """How often it would have fired. Nothing is done."""
    trial = await trigger_service.try_out(
        parts.lake, actor, body.pattern, body.at_least, body.window_s, body.per, parts.clock
    )
    return {
        "scanned": trial.scanned,
        "since": iso(trial.since),
        "whole": trial.whole,
        "fitting": trial.fitting,
        "fired": trial.fired,
    }


@router.get("/request-triggers/{name}")
async def get_trigger(name: str, actor: ApiCaller, db: Db) -> dict[str, Any]:
    require(actor, "request_trigger.read")
    async with db.read() as tx:
        return (await trigger_service.get(tx, name)).shown()


@router.put("/request-triggers/{name}")
async def change_trigger(
    name: str, draft: TriggerDraft, actor: ApiCaller, db: Db, clock: ClockOf
) -> dict[str, Any]:
    async with db.write() as tx:
        return (await trigger_service.update(tx, actor, name, draft, clock)).shown()


@router.delete("/request-triggers/{name}", status_code=204)
async def delete_trigger(name: str, actor: ApiCaller, db: Db, clock: ClockOf) -> Response:
    async with db.write() as tx:
        await trigger_service.delete(tx, actor, name, clock)
    return Response(status_code=204)
