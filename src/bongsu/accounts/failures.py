"""Failures as answers: JSON for programs, pages and their parts for people; never a trace or a secret."""

import logging
from collections.abc import Awaitable, Callable, Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from bongsu.accounts import wire
from bongsu.accounts.entry import ENROL_PAGE
from bongsu.accounts.failure_json import body_of, headers_of
from bongsu.kit.errors import (
    NOT_KEPT,
    BongsuError,
    FactorRequired,
    Invalid,
    NotSignedIn,
)
from bongsu.kit.i18n import Said, say
from bongsu.kit.problems import problems_of
from bongsu.web.failures import render_error, render_status
from bongsu.web.shell import is_htmx, state_of

_logger = logging.getLogger("bongsu.http")
FindSession = Callable[[Request], Awaitable[object]]

_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 500: "internal"}


def install(app: FastAPI, find_session: FindSession) -> None:
    async def ours(request: Request, error: Exception) -> Response:
        return answer(request, error) if isinstance(error, BongsuError) else _fault(request)

    async def wrong_input(request: Request, error: Exception) -> Response:
        errors = error.errors() if isinstance(error, RequestValidationError) else ()
        said = say("The request to {path} is not right.", path=request.url.path)
        return answer(request, Invalid(said, problems_of(errors)))

    async def no_route(request: Request, error: Exception) -> Response:
        if isinstance(error.__cause__, BongsuError):
            return answer(request, error.__cause__)  # ours, on a way that lets only theirs through
        await _sign_if_possible(request, find_session)
        status = error.status_code if isinstance(error, HTTPException) else 500
        headers = error.headers if isinstance(error, HTTPException) else None
        return _plain(request, status, headers)

    async def half_a_character(request: Request, _error: Exception) -> Response:
        return answer(request, Invalid(NOT_KEPT))

    async def bug(request: Request, error: Exception) -> Response:
        _logger.error("a bug at %s %s", request.method, _route(request), exc_info=error)
        return _fault(request)

    app.add_exception_handler(BongsuError, ours)
    app.add_exception_handler(RequestValidationError, wrong_input)
    app.add_exception_handler(HTTPException, no_route)
    app.add_exception_handler(UnicodeEncodeError, half_a_character)
    app.add_exception_handler(Exception, bug)


def _route(request: Request) -> str:
    """For log lines: `/door/{token}`, never the token."""
    return str(getattr(request.scope.get("route"), "path", "an unknown address"))


async def _sign_if_possible(request: Request, find_session: FindSession) -> None:
    """So that an unknown address still shows the rail of who is signed in."""
    try:
        await find_session(request)
    except BongsuError as error:
        _logger.warning("the state did not say who asks for %s: %s", _route(request), error)


def answer(request: Request, error: BongsuError) -> Response:
    """What a failure of ours looks like to whoever asked."""
    try:
        return _answer(request, error)
    except UnicodeEncodeError:  # it repeats a text that nobody can write
        return _answer(request, Invalid(NOT_KEPT))


def _answer(request: Request, error: BongsuError) -> Response:
    if isinstance(error, FactorRequired) and is_htmx(request):
        return Response(status_code=401, headers={"hx-refresh": "true"})  # the page leads there
    if is_htmx(request):
        return render_error(request, error)
    if wire.wants_json(request.url.path, request.headers.get("accept", "")):
        return as_json(request, error)
    if isinstance(error, NotSignedIn):
        return RedirectResponse(wire.sign_in_address(request), 303)
    if isinstance(error, FactorRequired):
        return RedirectResponse(ENROL_PAGE, 303)
    return render_error(request, error)


def as_json(request: Request, error: BongsuError) -> JSONResponse:
    language = state_of(request).language
    return JSONResponse(body_of(error, language), error.status, headers_of(error, language))


def _plain(request: Request, status: int, headers: Mapping[str, str] | None) -> Response:
    json_wanted = wire.wants_json(request.url.path, request.headers.get("accept", ""))
    if is_htmx(request) or not json_wanted:
        response = render_status(request, status)
    else:
        language = state_of(request).language
        code = _CODES.get(status, "http")
        message = _unnamed(request, status).to(language)
        body = {"code": code, "message": message, "problems": []}
        response = JSONResponse({"error": body}, status, {"content-language": language})
    response.headers.update(headers or {})
    return response


def _unnamed(request: Request, status: int) -> Said:
    if status == 404:
        return say("There is nothing at {path}.", path=request.url.path)
    if status == 400:
        return say("The body cannot be read. Send JSON in UTF-8, not nested too deeply.")
    if status == 500:
        return say("A fault of ours. It has been written to the log of the server; try again.")
    return say(
        "{method} {path} was answered with {status}.",
        method=request.method,
        path=request.url.path,
        status=status,
    )


def _fault(request: Request) -> Response:
    return _plain(request, 500, None)
