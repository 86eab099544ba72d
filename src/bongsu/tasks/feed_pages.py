"""`/tasks/feed`: who changed what, newest first; and the same lines about one task."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from bongsu.accounts.http import Caller, ClockOf, Db
from bongsu.accounts.model import Actor
from bongsu.db.session import Tx
from bongsu.kit.clock import Clock
from bongsu.tasks import list_view, page_view, projects, service, store_feed, store_projects
from bongsu.tasks.due import zone_of
from bongsu.tasks.store_feed import Activity
from bongsu.tasks.told import FEED_TYPES, told
from bongsu.web.shell import fragment, render, state_of

router = APIRouter(include_in_schema=False)
SHOWN = 50
OF_TASK = 30
Before = Annotated[int | None, Query(ge=1)]
Key = Annotated[str, Query(max_length=24)]
Person = Annotated[str, Query(pattern=r"^(me|[1-9][0-9]{0,17})?$")]


@router.get("/tasks/feed")
async def feed_page(
    request: Request,
    actor: Caller,
    db: Db,
    clock: ClockOf,
    project: Key = "",
    person: Person = "",
    task: Key = "",
    before: Before = None,
) -> HTMLResponse:
    """Of all projects that one sees, of one, of one person, or of one task."""
    async with db.read() as tx:
        asked = {"project": project, "person": person, "task": task}
        context = await _context(request, tx, actor, clock, asked, before)
    return render(request, "tasks/feed.html", **context)


@router.get("/-/tasks/feed")
async def feed_part(
    request: Request,
    actor: Caller,
    db: Db,
    clock: ClockOf,
    project: Key = "",
    person: Person = "",
    task: Key = "",
    before: Before = None,
) -> HTMLResponse:
    async with db.read() as tx:
        asked = {"project": project, "person": person, "task": task}
        context = await _context(request, tx, actor, clock, asked, before)
    return fragment(request, "tasks/_feed.html", **context)


async def _context(
    request: Request,
    tx: Tx,
    actor: Actor,
    clock: Clock,
    asked: dict[str, str],
    before: int | None,
) -> dict[str, Any]:
    seen = await projects.seen(tx, actor)
    chosen = (
        [(await projects.get(tx, actor, asked["project"])).project] if asked["project"] else seen
    )
    if asked["task"]:
        one, _ = await service.get(tx, actor, asked["task"])
        found = await store_feed.of_task(tx, one.id, before_seq=before, limit=SHOWN)
    else:
        ids = [one.id for one in chosen]
        by = _person(asked["person"], actor)
        found = await store_feed.of_projects(
            tx, FEED_TYPES, ids, by=by, before_seq=before, limit=SHOWN
        )
    people = await store_projects.people_in(tx, [one.id for one in chosen])
    return {
        "days": _days(request, actor, clock, found),
        "gone": await _gone(tx, found),
        "older": found.older,
        "before": before,
        "asked": asked,
        "projects": seen,
        "project": chosen[0] if asked["project"] else None,
        "people": page_view.people_first(people, (), actor.id),
        "me": actor.id,
        "query": urlencode({name: word for name, word in asked.items() if word}),
    }


def _person(word: str, actor: Actor) -> int | None:
    if not word:
        return None
    return actor.id if word == "me" else int(word)


def _days(request: Request, actor: Actor, clock: Clock, found: Activity) -> list[Any]:
    state = state_of(request)
    zone = zone_of(state.time_zone)
    lines = [told(event, actor.id, state.language, zone) for event in found.events]
    return list_view.days(lines, clock.now(), zone, state.language)


async def _gone(tx: Tx, found: Activity) -> set[str]:
    """Subjects of tasks that are deleted: they have no page."""
    numbers = {
        int(event.subject.partition("/")[2])
        for event in found.events
        if event.subject.startswith("task/")
    }
    return {f"task/{one}" for one in await store_feed.deleted(tx, numbers)}


@router.get("/-/tasks/history/{key}")
async def history_part(
    request: Request, key: str, actor: Caller, db: Db, clock: ClockOf
) -> HTMLResponse:
    """What happened to one task, for its page."""
    async with db.read() as tx:
        task, _ = await service.get(tx, actor, key)
        found = await store_feed.of_task(tx, task.id, limit=OF_TASK)
    days = _days(request, actor, clock, found)
    return fragment(request, "tasks/_history.html", task=task, days=days, older=found.older)
