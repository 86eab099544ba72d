"""`/services/<name>`: choosing a service calls its checks at once; states, where the time goes, evidence."""

import json
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bongsu.accounts.http import Caller, ClockOf, Db, PartsOf
from bongsu.accounts.model import Actor, allowed, require
from bongsu.events import log
from bongsu.incidents import store as incidents
from bongsu.incidents.model import Incident
from bongsu.kit.clock import from_micros, parse_iso
from bongsu.kit.errors import LakeAway, NotFound, ObjectsAway
from bongsu.kit.i18n import Said, say
from bongsu.lake import results
from bongsu.watch import service, store_pages, store_requests
from bongsu.watch.figures_view import PERIODS, chart_of, windows_of
from bongsu.watch.pages import history_of, team_titles
from bongsu.watch.service_view import ServiceView, service_view
from bongsu.web.shell import fragment, redirect, render, state_of

router = APIRouter(include_in_schema=False)
NOW_WAIT_S = 2.0
LOOK_FRESH = timedelta(
    seconds=20
)  # a part that is drawn again still shows what was asked for just now
EVIDENCE_LIMIT_BYTES = 64 * 1024


async def _view(db: Db, name: str, now: datetime) -> tuple[ServiceView, store_pages.ServicePage]:
    async with db.read() as tx:
        page = await store_pages.read_service(tx, name)
    return service_view(page, now), page


async def _incident(db: Db, view: ServiceView) -> Incident | None:
    """The newest open one, which the page leads to."""
    async with db.read() as tx:
        found = await incidents.listed(tx, open_only=True, service_id=view.id, limit=1)
    return found[0] if found else None


async def _owners(db: Db, view: ServiceView) -> list[str]:
    """What people call the teams that own it."""
    async with db.read() as tx:
        titles = await team_titles(tx)
    return [titles.get(name, name) for name in view.owners]


def _may(actor: Actor) -> dict[str, bool]:
    return {
        "may_change": allowed(actor, "check.update"),
        "may_pause": allowed(actor, "check.pause"),
    }


@router.get("/services/{name}")
async def service_page(
    request: Request, name: str, actor: Caller, db: Db, clock: ClockOf
) -> HTMLResponse:
    require(actor, "check.read")
    view, page = await _view(db, name, clock.now())
    known = await history_of(request).get([row.id for row in view.checks])
    return render(
        request,
        "watch/service.html",
        service=view,
        owners=await _owners(db, view),
        incident=await _incident(db, view),
        page=page,
        past=known.of([row.id for row in view.checks]),
        history=known,
        looks={},
        looked=_looked(view),
        certificates=_certificates(page, clock.now()),
        **_may(actor),
    )


@router.get("/-/services/{name}/checks")
async def checks_part(
    request: Request, name: str, actor: Caller, db: Db, clock: ClockOf
) -> HTMLResponse:
    require(actor, "check.read")
    view, _ = await _view(db, name, clock.now())
    ids = [row.id for row in view.checks]
    async with db.read() as tx:
        looks = await store_requests.fresh_answers(tx, ids, actor.ref, clock.now() - LOOK_FRESH)
    return await _checks(request, actor, view, looks)


@router.post("/-/services/{name}/now")
async def look_now(request: Request, name: str, actor: Caller, db: Db, clock: ClockOf) -> Response:
    """Calls every check of the service and shows each answer, or says which is still waited for."""
    async with db.write() as tx:
        ids = await store_pages.check_ids_of(tx, name)
        asked = await service.ask_now(tx, actor, ids, clock)
    answers = await service.wait_for(db, list(asked.values()), NOW_WAIT_S, clock)
    looks = {check_id: answers.get(request_id) for check_id, request_id in asked.items()}
    view, _ = await _view(db, name, clock.now())
    return await _checks(request, actor, view, looks)


async def _checks(
    request: Request, actor: Actor, view: ServiceView, looks: dict[int, Any]
) -> HTMLResponse:
    known = await history_of(request).get([row.id for row in view.checks])
    return fragment(
        request,
        "watch/_checks.html",
        service=view,
        history=known,
        looks=looks,
        looked=_looked(view),
        **_may(actor),
    )


def _looked(view: ServiceView) -> dict[int, datetime]:
    """When each check was last looked at."""
    return {
        row.id: from_micros(int(row.last_at_s * 1_000_000)) for row in view.checks if row.last_at_s
    }


@router.get("/-/services/{name}/state")
async def state_part(
    request: Request, name: str, actor: Caller, db: Db, clock: ClockOf
) -> HTMLResponse:
    require(actor, "check.read")
    view, _ = await _view(db, name, clock.now())
    incident = await _incident(db, view)
    return fragment(request, "watch/_state.html", service=view, incident=incident, **_may(actor))


@router.get("/-/checks/{check_id}/time")
async def time_part(
    request: Request,
    check_id: int,
    actor: Caller,
    db: Db,
    parts: PartsOf,
    clock: ClockOf,
    period: str = "6h",
) -> HTMLResponse:
    """Where the time goes: from the lake; when that is away only this panel dims."""
    require(actor, "check.read")
    async with db.read() as tx:
        check = await service.get_by_id(tx, check_id)
    span = PERIODS.get(period, PERIODS["6h"])
    now = clock.now()
    chart, away = None, False
    try:
        buckets = await results.series(parts.lake, check_id, now - span, now, 96)
        chart = chart_of(buckets, state_of(request).language)
    except LakeAway:
        away = True
    return fragment(request, "watch/_time.html", check=check, chart=chart, away=away, period=period)


@router.get("/-/checks/{check_id}/percentiles")
async def percentiles_part(
    request: Request, check_id: int, actor: Caller, db: Db, parts: PartsOf, clock: ClockOf
) -> HTMLResponse:
    require(actor, "check.read")
    async with db.read() as tx:
        check = await service.get_by_id(tx, check_id)
    try:
        rows = windows_of(await results.windows(parts.lake, check_id, clock.now()))
    except LakeAway:
        rows = []
    return fragment(request, "watch/_percentiles.html", check=check, rows=rows)


@router.get("/-/checks/{check_id}/evidence")
async def evidence_part(
    request: Request, check_id: int, actor: Caller, db: Db, parts: PartsOf
) -> HTMLResponse:
    """What was seen at the last change of state: from the object store, or the outbox on its way there."""
    require(actor, "evidence.read")
    async with db.read() as tx:
        check = await service.get_by_id(tx, check_id)
        detail = await store_pages.read_check(tx, check.service, check.name)
    key = detail.evidence if detail else None
    document, away = await _document(parts, db, key) if key else (None, False)
    return fragment(request, "watch/_evidence.html", check=check, seen=document, key=key, away=away)


@router.get("/evidence/{key:path}")
async def evidence_page(
    request: Request, key: str, actor: Caller, parts: PartsOf, db: Db
) -> HTMLResponse:
    require(actor, "evidence.read")
    if not key.endswith(".json"):
        raise _no_evidence(key)
    document, away = await _document(parts, db, f"evidence/{key}")
    if document is None and not away:
        raise _no_evidence(key)
    return render(request, "watch/evidence.html", seen=document, key=key, away=away)


def _no_evidence(key: str) -> NotFound:
    return NotFound(say("There is no evidence {key}. It may have been cleared away.", key=key))


async def _reason(db: Db, key: str) -> Said | None:
    """The document is named after its event, which has the reason in any language; for 90 days."""
    async with db.read() as tx:
        event = await log.get(tx, key.rpartition("/")[2].removesuffix(".json"))
    stored = event.data.get("reason") if event else None
    return Said.load(stored) if isinstance(stored, dict) and "text" in stored else None


async def _document(parts: PartsOf, db: Db, key: str) -> tuple[dict[str, Any] | None, bool]:
    """The document, and whether the store is away."""
    try:
        body = await parts.objects.get(key)
    except ObjectsAway:
        return None, True
    except NotFound:
        return None, False
    document: dict[str, Any] = json.loads(body[:EVIDENCE_LIMIT_BYTES])
    document["seen"]["at_time"] = parse_iso(document["seen"]["at"])
    document["verdict"]["shown"] = await _reason(db, key) or document["verdict"]["reason"]
    return document, False


@router.get("/checks/{check_id}")
async def check_address(check_id: int, actor: Caller, db: Db) -> RedirectResponse:
    """From a cell of the grid to the check on its service's page."""
    require(actor, "check.read")
    async with db.read() as tx:
        check = await service.get_by_id(tx, check_id)
    return RedirectResponse(f"/services/{check.service}#check-{check_id}", 303)


@router.post("/services/{name}/checks/{check}/pause")
async def pause(
    request: Request, name: str, check: str, actor: Caller, db: Db, clock: ClockOf
) -> Response:
    async with db.write() as tx:
        await service.pause(tx, actor, name, check, paused=True, clock=clock)
    said = say("{name} is paused: looked at, but nobody is told.", name=check)
    return redirect(request, f"/services/{name}", toast=said)


@router.post("/services/{name}/checks/{check}/resume")
async def resume(
    request: Request, name: str, check: str, actor: Caller, db: Db, clock: ClockOf
) -> Response:
    async with db.write() as tx:
        await service.pause(tx, actor, name, check, paused=False, clock=clock)
    return redirect(request, f"/services/{name}", toast=say("{name} goes on.", name=check))


def _certificates(page: store_pages.ServicePage, now: datetime) -> list[dict[str, Any]]:
    """One a name; the one that ends first comes first."""
    found: dict[str, dict[str, Any]] = {}
    for detail in page.checks:
        if detail.certificate:
            until = parse_iso(detail.certificate["not_after"])
            days = (until - now) // timedelta(days=1)
            found[detail.certificate["subject"]] = detail.certificate | {
                "until": until,
                "days": days,
                "state": "down" if days < 0 else "degraded" if days < 14 else "up",
            }
    return sorted(found.values(), key=lambda one: one["until"])
