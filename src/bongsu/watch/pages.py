"""`/`: the wall, its parts, and what the shell asks for on every page: the whole in one line, and the palette."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse

from bongsu.accounts.http import Caller, ClockOf, Db
from bongsu.accounts.model import allowed, require
from bongsu.kit.i18n import say, say_n, translate
from bongsu.watch import store_pages
from bongsu.watch.history import HistoryKeeper
from bongsu.watch.views import GroupView, WallView, grid, wall_view
from bongsu.web.shell import fragment, render, state_of

router = APIRouter(include_in_schema=False)
FIND_LIMIT = 12
_LETTERS = {"up": "u", "degraded": "g", "down": "d", "unknown": "k"}
_STATES = ("down", "degraded", "unknown", "up")


def history_of(request: Request) -> HistoryKeeper:
    keeper: HistoryKeeper = request.app.state.history
    return keeper


@router.get("/")
async def wall_page(
    request: Request, actor: Caller, db: Db, clock: ClockOf, view: str = "", only: str = ""
) -> HTMLResponse:
    require(actor, "check.read")
    context = await _wall(request, db, clock, only)
    may_register = allowed(actor, "service.create")
    return render(request, "watch/wall.html", mode=view, may_register=may_register, **context)


@router.get("/-/wall")
async def wall_part(
    request: Request, actor: Caller, db: Db, clock: ClockOf, only: str = ""
) -> HTMLResponse:
    require(actor, "check.read")
    may_register = allowed(actor, "service.create")
    context = await _wall(request, db, clock, only)
    return fragment(request, "watch/_wall.html", may_register=may_register, **context)


async def _wall(request: Request, db: Db, clock: ClockOf, only: str) -> dict[str, Any]:
    async with db.read() as tx:
        read = await store_pages.read_wall(tx)
    wall = wall_view(read, clock.now())
    known = await history_of(request).get([check.id for check in read.checks])
    only = only if only in _STATES else ""
    return {
        "wall": wall,
        "lead": _lead(wall),
        "groups": [group for group in (_only(g, only) for g in wall.groups) if group.services],
        "history": known,
        "of": {row.id: known.of(row.check_ids) for group in wall.groups for row in group.services},
        "only": only,
        "states": _STATES,
    }


def _only(group: GroupView, state: str) -> GroupView:
    if not state:
        return group
    rows = tuple(row for row in group.services if (row.state or "unknown") == state)
    return GroupView(group.title, rows, group.counts)


def _lead(wall: WallView) -> Any:
    silent = sorted(wall.silent)
    if silent:
        return say(
            "{n} checks. Location {name} is silent: what it watches cannot be judged.",
            n=wall.checks,
            name=silent[0],
        )
    if not wall.checks:
        return None
    return say_n(
        "{n} check from {places}.", "{n} checks from {places}.", wall.checks, places=_places(wall)
    )


def _places(wall: WallView) -> str:
    return ", ".join(wall.locations) or "–"


@router.get("/-/overall")
async def overall(request: Request, actor: Caller, db: Db, clock: ClockOf) -> HTMLResponse:
    """The whole in one line, on every page; the state decides title and favicon."""
    require(actor, "check.read")
    async with db.read() as tx:
        wall = wall_view(await store_pages.read_wall(tx), clock.now())
    return fragment(request, "watch/_overall.html", wall=wall)


@router.get("/-/services/count")
async def services_count(actor: Caller, db: Db) -> PlainTextResponse:
    require(actor, "service.read")
    async with db.read() as tx:
        return PlainTextResponse(str(len((await store_pages.read_wall(tx)).services)))


@router.get("/-/checks.json")
async def grid_json(request: Request, actor: Caller, db: Db) -> JSONResponse:
    """Every check as one letter, by group of services: what the canvas draws."""
    require(actor, "check.read")
    async with db.read() as tx:
        wall = await store_pages.read_wall(tx)
    language = state_of(request).language
    titles = {one.id: one.group or translate(language, "Without a group") for one in wall.services}
    paused = {check.id for check in wall.checks if check.paused}
    groups: dict[str, tuple[list[int], list[str]]] = {}
    for check_id, service_id, state in grid(wall):
        ids, letters = groups.setdefault(titles[service_id], ([], []))
        ids.append(check_id)
        letters.append("p" if check_id in paused else _LETTERS[state])
    shown = [{"title": t, "ids": i, "states": "".join(s)} for t, (i, s) in sorted(groups.items())]
    return JSONResponse({"groups": shown}, headers={"cache-control": "no-store"})


@router.get("/-/check-names.json")
async def names_json(actor: Caller, db: Db) -> JSONResponse:
    require(actor, "check.read")
    async with db.read() as tx:
        wall = await store_pages.read_wall(tx)
    services = {one.id: one.name for one in wall.services}
    return JSONResponse({str(c.id): f"{services[c.service_id]}/{c.name}" for c in wall.checks})


@router.get("/-/find")
async def find(
    request: Request,
    actor: Caller,
    db: Db,
    clock: ClockOf,
    q: Annotated[str, Query(max_length=120)] = "",
) -> JSONResponse:
    """Services and checks by a part of their names; the palette."""
    require(actor, "check.read")
    async with db.read() as tx:
        wall = wall_view(await store_pages.read_wall(tx), clock.now())
        checks = (
            await store_pages.list_checks(tx, store_pages.Wanted(text=q), 0, FIND_LIMIT)
            if q
            else []
        )
    language, wanted = state_of(request).language, q.casefold()
    rows = [row for group in wall.groups for row in group.services]
    found = [
        {
            "title": f"{row.group} · {row.title}" if row.group else row.title,
            "href": f"/services/{row.name}",
            "hint": translate(language, "service"),
            "state": row.state or "unknown",
        }
        for row in rows
        if wanted in f"{row.name} {row.title} {row.group}".casefold()
    ][:FIND_LIMIT]
    found += [
        {
            "title": f"{one['service']}/{one['name']}",
            "href": f"/services/{one['service']}#check-{one['id']}",
            "hint": one["kind"],
            "state": one["state"],
        }
        for one in checks
    ]
    return JSONResponse(found)
