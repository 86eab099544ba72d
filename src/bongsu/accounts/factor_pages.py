"""/me/second-factor: set up, confirm, move, recovery codes, off. Open before a compulsory one is there."""

import io
from typing import Any
from urllib.parse import quote, urlsplit

import segno
from fastapi import APIRouter, Request
from starlette.responses import Response

from bongsu.accounts import factors, totp
from bongsu.accounts.factors import Standing
from bongsu.accounts.http import (
    Caller,
    ClockOf,
    Db,
    Newcomer,
    VaultOf,
    find_session,
    parts_of,
    put_cookie,
    visit_of,
)
from bongsu.accounts.inputs_factors import ConfirmFactor, FactorOff, NewCodes, NewFactor
from bongsu.accounts.keys import Session
from bongsu.accounts.model import Actor
from bongsu.accounts.posted import posted, read
from bongsu.kit.errors import BongsuError, Conflict, Invalid, NotFound, NotSignedIn, TooMany
from bongsu.kit.i18n import say
from bongsu.web.preferences import safe_path
from bongsu.web.shell import redirect, render

router = APIRouter(include_in_schema=False)
PAGE = "/me/second-factor"


@router.get(PAGE)
async def factor_page(
    request: Request,
    actor: Newcomer,
    next: str = "/",  # noqa: A002  the name in the address
    as_it_is: bool = False,
) -> Response:
    return await _page(request, actor, safe_path(next), as_it_is=as_it_is)


async def _page(
    request: Request,
    actor: Actor,
    after: str = "/",
    *,
    as_it_is: bool = False,
    error: BongsuError | None = None,
    form: str = "",
) -> Response:
    """The three faces: nothing yet, one to confirm, one that is on. `form` is where an error belongs."""
    parts = parts_of(request)
    async with parts.db.read() as tx:
        now = await factors.standing(tx, actor, parts.clock)
    beside = error.problems if isinstance(error, Invalid) else ()
    seen: dict[str, Any] = {
        "now_is": now,
        "next": after,
        "after": quote(after, safe="/"),
        "problems": beside,
        "error": error.said if error and not beside else None,
        "form": form,
    }
    if now.on and (as_it_is or not now.pending):
        response = render(request, "accounts/factor.html", error.status if error else 200, **seen)
    else:
        seen |= await _to_confirm(request, actor, now)
        response = render(request, "accounts/enrol.html", error.status if error else 200, **seen)
    if isinstance(error, TooMany):
        response.headers["retry-after"] = error.retry_after
    return response


async def _to_confirm(request: Request, actor: Actor, now: Standing) -> dict[str, Any]:
    """The secret, only while it waits for its first code."""
    parts, session = parts_of(request), await _session(request)
    secret = None
    if now.pending:
        secret = await factors.shown_secret(parts.db, actor, parts.clock, parts.vault)
    return {
        "secret": totp.grouped(secret) if secret else "",
        "address": _address(request, actor, secret) if secret else "",
        "asks_password": now.has_password and not session.is_fresh(parts.clock.now()),
        "compulsory": now.required and not now.on,
    }


def _address(request: Request, actor: Actor, secret: str) -> str:
    place = urlsplit(parts_of(request).settings.public).hostname or ""
    return totp.address(secret, actor.email, place)


async def _session(request: Request) -> Session:
    found = await find_session(request)
    if found is None:
        raise NotSignedIn(say("Your session has ended. Sign in and go on."))
    return found.session


@router.get(f"{PAGE}/qr.svg")
async def picture(
    request: Request, actor: Newcomer, db: Db, clock: ClockOf, vault: VaultOf
) -> Response:
    """Dark on white in both themes, with its quiet zone, as cameras want it. Kept by nobody."""
    secret = await factors.shown_secret(db, actor, clock, vault)
    if secret is None:
        raise NotFound(
            say("There is no second factor to confirm. Begin anew and scan the new code.")
        )
    drawn = io.BytesIO()
    code = segno.make(_address(request, actor, secret), error="m", micro=False)
    code.save(drawn, kind="svg", scale=5, border=4, dark="#000", light="#fff", xmldecl=False)
    headers = {"cache-control": "no-store"}
    return Response(drawn.getvalue(), media_type="image/svg+xml", headers=headers)


@router.post(f"{PAGE}/begin")
async def begin(
    request: Request, actor: Newcomer, db: Db, clock: ClockOf, vault: VaultOf
) -> Response:
    values = await posted(request)
    after = safe_path(values.pop("next", "/"))
    try:
        form = read(NewFactor, values)
        await factors.begin(db, actor, form, visit_of(request), clock, vault)
    except (Invalid, Conflict, TooMany) as error:
        return await _page(request, actor, after, as_it_is=True, error=error, form="move")
    return redirect(request, f"{PAGE}?next={quote(after, safe='/')}")


@router.post(f"{PAGE}/confirm")
async def confirm(
    request: Request, actor: Newcomer, db: Db, clock: ClockOf, vault: VaultOf
) -> Response:
    """Answered with the recovery codes themselves: they are kept as hashes only."""
    values = await posted(request)
    after = safe_path(values.pop("next", "/"))
    session, visit = await _session(request), visit_of(request)
    try:
        form = read(ConfirmFactor, values)
        cookie, made = await factors.confirm(db, actor, session, form, visit, clock, vault)
    except (Invalid, Conflict, TooMany) as error:
        return await _page(request, actor, after, error=error, form="confirm")
    response = _codes(request, made, after)
    put_cookie(request, response, cookie)
    return response


def _codes(request: Request, made: tuple[str, ...], after: str) -> Response:
    return render(request, "accounts/recovery_codes.html", codes=made, next=after)


@router.post(f"{PAGE}/codes")
async def renew_codes(
    request: Request, actor: Caller, db: Db, clock: ClockOf, vault: VaultOf
) -> Response:
    values = await posted(request)
    try:
        form = read(NewCodes, values)
        made = await factors.renew_codes(db, actor, form, visit_of(request), clock, vault)
    except (Invalid, Conflict, TooMany) as error:
        return await _page(request, actor, as_it_is=True, error=error, form="codes")
    return _codes(request, made, PAGE)


@router.post(f"{PAGE}/off")
async def switch_off(
    request: Request, actor: Caller, db: Db, clock: ClockOf, vault: VaultOf
) -> Response:
    values = await posted(request)
    try:
        form = read(FactorOff, values)
        await factors.switch_off(db, actor, form, visit_of(request), clock, vault)
    except (Invalid, Conflict, TooMany) as error:
        return await _page(request, actor, as_it_is=True, error=error, form="off")
    return redirect(request, "/me", toast=say("Your second factor is off."))
