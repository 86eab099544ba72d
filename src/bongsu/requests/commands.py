"""`bongsu requests …`: a client of the API."""

import json as codec
import sys
from typing import Any

import cyclopts

from bongsu.kit.api import Api, show

app = cyclopts.App(
    name="requests", help="Who asked what, through the API (BONGSU_URL, BONGSU_TOKEN)."
)
COLUMNS = ("time", "person", "method", "route", "object", "outcome", "status", "duration_ms")
ROUTE_COLUMNS = ("method", "route", "count", "errors", "p50_ms", "p95_ms")


@app.command(name="list")
def list_(
    *,
    person: str = "",
    object: str = "",  # noqa: A002  the flag's name
    route: str = "",
    method: str = "",
    outcome: str = "",
    address: str = "",
    slower_ms: str = "",
    q: str = "",
    period: str = "",
    since: str = "",
    until: str = "",
    parts: str = "",
    before: str = "",
    limit: int = 50,
    json: bool = False,
) -> None:
    """Newest first: your own requests, as an administrator everybody's.

    Parameters
    ----------
    person
        me, nobody or a number.
    object
        Such as task/TSK-42, or task/ for every task.
    route
        The whole template, such as /tasks/{key}.
    method
        GET, POST …
    outcome
        ok, invalid, not_found, refused, cut or failed.
    address
        Where it came from.
    slower_ms
        Only those that took longer.
    q
        Part of a route or of an object, or a request id.
    period
        1h, 24h (the default), 7d or 30d; not with --since.
    since
        RFC 3339, such as 2026-11-21T09:30:00Z.
    until
        The same.
    parts
        no: without what pages load by themselves.
    before
        Where the page before this one ended, as it says on standard error.
    limit
        At most 999.
    json
        One JSON document a line.
    """
    asked = {name: value for name, value in locals().items() if name != "json"}
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
    person: str = "",
    object: str = "",  # noqa: A002  the flag's name
    route: str = "",
    outcome: str = "",
    period: str = "",
    since: str = "",
    until: str = "",
    parts: str = "",
    sort: str = "count",
    json: bool = False,
) -> None:
    """How many, how they ended, how long they took; then the routes.

    Parameters
    ----------
    person
        me, nobody or a number.
    object
        Such as task/TSK-42, or task/ for every task.
    route
        The whole template, such as /tasks/{key}.
    outcome
        ok, invalid, not_found, refused, cut or failed.
    period
        1h, 24h (the default), 7d or 30d; not with --since.
    since
        RFC 3339, such as 2026-11-21T09:30:00Z.
    until
        The same.
    parts
        no: without what pages load by themselves.
    sort
        Of the routes: count, errors or p95.
    json
        Everything as one JSON document, with the series over time.
    """
    query = {
        "person": person, "object": object, "route": route, "outcome": outcome, "period": period,
        "since": since, "until": until, "parts": parts, "sort": sort,
    }  # fmt: skip
    found = Api.from_environment().get("/requests/summary", **query)
    if json:
        print(codec.dumps(found, ensure_ascii=False))
        return
    ends = ", ".join(f"{n} {name}" for name, n in found["outcomes"].items() if n)
    times = ", ".join(f"{name} {found[f'{name}_ms']} ms" for name in ("p50", "p95", "p99"))
    print(f"{found['count']} requests: {ends or '-'}; {times}\n")
    show([one | {"errors": _errors(one)} for one in found["routes"]], ROUTE_COLUMNS, as_json=False)


def _errors(one: dict[str, Any]) -> int:
    return sum(one["outcomes"][name] for name in ("invalid", "not_found", "refused", "failed"))
