"""One task: what it says, who has it, what it hangs together with, what happened to it."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import HTMLResponse, Response

from bongsu.accounts.http import Caller, ClockOf, Db
from bongsu.accounts.inputs import Number
from bongsu.accounts.model import Actor
from bongsu.db.session import Tx
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say
from bongsu.kit.problems import problems_of
from bongsu.notes.markdown import render_markdown
from bongsu.notes.mentions import names_of
from bongsu.tasks import links, projects, service, watching
from bongsu.tasks.access import Entry
from bongsu.tasks.inputs import LinkTo, TaskChange
from bongsu.tasks.mentions import not_told
from bongsu.tasks.model import LINK_WORDS, PRIORITIES, Task
from bongsu.tasks.page_view import due_view, next_columns
from bongsu.web.shell import fragment, is_htmx, redirect, render, state_of, toast

router = APIRouter(include_in_schema=False)
Words = Annotated[str, Form(max_length=400)]


async def _context(
    request: Request, tx: Tx, actor: Actor, task: Task, entry: Entry
) -> dict[str, Any]:
    named = await names_of(tx, task.people) if "@" in task.description else ()
    may_write = entry.may("member") and entry.project.archived_at is None
    return {
        "task": task,
        "project": entry.project,
        "me": actor.id,
        "may_write": may_write,
        "not_told": await not_told(tx, task) if may_write else (),
        "due": due_view,
        "markdown": lambda text: render_markdown(text, state_of(request).language, named),
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
