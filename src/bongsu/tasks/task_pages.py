"""One task: what it says, who has it, what it hangs together with, what happened to it; and its form."""

from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Form, Query, Request
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, Response

from bongsu.accounts.http import Caller, ClockOf, Db
from bongsu.accounts.inputs import Number
from bongsu.accounts.model import Actor
from bongsu.db.session import Tx
from bongsu.kit.errors import BongsuError, Conflict, Invalid
from bongsu.kit.i18n import say
from bongsu.kit.problems import problems_of
from bongsu.notes.markdown import render_markdown
from bongsu.tasks import csv_text, links, projects, service, store_projects, watching
from bongsu.tasks.access import Entry
from bongsu.tasks.inputs import LinkTo, NewTask, TaskChange
from bongsu.tasks.model import LINK_WORDS, PRIORITIES, Task
from bongsu.tasks.page_view import due_view, next_columns, people_first, priorities, values_of
from bongsu.web.forms import text_of
from bongsu.web.shell import fragment, is_htmx, redirect, render, state_of, toast

router = APIRouter(include_in_schema=False)
Words = Annotated[str, Form(max_length=400)]
M = TypeVar("M", NewTask, TaskChange)
_TEXTS = ("title", "description", "column", "priority", "labels", "due_on", "due_time", "checklist")


async def _context(
    request: Request, tx: Tx, actor: Actor, task: Task, entry: Entry
) -> dict[str, Any]:
    return {
        "task": task,
        "project": entry.project,
        "me": actor.id,
        "may_write": entry.may("member") and entry.project.archived_at is None,
        "due": due_view,
        "markdown": lambda text: render_markdown(text, state_of(request).language),
        "columns": next_columns(entry.project, task),
        "priority": PRIORITIES[task.priority],
        "link_words": LINK_WORDS,
        "pointing": await links.linked_to(tx, actor, task.subject),
        "watching": actor.id in {one.id for one in task.watchers},
    }


@router.get("/tasks/by-id/{task_id}")
async def by_id(request: Request, task_id: int, actor: Caller, db: Db) -> Response:
    """Links of events and of other tasks know the number only."""
    async with db.read() as tx:
        task, _ = await service.get_by_id(tx, actor, task_id)
    return redirect(request, task.href)


@router.get("/-/tasks/of/{family}/{ident}")
async def of_thing(
    request: Request, family: str, ident: Number, actor: Caller, db: Db
) -> HTMLResponse:
    """What other rooms’ pages show of the tasks that hang on their things."""
    target = f"{family[:32]}/{ident}"
    async with db.read() as tx:
        found = await links.linked_to(tx, actor, target)
        seen = await projects.seen(tx, actor)
    return fragment(
        request, "tasks/_of.html", tasks=found, target=target, may_make=bool(seen), due=due_view
    )


# --- the form


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
    values: dict[str, Any] = dict.fromkeys(_TEXTS, "") | said | {"assignees": []}
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
        task, entry = await service.get(tx, actor, key)
        return await _form(request, tx, actor, entry, task, values_of(task))


async def _form(
    request: Request,
    tx: Tx,
    actor: Actor,
    entry: Entry,
    task: Task | None,
    values: dict[str, Any],
    error: BongsuError | None = None,
) -> HTMLResponse:
    people = await store_projects.readers(tx, entry.project)
    return render(
        request,
        "tasks/task_form.html",
        status=error.status if error else 200,
        task=task,
        project=entry.project,
        projects=[one for one in await projects.seen(tx, actor) if one.key != entry.project.key],
        values=values,
        people=people_first(people, values["assignees"], actor.id),
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
            made = await service.create(tx, actor, _read(NewTask, _new(form, values)), clock)
    except Invalid as error:
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
    try:
        async with db.write() as tx:
            saved = await service.change(tx, actor, key, _read(TaskChange, _said(values)), clock)
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
            values["version"] = task.version
        return await _form(request, tx, actor, entry, task, values, error)


def _values(form: FormData) -> dict[str, Any]:
    """As posted, so that the form can come back as it was."""
    names = (
        "title",
        "description",
        "column",
        "priority",
        "labels",
        "due_on",
        "due_time",
        "checklist",
    )
    plain = {name: text_of(form, name) for name in (*names, "version", "link")}
    chosen = [one for one in form.getlist("assignees") if isinstance(one, str)]
    return plain | {"assignees": [int(one) for one in chosen if one.isdecimal()]}


def _said(values: dict[str, Any]) -> dict[str, Any]:
    """As our forms take it."""
    due = f"{values['due_on']} {values['due_time']}".strip() if values["due_on"] else None
    return {
        "title": values["title"],
        "description": values["description"].replace("\r\n", "\n"),
        "assignees": values["assignees"],
        "priority": values["priority"] or 2,
        "labels": csv_text.split(values["labels"]),
        "due": due,
        "checklist": csv_text.points(values["checklist"]),
        **({"column": values["column"]} if values["column"] else {}),
        **({"version": values["version"]} if values["version"] else {}),
    }


def _new(form: FormData, values: dict[str, Any]) -> dict[str, Any]:
    said = _said(values) | {"project": text_of(form, "project")}
    said.pop("version", None)
    if values["link"]:
        said["links"] = [{"kind": "from", "target": values["link"]}]
    return said


def _read(model: type[M], said: dict[str, Any]) -> M:
    try:
        return model.model_validate(said)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        raise Invalid(say("The task was not saved."), problems_of(found)) from None


# --- one task


@router.get("/tasks/{key}")
async def task_page(request: Request, key: str, actor: Caller, db: Db) -> HTMLResponse:
    async with db.read() as tx:
        task, entry = await service.get(tx, actor, key)
        context = await _context(request, tx, actor, task, entry)
    return render(request, "tasks/task.html", **context)


@router.get("/-/tasks/{key}/body")
async def task_part(request: Request, key: str, actor: Caller, db: Db) -> HTMLResponse:
    async with db.read() as tx:
        task, entry = await service.get(tx, actor, key)
        context = await _context(request, tx, actor, task, entry)
    return fragment(request, "tasks/_task.html", **context)


@router.post("/tasks/{key}/take")
async def take(request: Request, key: str, actor: Caller, db: Db, clock: ClockOf) -> Response:
    """Adds oneself to those who have it; nobody is taken away."""
    async with db.write() as tx:
        task, _ = await service.get(tx, actor, key)
        ids = list(dict.fromkeys([*(one.id for one in task.assignees), actor.id]))
        taken = await service.change(tx, actor, key, TaskChange(assignees=ids), clock)
    return _stay(request, taken, say("You have {key} now.", key=taken.key))


@router.post("/tasks/{key}/leave")
async def leave(request: Request, key: str, actor: Caller, db: Db, clock: ClockOf) -> Response:
    async with db.write() as tx:
        task, _ = await service.get(tx, actor, key)
        ids = [one.id for one in task.assignees if one.id != actor.id]
        left = await service.change(tx, actor, key, TaskChange(assignees=ids), clock)
    return _stay(request, left, say("{key} is no longer yours.", key=left.key))


@router.post("/tasks/{key}/watch")
async def watch(
    request: Request, key: str, actor: Caller, db: Db, clock: ClockOf, on: Words = ""
) -> Response:
    async with db.write() as tx:
        task = await watching.watch(tx, actor, key, on=bool(on), clock=clock)
    said = (
        say("You watch {key}.", key=task.key)
        if on
        else say("You no longer watch {key}.", key=task.key)
    )
    return _stay(request, task, said)


@router.post("/tasks/{key}/check")
async def check(
    request: Request, key: str, actor: Caller, db: Db, clock: ClockOf, text: Words, done: Words = ""
) -> Response:
    async with db.write() as tx:
        task = await service.check(tx, actor, key, text, done=bool(done), clock=clock)
    return Response(status_code=204) if is_htmx(request) else redirect(request, task.href)


@router.post("/tasks/{key}/links")
async def link(
    request: Request,
    key: str,
    actor: Caller,
    db: Db,
    clock: ClockOf,
    target: Words,
    kind: Words = "",
) -> Response:
    try:
        form = LinkTo.model_validate({"target": target, "kind": kind or "relates"})
    except ValidationError as error:
        found = problems_of(error.errors(include_input=False, include_url=False))
        raise Invalid(found[0].what, found) from None
    async with db.write() as tx:
        task = await links.link(tx, actor, key, form, clock)
    return _stay(request, task, say("The link is made."))


@router.post("/tasks/{key}/links/{link_id}/delete")
async def unlink(
    request: Request, key: str, link_id: Number, actor: Caller, db: Db, clock: ClockOf
) -> Response:
    async with db.write() as tx:
        task = await links.unlink(tx, actor, key, link_id, clock)
    return _stay(request, task, say("The link is gone."))


@router.post("/tasks/{key}/delete")
async def delete(request: Request, key: str, actor: Caller, db: Db, clock: ClockOf) -> Response:
    async with db.write() as tx:
        gone = await service.delete(tx, actor, key, clock)
    said = say("{key} is deleted.", key=gone.key)
    return redirect(request, f"/projects/{gone.project}", toast=said, undo=f"{gone.href}/restore")


@router.post("/tasks/{key}/restore")
async def restore(request: Request, key: str, actor: Caller, db: Db, clock: ClockOf) -> Response:
    async with db.write() as tx:
        back = await service.restore(tx, actor, key, clock)
    return redirect(request, back.href, toast=say("{key} is back.", key=back.key))


def _stay(request: Request, task: Task, said: Any) -> Response:
    """For a button of the page: the part that it stands in refreshes itself by the stream."""
    if is_htmx(request):
        return toast(Response(status_code=200, headers={"hx-reswap": "none"}), request, said)
    return redirect(request, task.href, toast=said)
