"""`/intake`: who sends here, how it went, and an address for somebody new."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, Response

from bongsu.accounts.http import Caller, ClockOf, Db, PartsOf
from bongsu.accounts.model import Actor, allowed, require
from bongsu.accounts.posted import read
from bongsu.intake import service, store
from bongsu.intake.model import SHELF, SourceDraft
from bongsu.kit.errors import BongsuError, Conflict, Invalid
from bongsu.kit.i18n import say
from bongsu.web.shell import fragment, redirect, render

router = APIRouter(include_in_schema=False)
Text = Annotated[str, Form(max_length=200)]


@router.get("/intake")
async def intake_page(request: Request, actor: Caller, db: Db) -> HTMLResponse:
    return render(request, "intake/intake.html", **await _listed(db, actor))


@router.get("/-/intake")
async def intake_part(request: Request, actor: Caller, db: Db) -> HTMLResponse:
    return fragment(request, "intake/_sources.html", **await _listed(db, actor))


@router.post("/intake")
async def create(
    request: Request,
    actor: Caller,
    db: Db,
    clock: ClockOf,
    parts: PartsOf,
    name: Text = "",
    kind: Text = "cloudwatch",
) -> Response:
    """The address stands on the answer and nowhere else."""
    require(actor, "intake.create")
    values = {"name": name, "kind": kind}
    try:
        draft = read(SourceDraft, values, say("The source cannot be saved."))
        async with db.write() as tx:
            made, token = await service.create(tx, actor, draft, clock)
    except (Invalid, Conflict) as error:
        return await _again(request, db, actor, error, values)
    url = service.address(parts.settings.public, made, token)
    return await _with_address(request, db, actor, made.name, url)


@router.post("/intake/{name}/renew")
async def renew(
    request: Request, name: str, actor: Caller, db: Db, clock: ClockOf, parts: PartsOf
) -> Response:
    async with db.write() as tx:
        found, token = await service.renew(tx, actor, name, clock)
    url = service.address(parts.settings.public, found, token)
    return await _with_address(request, db, actor, found.name, url)


@router.post("/intake/{name}/delete")
async def delete(request: Request, name: str, actor: Caller, db: Db, clock: ClockOf) -> Response:
    async with db.write() as tx:
        await service.delete(tx, actor, name, clock)
    return redirect(request, "/intake", toast=say("Source {name} is deleted.", name=name))


async def _listed(db: Db, actor: Actor) -> dict[str, Any]:
    require(actor, "intake.read")
    async with db.read() as tx:
        sources, counts = await store.every(tx), await store.counts(tx)
    return {
        "sources": sources,
        "counts": counts,
        "kinds": {kind: SHELF.spec(kind) for kind in SHELF.ids()},
        "may_create": allowed(actor, "intake.create"),
        "made": None,
        "error": None,
        "values": {"name": "", "kind": "cloudwatch"},
    }


async def _with_address(
    request: Request, db: Db, actor: Actor, name: str, url: str
) -> HTMLResponse:
    shown = await _listed(db, actor) | {"made": {"name": name, "url": url}}
    return render(request, "intake/intake.html", **shown)


async def _again(
    request: Request, db: Db, actor: Actor, error: BongsuError, values: dict[str, str]
) -> HTMLResponse:
    shown = await _listed(db, actor) | {"error": error, "values": values}
    return render(request, "intake/intake.html", status=error.status, **shown)
