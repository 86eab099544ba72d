"""The cookies that we give: of a session, of a half-opened one, of the way to the provider."""

from typing import Literal

from fastapi import Request
from starlette.responses import Response

from bongsu.accounts import wire
from bongsu.accounts.parts import is_https, parts_of
from bongsu.accounts.sessions import HalfCookie

HALF, WAY = "half", "way"


def put_cookie(request: Request, response: Response, token: str) -> None:
    """A session cookie of the browser: its life is kept here, not there. A HalfCookie goes beside it."""
    put(request, response, token, HALF if isinstance(token, HalfCookie) else "")
    if not isinstance(token, HalfCookie) and get(request, HALF):
        drop(request, response, HALF)


def drop_cookie(request: Request, response: Response) -> None:
    drop(request, response)


def put(request: Request, response: Response, value: str, kind: str = "") -> None:
    https = is_https(request)
    name = wire.cookie_name(https, kind)
    response.set_cookie(
        name, value, path="/", secure=https, httponly=True, samesite=_same_site(request, kind)
    )


def drop(request: Request, response: Response, kind: str = "") -> None:
    https = is_https(request)
    name = wire.cookie_name(https, kind)
    response.delete_cookie(
        name, path="/", secure=https, httponly=True, samesite=_same_site(request, kind)
    )


def get(request: Request, kind: str) -> str:
    return request.cookies.get(wire.cookie_name(is_https(request), kind), "")


def _same_site(request: Request, kind: str) -> Literal["lax", "none"]:
    """`none` only for the session, by HTTPS, where pages of another site were let in by name."""
    settings = parts_of(request).settings
    elsewhere = kind == "" and wire.names_another_site(settings.public, settings.allowed_origins)
    return "none" if elsewhere and is_https(request) else "lax"
