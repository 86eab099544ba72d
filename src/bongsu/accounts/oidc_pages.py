"""Signing in through the provider, and linking it on one's own page."""

from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from bongsu.accounts import cookies, identities, me_pages, oidc
from bongsu.accounts.cookies import WAY
from bongsu.accounts.gate import sign_in_form
from bongsu.accounts.http import (
    Caller,
    ClockOf,
    Db,
    find_session,
    parts_of,
    put_cookie,
    visit_of,
)
from bongsu.accounts.inputs import Number
from bongsu.accounts.inputs_factors import LinkIdentity
from bongsu.accounts.oidc_client import OidcClient
from bongsu.accounts.oidc_model import Provider, ProviderAway, ProviderRefused
from bongsu.accounts.posted import posted, read
from bongsu.accounts.sessions import HalfCookie
from bongsu.kit.errors import (
    BongsuError,
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    NotSignedIn,
    TooMany,
)
from bongsu.kit.i18n import say
from bongsu.kit.secretref import SecretAway
from bongsu.web.preferences import safe_path
from bongsu.web.shell import redirect, render, state_of

router = APIRouter(include_in_schema=False)
_REFUSALS = (ProviderRefused, ProviderAway, SecretAway, NotAllowed, Conflict, TooMany)
_FROM_THERE = ("state", "code", "error", "iss")


def client_of(request: Request) -> OidcClient:
    """One for the application, so that keys are read once. Raises NotFound where no provider is set up."""
    state, parts = request.app.state, parts_of(request)
    if getattr(state, "oidc", None) is None:
        provider = Provider.of(parts.settings)
        if provider is None:
            raise NotFound(say("No provider is set up here. Sign in with your password."))
        state.oidc = OidcClient(provider, parts.outward, parts.secrets, parts.clock)
    client: OidcClient = state.oidc
    return client


@router.get("/sign-in/oidc")
async def to_provider(request: Request, db: Db, clock: ClockOf, next: str = "/") -> Response:  # noqa: A002
    """A link, no form: `form-action 'self'` would stop a form that is sent on to another site."""
    after, held = safe_path(next), cookies.get(request, WAY)
    language = state_of(request).language
    try:
        way = await oidc.set_out(
            db, client_of(request), after, visit_of(request), clock, cookie=held, language=language
        )
    except _REFUSALS as error:
        return await sign_in_form(request, after, error=error, of_provider=True)
    return _off(request, RedirectResponse(way.address, 303), way.cookie)


def _off(request: Request, response: Response, cookie: str) -> Response:
    cookies.put(request, response, cookie, WAY)
    response.headers["cache-control"] = "no-store"
    return response


@router.get(oidc.BACK)
async def from_provider(request: Request, db: Db, clock: ClockOf) -> Response:
    given = {
        name: request.query_params[name] for name in _FROM_THERE if name in request.query_params
    }
    found = await find_session(request)
    actor = found.actor if found else None
    held, visit = cookies.get(request, WAY), visit_of(request)
    try:
        arrival = await oidc.come_back(db, client_of(request), given, held, actor, visit, clock)
    except _REFUSALS as error:
        return await _refused(request, error)
    after = safe_path(arrival.after)
    if isinstance(arrival.cookie, HalfCookie):
        response = redirect(request, f"/sign-in/code?next={quote(after, safe='/')}")
    else:
        toast = None if arrival.cookie else say("The link is made.")
        response = redirect(request, after, toast=toast)
    if arrival.cookie:
        put_cookie(request, response, arrival.cookie)
    cookies.drop(request, response, WAY)
    return response


async def _refused(request: Request, error: BongsuError) -> Response:
    """Beside the form of signing in; or, for who was linking, on their own page."""
    found = await find_session(request)
    if found is not None and not found.must_enrol:
        return await me_pages.me_again(request, found.actor, error)
    return await sign_in_form(request, "/", error=error, of_provider=True)


# --- on one's own page


@router.post("/me/identities")
async def link(request: Request, actor: Caller, db: Db, clock: ClockOf) -> Response:
    """Answered with a page that goes on by itself: a redirect to another site would be stopped, as above."""
    values, found = await posted(request), await find_session(request)
    if found is None:
        raise NotSignedIn(say("Your session has ended. Sign in and go on."))
    client = client_of(request)
    try:
        way = await oidc.set_out_to_link(
            db,
            client,
            found,
            read(LinkIdentity, values),
            visit_of(request),
            clock,
            cookie=cookies.get(request, WAY),
            language=state_of(request).language,
        )
    except (Invalid, *_REFUSALS) as error:
        return await me_pages.me_again(request, actor, error, form="identity")
    page = render(
        request, "accounts/onward.html", address=way.address, provider=client.provider.title
    )
    return _off(request, page, way.cookie)


@router.post("/me/identities/{identity_id}/unlink")
async def unlink(
    request: Request, identity_id: Number, actor: Caller, db: Db, clock: ClockOf
) -> Response:
    try:
        async with db.write() as tx:
            await identities.unlink(tx, actor, identity_id, clock)
    except Conflict as error:
        return await me_pages.me_again(request, actor, error)
    return redirect(request, "/me", toast=say("It is unlinked."))
