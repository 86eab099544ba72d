"""The gate: sign in, one-time links, sign out. The pages of people and of oneself are in their own files."""

from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from bongsu.accounts import doors, me_pages, people_pages, sessions
from bongsu.accounts.doors import Doorway
from bongsu.accounts.http import (
    Caller,
    ClockOf,
    Db,
    OwnOrigin,
    drop_cookie,
    find_session,
    parts_of,
    put_cookie,
    visit_of,
)
from bongsu.accounts.inputs import FirstAdmin, Invited, ResetPassword, SignIn
from bongsu.accounts.posted import posted, read
from bongsu.kit.errors import BongsuError, Conflict, Invalid, NotSignedIn, TooMany
from bongsu.kit.i18n import Said
from bongsu.web.preferences import safe_path
from bongsu.web.shell import redirect, render

router = APIRouter(include_in_schema=False)
router.include_router(people_pages.router)
router.include_router(me_pages.router)


# --- sign in and out


@router.get("/sign-in")
async def sign_in_page(request: Request, next: str = "/") -> Response:  # noqa: A002  the name in the address
    if await find_session(request) is not None:
        return redirect(request, safe_path(next))
    return _sign_in_form(request, safe_path(next))


@router.post("/sign-in")
async def sign_in(request: Request, db: Db, clock: ClockOf, _: OwnOrigin) -> Response:
    values = await posted(request)
    after = safe_path(values.pop("next", "/"))
    try:
        cookie = await sessions.sign_in(db, read(SignIn, values), visit_of(request), clock)
    except (NotSignedIn, TooMany, Conflict, Invalid) as error:
        response = _sign_in_form(request, after, str(values.get("email", "")), error)
        if isinstance(error, TooMany):
            response.headers["retry-after"] = str(max(1, round(error.retry_after_s)))
        return response
    response = redirect(request, after)
    put_cookie(request, response, cookie)
    return response


def _sign_in_form(
    request: Request, after: str, email: str = "", error: BongsuError | None = None
) -> Response:
    return render(
        request,
        "accounts/sign_in.html",
        error.status if error else 200,
        next=after,
        email=email,
        error=error.said if error else None,
        place=urlsplit(parts_of(request).settings.public).netloc,
    )


@router.post("/sign-out")
async def sign_out(request: Request, actor: Caller, db: Db, clock: ClockOf) -> Response:
    found = await find_session(request)
    if found is not None:
        async with db.write() as tx:
            await sessions.sign_out(tx, actor, found.session, clock)
    response = redirect(request, "/sign-in")
    drop_cookie(request, response)
    return response


# --- one-time links

_FORMS: dict[str, type[FirstAdmin] | type[Invited] | type[ResetPassword]] = {
    "admin": FirstAdmin,
    "invite": Invited,
    "reset": ResetPassword,
}


@router.get("/door/{token}")
async def door_page(request: Request, token: str, db: Db, clock: ClockOf) -> HTMLResponse:
    """Only looks: a mail program that opens links early must not use them up."""
    return _door_form(request, await doors.look(db, token, clock))


@router.post("/door/{token}")
async def enter(request: Request, token: str, db: Db, clock: ClockOf, _: OwnOrigin) -> Response:
    doorway = await doors.look(db, token, clock)
    values = await posted(request)
    try:
        form = read(_FORMS[doorway.purpose], values)
        cookie = await doors.enter(db, token, form, visit_of(request), clock)
    except (Invalid, Conflict, TooMany) as error:
        return _door_form(request, doorway, values, error)
    response = redirect(request, "/")
    put_cookie(request, response, cookie)
    return response


def _door_form(
    request: Request,
    doorway: Doorway,
    values: dict[str, str] | None = None,
    error: BongsuError | None = None,
) -> HTMLResponse:
    user = doorway.user
    known = {"email": user.email if user else "", "name": user.name if user else ""}
    said: Said | None = error.said if error and not isinstance(error, Invalid) else None
    return render(
        request,
        "accounts/door.html",
        error.status if error else 200,
        purpose=doorway.purpose,
        email=known["email"],
        values=known | {name: text for name, text in (values or {}).items() if name in known},
        error=said,
        problems=error.problems if isinstance(error, Invalid) else (),
    )
