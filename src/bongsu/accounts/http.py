"""FastAPI dependencies of every room: who asks, and did they mean to.

    async def page(request: Request, actor: Caller) -> HTMLResponse       # pages and fragments
    async def route(actor: ApiCaller, db: Db) -> Answer                   # /api/v1: token or session

Both check the CSRF token of every write that comes with a session, so that no route can forget to.
"""

import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI, Request
from starlette.datastructures import UploadFile

from bongsu.accounts import entry, failures, wire
from bongsu.accounts.cookies import drop_cookie, put_cookie
from bongsu.accounts.keys import SignedIn
from bongsu.accounts.model import Actor
from bongsu.accounts.parts import (
    Parts,
    client_address,
    clock_of,
    db_of,
    is_https,
    parts_of,
    vault_of,
    visit_of,
)
from bongsu.accounts.vault import Vault
from bongsu.db.session import Database
from bongsu.kit.clock import Clock
from bongsu.kit.errors import FactorRequired, NotAllowed, NotSignedIn
from bongsu.kit.i18n import choose_language, say
from bongsu.web.shell import LANGUAGE_COOKIE, Person, ShellState, state_of

__all__ = [
    "ApiCaller",
    "ApiNewcomer",
    "Caller",
    "ClockOf",
    "Csrf",
    "Db",
    "Newcomer",
    "OwnOrigin",
    "Parts",
    "PartsOf",
    "VaultOf",
    "check_csrf",
    "check_origin",
    "client_address",
    "clock_of",
    "csrf",
    "db_of",
    "drop_cookie",
    "find_session",
    "install_errors",
    "is_https",
    "parts_of",
    "put_cookie",
    "require_own_origin",
    "sign_shell",
    "still_signed_in",
    "visit_of",
]

ACCOUNT_PAGE = "/me"
CSRF_HEADER = "x-csrf-token"
FORM_PART_LIMIT_BYTES = 32 << 20  # what a whole body may hold is less almost everywhere: limits.py
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


# --- the session


async def find_session(request: Request) -> SignedIn | None:
    """Looks once a request. Signs the shell when somebody is there."""
    if not hasattr(request.state, "signed_in"):
        parts, cookie = parts_of(request), visit_of(request).cookie
        now = parts.clock.now()
        request.state.signed_in = await entry.signed_in(parts.db, cookie, now) if cookie else None
        if request.state.signed_in:
            found: SignedIn = request.state.signed_in
            token = found.session.shown_csrf(secrets.token_urlsafe(8))
            sign_shell(request, found.actor, token, outside=found.must_enrol)
    result: SignedIn | None = request.state.signed_in
    return result


def sign_shell(request: Request, actor: Actor, csrf: str = "", *, outside: bool = False) -> None:
    """Fills `request.state.shell`: this browser's choice of language first, then the person's own.
    `outside`: they are to set up a second factor first, so there is nowhere to go yet."""
    seen = state_of(request)
    chosen = request.cookies.get(LANGUAGE_COOKIE) or actor.language
    request.state.shell = ShellState(
        person=Person(actor.name, role=actor.role, email=actor.email),
        csrf=csrf,
        language=choose_language(chosen, request.headers.get("accept-language")),
        theme=seen.theme,
        time_zone=actor.time_zone or parts_of(request).settings.time_zone,
        nav=() if outside else parts_of(request).nav,
        account_href=ACCOUNT_PAGE,
    )


async def still_signed_in(request: Request) -> bool:
    """Asks again; for streams, which outlive the sign-in that opened them."""
    if not hasattr(request.state, "signed_in") or request.state.signed_in is None:
        return False
    del request.state.signed_in
    found = await find_session(request)
    return found is not None and not found.must_enrol


async def _session_caller(request: Request, background: BackgroundTasks) -> AsyncIterator[Actor]:
    try:
        yield await _by_session(request, background)
    finally:
        await request.close()  # files of a form that was read for its token


async def _newcomer(request: Request, background: BackgroundTasks) -> AsyncIterator[Actor]:
    try:
        yield await _by_session(request, background, strict=False)
    finally:
        await request.close()


async def _by_session(
    request: Request, background: BackgroundTasks, *, strict: bool = True
) -> Actor:
    """`strict`: as everywhere but on the way to a second factor. Raises FactorRequired."""
    found = await find_session(request)
    if found is None:
        raise NotSignedIn(
            say("You are not signed in, or your session has ended. Sign in and go on.")
        )
    if strict and found.must_enrol:
        raise FactorRequired(entry.HOW_TO_ENROL)
    await check_csrf(request, found)
    now = parts_of(request).clock.now()
    if found.session.seen_long_ago(now):
        hashed = found.session.token_hash
        background.add_task(entry.note_session_seen, parts_of(request).db, hashed, now)
    return _placed(request, found.actor)


async def _api_caller(request: Request, background: BackgroundTasks) -> AsyncIterator[Actor]:
    """A token when one is shown, and then nothing else; otherwise the session."""
    try:
        yield await _by_either(request, background)
    finally:
        await request.close()


async def _api_newcomer(request: Request, background: BackgroundTasks) -> AsyncIterator[Actor]:
    try:
        yield await _by_either(request, background, strict=False)
    finally:
        await request.close()


async def _by_either(
    request: Request, background: BackgroundTasks, *, strict: bool = True
) -> Actor:
    given = request.headers.get("authorization")
    if given is not None:
        return await _by_token(request, given, background)
    return await _by_session(request, background, strict=strict)


async def _by_token(request: Request, given: str, background: BackgroundTasks) -> Actor:
    scheme, _, token = given.partition(" ")
    parts = parts_of(request)
    now = parts.clock.now()
    actor = (
        await entry.token_actor(parts.db, token.strip(), now)
        if scheme.lower() == "bearer"
        else None
    )
    if actor is None or actor.token_id is None:
        raise NotSignedIn(
            say("This token is unknown, expired or revoked. Make a new one on your own page (/me).")
        )
    request.state.caller = actor  # who asked, for the log of requests
    sign_shell(request, actor)
    background.add_task(entry.note_token_used, parts.db, actor.token_id, now)
    return _placed(request, actor)


def _placed(request: Request, actor: Actor) -> Actor:
    """Whoever chose no zone lives in that of the server: days that they write mean days there."""
    return replace(actor, time_zone=actor.time_zone or parts_of(request).settings.time_zone)


# --- did they mean to


async def check_csrf(request: Request, found: SignedIn) -> None:
    """Raises NotAllowed for a write that does not carry the session's own token, or comes from elsewhere."""
    if request.method in wire.SAFE_METHODS:
        return
    check_origin(request)
    given = request.headers.get(CSRF_HEADER) or await _form_token(request)
    if not found.session.accepts_csrf(given):
        raise NotAllowed(
            say(
                "The request to {path} did not carry the token of this page, so nothing was changed. "
                "Load the page again and repeat it.",
                path=request.url.path,
            )
        )


def check_origin(request: Request) -> None:
    """Raises NotAllowed when another site sent this. Enough by itself where there is no session yet."""
    if request.method not in wire.SAFE_METHODS:
        require_own_origin(request)


def require_own_origin(request: Request) -> None:
    """`check_origin` whatever the method: a stream is read, but held open. Raises NotAllowed."""
    settings = parts_of(request).settings
    own = wire.is_own_origin(request.headers, is_https(request), settings.public)
    if not own and not _is_let_in(request):
        raise NotAllowed(
            say("Another site asked for this change. Nothing was changed; use the buttons here.")
        )


def _is_let_in(request: Request) -> bool:
    allowed = parts_of(request).settings.allowed_origins
    return wire.is_listed_origin(request.url.path, request.headers, allowed)


async def _form_token(request: Request) -> str:
    if not request.headers.get("content-type", "").startswith(FORMS):
        return ""
    value = (await request.form(max_part_size=FORM_PART_LIMIT_BYTES)).get("csrf", "")
    return "" if isinstance(value, UploadFile) else value


async def _csrf(request: Request) -> None:
    """For routes that want to say it aloud; `Caller` has checked it already."""
    found = await find_session(request)
    if found is not None:
        await check_csrf(request, found)


def install_errors(app: FastAPI) -> None:
    """Every failure as a page, a part of one, or JSON, in the caller's language."""
    failures.install(app, find_session)


csrf = Depends(_csrf)
Csrf = Annotated[None, csrf]
OwnOrigin = Annotated[None, Depends(check_origin)]
PartsOf = Annotated[Parts, Depends(parts_of)]
Db = Annotated[Database, Depends(db_of)]
ClockOf = Annotated[Clock, Depends(clock_of)]
VaultOf = Annotated[Vault, Depends(vault_of)]
Caller = Annotated[Actor, Depends(_session_caller)]
# Also who must set up a second factor first: for the pages of that, and the way out.
Newcomer = Annotated[Actor, Depends(_newcomer)]
ApiNewcomer = Annotated[Actor, Depends(_api_newcomer)]
ApiCaller = Annotated[Actor, Depends(_api_caller)]
