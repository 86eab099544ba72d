"""All questions to the lake about requests. Each has a span of time and a limit; values are parameters.

All raise LakeAway. The table lies in order of time, and indexes skip what a person or a thing is not in
(docs/adr/0058; what each question costs is measured by bench/requests.py).
"""

# ruff: noqa: S608 (statements are put together from this file's own constants)

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bongsu.kit.clock import from_micros, micros
from bongsu.lake.client import LakeClient, Param
from bongsu.lake.schema import OUTCOMES, RAW_DAYS, REQUEST_COLUMNS
from bongsu.requests.filter import Cursor, Filter
from bongsu.requests.model import Seen

MAX_ROWS = 1000
MAX_BUCKETS = 400
ROUTES = 10
WAIT_S = 5.0  # a page's part, which waits for itself alone
_READ = ", ".join("toUnixTimestamp64Micro(ts)" if one == "ts" else one for one in REQUEST_COLUMNS)
_COUNTS = ", ".join(f"countIf(outcome = '{one}')" for one in OUTCOMES)
_TIMES = "countIf(NOT stream), quantilesExactIf(0.5, 0.95, 0.99)(took_us, NOT stream)"
_ORDERS = {
    "count": "n DESC",
    "errors": "countIf(outcome = 'failed') DESC, countIf(outcome NOT IN ('ok', 'cut')) DESC, n DESC",
    "p95": "countIf(NOT stream) > 0 DESC, quantileExactIf(0.95)(took_us, NOT stream) DESC",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """Of some requests. The lengths leave streams out; None where nothing is left."""

    count: int
    outcomes: dict[str, int]
    p50_us: float | None
    p95_us: float | None
    p99_us: float | None

    @property
    def failed(self) -> int:
        return self.outcomes["failed"]

    @property
    def turned_away(self) -> int:
        """Answered, but not as was wished."""
        return sum(self.outcomes[one] for one in ("invalid", "not_found", "refused"))


@dataclass(frozen=True, slots=True)
class Bucket:
    at: datetime
    figures: Figures


@dataclass(frozen=True, slots=True)
class RouteFigures:
    method: str
    route: str
    figures: Figures


async def newest(
    lake: LakeClient, wanted: Filter, before: Cursor | None = None, limit: int = 50
) -> list[Seen]:
    """Newest first; `before` is the cursor of the last row of the page before this one."""
    where, params = _where(wanted)
    if before is not None:
        # The first comparison is what the primary key understands.
        where += " AND ts <= {b_ts:DateTime64(6, 'UTC')} AND (ts, id) < ({b_ts:DateTime64(6, 'UTC')}, {b_id:UUID})"
        params |= {"b_ts": _decimal(before.at_us), "b_id": before.id}
    question = f"SELECT {_READ} FROM request WHERE {where} ORDER BY ts DESC, id DESC LIMIT {{limit:UInt32}}"
    rows = await lake.query(question, {**params, "limit": min(limit, MAX_ROWS)}, WAIT_S)
    return [_seen(row) for row in rows]


async def one(lake: LakeClient, request_id: str, now: datetime) -> Seen | None:
    """By the id that the answer carried as X-Request-Id; a UUID."""
    span = Filter(since=now - timedelta(days=RAW_DAYS), until=now + timedelta(days=1))
    found = await newest(lake, replace(span, id=request_id), limit=1)
    return found[0] if found else None


async def whole(lake: LakeClient, wanted: Filter) -> Figures:
    where, params = _where(wanted)
    question = f"SELECT {_COUNTS}, {_TIMES} FROM request WHERE {where}"
    rows = await lake.query(question, params, WAIT_S)
    return _figures(rows[0])


async def series(lake: LakeClient, wanted: Filter, step_s: int) -> tuple[Figures, list[Bucket]]:
    """As a whole, and oldest first; buckets without requests are absent. At most MAX_BUCKETS.

    One pass for both: the whole is not the sum of its parts where percentiles are asked for.
    """
    where, params = _where(wanted)
    at = "intDiv(toUnixTimestamp(ts), {step:UInt32}) * {step:UInt32} AS at"
    question = (
        f"SELECT grouping(at) AS is_whole, {at}, {_COUNTS}, {_TIMES} FROM request WHERE {where}"
        " GROUP BY GROUPING SETS ((at), ()) ORDER BY is_whole DESC, at LIMIT {limit:UInt32}"
    )
    params |= {"step": step_s, "limit": MAX_BUCKETS + 1}
    rows = await lake.query(question, params, WAIT_S)
    together = [_figures(row) for is_whole, _, *row in rows if is_whole]
    parts = [
        Bucket(from_micros(at_s * 1_000_000), _figures(row))
        for is_whole, at_s, *row in rows
        if not is_whole
    ]
    return together[0] if together else _NONE, parts


async def routes(
    lake: LakeClient, wanted: Filter, order: str = "count", limit: int = ROUTES
) -> list[RouteFigures]:
    """`order`: count, errors or p95."""
    where, params = _where(wanted)
    question = (
        f"SELECT method, route, {_COUNTS}, {_TIMES}, count() AS n FROM request WHERE {where}"
        f" GROUP BY method, route ORDER BY {_ORDERS[order]}, route, method LIMIT {{limit:UInt32}}"
    )
    rows = await lake.query(question, {**params, "limit": limit}, WAIT_S)
    return [RouteFigures(row[0], row[1], _figures(row[2:-1])) for row in rows]


async def every(lake: LakeClient, wanted: Filter) -> AsyncIterator[list[Seen]]:
    """All of them, newest first, a thousand at a time; for exports and try-outs."""
    before = None
    while True:
        rows = await newest(lake, wanted, before, MAX_ROWS)
        if rows:
            yield rows
        if len(rows) < MAX_ROWS:
            return
        before = Cursor.of(rows[-1])


def _where(wanted: Filter) -> tuple[str, dict[str, Param]]:
    """Conditions and their parameters. Nothing that somebody typed becomes part of the statement."""
    parts = ["ts >= {since:DateTime64(6, 'UTC')}", "ts < {until:DateTime64(6, 'UTC')}"]
    params: dict[str, Param] = {
        "since": _decimal(micros(wanted.since)),
        "until": _decimal(micros(wanted.until)),
    }
    if not wanted.parts:
        parts.append(_PAGES)
    for name, value, condition in _CONDITIONS:
        given = value(wanted)
        if given is not None and given != "":
            parts.append(condition)
            params[name] = given
    return " AND ".join(parts), params


_PAGES = "NOT (method = 'GET' AND (startsWith(route, '/-/') OR route = '/live'))"
# Of the route alone it is asked once for each different one, not once a row.
_TEXT = " OR ".join(
    f"positionCaseInsensitiveUTF8({column}, {{text:String}}) > 0" for column in ("route", "object")
)
_CONDITIONS: tuple[tuple[str, Any, str], ...] = (
    ("person", lambda f: f.person, "person = {person:UInt32}"),
    ("id", lambda f: f.id, "id = {id:UUID}"),
    ("object", lambda f: f.object, "object = {object:String}"),
    ("kind", lambda f: f.object_kind, "startsWith(object, {kind:String})"),
    ("route", lambda f: f.route, "route = {route:String}"),
    ("method", lambda f: f.method, "method = {method:String}"),
    ("outcome", lambda f: f.outcome, "outcome = {outcome:String}"),
    ("address", lambda f: f.address, "address = {address:String}"),
    ("slower", lambda f: f.slower_us, "took_us > {slower:UInt64} AND NOT stream"),
    ("text", lambda f: f.text, f"({_TEXT})"),
)  # fmt: skip


def _decimal(at_us: int) -> str:
    """Exact: as decimal text, not by way of a float."""
    seconds, rest = divmod(at_us, 1_000_000)
    return f"{seconds}.{rest:06}"


def _seen(row: list[Any]) -> Seen:
    return Seen._make([row[0], from_micros(row[1]), *row[2:]])


_NONE = Figures(0, dict.fromkeys(OUTCOMES, 0), None, None, None)


def _figures(row: list[Any]) -> Figures:
    *counts, timed, quantiles = row
    p50, p95, p99 = quantiles if timed else (None, None, None)
    return Figures(sum(counts), dict(zip(OUTCOMES, counts, strict=True)), p50, p95, p99)


async def forget(lake: LakeClient, person_id: int) -> None:
    """Takes name, address and program from all requests of one person; the number stays. Raises LakeAway."""
    await lake.command(
        "ALTER TABLE request UPDATE name = '', address = '', agent = ''"
        f" WHERE person = {int(person_id)} SETTINGS mutations_sync = 1"
    )
