"""`/incidents`, one incident, and the parts that other pages show of them."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from bongsu.accounts import store as accounts
from bongsu.accounts.http import Caller, ClockOf, Db, PartsOf
from bongsu.accounts.model import Actor, User, allowed, require
from bongsu.db.session import Tx
from bongsu.incidents import page_view, service, store
from bongsu.incidents.model import Incident, Touched
from bongsu.kit.clock import Clock
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say
from bongsu.services import store as services
from bongsu.tell.model import Defaults
from bongsu.web.shell import fragment, redirect, render

router = APIRouter(include_in_schema=False)
PAGE = 50
RECENT = 5
OPEN_SHOWN = 20
Words = Annotated[str, Form(max_length=8000)]


@router.get("/incidents")
async def incidents_page(
    request: Request, actor: Caller, db: Db, before: Annotated[int | None, Query(ge=1)] = None
) -> HTMLResponse:
    require(actor, "incident.read")
    async with db.read() as tx:
        opened = await store.listed(tx, open_only=True, limit=200) if before is None else []
        ended = await store.listed(tx, open_only=False, before_id=before, limit=PAGE)
        context = await _listed(tx, [*opened, *ended])
    older = ended[-1].id if len(ended) == PAGE else None
    return render(
        request, "incidents/incidents.html", opened=opened, ended=ended, older=older, **context
    )


async def _listed(tx: Tx, incidents: list[Incident]) -> dict[str, Any]:
    """What lists need beside the rows: services, holders, what is touched. Three queries."""
    touched: dict[int, list[Touched]] = await store.touched_by(tx, [one.id for one in incidents])
    holders = {one.holder_id for one in incidents if one.holder_id is not None}
    people = {user.id: user for user in await accounts.users_by_ids(tx, holders)}
    named = {one.id: one for one in await services.every(tx)}
    return {"touched": touched, "people": people, "services": named}


@router.get("/-/incidents/open")
async def open_part(request: Request, actor: Caller, db: Db) -> HTMLResponse:
    """The panel on the wall: what is open, worst first, and who has it."""
    require(actor, "incident.read")
    async with db.read() as tx:
        found = await store.listed(tx, open_only=True, limit=200)
        worst = sorted(found, key=lambda one: (-one.severity, one.opened_at))[:OPEN_SHOWN]
        context = await _listed(tx, worst)
    may_take = allowed(actor, "incident.acknowledge")
    return fragment(
        request,
        "incidents/_open.html",
        incidents=worst,
        more=len(found) - len(worst),
        may_take=may_take,
        **context,
    )


@router.get("/-/incidents/count")
async def count_part(actor: Caller, db: Db) -> PlainTextResponse:
    require(actor, "incident.read")
    async with db.read() as tx:
        found = await store.listed(tx, open_only=True, limit=200)
    return PlainTextResponse(str(len(found)) if found else "")


@router.get("/-/incidents/of/{service_id}")
async def of_service(request: Request, service_id: int, actor: Caller, db: Db) -> HTMLResponse:
    require(actor, "incident.read")
    async with db.read() as tx:
        found = await store.listed(tx, service_id=service_id, limit=RECENT)
    return fragment(request, "incidents/_of_service.html", incidents=found, service_id=service_id)


async def _view(tx: Tx, actor: Actor, incident_id: int) -> page_view.IncidentView:
    incident = await service.get(tx, actor, incident_id)
    return await page_view.read(tx, incident, await _people(tx))


async def _people(tx: Tx) -> list[User]:
    found: list[User] = []
    while page := await accounts.users(tx, found[-1].id if found else 0):
        found += page
        if len(found) >= 1000:
            break
    return found


def _context(view: page_view.IncidentView, actor: Actor, clock: Clock) -> dict[str, Any]:
    return {
        "page": view,
        "lasted_s": page_view.headline_time(view.incident, clock.now()),
        "icons": page_view.ICONS,
        "lines_open": page_view.LINES_OPEN,
        "may_take": allowed(actor, "incident.acknowledge"),
        "may_resolve": allowed(actor, "incident.resolve"),
        "mine": view.incident.holder_id == actor.id and actor.kind == "user",
    }


@router.get("/incidents/{incident_id}")
async def incident_page(
    request: Request, incident_id: int, actor: Caller, db: Db, clock: ClockOf
) -> HTMLResponse:
    async with db.read() as tx:
        view = await _view(tx, actor, incident_id)
    return render(request, "incidents/incident.html", error=None, **_context(view, actor, clock))


@router.get("/-/incidents/{incident_id}/body")
async def incident_body(
    request: Request, incident_id: int, actor: Caller, db: Db, clock: ClockOf
) -> HTMLResponse:
    async with db.read() as tx:
        view = await _view(tx, actor, incident_id)
    return fragment(request, "incidents/_body.html", error=None, **_context(view, actor, clock))


@router.post("/incidents/{incident_id}/take")
async def take(
    request: Request, incident_id: int, actor: Caller, db: Db, clock: ClockOf
) -> Response:
    async with db.write() as tx:
        taken = await service.acknowledge(tx, actor, incident_id, clock)
    toast = say("You have {incident} now.", incident=taken.name)
    return redirect(request, f"/incidents/{incident_id}", toast=toast)


@router.post("/incidents/{incident_id}/hand-over")
async def hand_over(  # one parameter a part that it needs
    request: Request,
    incident_id: int,
    actor: Caller,
    db: Db,
    clock: ClockOf,
    parts: PartsOf,
    user_id: Annotated[int, Form()],
) -> Response:
    async with db.write() as tx:
        defaults = Defaults.of(parts.settings)
        given = await service.hand_over(tx, actor, incident_id, user_id, defaults, clock)
    toast = say("{incident} is handed over.", incident=given.name)
    return redirect(request, f"/incidents/{incident_id}", toast=toast)


@router.post("/incidents/{incident_id}/resolve")
async def resolve(
    request: Request, incident_id: int, actor: Caller, db: Db, clock: ClockOf, why: Words = ""
) -> Response:
    try:
        async with db.write() as tx:
            ended = await service.resolve(tx, actor, incident_id, why, clock)
    except Invalid as error:
        return await _again(request, incident_id, actor, db, clock, error)
    toast = say("{incident} is resolved.", incident=ended.name)
    return redirect(request, f"/incidents/{incident_id}", toast=toast)


async def _again(
    request: Request, incident_id: int, actor: Actor, db: Db, clock: Clock, error: Invalid
) -> HTMLResponse:
    async with db.read() as tx:
        view = await _view(tx, actor, incident_id)
    context = _context(view, actor, clock)
    return render(request, "incidents/incident.html", status=422, error=error, **context)
