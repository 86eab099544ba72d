"""Registering, editing and deleting services by hand. The use cases ask who may."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, Response

from bongsu.accounts import store as accounts
from bongsu.accounts.http import Caller, ClockOf, Db
from bongsu.accounts.model import allowed, require
from bongsu.accounts.posted import read
from bongsu.kit.errors import BongsuError, Conflict, Invalid
from bongsu.kit.i18n import say
from bongsu.kit.text import slugify
from bongsu.services import service as services
from bongsu.services.model import ServiceDraft
from bongsu.watch import service as checks
from bongsu.watch import store_pages
from bongsu.watch.pages import team_titles
from bongsu.web.forms import text_of
from bongsu.web.shell import redirect, render

router = APIRouter(include_in_schema=False)


@router.get("/services")
async def services_page(request: Request, actor: Caller, db: Db) -> HTMLResponse:
    require(actor, "service.read")
    async with db.read() as tx:
        wall = await store_pages.read_wall(tx)
        teams = await team_titles(tx)
    counts: dict[int, int] = {}
    for check in wall.checks:
        counts[check.service_id] = counts.get(check.service_id, 0) + 1
    return render(
        request,
        "watch/services.html",
        services=wall.services,
        counts=counts,
        teams=teams,
        may_register=allowed(actor, "service.create"),
    )


@router.get("/services/new")
async def new_service(request: Request, actor: Caller, db: Db) -> HTMLResponse:
    require(actor, "service.create")
    return await _service_form(request, db, None, {})


@router.get("/services/{name}/edit")
async def edit_service(request: Request, name: str, actor: Caller, db: Db) -> HTMLResponse:
    require(actor, "service.update")
    async with db.read() as tx:
        one = await services.get(tx, name)
        page = await store_pages.read_service(tx, name)
    values = {
        "name": one.name,
        "title": one.title,
        "group": one.group,
        "description": one.description,
        "owners": list(one.owners),
    }
    return await _service_form(request, db, page, values)


@router.post("/services/new")
async def create_service(request: Request, actor: Caller, db: Db, clock: ClockOf) -> Response:
    require(actor, "service.create")
    values = _service_values(await request.form())
    values["name"] = values["name"] or slugify(values["title"], "")
    try:
        draft = _service_draft(values)
        async with db.write() as tx:
            made = await services.create(tx, actor, draft, clock)
    except (Invalid, Conflict) as error:
        return await _service_form(request, db, None, values, error)
    toast = say("{title} is registered. Now say what to check.", title=made.title)
    return redirect(request, f"/services/{made.name}/checks/new", toast=toast)


@router.post("/services/{name}/edit")
async def change_service(
    request: Request, name: str, actor: Caller, db: Db, clock: ClockOf
) -> Response:
    values = _service_values(await request.form()) | {"name": name}
    try:
        draft = _service_draft(values)
        async with db.write() as tx:
            changed = await services.update(tx, actor, name, draft, clock)
    except Invalid as error:
        async with db.read() as tx:
            page = await store_pages.read_service(tx, name)
        return await _service_form(request, db, page, values, error)
    return redirect(
        request, f"/services/{name}", toast=say("{title} is saved.", title=changed.title)
    )


@router.post("/services/{name}/delete")
async def delete_service(
    request: Request, name: str, actor: Caller, db: Db, clock: ClockOf
) -> Response:
    """Its checks go first, each with its own event, so that open incidents end."""
    require(actor, "service.delete")
    async with db.write() as tx:
        await checks.delete_all(tx, actor, name, clock)
        gone = await services.delete(tx, actor, name, clock)
    toast = say("{title} and its checks are deleted. Their history stays.", title=gone.title)
    return redirect(request, "/services", toast=toast)


def _service_values(form: FormData) -> dict[str, Any]:
    values: dict[str, Any] = {
        name: text_of(form, name) for name in ("name", "title", "group", "description")
    }
    owners = [owner for owner in form.getlist("owners") if isinstance(owner, str) and owner]
    return values | {"owners": owners}


def _service_draft(values: dict[str, Any]) -> ServiceDraft:
    return read(ServiceDraft, values, say("The service cannot be saved."))


async def _service_form(
    request: Request,
    db: Db,
    page: store_pages.ServicePage | None,
    values: dict[str, Any],
    error: BongsuError | None = None,
) -> HTMLResponse:
    async with db.read() as tx:
        teams = await accounts.teams(tx)
        groups = sorted(
            {one.group for one in (await store_pages.read_wall(tx)).services if one.group}
        )
    return render(
        request,
        "watch/service_form.html",
        status=error.status if error else 200,
        page=page,
        values=values,
        teams=teams,
        groups=groups,
        error=error,
    )
