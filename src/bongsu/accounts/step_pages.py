"""/sign-in/code: the second step. Only a half-opened session shows it."""

from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from bongsu.accounts import cookies, second_step
from bongsu.accounts.cookies import HALF
from bongsu.accounts.gate import after_address, sign_in_form, waiting_person
from bongsu.accounts.http import ClockOf, Db, OwnOrigin, VaultOf, put_cookie, visit_of
from bongsu.accounts.inputs_factors import SecondStep
from bongsu.accounts.posted import posted, read
from bongsu.kit.errors import (
    BongsuError,
    CodeNeeded,
    Conflict,
    Invalid,
    NotSignedIn,
    TooMany,
    Unavailable,
)
from bongsu.web.preferences import safe_path
from bongsu.web.shell import redirect, render

router = APIRouter(include_in_schema=False)


@router.get("/sign-in/code")
async def code_page(request: Request, next: str = "/", recovery: bool = False) -> Response:  # noqa: A002
    """`recovery`: the field takes letters, which a phone's number pad has none of."""
    if await waiting_person(request) is None:
        return redirect(request, after_address("/sign-in", next))
    return await _form(request, safe_path(next), recovery=recovery)


async def _form(
    request: Request, after: str, *, recovery: bool, error: BongsuError | None = None
) -> Response:
    person = await waiting_person(request)
    sentence = error.problems[0].what if isinstance(error, Invalid) and error.problems else None
    response = render(
        request,
        "accounts/code.html",
        error.status if error else 200,
        next=after,
        after=quote(after, safe="/"),
        recovery=recovery,
        email=person.email if person else "",
        error=sentence or (error.said if error else None),
    )
    if isinstance(error, TooMany):
        response.headers["retry-after"] = error.retry_after
    return response


@router.post("/sign-in/code")
async def give_code(
    request: Request, db: Db, clock: ClockOf, vault: VaultOf, _: OwnOrigin
) -> Response:
    values = await posted(request)
    after = safe_path(values.pop("next", "/"))
    recovery = bool(values.pop("recovery", ""))
    half = cookies.get(request, HALF)
    try:
        form = read(SecondStep, values)
        cookie = await second_step.finish(db, half, form, visit_of(request), clock, vault)
    except CodeNeeded as error:
        response = await sign_in_form(request, after, error=error)
        cookies.drop(request, response, HALF)
        return response
    except (NotSignedIn, TooMany, Conflict, Invalid, Unavailable) as error:
        return await _form(request, after, recovery=recovery, error=error)
    response = redirect(request, after)
    put_cookie(request, response, cookie)
    return response


@router.post("/sign-in/again")
async def again(request: Request, db: Db, _: OwnOrigin) -> Response:
    """Somebody else wants to sign in here."""
    await second_step.give_up(db, cookies.get(request, HALF))
    response = redirect(request, "/sign-in")
    cookies.drop(request, response, HALF)
    return response
