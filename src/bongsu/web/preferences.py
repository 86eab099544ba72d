"""Language and theme: two cookies of this browser, usable signed out."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from bongsu.kit.errors import NotAllowed
from bongsu.kit.i18n import LANGUAGES, say
from bongsu.web.shell import LANGUAGE_COOKIE, THEME_COOKIE, THEMES, is_htmx

router = APIRouter()
YEAR_S = 365 * 86_400


def safe_path(text: str) -> str:
    """A path on this server, or `/`: never an address elsewhere (`//host`, `/\\host`, `https:`)."""
    plain = text.strip()
    local = plain.startswith("/") and plain[1:2] not in {"/", "\\"}
    return plain if local and plain.isprintable() and "\\" not in plain else "/"


@router.post("/-/preferences", include_in_schema=False)
async def set_preferences(
    request: Request,
    language: Annotated[str, Form()] = "",
    theme: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002  the field's name in the form
) -> Response:
    """No token is asked for, as there may be no session; a post from another site is refused instead."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise NotAllowed(
            say("Another site asked for this change. Nothing was changed; use the buttons here.")
        )
    response: Response
    response = (
        Response(status_code=204) if is_htmx(request) else RedirectResponse(safe_path(next), 303)
    )
    wanted = {LANGUAGE_COOKIE: (language, LANGUAGES), THEME_COOKIE: (theme, THEMES)}
    for cookie, (value, known) in wanted.items():
        if value in known:
            secure = request.url.scheme == "https"
            response.set_cookie(
                cookie, value, max_age=YEAR_S, samesite="lax", path="/", secure=secure
            )
    return response
