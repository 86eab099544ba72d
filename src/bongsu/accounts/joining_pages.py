"""/sign-up and /forgot: for whoever has no session. Their answers never tell whether an address is known."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from bongsu.accounts import joining, policy
from bongsu.accounts.http import ClockOf, Db, OwnOrigin, find_session, parts_of, visit_of
from bongsu.accounts.inputs import AskMail, SignUp
from bongsu.accounts.policy import Policy
from bongsu.accounts.posted import at_home, posted, read
from bongsu.db.session import Database
from bongsu.kit.errors import BongsuError, Invalid, NotAllowed, TooMany
from bongsu.kit.i18n import Said, say
from bongsu.web.shell import redirect, render

router = APIRouter(include_in_schema=False)


# --- signing up


@router.get("/sign-up")
async def sign_up_page(request: Request, db: Db) -> Response:
    if await find_session(request) is not None:
        return redirect(request, "/")
    return await _sign_up_form(request, db)


@router.post("/sign-up")
async def sign_up(request: Request, db: Db, clock: ClockOf, _: OwnOrigin) -> HTMLResponse:
    values = await posted(request)
    try:
        form = read(SignUp, at_home(request, values))
        await joining.sign_up(db, form, visit_of(request), clock)
    except (Invalid, TooMany, NotAllowed) as error:
        return await _sign_up_form(request, db, values, error)
    return _look_into_your_mail(request, form.email, _VERIFY, again="/sign-up/again")


_VERIFY = say("We have sent a mail there. Open its link within 24 hours, and the account is yours.")


async def _sign_up_form(
    request: Request,
    db: Database,
    values: dict[str, Any] | None = None,
    error: BongsuError | None = None,
) -> HTMLResponse:
    async with db.read() as tx:
        rules = await policy.load(tx)
    if rules.join != "open":
        return _closed(request, rules)
    return render(
        request,
        "accounts/sign_up.html",
        error.status if error else 200,
        values={"email": "", "name": ""} | (values or {}),
        domains=rules.domains,
        place=place_of(request),
        **_wrong(error),
    )


def _closed(request: Request, rules: Policy) -> HTMLResponse:
    return render(
        request,
        "accounts/sent.html",
        403,
        heading=say("Sign up"),
        lead=joining.closed(rules),
        email="",
        again="",
    )


@router.post("/sign-up/again")
async def verify_again(request: Request, db: Db, clock: ClockOf, _: OwnOrigin) -> HTMLResponse:
    """Also the button of the page of signing in, which sends more than the address."""
    email = (await posted(request)).get("email", "")
    return await _asked(request, db, clock, joining.ask_verification, email, _AGAIN)


_AGAIN = say(
    "If an account waits to be verified there, a new mail is on its way. Its link opens within 24 hours."
)


# --- a new password


@router.get("/forgot")
async def forgot_page(request: Request) -> HTMLResponse:
    return _forgot_form(request, "")


@router.post("/forgot")
async def forgot(request: Request, db: Db, clock: ClockOf, _: OwnOrigin) -> HTMLResponse:
    email = (await posted(request)).get("email", "")
    return await _asked(request, db, clock, joining.ask_reset, email, _RESET)


_RESET = say(
    "If there is an account with this address, a mail is on its way. "
    "Open its link within 24 hours and choose a new password."
)
Ask = Callable[..., Awaitable[None]]


async def _asked(
    request: Request, db: Database, clock: ClockOf, ask: Ask, email: str, said: Said
) -> HTMLResponse:
    """The same page whoever it is; the form again when it is no address, or too many were asked for."""
    try:
        form = read(AskMail, {"email": email})
        await ask(db, form, visit_of(request), clock)
    except (Invalid, TooMany) as error:
        return _forgot_form(request, email, error)
    return _look_into_your_mail(request, form.email, said, again=request.url.path)


def _forgot_form(request: Request, email: str, error: BongsuError | None = None) -> HTMLResponse:
    status = error.status if error else 200
    seen = {"email": email, "place": place_of(request), **_wrong(error)}
    response = render(request, "accounts/forgot.html", status, **seen)
    if isinstance(error, TooMany):
        response.headers["retry-after"] = error.retry_after
    return response


# --- common


def place_of(request: Request) -> str:
    return urlsplit(parts_of(request).settings.public).netloc


def _look_into_your_mail(request: Request, email: str, lead: Said, again: str) -> HTMLResponse:
    heading = say("Look into your mail")
    return render(
        request, "accounts/sent.html", heading=heading, lead=lead, email=email, again=again
    )


def _wrong(error: BongsuError | None) -> dict[str, Any]:
    beside = error.problems if isinstance(error, Invalid) else ()
    return {"problems": beside, "error": error.said if error and not beside else None}
