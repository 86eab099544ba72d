"""FastAPI dependencies of every room: who asks, and did they mean to.

    async def page(request: Request, actor: Caller) -> HTMLResponse       # pages and fragments
    async def route(actor: ApiCaller, db: Db) -> Answer                   # /api/v1: token or session

Both check the CSRF token of every write that comes with a session, so that no route can forget to.
"""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import BackgroundTasks, Depends, FastAPI, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from bongsu.accounts import entry, failures, wire
from bongsu.accounts.keys import SignedIn
from bongsu.accounts.model import Actor
from bongsu.accounts.sessions import Visit
from bongsu.db.session import Database
from bongsu.kit.clock import Clock
from bongsu.kit.errors import NotAllowed, NotSignedIn
from bongsu.kit.i18n import choose_language, say
from bongsu.kit.settings import Settings
from bongsu.lake.client import LakeClient
from bongsu.net.guard import EgressPolicy
from bongsu.objects.outbox import Outbox
from bongsu.web.shell import LANGUAGE_COOKIE, NavItem, Person, Shell, ShellState, state_of

ACCOUNT_PAGE = "/me"
CSRF_HEADER = "x-csrf-token"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


_LEFT_OUT: Any = None  # a room's own tests give only the parts that the room uses


@dataclass(frozen=True, slots=True)
class Parts:
    """What the application is made of; `request.app.state.parts`."""

    db: Database
    settings: Settings
    clock: Clock
    lake: LakeClient = _LEFT_OUT
    objects: Outbox = _LEFT_OUT
    shell: Shell = field(default_factory=Shell)
    guard: EgressPolicy = _LEFT_OUT
    nav: tuple[NavItem, ...] = ()

    def door_url(self, token: str) -> str:
        """What is handed to the person who may come in."""
        return f"{self.settings.public}/door/{token}"


def parts_of(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


def db_of(request: Request) -> Database:
    return parts_of(request).db


def clock_of(request: Request) -> Clock:
    return parts_of(request).clock


def client_address(request: Request) -> str:
    return wire.address_of(request, parts_of(request).settings.trusted_proxies)


def is_https(request: Request) -> bool:
    return wire.is_https(request, parts_of(request).settings.trusted_proxies)


def visit_of(request: Request) -> Visit:
    cookie = request.cookies.get(wire.cookie_name(is_https(request)), "")
    return Visit(client_address(request), request.headers.get("user-agent", ""), cookie)


# --- the session


async def find_session(request: Request) -> SignedIn | None:
    """Looks once a request. Signs the shell when somebody is there."""
    if not hasattr(request.state, "signed_in"):
        parts, cookie = parts_of(request), visit_of(request).cookie
        now = parts.clock.now()
        request.state.signed_in = await entry.signed_in(parts.db, cookie, now) if cookie else None
        if request.state.signed_in:
            found: SignedIn = request.state.signed_in
            sign_shell(request, found.actor, found.session.shown_csrf(secrets.token_urlsafe(8)))
    result: SignedIn | None = request.state.signed_in
    return result


def sign_shell(request: Request, actor: Actor, csrf: str = "") -> None:
    """Fills `request.state.shell`: this browser's choice of language first, then the person's own."""
    seen = state_of(request)
    chosen = request.cookies.get(LANGUAGE_COOKIE) or actor.language
    request.state.shell = ShellState(
        person=Person(actor.name, role=actor.role, email=actor.email),
        csrf=csrf,
        language=choose_language(chosen, request.headers.get("accept-language")),
        theme=seen.theme,
        time_zone=actor.time_zone or parts_of(request).settings.time_zone,
        nav=parts_of(request).nav,
        account_href=ACCOUNT_PAGE,
    )


async def still_signed_in(request: Request) -> bool:
    """Asks again; for streams, which outlive the sign-in that opened them."""
    if not hasattr(request.state, "signed_in") or request.state.signed_in is None:
        return False
    del request.state.signed_in
    return await find_session(request) is not None


async def _session_caller(request: Request, background: BackgroundTasks) -> AsyncIterator[Actor]:
    try:
        yield await _by_session(request, background)
    finally:
        await request.close()  # files of a form that was read for its token


async def _by_session(request: Request, background: BackgroundTasks) -> Actor:
    found = await find_session(request)
    if found is None:
        raise NotSignedIn(
            say("You are not signed in, or your session has ended. Sign in and go on.")
        )
    await check_csrf(request, found)
    now = parts_of(request).clock.now()
    if found.session.seen_long_ago(now):
        hashed = found.session.token_hash
        background.add_task(entry.note_session_seen, parts_of(request).db, hashed, now)
    return found.actor


async def _api_caller(request: Request, background: BackgroundTasks) -> AsyncIterator[Actor]:
    """A token when one is shown, and then nothing else; otherwise the session."""
    given = request.headers.get("authorization")
    try:
        yield await (
            _by_session(request, background)
            if given is None
            else _by_token(request, given, background)
        )
    finally:
        await request.close()


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
    return actor


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
    public = parts_of(request).settings.public
    if not wire.is_own_origin(request.headers, is_https(request), public):
        raise NotAllowed(
            say("Another site asked for this change. Nothing was changed; use the buttons here.")
        )


async def _form_token(request: Request) -> str:
    if not request.headers.get("content-type", "").startswith(FORMS):
        return ""
    value = (await request.form()).get("csrf", "")
    return "" if isinstance(value, UploadFile) else value


async def _csrf(request: Request) -> None:
    """For routes that want to say it aloud; `Caller` has checked it already."""
    found = await find_session(request)
    if found is not None:
        await check_csrf(request, found)


# --- the cookie


def put_cookie(request: Request, response: Response, token: str) -> None:
    """A session cookie of the browser: its life is kept here, not there."""
    https = is_https(request)
    response.set_cookie(
        wire.cookie_name(https), token, path="/", secure=https, httponly=True, samesite="lax"
    )


def drop_cookie(request: Request, response: Response) -> None:
    https = is_https(request)
    response.delete_cookie(
        wire.cookie_name(https), path="/", secure=https, httponly=True, samesite="lax"
    )


def install_errors(app: FastAPI) -> None:
    """Every failure as a page, a part of one, or JSON, in the caller's language."""
    failures.install(app, find_session)


csrf = Depends(_csrf)
Csrf = Annotated[None, csrf]
OwnOrigin = Annotated[None, Depends(check_origin)]
PartsOf = Annotated[Parts, Depends(parts_of)]
Db = Annotated[Database, Depends(db_of)]
ClockOf = Annotated[Clock, Depends(clock_of)]
Caller = Annotated[Actor, Depends(_session_caller)]
ApiCaller = Annotated[Actor, Depends(_api_caller)]
