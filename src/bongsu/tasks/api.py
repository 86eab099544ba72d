"""/api/v1/tasks"""

from datetime import tzinfo
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from bongsu.accounts.http import ApiCaller, ClockOf, Db, PartsOf
from bongsu.accounts.inputs import Number
from bongsu.db.session import Tx
from bongsu.events.envelope import Event
from bongsu.kit.clock import iso
from bongsu.tasks import bulk, links, projects, query, service, store_feed, store_lists, watching
from bongsu.tasks.due import zone_of
from bongsu.tasks.inputs import Bulk, LinkTo, Move, NewTask, TaskChange
from bongsu.tasks.mentions import not_told
from bongsu.tasks.model import Task
from bongsu.tasks.told import told
from bongsu.web.shell import state_of

router = APIRouter(prefix="/api/v1/tasks", tags=["tasks"])
HISTORY = 200


class Watch(BaseModel):
    model_config = ConfigDict(extra="forbid")
    watch: bool = Field(title="Watch")


class Check(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str = Field(title="The point as it reads", max_length=200)
    done: bool = Field(title="Done")


@router.get("")
async def list_tasks(
    request: Request,
    actor: ApiCaller,
    db: Db,
    clock: ClockOf,
    parts: PartsOf,
    after: Annotated[int, Query(ge=0, lt=10**6, description="`next` of the page before")] = 0,
    limit: Annotated[int, Query(ge=1, le=store_lists.PAGE_LIMIT)] = 100,
) -> dict[str, Any]:
    """Filters: project, q, assignee (a number, me, nobody), creator, watcher, status (waiting, in_progress, done,
    open, all), column, label, priority, due (late, today, week, none), incident; sort: updated, created, due,
    priority, number, title, with a minus in front for the other way round."""
    asked = query.read(request.query_params)
    async with db.read() as tx:
        seen = [one for one in await projects.seen(tx, actor) if asked.project in {"", one.key}]
        ids = [one.id for one in seen]
        me, now = actor.id, clock.now().astimezone(zone_of(actor.time_zone or "UTC"))
        found = await store_lists.listed(tx, asked, ids, me=me, now=now, offset=after, limit=limit)
        count = await store_lists.count(tx, asked, ids, me=me, now=now)
    shown = [one.shown(parts.settings.public) for one in found]
    more = after + len(found)
    return {"tasks": shown, "count": count, "next": more if more < count and found else None}


@router.post("", status_code=201)
async def create_task(
    form: NewTask, actor: ApiCaller, db: Db, clock: ClockOf, parts: PartsOf
) -> dict[str, Any]:
    """Everybody concerned is told at once. `not_told` says who is named in the description and does not hear
    of it, each with the reason."""
    async with db.write() as tx:
        return await _saved(tx, await service.create(tx, actor, form, clock), parts)


@router.post("/bulk")
async def change_many(form: Bulk, actor: ApiCaller, db: Db, clock: ClockOf) -> dict[str, Any]:
    """One change to at most 200 tasks; `refused` names those that were not changed, each with the reason."""
    async with db.write() as tx:
        found = await bulk.change(tx, actor, form, clock)
    refused = [{"key": key, "why": str(why)} for key, why in found.refused]
    return {"done": list(found.done), "refused": refused}


@router.get("/{key}")
async def get_task(key: str, actor: ApiCaller, db: Db, parts: PartsOf) -> dict[str, Any]:
    async with db.read() as tx:
        task, entry = await service.get(tx, actor, key)
    return task.shown(parts.settings.public) | {"role": entry.role}


@router.patch("/{key}")
async def change_task(
    key: str, form: TaskChange, actor: ApiCaller, db: Db, clock: ClockOf, parts: PartsOf
) -> dict[str, Any]:
    """What is left out stays; `due: null` takes the day away. With `version` nobody is overwritten: 409.
    `not_told` of a new description as of a new task."""
    async with db.write() as tx:
        saved = await service.change(tx, actor, key, form, clock)
        return await _saved(tx, saved, parts) if form.says("description") else _shown(saved, parts)


@router.post("/{key}/move")
async def move_task(
    key: str, form: Move, actor: ApiCaller, db: Db, clock: ClockOf, parts: PartsOf
) -> dict[str, Any]:
    async with db.write() as tx:
        return _shown(await service.move(tx, actor, key, form, clock), parts)


@router.post("/{key}/check")
async def check_point(
    key: str, form: Check, actor: ApiCaller, db: Db, clock: ClockOf, parts: PartsOf
) -> dict[str, Any]:
    """Ticks one point of the checklist, found by its text."""
    async with db.write() as tx:
        done = await service.check(tx, actor, key, form.text, done=form.done, clock=clock)
        return _shown(done, parts)


@router.post("/{key}/watch")
async def watch_task(
    key: str, form: Watch, actor: ApiCaller, db: Db, clock: ClockOf, parts: PartsOf
) -> dict[str, Any]:
    """Whoever sees a task may watch it."""
    async with db.write() as tx:
        return _shown(await watching.watch(tx, actor, key, on=form.watch, clock=clock), parts)


@router.post("/{key}/links", status_code=201)
async def link_task(
    key: str, form: LinkTo, actor: ApiCaller, db: Db, clock: ClockOf, parts: PartsOf
) -> dict[str, Any]:
    async with db.write() as tx:
        return _shown(await links.link(tx, actor, key, form, clock), parts)


@router.delete("/{key}/links/{link_id}")
async def unlink_task(
    key: str, link_id: Number, actor: ApiCaller, db: Db, clock: ClockOf, parts: PartsOf
) -> dict[str, Any]:
    async with db.write() as tx:
        return _shown(await links.unlink(tx, actor, key, link_id, clock), parts)


@router.delete("/{key}", status_code=204)
async def delete_task(key: str, actor: ApiCaller, db: Db, clock: ClockOf) -> None:
    """Can be taken back by POST …/restore."""
    async with db.write() as tx:
        await service.delete(tx, actor, key, clock)


@router.post("/{key}/restore")
async def restore_task(
    key: str, actor: ApiCaller, db: Db, clock: ClockOf, parts: PartsOf
) -> dict[str, Any]:
    async with db.write() as tx:
        return _shown(await service.restore(tx, actor, key, clock), parts)


@router.get("/{key}/history")
async def history(
    request: Request,
    key: str,
    actor: ApiCaller,
    db: Db,
    before: Annotated[int | None, Query(ge=1, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=HISTORY)] = HISTORY,
) -> dict[str, Any]:
    """Every change with before → after, newest first; `what` is a sentence in the caller's language."""
    async with db.read() as tx:
        task, _ = await service.get(tx, actor, key)
        found = await store_feed.of_task(tx, task.id, before_seq=before, limit=limit)
    language, zone = state_of(request).language, zone_of(actor.time_zone or "UTC")
    return {
        "history": [_line(event, actor.id, language, zone) for event in found.events],
        "next": found.older,
    }


def _line(event: Event, me: int, language: str, zone: tzinfo) -> dict[str, Any]:
    line = told(event, me, language, zone)
    return {
        "at": iso(event.time),
        "type": event.type,
        "by": event.data.get("actor_name") or event.data.get("actor"),
        "what": line.what.to(language),
        "rows": [{"field": r.name, "before": r.before, "after": r.after} for r in line.rows],
        "before": event.data.get("before"),
        "after": event.data.get("after"),
        "event": event.id,
    }


def _shown(task: Task, parts: PartsOf) -> dict[str, Any]:
    return task.shown(parts.settings.public)


async def _saved(tx: Tx, task: Task, parts: PartsOf) -> dict[str, Any]:
    return _shown(task, parts) | {"not_told": [str(one) for one in await not_told(tx, task)]}
