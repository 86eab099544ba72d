"""`bongsu requests …`: a client of the API."""

import json as codec
import sys
from typing import Annotated, Any

import cyclopts

from bongsu.kit.api import Api, show

app = cyclopts.App(
    name="requests", help="Who asked what, through the API (BONGSU_URL, BONGSU_TOKEN)."
)
COLUMNS = ("time", "person", "method", "route", "object", "outcome", "status", "duration_ms")
ROUTE_COLUMNS = ("method", "route", "count", "errors", "p50_ms", "p95_ms")
Words = Annotated[str, cyclopts.Parameter(show_default=False)]


def _told(text: str) -> cyclopts.Parameter:
    return cyclopts.Parameter(help=text, show_default=False)


# What both commands are narrowed by, in the words of the API.
Person = Annotated[str, _told("me, nobody or a number.")]
Object = Annotated[str, _told("Such as task/TSK-42, or task/ for every task.")]
Route = Annotated[str, _told("The whole template, such as /tasks/{key}.")]
Outcome = Annotated[str, _told("ok, invalid, not_found, refused, cut or failed.")]
Period = Annotated[str, _told("1h, 24h (the default), 7d or 30d; not with --since.")]
Moment = Annotated[str, _told("RFC 3339, such as 2026-11-21T09:30:00Z.")]
Parts = Annotated[str, _told("no: without what pages load by themselves.")]


@app.command(name="list")
def list_(
    *,
    person: Person = "",
    object: Object = "",  # noqa: A002  the flag's name
    route: Route = "",
    method: Words = "",
    outcome: Outcome = "",
    address: Words = "",
    slower_ms: Words = "",
    q: Words = "",
    period: Period = "",
    since: Moment = "",
    until: Moment = "",
    parts: Parts = "",
    before: Words = "",
    limit: int = 50,
    json: bool = False,
) -> None:
    """Newest first: your own requests, as an administrator everybody's.

    Parameters
    ----------
    method
        GET, POST …
    address
        Where it came from.
    slower_ms
        Only those that took longer.
    q
        Part of a route or of an object, or a request id.
    before
        Where the page before this one ended, as it says on standard error.
    limit
        At most 999.
    json
        One JSON document a line.
    """
    asked: dict[str, str | int | None] = {
        "person": person, "object": object, "route": route, "method": method, "outcome": outcome,
        "address": address, "slower_ms": slower_ms, "q": q, "period": period, "since": since,
        "until": until, "parts": parts, "before": before, "limit": limit,
    }  # fmt: skip
    answer = Api.from_environment().get("/requests", **asked)
    rows = answer["requests"]
    show(rows if json else [_flat(one) for one in rows], COLUMNS, json)
    if answer["older"]:
        print(f"--before {answer['older']}", file=sys.stderr)


def _flat(one: dict[str, Any]) -> dict[str, Any]:
    return one | {"person": one["person"]["name"] if one["person"] else ""}


@app.command
def summary(
    *,
    person: Person = "",
    object: Object = "",  # noqa: A002  the flag's name
    route: Route = "",
    outcome: Outcome = "",
    period: Period = "",
    since: Moment = "",
    until: Moment = "",
    parts: Parts = "",
    sort: str = "count",
    json: bool = False,
) -> None:
    """How many, how they ended, how long they took; then the routes.

    Parameters
    ----------
    sort
        Of the routes: count, errors or p95.
    json
        Everything as one JSON document, with the series over time.
    """
    asked = {
        "person": person, "object": object, "route": route, "outcome": outcome, "period": period,
        "since": since, "until": until, "parts": parts, "sort": sort,
    }  # fmt: skip
    found = Api.from_environment().get("/requests/summary", **asked)
    if json:
        print(codec.dumps(found, ensure_ascii=False))
        return
    ends = ", ".join(f"{n} {name}" for name, n in found["outcomes"].items() if n)
    times = ", ".join(f"{name} {found[f'{name}_ms']} ms" for name in ("p50", "p95", "p99"))
    print(f"{found['count']} requests: {ends or '-'}; {times}\n")
    show([one | {"errors": _errors(one)} for one in found["routes"]], ROUTE_COLUMNS, as_json=False)


def _errors(one: dict[str, Any]) -> int:
    return sum(one["outcomes"][name] for name in ("invalid", "not_found", "refused", "failed"))
