"""`/requests`: the log of requests, filtered, drawn and listed; one request. Triggers are in trigger_pages.py."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse

from bongsu.accounts import store as accounts
from bongsu.accounts.http import Caller, Db, PartsOf
from bongsu.accounts.model import Actor
from bongsu.kit.clock import iso
from bongsu.kit.errors import Invalid, LakeAway
from bongsu.kit.i18n import say
from bongsu.lake.schema import RAW_DAYS
from bongsu.requests import service
from bongsu.requests.draw import drawing_of
from bongsu.requests.filter import OUTCOMES, PERIODS, USUAL_PERIOD, Cursor, query_of
from bongsu.requests.model import OUTCOME_WORDS, Seen
from bongsu.requests.trigger_pages import router as trigger_router
from bongsu.web.shell import fragment, render

router = APIRouter(include_in_schema=False)
router.include_router(trigger_router)  # first: `/requests/triggers` is no id of a request
PEOPLE_LISTED = 500
AROUND = timedelta(minutes=1)
PERIOD_WORDS = {
    "1h": say("Last hour"),
    "24h": say("Last 24 hours"),
    "7d": say("Last 7 days"),
    "30d": say("Last 30 days"),
}
_FIELDS = (
    *("q", "person", "outcome", "period", "slower_ms", "object", "route", "method", "address"),
    *("since", "until", "parts"),
)
_LIMIT = 400  # characters of one value


def _asked(request: Request) -> dict[str, str]:
    """All fields, empty where nothing was given, so that templates need not ask."""
    given = request.query_params
    asked = {name: given.get(name, "")[:_LIMIT] for name in _FIELDS}
    # What a page refreshes by itself, every some seconds, would bury what a person did.
    return asked | {"parts": asked["parts"] or "no"}


Asked = Annotated[dict[str, str], Depends(_asked)]


@router.get("/requests")
async def requests_page(
    request: Request, actor: Caller, db: Db, parts: PartsOf, asked: Asked, before: str = ""
) -> HTMLResponse:
    """The list; figures and routes load by themselves, so that neither holds up the other."""
    problem, page, away = None, service.Page([], None), False
    try:
        wanted = service.filter_for(actor, asked, parts.clock.now())
        page = await service.listed(parts.lake, wanted, Cursor.parse(before))
    except Invalid as error:
        problem = error
    except LakeAway:
        away = True
    query = _query(asked)
    return render(
        request,
        "requests/requests.html",
        status=422 if problem else 200,
        page=page,
        asked=asked,
        query=query,
        before=before,
        problem=problem,
        away=away,
        waiting_bytes=_waiting_bytes(request) if away else 0,
        people=await _people(db, actor),
        sees_all=service.sees_everybody(actor),
        narrowed=_narrowed(asked),
        periods=[(name, PERIOD_WORDS[name]) for name in PERIODS],
        usual=USUAL_PERIOD,
        outcomes=[(name, OUTCOME_WORDS[name]) for name in OUTCOMES],
        words=OUTCOME_WORDS,
        kept_days=RAW_DAYS,
        command=_command(query_of(asked), before),
    )


def _query(asked: Mapping[str, str]) -> dict[str, str]:
    """What the addresses of this list carry: only what is not usual."""
    return query_of(asked, parts="" if asked["parts"] == "no" else asked["parts"])


def _narrowed(asked: Mapping[str, str]) -> list[tuple[str, str]]:
    """What no field of the first row shows: chips that can be taken away."""
    return [(name, asked[name]) for name in ("route", "method", "address") if asked[name]]


async def _people(db: Db, actor: Actor) -> list[tuple[str, str]]:
    if not service.sees_everybody(actor):
        return []
    async with db.read() as tx:
        users = await accounts.users(tx, limit=PEOPLE_LISTED)
    return sorted(((str(user.id), user.name) for user in users), key=lambda one: one[1].casefold())


def _waiting_bytes(request: Request) -> int:
    recorder = getattr(request.app.state, "requests", None)
    return 0 if recorder is None else int(recorder.waiting_bytes)


def _command(query: Mapping[str, str], before: str) -> str:
    """The same list at a terminal."""
    given = {**query, **({"before": before} if before else {})}
    flags = [f"--{name.replace('_', '-')} {_quoted(value)}" for name, value in given.items()]
    return " ".join(["bongsu requests list", *flags])


def _quoted(value: str) -> str:
    plain = value.isascii() and value.replace("-", "").replace("/", "").replace(".", "").isalnum()
    return value if plain else "'" + value.replace("'", "'\\''") + "'"


@router.get("/-/requests/figures")
async def figures_part(
    request: Request, actor: Caller, parts: PartsOf, asked: Asked
) -> HTMLResponse:
    wanted = service.filter_for(actor, asked, parts.clock.now())
    summary, away = None, False
    try:
        summary = await service.figures(parts.lake, wanted)
    except LakeAway:
        away = True
    return fragment(
        request,
        "requests/_figures.html",
        summary=summary,
        drawing=drawing_of(summary) if summary else None,
        wanted=wanted,
        away=away,
        query=_query(asked),
        period=_period(asked),
    )


def _period(asked: Mapping[str, str]) -> Any:
    """None where the span was given by its ends."""
    return None if asked["since"] else PERIOD_WORDS[asked["period"] or USUAL_PERIOD]


@router.get("/-/requests/routes")
async def routes_part(
    request: Request, actor: Caller, parts: PartsOf, asked: Asked, sort: str = "count"
) -> HTMLResponse:
    wanted = service.filter_for(actor, asked, parts.clock.now())
    routes, away = [], False
    try:
        routes = await service.top_routes(parts.lake, wanted, sort)
    except LakeAway:
        away = True
    return fragment(
        request,
        "requests/_routes.html",
        routes=routes,
        away=away,
        sort=sort,
        asked=asked,
        query=_query(asked),
    )


@router.get("/requests/{request_id}")
async def request_page(
    request: Request, request_id: str, actor: Caller, parts: PartsOf
) -> HTMLResponse:
    seen = await service.one(parts.lake, actor, request_id, parts.clock.now())
    return render(
        request,
        "requests/request.html",
        seen=seen,
        words=OUTCOME_WORDS,
        sees_all=service.sees_everybody(actor),
        near=_near(seen),
    )


def _near(seen: Seen) -> dict[str, dict[str, str]]:
    """Queries of what lies near it."""
    around = {"since": iso(seen.at - AROUND), "until": iso(seen.at + AROUND)}
    found = {"around": around}
    if seen.route:
        found["route"] = {"route": seen.route, "method": seen.method}
    if seen.object:
        found["object"] = {"object": seen.object}
    if seen.person:
        found["person"] = {"person": str(seen.person)}
    return found | {"address": {"address": seen.address}}
