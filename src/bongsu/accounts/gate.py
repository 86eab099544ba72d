"""What stands before the house, for every file that has a page there."""

from urllib.parse import quote, urlsplit

from fastapi import Request
from starlette.responses import Response

from bongsu.accounts import cookies, policy, second_step
from bongsu.accounts.cookies import HALF
from bongsu.accounts.http import parts_of
from bongsu.accounts.model import User
from bongsu.accounts.oidc_model import Provider
from bongsu.kit.errors import BongsuError, NotVerified, TooMany
from bongsu.web.preferences import safe_path
from bongsu.web.shell import render


async def sign_in_form(
    request: Request,
    after: str,
    email: str = "",
    error: BongsuError | None = None,
    *,
    of_provider: bool = False,
) -> Response:
    """`of_provider`: the error came from there, and stands beside that way in."""
    parts = parts_of(request)
    async with parts.db.read() as tx:
        rules = await policy.load(tx)
    provider = Provider.of(parts.settings)
    response = render(
        request,
        "accounts/sign_in.html",
        error.status if error else 200,
        next=after,
        after=quote(after, safe="/"),
        email=email,
        error=error.said if error and not of_provider else None,
        elsewhere=error.said if error and of_provider else None,
        unverified=isinstance(error, NotVerified),
        open=rules.join == "open",
        provider=provider.title if provider else "",
        place=urlsplit(parts.settings.public).netloc,
    )
    if isinstance(error, TooMany):
        response.headers["retry-after"] = error.retry_after
    return response


async def waiting_person(request: Request) -> User | None:
    """Who has given the password in this browser and is asked for a code."""
    parts, half = parts_of(request), cookies.get(request, HALF)
    return await second_step.waiting(parts.db, half, parts.clock.now()) if half else None


def after_address(path: str, after: str) -> str:
    """`path`, and then on to `after`."""
    onward = safe_path(after)
    return path if onward == "/" else f"{path}?next={quote(onward, safe='/')}"
