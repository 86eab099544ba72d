"""A failure as a program is told of it: headers and body, the same from the server and from a function. Pure."""

from typing import Any

from bongsu.kit.errors import BongsuError, Invalid, NotSignedIn, Problem, TooMany


def headers_of(error: BongsuError, language: str) -> dict[str, str]:
    headers = {"cache-control": "no-store", "content-language": language}
    if isinstance(error, TooMany):
        headers["retry-after"] = error.retry_after
    if isinstance(error, NotSignedIn):
        headers["www-authenticate"] = "Bearer"
    return headers


def body_of(error: BongsuError, language: str) -> dict[str, Any]:
    problems = error.problems if isinstance(error, Invalid) else ()
    return {
        "error": {
            "code": error.code,
            "message": error.said.to(language),
            "problems": [_problem(problem, language) for problem in problems],
        }
    }


def _problem(problem: Problem, language: str) -> dict[str, Any]:
    todo = problem.todo.to(language) if problem.todo else None
    place = {"file": problem.file, "line": problem.line} if problem.file else {}
    return {"where": problem.where, "what": problem.what.to(language), "todo": todo, **place}
