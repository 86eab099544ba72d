"""`/me/telling`: what one wants to be told; `/unsubscribe/…`: one click in a mail; who was told about a thing."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.responses import HTMLResponse, Response

from bongsu.accounts import store as accounts
from bongsu.accounts.http import Caller, ClockOf, Db, PartsOf
from bongsu.accounts.model import Actor
from bongsu.accounts.posted import posted, read
from bongsu.db.session import Database
from bongsu.deliver.store import causes
from bongsu.kit.errors import Invalid, NotFound
from bongsu.kit.i18n import choose_language, say
from bongsu.notes.http import gates_of
from bongsu.tell import choices, store, unsubscribe
from bongsu.tell.choice_api import Family, Ident
from bongsu.tell.choice_form import form_values, values_of
from bongsu.tell.choices import TellingChange
from bongsu.tell.model import Defaults
from bongsu.tell.preferences import AT_ONCE, CHANNELS, KINDS
from bongsu.tell.store_choices import is_muted
from bongsu.tell.told_view import told_view
from bongsu.tell.unsubscribe import Found
from bongsu.web.shell import LANGUAGE_COOKIE, ShellState, fragment, redirect, render, state_of

router = APIRouter(include_in_schema=False)
PAGE = "/me/telling"
Token = Annotated[str, Path(max_length=800)]


@router.get(PAGE)
async def telling_page(request: Request, actor: Caller, db: Db, parts: PartsOf) -> HTMLResponse:
    return await _page(request, actor, db, parts.settings.time_zone)


async def _page(
    request: Request,
    actor: Actor,
    db: Database,
    zone: str,
    error: Invalid | None = None,
    values: dict[str, Any] | None = None,
) -> HTMLResponse:
    async with db.read() as tx:
        mine = await choices.mine(tx, actor)
    return render(
        request,
        "tell/telling.html",
        error.status if error else 200,
        kinds=KINDS,
        channels=CHANNELS,
        may_pass=AT_ONCE,
        mine=mine,
        zone=actor.time_zone or zone,
        values=form_values(mine) | (values or {}),
        error=error.said if error else None,
        problems=error.problems if error else (),
    )


@router.post(PAGE)
async def change_telling(
    request: Request, actor: Caller, db: Db, clock: ClockOf, parts: PartsOf
) -> Response:
    given = await posted(request)
    zone = actor.time_zone or parts.settings.time_zone
    try:
        form = read(TellingChange, values_of(given))
        async with db.write() as tx:
            await choices.change(tx, actor, form, zone, clock)
    except Invalid as error:
        return await _page(request, actor, db, parts.settings.time_zone, error, given)
    return redirect(request, PAGE, toast=say("Your choice is saved."))


@router.post("/me/telling/mute/{family}/{ident}")
async def mute(
    request: Request, family: Family, ident: Ident, actor: Caller, db: Db, clock: ClockOf
) -> Response:
    """From the page of the thing itself; back to where it was asked."""
    subject = f"{family}/{ident}"
    async with db.write() as tx:
        heading = await choices.mute(tx, actor, gates_of(request), subject, clock)
    toast = say("You get no more mails about {thing}.", thing=heading)
    return redirect(request, PAGE, toast=toast, undo=f"/me/telling/unmute/{subject}")


@router.post("/me/telling/unmute/{family}/{ident}")
async def unmute(
    request: Request, family: Family, ident: Ident, actor: Caller, db: Db, clock: ClockOf
) -> Response:
    async with db.write() as tx:
        await choices.unmute(tx, actor, f"{family}/{ident}", clock)
    return redirect(request, PAGE, toast=say("You are told about it again."))


# --- who was told


@router.get("/-/tell/{family}/{ident}")
async def told_part(
    request: Request, family: Family, ident: Ident, actor: Caller, db: Db
) -> HTMLResponse:
    """Told and not told, for the page of the thing; for whoever may see the thing."""
    gate = gates_of(request).get(family)
    if gate is None:
        raise NotFound(say("There is no {subject} that anybody is told about.", subject=family))
    async with db.read() as tx:
        subject = await gate.read(tx, actor, ident)
        tellings = await store.newest_of(tx, subject.key)
        events = await causes(tx, {one.event_id for one in tellings if one.event_id})
        people = {e.data["by"] for e in events.values() if isinstance(e.data.get("by"), int)}
        names = {one.id: one.name for one in await accounts.users_by_ids(tx, sorted(people))}
        muted = await is_muted(tx, actor.id, subject.key)
    changes = told_view(tellings, events, names)
    return fragment(request, "tell/_told.html", key=subject.key, changes=changes, muted=muted)


# --- one click


@router.get("/unsubscribe/{token}")
async def unsubscribe_page(request: Request, token: Token, db: Db) -> HTMLResponse:
    """Only asks: programs that look for harm follow every link in a mail."""
    async with db.read() as tx:
        found = await unsubscribe.find(tx, token)
    return _asked(request, token, found)


@router.post("/unsubscribe/{token}")
async def unsubscribe_now(
    request: Request, token: Token, db: Db, clock: ClockOf, parts: PartsOf
) -> HTMLResponse:
    """No session, no cookie, no form is needed (RFC 8058): the link itself is the key."""
    async with db.write() as tx:
        found = await unsubscribe.act(tx, token, False, Defaults.of(parts.settings), clock)
    return _asked(request, token, found)


@router.post("/unsubscribe/{token}/back")
async def subscribe_again(
    request: Request, token: Token, db: Db, clock: ClockOf, parts: PartsOf
) -> HTMLResponse:
    async with db.write() as tx:
        found = await unsubscribe.act(tx, token, True, Defaults.of(parts.settings), clock)
    return _asked(request, token, found)


def _asked(request: Request, token: str, found: Found) -> HTMLResponse:
    """In the person's language, as they may not be signed in here."""
    seen = state_of(request)
    chosen = request.cookies.get(LANGUAGE_COOKIE) or found.user.language
    language = choose_language(chosen, request.headers.get("accept-language"))
    request.state.shell = ShellState(language=language, theme=seen.theme)
    path = f"/unsubscribe/{token}"
    action = f"{path}/back" if found.done else path
    return render(request, "tell/unsubscribe.html", found=found, action=action)
