"""Failures as answers: JSON for programs, pages and their parts for people; never a trace or a secret."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from bongsu.accounts import wire
from bongsu.kit.errors import BongsuError, Invalid, NotSignedIn, Problem, TooMany
from bongsu.kit.i18n import Said, say
from bongsu.web.failures import render_error, render_status
from bongsu.web.shell import is_htmx, state_of

_logger = logging.getLogger("bongsu.http")
FindSession = Callable[[Request], Awaitable[object]]

_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 500: "internal"}
_SAYINGS = {
    "missing": say("This is missing."),
    "extra_forbidden": say("There is no such field here."),
    "string_type": say("This must be text."),
    "string_too_short": say("This is too short."),
    "string_too_long": say("This is too long."),
    "string_pattern_mismatch": say("This does not have the right form."),
    "int_type": say("This must be a whole number."),
    "int_parsing": say("This must be a whole number."),
    "float_parsing": say("This must be a number."),
    "bool_parsing": say("This must be true or false."),
    "bool_type": say("This must be true or false."),
    "list_type": say("This must be a list."),
    "dict_type": say("This must be an object."),
    "model_type": say("This must be an object."),
    "model_attributes_type": say("This must be an object."),
    "json_invalid": say("This is not valid JSON."),
    "greater_than_equal": say("This is too small."),
    "greater_than": say("This is too small."),
    "less_than_equal": say("This is too large."),
    "less_than": say("This is too large."),
    "too_long": say("This has too many entries."),
    "too_short": say("This has too few entries."),
    "literal_error": say("This is none of the values that are known here."),
    "enum": say("This is none of the values that are known here."),
}
_PLACES = frozenset({"body", "query", "path", "header", "cookie"})


def install(app: FastAPI, find_session: FindSession) -> None:
    async def ours(request: Request, error: Exception) -> Response:
        return answer(request, error) if isinstance(error, BongsuError) else _fault(request)

    async def wrong_input(request: Request, error: Exception) -> Response:
        errors = error.errors() if isinstance(error, RequestValidationError) else ()
        said = say("The request to {path} is not right.", path=request.url.path)
        return answer(request, Invalid(said, problems_of(errors)))

    async def no_route(request: Request, error: Exception) -> Response:
        await _sign_if_possible(request, find_session)
        status = error.status_code if isinstance(error, HTTPException) else 500
        headers = error.headers if isinstance(error, HTTPException) else None
        return _plain(request, status, headers)

    async def bug(request: Request, error: Exception) -> Response:
        _logger.error("a bug at %s %s", request.method, _route(request), exc_info=error)
        return _fault(request)

    app.add_exception_handler(BongsuError, ours)
    app.add_exception_handler(RequestValidationError, wrong_input)
    app.add_exception_handler(HTTPException, no_route)
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
    if is_htmx(request):
        return render_error(request, error)
    if wire.wants_json(request.url.path, request.headers.get("accept", "")):
        return as_json(request, error)
    if isinstance(error, NotSignedIn):
        return RedirectResponse(wire.sign_in_address(request), 303)
    return render_error(request, error)


def as_json(request: Request, error: BongsuError) -> JSONResponse:
    language = state_of(request).language
    problems = error.problems if isinstance(error, Invalid) else ()
    headers = {"cache-control": "no-store", "content-language": language}
    if isinstance(error, TooMany):
        headers["retry-after"] = str(max(1, round(error.retry_after_s)))
    if isinstance(error, NotSignedIn):
        headers["www-authenticate"] = "Bearer"
    body = {
        "code": error.code,
        "message": error.said.to(language),
        "problems": [_problem(problem, language) for problem in problems],
    }
    return JSONResponse({"error": body}, error.status, headers)


def _problem(problem: Problem, language: str) -> dict[str, Any]:
    todo = problem.todo.to(language) if problem.todo else None
    place = {"file": problem.file, "line": problem.line} if problem.file else {}
    return {"where": problem.where, "what": problem.what.to(language), "todo": todo, **place}


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


def problems_of(errors: Sequence[Any]) -> tuple[Problem, ...]:
    """What pydantic found, in our words; the value itself is never repeated, it may be a password."""
    return tuple(Problem(_where(error), _what(error)) for error in errors)


def _where(error: Mapping[str, Any]) -> str:
    place = [str(part) for part in error.get("loc", ())]
    inner = place[1:] if place and place[0] in _PLACES else place
    return ".".join(inner) or "body"


def _what(error: Mapping[str, Any]) -> Said:
    """A validator of ours raises ValueError with a `say(…)`; those of others speak English only."""
    kind = str(error.get("type", ""))
    if kind == "value_error":
        raised = error.get("ctx", {}).get("error")
        told = raised.args[0] if isinstance(raised, ValueError) and raised.args else ""
        return told if isinstance(told, Said) else say("{reason}", reason=str(told))
    return _SAYINGS.get(kind) or say("This is not right ({kind}).", kind=kind)
