"""/api/v1/session: signing in and out for programs in a browser, also on pages of other origins."""

import secrets

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from bongsu.accounts import entry, second_step, sessions
from bongsu.accounts.api import Me, me_of
from bongsu.accounts.http import (
    ApiCaller,
    ClockOf,
    Db,
    OwnOrigin,
    VaultOf,
    drop_cookie,
    find_session,
    put_cookie,
    visit_of,
)
from bongsu.accounts.inputs_factors import SignInAtOnce
from bongsu.accounts.keys import SignedIn
from bongsu.db.session import Database
from bongsu.kit.errors import NotSignedIn
from bongsu.kit.i18n import say

router = APIRouter(prefix="/api/v1", tags=["accounts"])


class Opened(BaseModel):
    """`csrf` goes back with every write, as the header X-CSRF-Token."""

    user: Me
    csrf: str


@router.post("/session")
async def sign_in(
    form: SignInAtOnce,
    request: Request,
    response: Response,
    db: Db,
    clock: ClockOf,
    vault: VaultOf,
    _: OwnOrigin,
) -> Opened:
    """Sets the cookie. 401 `second_factor_needed`: send the same again with `code`, which is one of the
    authenticator or a recovery code. 403 `second_factor_required`: one has to be set up on the pages first."""
    cookie = await second_step.sign_in_at_once(db, form, visit_of(request), clock, vault)
    found = await entry.signed_in(db, cookie, clock.now())
    if found is None:
        raise NotSignedIn(say("The account was changed at this very moment. Sign in again."))
    put_cookie(request, response, cookie)
    return await _opened(db, found)


async def _opened(db: Database, found: SignedIn) -> Opened:
    async with db.read() as tx:
        me = await me_of(tx, found.actor)
    return Opened(user=me, csrf=found.session.shown_csrf(secrets.token_urlsafe(8)))


@router.get("/session")
async def get_session(request: Request, _caller: ApiCaller, db: Db) -> Opened:
    """Who is signed in, and the token for writes. Not for API tokens, which need none."""
    found = await find_session(request)
    if found is None:
        raise NotSignedIn(say("This is about a session, and a token has none."))
    return await _opened(db, found)


@router.delete("/session", status_code=204)
async def sign_out(
    request: Request, response: Response, actor: ApiCaller, db: Db, clock: ClockOf
) -> None:
    """Not for API tokens."""
    found = await find_session(request)
    if found is not None:
        async with db.write() as tx:
            await sessions.sign_out(tx, actor, found.session, clock)
    drop_cookie(request, response)
