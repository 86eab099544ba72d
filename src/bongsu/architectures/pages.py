"""`/architectures`: what is drawn here; one drawing whose parts take the state of their checks, live."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from bongsu.accounts.http import Caller, ClockOf, Db
from bongsu.accounts.model import Actor, allowed, require
from bongsu.accounts.posted import read
from bongsu.architectures import service, store
from bongsu.architectures.model import (
    TEXT_LIMIT,
    ArchitectureDraft,
    lost_of,
    named,
    states_of,
    whole,
)
from bongsu.architectures.views import Seen, seen
from bongsu.intake import store as intake
from bongsu.kit.errors import BongsuError, Invalid, NotFound
from bongsu.kit.i18n import say
from bongsu.web.shell import fragment, redirect, render, state_of

router = APIRouter(include_in_schema=False)
Text = Annotated[str, Form(max_length=TEXT_LIMIT)]
Lose = Annotated[str, Query(max_length=200)]


@router.get("/architectures")
async def architectures_page(request: Request, actor: Caller, db: Db) -> HTMLResponse:
    return render(request, "architectures/architectures.html", **await _listed(request, db, actor))


@router.get("/-/architectures")
async def architectures_part(request: Request, actor: Caller, db: Db) -> HTMLResponse:
    return fragment(request, "architectures/_list.html", **await _listed(request, db, actor))


@router.get("/architectures/new")
async def new_page(request: Request, actor: Caller) -> HTMLResponse:
    require(actor, "architecture.keep")
    return _form(request, {"text": "", "environment": "", "lock": ""})


@router.post("/architectures")
async def keep(
    request: Request,
    actor: Caller,
    db: Db,
    clock: ClockOf,
    text: Text = "",
    environment: Text = "",
    lock: Text = "",
) -> Response:
    require(actor, "architecture.keep")
    values = {"text": text.replace("\r\n", "\n"), "environment": environment.strip(), "lock": lock}
    try:
        draft = read(ArchitectureDraft, values, say("The file cannot be kept."))
        kept, _ = await service.keep(db, actor, draft, clock)
    except (Invalid, NotFound) as error:
        return _form(request, values, error)
    return redirect(request, kept.href, toast=say("{name} is drawn here now.", name=kept.name))


@router.get("/architectures/{name}/{environment}")
async def architecture_page(
    request: Request, name: str, environment: str, actor: Caller, db: Db, lose: Lose = ""
) -> HTMLResponse:
    shown = await _one(request, db, actor, name, environment, lose)
    return render(request, "architectures/architecture.html", **shown)


@router.get("/-/architectures/{name}/{environment}")
async def architecture_part(
    request: Request, name: str, environment: str, actor: Caller, db: Db, lose: Lose = ""
) -> HTMLResponse:
    shown = await _one(request, db, actor, name, environment, lose)
    return fragment(request, "architectures/_architecture.html", **shown)


@router.post("/architectures/{name}/{environment}/delete")
async def delete(
    request: Request, name: str, environment: str, actor: Caller, db: Db, clock: ClockOf
) -> Response:
    async with db.write() as tx:
        await service.delete(tx, actor, name, environment, clock)
    said = say("{name} is drawn no more. Its services and checks stay.", name=name)
    return redirect(request, "/architectures", toast=said)


async def _listed(request: Request, db: Db, actor: Actor) -> dict[str, Any]:
    """By what names their parts: the list needs no drawing."""
    require(actor, "architecture.read")
    async with db.read() as tx:
        known = await store.every(tx)
        wall = await request.app.state.board.wall(tx)
        reports = await intake.reports(tx)
    rows = [(one, whole(named(one, wall.services, wall.checks, reports))) for one in known]
    return {"rows": rows, "may_keep": allowed(actor, "architecture.keep")}


async def _one(
    request: Request, db: Db, actor: Actor, name: str, environment: str, lose: str
) -> dict[str, Any]:
    require(actor, "architecture.read")
    found = await seen(db, request.app.state.board, name, environment)
    return {
        "kept": found.kept,
        "parts": found.parts,
        "whole": whole(found.parts),
        "lose": lose,
        "losses": found.drawn.losses,
        "words": found.drawn.words,
        "may_delete": allowed(actor, "architecture.delete"),
    } | _drawing(request, found, lose)


def _drawing(request: Request, found: Seen, lose: str) -> dict[str, Any]:
    """`lose`: what would come of a loss, instead of how it stands."""
    states, lost, outcome = states_of(found.parts), lost_of(found.parts), None
    if lose:
        outcome, marks = found.drawn.if_lost(lose)
        states, lost = marks.states, marks.lost
    links = {one.name: one.href for one in found.parts if one.href}
    language = state_of(request).language
    text = found.drawn.text(language, states, lost, links)
    return {"drawing": Markup(text), "outcome": outcome}  # noqa: S704  every text in it is escaped


def _form(
    request: Request, values: dict[str, str], error: BongsuError | None = None
) -> HTMLResponse:
    return render(
        request,
        "architectures/new.html",
        status=error.status if error else 200,
        values=values,
        error=error,
    )
