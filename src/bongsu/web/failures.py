"""Errors as people see them: a whole page, or for htmx a banner in place (reads) or a toast (writes)."""

import json
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bongsu.kit.errors import BongsuError, Invalid, TooMany
from bongsu.kit.i18n import Said, say
from bongsu.web.shell import fragment, is_htmx, render, state_of

TO_WALL = say("To the wall")


@dataclass(frozen=True, slots=True)
class Advice:
    """What kind of failure it is, and what a person can do next."""

    title: Said
    next: Said
    href: str = "/"
    action: Said = TO_WALL


_ADVICE = {
    401: Advice(
        say("Sign in first"),
        say("Your session has ended or never began. After signing in you come back here."),
        "/sign-in",
        say("Sign in"),
    ),
    403: Advice(
        say("This is not yours to do"),
        say("Ask an administrator for the role, or let one of them do it."),
    ),
    404: Advice(
        say("There is nothing here"),
        say("It may have been deleted or renamed. Press / to find it by name."),
    ),
    405: Advice(
        say("This address does not take that request"),
        say("Go back and use the buttons of the page."),
    ),
    409: Advice(
        say("Somebody else was faster"),
        say("Load the page again to see what is true now, then repeat what is still needed."),
    ),
    413: Advice(
        say("That is too large"),
        say("Send a smaller part, or keep the rest somewhere else and link to it."),
    ),
    422: Advice(
        say("Something in it is not right"),
        say("Go back, mend what is named here, and send it again. Nothing was changed."),
    ),
    429: Advice(
        say("Too many tries"),
        say("Wait a moment, then try again."),
    ),
    500: Advice(
        say("A fault of ours"),
        say(
            "It has been written to the log of the server. Try again; if it stays, tell your administrator."
        ),
    ),
    503: Advice(
        say("A part of ours is away"),
        say("Checks and alarms go on. Try again in a minute."),
    ),
}

# To whoever is not signed in: nothing of ours is theirs to find, and there is no wall to go to.
_OUTSIDE = Advice(
    say("There is nothing here"),
    say(
        "Look whether the address is whole. A link out of a mail may have been used or be too old."
    ),
    "/sign-in",
    say("Sign in"),
)


def advice(status: int, *, outside: bool = False) -> Advice:
    if status == 404 and outside:
        return _OUTSIDE
    return _ADVICE.get(status) or _ADVICE[500 if status >= 500 else 422]


def render_error(request: Request, error: BongsuError) -> Response:
    """The answer to a failure, in the reader's language, with the error's own status."""
    problems = error.problems if isinstance(error, Invalid) else ()
    response = _answer(request, error.status, error.said, problems)
    if isinstance(error, TooMany):
        response.headers["retry-after"] = error.retry_after
    return response


def render_status(request: Request, status: int, sentence: Said | None = None) -> Response:
    """For failures that are not ours to raise: unknown addresses, bugs (`status` 500 tells nothing of them)."""
    return _answer(request, status, sentence or _unnamed(request, status), ())


def _unnamed(request: Request, status: int) -> Said:
    if status == 404:
        return say("No page has the address {path}.", path=request.url.path)
    return say(
        "The request to {path} ended with status {status}.", path=request.url.path, status=status
    )


def _answer(
    request: Request, status: int, sentence: Said, problems: tuple[object, ...]
) -> Response:
    found = advice(status, outside=state_of(request).person is None)
    context = {"advice": found, "said_what": sentence, "problems": problems, "status_code": status}
    if not is_htmx(request):
        return render(request, "web/error.html", status, **context)
    if status == 401:
        return Response(status_code=401, headers={"hx-refresh": "true"})
    if request.method in {"GET", "HEAD"}:
        part = fragment(request, "web/error_part.html", status, **context)
        part.headers["x-part"] = "1"  # ours, fit to be shown in place; a proxy's error page is not
        return part
    return _as_toast(request, status, sentence)


def _as_toast(request: Request, status: int, sentence: Said) -> Response:
    """Nothing is swapped: the form stays as it was typed."""
    shown = {"toast": {"text": sentence.to(state_of(request).language), "bad": True}}
    headers = {"hx-reswap": "none", "hx-trigger": json.dumps(shown)}
    return HTMLResponse("", status, headers)
