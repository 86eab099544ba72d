"""`/`: the wall, its parts, and what the shell asks for on every page: the whole in one line."""

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse

from bongsu.accounts import store as accounts
from bongsu.accounts.http import Caller, ClockOf, Db
from bongsu.accounts.model import allowed, require
from bongsu.db.session import Tx
from bongsu.incidents import store as incidents
from bongsu.incidents.model import Incident
from bongsu.kit.i18n import say, say_n
from bongsu.watch.board import Board
from bongsu.watch.history import HistoryKeeper
from bongsu.watch.views import GroupView, WallView, grid, shortened
from bongsu.web.shell import fragment, render, state_of

router = APIRouter(include_in_schema=False)
WALL_ROWS, GROUP_ROWS = 60, 500  # of a larger wall the worst, and a few of each group
_LETTERS = {"up": "u", "degraded": "g", "down": "d", "unknown": "k"}
_STATES = ("down", "degraded", "unknown", "up")


def board_of(request: Request) -> Board:
    board: Board = request.app.state.board
    return board


def history_of(request: Request) -> HistoryKeeper:
    keeper: HistoryKeeper = request.app.state.history
    return keeper


@router.get("/")
async def wall_page(
    request: Request,
    actor: Caller,
    db: Db,
    clock: ClockOf,
    view: str = "",
    only: str = "",
    group: str | None = None,
) -> HTMLResponse:
    require(actor, "check.read")
    context = await _wall(request, db, clock, only, group)
    may_register = allowed(actor, "service.create")
    return render(request, "watch/wall.html", mode=view, may_register=may_register, **context)


@router.get("/-/wall")
async def wall_part(
    request: Request,
    actor: Caller,
    db: Db,
    clock: ClockOf,
    only: str = "",
    group: str | None = None,
) -> HTMLResponse:
    require(actor, "check.read")
    may_register = allowed(actor, "service.create")
    context = await _wall(request, db, clock, only, group)
    return fragment(request, "watch/_wall.html", may_register=may_register, **context)


async def _wall(
    request: Request, db: Db, clock: ClockOf, only: str, group: str | None
) -> dict[str, Any]:
    async with db.read() as tx:
        wall = await board_of(request).view(tx, clock.now())
        teams, opened = await team_titles(tx), await _open_incidents(tx)
    only = only if only in _STATES else ""
    chosen = [_only(one, only) for one in wall.groups if group is None or one.title == group]
    groups = shortened([one for one in chosen if one.services], GROUP_ROWS if group else WALL_ROWS)
    rows = [row for one in groups for row in one.services]
    known = await history_of(request).get([check for row in rows for check in row.check_ids])
    asked = {"only": only, "group": group}
    return {
        "wall": wall,
        "lead": _lead(wall),
        "groups": groups,
        "teams": teams,
        "incidents": opened,
        "history": known,
        "of": {row.id: known.of(row.check_ids) for row in rows},
        "only": only,
        "group": group,
        "query": urlencode({name: value for name, value in asked.items() if value}),
        "states": _STATES,
    }


async def team_titles(tx: Tx) -> dict[str, str]:
    """What people call each team, by the name that files use."""
    return {team.name: team.title or team.name for team in await accounts.teams(tx, limit=1000)}


async def _open_incidents(tx: Tx) -> dict[int, Incident]:
    """The newest open one of each service."""
    found = await incidents.listed(tx, open_only=True, limit=incidents.LIST_LIMIT)
    return {one.service_id: one for one in reversed(found) if one.service_id is not None}


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
        wall = await board_of(request).view(tx, clock.now())
    return fragment(request, "watch/_overall.html", wall=wall)


@router.get("/-/services/count")
async def services_count(request: Request, actor: Caller, db: Db) -> PlainTextResponse:
    require(actor, "service.read")
    async with db.read() as tx:
        return PlainTextResponse(str(len((await board_of(request).wall(tx)).services)))


@router.get("/-/checks.json")
async def grid_json(request: Request, actor: Caller, db: Db) -> JSONResponse:
    """Every check as one letter, by group of services: what the canvas draws."""
    require(actor, "check.read")
    async with db.read() as tx:
        wall = await board_of(request).wall(tx)
    language = state_of(request).language
    titles = {one.id: one.group or say("Without a group").to(language) for one in wall.services}
    paused = {check.id for check in wall.checks if check.paused}
    groups: dict[str, tuple[list[int], list[str]]] = {}
    for check_id, service_id, state in grid(wall):
        ids, letters = groups.setdefault(titles[service_id], ([], []))
        ids.append(check_id)
        letters.append("p" if check_id in paused else _LETTERS[state])
    shown = [{"title": t, "ids": i, "states": "".join(s)} for t, (i, s) in sorted(groups.items())]
    return JSONResponse({"groups": shown}, headers={"cache-control": "no-store"})


@router.get("/-/check-names.json")
async def names_json(request: Request, actor: Caller, db: Db) -> JSONResponse:
    require(actor, "check.read")
    async with db.read() as tx:
        wall = await board_of(request).wall(tx)
    services = {one.id: one.name for one in wall.services}
    return JSONResponse({str(c.id): f"{services[c.service_id]}/{c.name}" for c in wall.checks})
