"""The gate: sign in, one-time links, sign out. The pages of people and of oneself are in their own files."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from bongsu.accounts import (
    door_pages,
    factor_pages,
    joining_pages,
    leaving_pages,
    me_pages,
    oidc_pages,
    people_pages,
    policy_pages,
    sessions,
    step_pages,
)
from bongsu.accounts.gate import after_address, sign_in_form, waiting_person
from bongsu.accounts.http import (
    ClockOf,
    Db,
    Newcomer,
    OwnOrigin,
    drop_cookie,
    find_session,
    put_cookie,
    visit_of,
)
from bongsu.accounts.inputs import SignIn
from bongsu.accounts.posted import posted, read
from bongsu.accounts.sessions import HalfCookie
from bongsu.kit.errors import Conflict, Invalid, NotSignedIn, TooMany
from bongsu.web.preferences import safe_path
from bongsu.web.shell import redirect

router = APIRouter(include_in_schema=False)
for room in (
    door_pages,
    joining_pages,
    leaving_pages,
    policy_pages,  # before people/{number}
    people_pages,
    me_pages,
    factor_pages,
    step_pages,
    oidc_pages,
):
    router.include_router(room.router)


# --- sign in and out


@router.get("/sign-in")
async def sign_in_page(request: Request, next: str = "/") -> Response:  # noqa: A002  the name in the address
    if await find_session(request) is not None:
        return redirect(request, safe_path(next))
    if await waiting_person(request) is not None:
        return redirect(request, after_address("/sign-in/code", next))
    return await sign_in_form(request, safe_path(next))


@router.post("/sign-in")
async def sign_in(request: Request, db: Db, clock: ClockOf, _: OwnOrigin) -> Response:
    values = await posted(request)
    after = safe_path(values.pop("next", "/"))
    try:
        cookie = await sessions.sign_in(db, read(SignIn, values), visit_of(request), clock)
    except (NotSignedIn, TooMany, Conflict, Invalid) as error:
        return await sign_in_form(request, after, str(values.get("email", "")), error)
    half = isinstance(cookie, HalfCookie)
    response = redirect(request, after_address("/sign-in/code", after) if half else after)
    put_cookie(request, response, cookie)
    return response


@router.post("/sign-out")
async def sign_out(request: Request, actor: Newcomer, db: Db, clock: ClockOf) -> Response:
    found = await find_session(request)
    if found is not None:
        async with db.write() as tx:
            await sessions.sign_out(tx, actor, found.session, clock)
    response = redirect(request, "/sign-in")
    drop_cookie(request, response)
    return response
