"""The form of a task: a new one, a change; what was typed is never lost."""

from datetime import tzinfo
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, Response

from bongsu.accounts.http import Caller, ClockOf, Db
from bongsu.accounts.model import Actor
from bongsu.accounts.posted import read
from bongsu.db.session import Tx
from bongsu.kit.errors import BongsuError, Conflict, Invalid
from bongsu.kit.i18n import say
from bongsu.tasks import projects, service, store_projects
from bongsu.tasks.access import Entry, task_by_key
from bongsu.tasks.due import zone_of
from bongsu.tasks.form_values import PEOPLE, kept, merged, read_kept, refreshed, said_of, values_of
from bongsu.tasks.inputs import NewTask, TaskChange
from bongsu.tasks.model import Task
from bongsu.tasks.page_view import people_first, priorities, with_named
from bongsu.web.forms import text_of
from bongsu.web.shell import redirect, render, state_of

router = APIRouter(include_in_schema=False)
_NOT_SAVED = say("The task was not saved.")
_TEXTS = ("title", "description", "column", "priority", "labels", "due_on", "due_time", "checklist")


@router.get("/tasks/new")
async def new_task(
    request: Request,
    actor: Caller,
    db: Db,
    project: Annotated[str, Query(max_length=10)] = "",
    column: Annotated[str, Query(max_length=20)] = "",
    link: Annotated[str, Query(max_length=64)] = "",
    title: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """`link`: what it comes from, such as incident/12."""
    said = {"column": column, "link": link, "title": title, "priority": "2"}
    values: dict[str, Any] = dict.fromkeys(_TEXTS, "") | said | {name: [] for name in PEOPLE}
    async with db.read() as tx:
        key = project or await _only_project(tx, actor)
        if key is None:
            return redirect(request, "/projects/new")
        entry = await projects.get(tx, actor, key)
        return await _form(request, tx, actor, entry, None, values)


async def _only_project(tx: Tx, actor: Actor) -> str | None:
    found = await projects.seen(tx, actor)
    return found[0].key if found else None


@router.get("/tasks/{key}/edit")
async def edit_task(request: Request, key: str, actor: Caller, db: Db) -> HTMLResponse:
    async with db.read() as tx:
        task, entry = await task_by_key(tx, actor, key, "member", "task.write")
        shown = _shown(task, zone_of(state_of(request).time_zone))
        return await _form(request, tx, actor, entry, task, shown)


def _shown(task: Task, zone: tzinfo) -> dict[str, Any]:
    """With what it shows, so that what comes back is known by its difference."""
    values = values_of(task, zone)
    return values | {"was": kept(said_of(values))}


async def _form(
    request: Request,
    tx: Tx,
    actor: Actor,
    entry: Entry,
    task: Task | None,
    values: dict[str, Any],
    error: BongsuError | None = None,
) -> HTMLResponse:
    readers = await store_projects.readers(tx, entry.project)
    people = with_named(readers, (*task.assignees, *task.watchers) if task else ())
    return render(
        request,
        "tasks/task_form.html",
        status=error.status if error else 200,
        task=task,
        project=entry.project,
        projects=[one for one in await projects.seen(tx, actor) if one.key != entry.project.key],
        values=values,
        people={name: people_first(people, values[name], actor.id) for name in PEOPLE},
        me=actor.id,
        priorities=priorities(state_of(request).language),
        error=error,
    )


@router.post("/tasks/new")
async def create_task(request: Request, actor: Caller, db: Db, clock: ClockOf) -> Response:
    form = await request.form()
    values = _values(form)
    try:
        async with db.write() as tx:
            new = read(NewTask, _new(form, values), _NOT_SAVED)
            made = await service.create(tx, actor, new, clock)
    except (Invalid, Conflict) as error:
        return await _again(request, db, actor, text_of(form, "project"), None, values, error)
    said = say("{key} is made. Everybody concerned is told.", key=made.key)
    if text_of(form, "then") == "board":
        return redirect(request, f"/projects/{made.project}", toast=said, look=made.href)
    return redirect(request, made.href, toast=said)


@router.post("/tasks/{key}/edit")
async def change_task(
    request: Request, key: str, actor: Caller, db: Db, clock: ClockOf
) -> Response:
    """A text that somebody else changed meanwhile comes back beside one's own; nothing is lost."""
    form = await request.form()
    values = _values(form)
    was = read_kept(values["was"])
    try:
        async with db.write() as tx:
            task, _ = await service.get(tx, actor, key)
            said = merged(said_of(values), was, task) | _version(values)
            change = read(TaskChange, said, _NOT_SAVED)
            saved = await service.change(tx, actor, key, change, clock)
    except (Invalid, Conflict) as error:
        return await _again(request, db, actor, "", key, values, error)
    return redirect(request, saved.href, toast=say("{key} is saved.", key=saved.key))


async def _again(
    request: Request,
    db: Db,
    actor: Actor,
    project: str,
    key: str | None,
    values: dict[str, Any],
    error: BongsuError,
) -> HTMLResponse:
    """The same form with what was typed, and what is true now."""
    async with db.read() as tx:
        if key is None:
            entry = await projects.get(tx, actor, project)
            return await _form(request, tx, actor, entry, None, values, error)
        task, entry = await service.get(tx, actor, key)
        if isinstance(error, Conflict):
            zone = zone_of(state_of(request).time_zone)
            values = refreshed(values, read_kept(values["was"]), task, zone)
            values["was"] = _shown(task, zone)["was"]
        return await _form(request, tx, actor, entry, task, values, error)


def _values(form: FormData) -> dict[str, Any]:
    """As posted, so that the form can come back as it was."""
    names = (
        "title",
        "column",
        "priority",
        "labels",
        "due_on",
        "due_time",
        "checklist",
    )
    plain = {name: text_of(form, name) for name in (*names, "version", "link", "was")}
    typed = form.get("description")
    plain["description"] = typed if isinstance(typed, str) else ""
    return plain | {name: _chosen(form, name) for name in PEOPLE}


def _chosen(form: FormData, name: str) -> list[int]:
    words = [one for one in form.getlist(name) if isinstance(one, str)]
    return [int(one) for one in words if one.isdecimal()]


def _version(values: dict[str, Any]) -> dict[str, Any]:
    return {"version": values["version"]} if values["version"] else {}


def _new(form: FormData, values: dict[str, Any]) -> dict[str, Any]:
    said = said_of(values) | {"project": text_of(form, "project")}
    if values["link"]:
        said["links"] = [{"kind": "from", "target": values["link"]}]
    return said
