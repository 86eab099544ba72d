"""/me: one's own profile, password, tokens and sessions."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from bongsu.accounts import factors, identities, service, sessions, tokens
from bongsu.accounts.devices import device
from bongsu.accounts.http import (
    Caller,
    ClockOf,
    Db,
    find_session,
    parts_of,
    put_cookie,
    visit_of,
)
from bongsu.accounts.inputs import NewToken, Number, PasswordChange, ProfileChange
from bongsu.accounts.keys import WAYS
from bongsu.accounts.model import ACTIONS, ROLE_TITLES, SIGNED_IN_ONLY, Actor, has_role
from bongsu.accounts.oidc_model import Provider
from bongsu.accounts.posted import or_none, posted, read
from bongsu.db.session import Database
from bongsu.kit.clock import Clock
from bongsu.kit.errors import BongsuError, Conflict, Invalid, Problem, TooMany
from bongsu.kit.i18n import Said, say, say_n
from bongsu.web.preferences import YEAR_S
from bongsu.web.shell import LANGUAGE_COOKIE, redirect, render

router = APIRouter(include_in_schema=False)


@router.get("/me")
async def me_page(request: Request, actor: Caller, db: Db, clock: ClockOf) -> HTMLResponse:
    return await _me(request, actor, db, clock)


async def me_again(
    request: Request, actor: Actor, error: BongsuError, *, form: str = ""
) -> HTMLResponse:
    """With what was wrong; `form` is the one it belongs to where several ask for the same."""
    parts = parts_of(request)
    return await _me(request, actor, parts.db, parts.clock, error=error, form=form)


async def _me(
    request: Request,
    actor: Actor,
    db: Database,
    clock: Clock,
    *,
    error: BongsuError | None = None,
    values: dict[str, Any] | None = None,
    token_values: dict[str, Any] | None = None,
    form: str = "",
) -> HTMLResponse:
    own = await _own(db, actor, clock)
    user, found = own["user"], await find_session(request)
    provider = Provider.of(parts_of(request).settings)
    beside = error.problems if isinstance(error, Invalid) else ()
    known = {"name": user.name, "language": user.language or "", "time_zone": user.time_zone or ""}
    return render(
        request,
        "accounts/me.html",
        error.status if error else 200,
        **own,
        roles=ROLE_TITLES,
        current=found.session.id if found else "",
        scopes=scope_choices(actor),
        zones=_zones(),
        place_zone=parts_of(request).settings.time_zone,
        values=known | (values or {}),
        token_open=token_values is not None,
        token_values={"name": "", "days": 90, "scopes": []} | (token_values or {}),
        problems=beside,
        error=error.said if error and not beside else None,
        form=form,
        provider=provider.title if provider else "",
        ways=WAYS,
        device=device,
    )


async def _own(db: Database, actor: Actor, clock: Clock) -> dict[str, Any]:
    """What there is of this person."""
    async with db.read() as tx:
        return {
            "user": await service.get_user(tx, actor, actor.id),
            "sessions": await sessions.own_sessions(tx, actor, clock),
            "tokens": await tokens.own_tokens(tx, actor),
            "factor": await factors.standing(tx, actor, clock),
            "linked": await identities.linked(tx, actor),
        }


@cache
def _zones() -> tuple[str, ...]:
    return tuple(
        sorted(name for name in available_timezones() if "/" in name and name[:3] != "Etc")
    )


def scope_choices(actor: Actor) -> list[tuple[str, Said]]:
    """What this person's role reaches and a token may do; reading needs no scope."""
    everything = ("*", say("Everything that your role may do"))
    return [everything] + [
        (name, action.doing)
        for name, action in ACTIONS.items()
        if name not in SIGNED_IN_ONLY and not name.endswith(".read") and has_role(actor, name)
    ]


@router.post("/me")
async def change_profile(request: Request, actor: Caller, db: Db, clock: ClockOf) -> Response:
    values = await posted(request)
    try:
        form = read(ProfileChange, or_none(values, "language", "time_zone"))
    except Invalid as error:
        return await _me(request, actor, db, clock, error=error, values=values)
    async with db.write() as tx:
        after = await service.change_profile(tx, actor, form, clock)
    response = redirect(request, "/me", toast=say("Your profile is saved."))
    _choose_language(request, response, after.language)
    return response


def _choose_language(request: Request, response: Response, language: str | None) -> None:
    """This browser follows: its own choice of before would else hide the new one."""
    if language is None:
        response.delete_cookie(LANGUAGE_COOKIE, path="/")
    else:
        secure = request.url.scheme == "https"
        response.set_cookie(
            LANGUAGE_COOKIE, language, max_age=YEAR_S, samesite="lax", path="/", secure=secure
        )


@router.post("/me/password")
async def change_password(request: Request, actor: Caller, db: Db, clock: ClockOf) -> Response:
    values = await posted(request)
    try:
        form = read(PasswordChange, values)
        cookie = await sessions.change_password(db, actor, form, visit_of(request), clock)
    except (Invalid, Conflict, TooMany) as error:
        return await _me(request, actor, db, clock, error=error)
    said = say("Your password is changed. Every other session has ended.")
    response = redirect(request, "/me", toast=said)
    put_cookie(request, response, cookie)
    return response


@router.post("/me/tokens")
async def create_token(request: Request, actor: Caller, db: Db, clock: ClockOf) -> HTMLResponse:
    values = await posted(request, "scopes")
    try:
        form = read(NewToken, values)
        async with db.write() as tx:
            made, token = await tokens.create(tx, actor, form, clock)
    except Invalid as error:
        named = tuple(Problem(f"token.{one.where}", one.what, one.todo) for one in error.problems)
        wrong = Invalid(error.said, named)
        return await _me(request, actor, db, clock, error=wrong, token_values=values)
    except Conflict as error:
        return await _me(request, actor, db, clock, error=error, token_values=values)
    return render(
        request,
        "accounts/secret.html",
        heading=say("The token {name}", name=made.name),
        lead=say("Programs send it as “Authorization: Bearer …”, or take it from BONGSU_TOKEN."),
        secret=token,
        back="/me",
    )


@router.post("/me/tokens/{token_id}/revoke")
async def revoke_token(
    request: Request, token_id: Number, actor: Caller, db: Db, clock: ClockOf
) -> Response:
    async with db.write() as tx:
        await tokens.revoke(tx, actor, token_id, clock)
    return redirect(request, "/me", toast=say("The token is revoked."))


@router.post("/me/sessions/end-others")
async def end_others(request: Request, actor: Caller, db: Db, clock: ClockOf) -> Response:
    found = await find_session(request)
    ended = 0
    if found is not None:
        async with db.write() as tx:
            ended = await sessions.end_others(tx, actor, found.session, clock)
    said = say_n("{n} other session has ended.", "{n} other sessions have ended.", ended)
    return redirect(request, "/me", toast=said)


@router.post("/me/sessions/{session_id}/end")
async def end_session(
    request: Request, session_id: str, actor: Caller, db: Db, clock: ClockOf
) -> Response:
    async with db.write() as tx:
        await sessions.end_session(tx, actor, session_id, clock)
    return redirect(request, "/me", toast=say("The session has ended."))
