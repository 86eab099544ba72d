"""`/tasks`: what is assigned to whoever looks, their projects, what they watch; and the count in the rail."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, PlainTextResponse

from bongsu.accounts.http import Caller, ClockOf, Db
from bongsu.accounts.model import Actor, allowed
from bongsu.db.session import Tx
from bongsu.kit.clock import Clock
from bongsu.kit.i18n import Said, say, say_n
from bongsu.tasks import list_view, projects, store_lists, views
from bongsu.tasks.due import zone_of
from bongsu.tasks.list_view import Group
from bongsu.tasks.page_view import due_view
from bongsu.tasks.query import Query
from bongsu.web.shell import fragment, render, state_of

router = APIRouter(include_in_schema=False)
SHOWN = 200  # of what is assigned to one person; the rest is in the list
WATCHED = 8
MINE = Query(assignee="me", status="open", sort="due")
MY_WATCHED = Query(watcher="me", status="open")


@router.get("/tasks")
async def home_page(request: Request, actor: Caller, db: Db, clock: ClockOf) -> HTMLResponse:
    async with db.read() as tx:
        context = await _context(request, tx, actor, clock)
    return render(request, "tasks/home.html", **context)


@router.get("/-/tasks/mine")
async def home_part(request: Request, actor: Caller, db: Db, clock: ClockOf) -> HTMLResponse:
    async with db.read() as tx:
        context = await _context(request, tx, actor, clock)
    return fragment(request, "tasks/_home.html", **context)


@router.get("/-/tasks/count")
async def count_part(actor: Caller, db: Db, clock: ClockOf) -> PlainTextResponse:
    """Open ones that one has; nothing rather than nought."""
    async with db.read() as tx:
        ids = [one.id for one in await projects.seen(tx, actor)]
        found = await store_lists.count(tx, MINE, ids, me=actor.id, now=clock.now())
    return PlainTextResponse(str(found) if found else "")


async def _context(request: Request, tx: Tx, actor: Actor, clock: Clock) -> dict[str, Any]:
    zone = zone_of(state_of(request).time_zone)
    now = clock.now().astimezone(zone)
    every = await projects.seen(tx, actor, archived=True)
    seen = [one for one in every if one.archived_at is None]
    ids, me = [one.id for one in seen], actor.id
    mine = await store_lists.listed(tx, MINE, ids, me=me, now=now, limit=SHOWN)
    watched = await store_lists.listed(tx, MY_WATCHED, ids, me=me, now=now, limit=WATCHED)
    count = await store_lists.count(tx, MINE, ids, me=me, now=now)
    groups = list_view.grouped(mine, now, zone)
    roles = await projects.roles(tx, actor, seen)
    known = {one.id: one for one in seen}
    return {
        "lead": lead(groups, count),
        "groups": groups,
        "count": count,
        "shown": len(mine),
        "watched": watched,
        "projects": seen,
        "archived": [one for one in every if one.archived_at is not None],
        "counts": await store_lists.open_counts(tx, ids),
        "views": await views.seen(tx, actor),
        "writable": list_view.writable(roles, seen),
        "next": lambda task: list_view.next_column(known.get(task.project_id), task),
        "due": due_view,
        "me": me,
        "may_create": allowed(actor, "project.create"),
    }


def lead(groups: list[Group], count: int) -> Said:
    """What needs one first, in one sentence. Pure."""
    sizes = {group.id: len(group.tasks) for group in groups}
    if sizes.get("late"):
        return say_n("{n} task of yours is late", "{n} tasks of yours are late", sizes["late"])
    if sizes.get("today"):
        return say_n("{n} task is due today", "{n} tasks are due today", sizes["today"])
    if count:
        return say_n("{n} task is assigned to you", "{n} tasks are assigned to you", count)
    return say("Nothing is assigned to you")
