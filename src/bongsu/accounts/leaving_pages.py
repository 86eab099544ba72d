"""One's own mail address, one's own data as a file, and leaving; and deleting a disabled person."""

import json as codec
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from bongsu.accounts import addresses, leaving, service
from bongsu.accounts.export import own_data
from bongsu.accounts.http import Caller, ClockOf, Db, drop_cookie, find_session, visit_of
from bongsu.accounts.inputs import Confirmed, NewAddress, Number
from bongsu.accounts.keys import SignedIn
from bongsu.accounts.model import Actor, require
from bongsu.accounts.posted import posted, read
from bongsu.db.session import Database
from bongsu.kit.clock import Clock
from bongsu.kit.errors import BongsuError, Conflict, Invalid, NotSignedIn, TooMany
from bongsu.kit.i18n import say
from bongsu.web.shell import redirect, render

router = APIRouter(include_in_schema=False)


async def here(request: Request) -> SignedIn:
    """The session itself: a token changes no address and deletes nobody. Raises NotSignedIn."""
    found = await find_session(request)
    if found is None:
        raise NotSignedIn(say("This is not for tokens. Sign in and do it there."))
    return found


# --- another mail address


@router.get("/me/email")
async def email_page(request: Request, actor: Caller, db: Db) -> HTMLResponse:
    return await _page(request, actor, db, "accounts/email.html")


@router.post("/me/email")
async def ask_change(request: Request, actor: Caller, db: Db, clock: ClockOf) -> Response:
    values = await posted(request)
    try:
        form = read(NewAddress, values)
        await addresses.ask_change(db, await here(request), form, visit_of(request), clock)
    except (Invalid, Conflict, TooMany) as error:
        typed = {"email": values.get("email", "")}
        return await _page(request, actor, db, "accounts/email.html", typed, error)
    said = say(
        "A link is on its way to {email}. Until it is used, the old address counts.",
        email=form.email,
    )
    return redirect(request, "/me", toast=said)


# --- one's own data


@router.get("/me/export")
async def export(request: Request, actor: Caller, db: Db, clock: ClockOf) -> Response:
    return await export_file(request, actor, db, clock)


async def export_file(request: Request, actor: Actor, db: Database, clock: Clock) -> Response:
    """Indented, as people open it; a download, as it is kept by them and by no cache."""
    async with db.read() as tx:
        found = await own_data(tx, actor, request.app.state.exports, clock)
    name = f"bongsu-{clock.now():%Y-%m-%d}.json"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(
        codec.dumps(found, ensure_ascii=False, indent=2), 200, headers, "application/json"
    )


# --- leaving


@router.get("/me/delete")
async def delete_page(request: Request, actor: Caller, db: Db) -> HTMLResponse:
    return await _page(request, actor, db, "accounts/leave.html")


@router.post("/me/delete")
async def leave(request: Request, actor: Caller, db: Db, clock: ClockOf) -> Response:
    values = await posted(request)
    partings = request.app.state.partings
    try:
        form = read(Confirmed, values)
        await leaving.leave(db, await here(request), form, partings, visit_of(request), clock)
    except (Invalid, Conflict, TooMany) as error:
        return await _page(request, actor, db, "accounts/leave.html", error=error)
    response = redirect(request, "/sign-in", toast=say("Your account is deleted."))
    drop_cookie(request, response)
    return response


async def _page(
    request: Request,
    actor: Actor,
    db: Database,
    template: str,
    values: dict[str, Any] | None = None,
    error: BongsuError | None = None,
) -> HTMLResponse:
    require(actor, "profile.own")
    async with db.read() as tx:
        user = await service.get_user(tx, actor, actor.id)
    beside = error.problems if isinstance(error, Invalid) else ()
    return render(
        request,
        template,
        error.status if error else 200,
        user=user,
        values={"email": ""} | (values or {}),
        problems=beside,
        error=error.said if error and not beside else None,
    )


@router.post("/people/{user_id}/delete")
async def delete_person(
    request: Request, user_id: Number, actor: Caller, db: Db, clock: ClockOf
) -> Response:
    partings = request.app.state.partings
    async with db.write() as tx:
        await leaving.delete_person(tx, actor, user_id, partings, clock)
    return redirect(request, "/people", toast=say("The person is deleted."))
