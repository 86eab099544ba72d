"""/door/…: what a one-time link opens. A page for each purpose, and what its form does."""

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from bongsu.accounts import addresses, doors
from bongsu.accounts.doors import FORMS, NEW, Doorway
from bongsu.accounts.http import ClockOf, Db, OwnOrigin, put_cookie, visit_of
from bongsu.accounts.inputs import Confirmed
from bongsu.accounts.posted import at_home, posted, read
from bongsu.db.session import Database
from bongsu.kit.clock import Clock
from bongsu.kit.errors import BongsuError, Conflict, Invalid, TooMany
from bongsu.kit.i18n import Said, say
from bongsu.web.shell import redirect, render

router = APIRouter(include_in_schema=False)


@router.get("/door/{token}")
async def door_page(request: Request, token: str, db: Db, clock: ClockOf) -> HTMLResponse:
    """Only looks: a mail program that opens links early must not use them up."""
    return _form(request, await doors.look(db, token, clock))


@router.post("/door/{token}")
async def enter(request: Request, token: str, db: Db, clock: ClockOf, _: OwnOrigin) -> Response:
    doorway = await doors.look(db, token, clock)
    values = await posted(request)
    try:
        cookie = await _use(request, db, token, doorway.purpose, values, clock)
    except (Invalid, Conflict, TooMany) as error:
        return _form(request, doorway, values, error)
    response = redirect(request, "/", toast=_DONE.get(doorway.purpose))
    put_cookie(request, response, cookie)
    return response


_DONE = {
    "verify": say("Your mail address is verified."),
    "email": say("Your mail address is changed."),
    "reset": say("Your password is changed. Every other session has ended."),
}


async def _use(
    request: Request, db: Database, token: str, purpose: str, values: dict[str, str], clock: Clock
) -> str:
    visit = visit_of(request)
    if purpose in addresses.PURPOSES:
        return await addresses.confirm(db, token, read(Confirmed, values), visit, clock)
    new = at_home(request, values) if purpose in NEW else values
    return await doors.enter(db, token, read(FORMS[purpose], new), visit, clock)


def _form(
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
        account=known["email"],
        email=doorway.email or known["email"],
        values=known | {name: text for name, text in (values or {}).items() if name in known},
        error=said,
        problems=error.problems if isinstance(error, Invalid) else (),
    )
