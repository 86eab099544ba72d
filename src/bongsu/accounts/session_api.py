"""/api/v1/session: signing in and out for programs in a browser, also on pages of other origins."""

from fastapi import APIRouter, Request, Response

from bongsu.accounts import sessions
from bongsu.accounts.http import (
    ApiCaller,
    ApiNewcomer,
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
from bongsu.accounts.model import require
from bongsu.accounts.opened import Opened, enter, opened
from bongsu.kit.errors import NotSignedIn
from bongsu.kit.i18n import say

router = APIRouter(prefix="/api/v1", tags=["accounts"])


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
    cookie, made = await enter(db, form, visit_of(request), clock, vault)
    put_cookie(request, response, cookie)
    return made


@router.get("/session")
async def get_session(request: Request, _caller: ApiCaller, db: Db) -> Opened:
    """Who is signed in, and the token for writes. Not for API tokens, which need none."""
    found = await find_session(request)
    if found is None:
        raise NotSignedIn(say("This is about a session, and a token has none."))
    return await opened(db, found)


@router.delete("/session", status_code=204)
async def sign_out(
    request: Request, response: Response, actor: ApiNewcomer, db: Db, clock: ClockOf
) -> None:
    """Not for API tokens."""
    require(actor, "session.own")
    found = await find_session(request)
    if found is not None:
        async with db.write() as tx:
            await sessions.sign_out(tx, actor, found.session, clock)
    drop_cookie(request, response)
