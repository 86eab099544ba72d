"""`/tasks/list`: all filters as its address, saved views, and one change to many. The address is the state."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi import Query as Parameter
from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, Response

from bongsu.accounts.http import Caller, ClockOf, Db
from bongsu.accounts.inputs import Number
from bongsu.accounts.model import Actor
from bongsu.db.session import Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import Said, say, say_n
from bongsu.kit.problems import problems_of
from bongsu.tasks import (
    bulk,
    list_view,
    page_view,
    projects,
    query,
    store_lists,
    store_projects,
    views,
)
from bongsu.tasks.bulk import Outcome
from bongsu.tasks.due import zone_of
from bongsu.tasks.inputs import Bulk, SaveView
from bongsu.tasks.model import Project
from bongsu.tasks.query import Query
from bongsu.web.forms import text_of
from bongsu.web.shell import fragment, is_htmx, redirect, render, state_of, toast

router = APIRouter(include_in_schema=False)
PAGE = 50
Page = Annotated[int, Parameter(ge=1, le=10_000)]
Words = Annotated[str, Form(max_length=2000)]


@router.get("/tasks/list")
async def list_page(
    request: Request, actor: Caller, db: Db, clock: ClockOf, page: Page = 1
) -> HTMLResponse:
    return await _page(request, actor, db, clock, dict(request.query_params), page)


@router.get("/-/tasks/list")
async def list_part(
    request: Request, actor: Caller, db: Db, clock: ClockOf, page: Page = 1
) -> HTMLResponse:
    asked = query.read(request.query_params)
    async with db.read() as tx:
        context = await _rows(request, tx, actor, asked, page, clock)
    return fragment(request, "tasks/_list.html", **context)


async def _page(
    request: Request,
    actor: Actor,
    db: Db,
    clock: Clock,
    words: Mapping[str, str],
    page: int,
    **more: Any,
) -> HTMLResponse:
    asked = query.read(words)
    async with db.read() as tx:
        context = await _rows(request, tx, actor, asked, page, clock)
        context |= await _around(request, tx, actor, asked, context["seen"])
    return render(
        request, "tasks/list.html", **({"outcome": None, "changed": None} | context | more)
    )


async def _rows(
    request: Request, tx: Tx, actor: Actor, asked: Query, page: int, clock: Clock
) -> dict[str, Any]:
    """What the part that refreshes itself shows. Raises NotFound for a project that is not theirs to see."""
    seen = await projects.seen(tx, actor)
    chosen = [one for one in seen if one.key == asked.project]
    if asked.project and not chosen:
        chosen = [(await projects.get(tx, actor, asked.project)).project]  # archived, or a refusal
    ids = [one.id for one in chosen or seen]
    now = clock.now().astimezone(zone_of(state_of(request).time_zone))
    me = actor.id
    count = await store_lists.count(tx, asked, ids, me=me, now=now)
    page = min(page, max(1, -(-count // PAGE)))
    offset = (page - 1) * PAGE
    tasks = await store_lists.listed(tx, asked, ids, me=me, now=now, offset=offset, limit=PAGE)
    roles = await projects.roles(tx, actor, chosen or seen)
    return {
        "asked": asked,
        "tasks": tasks,
        "count": count,
        "first": offset + 1,
        "page": page,
        "pages": max(1, -(-count // PAGE)),
        "heads": list_view.heads(asked),
        "writable": list_view.writable(roles, chosen or seen),
        "project": chosen[0] if chosen else None,
        "seen": seen,
        "due": page_view.due_view,
        "address": lambda number: address(asked, number),
    }


async def _around(
    request: Request, tx: Tx, actor: Actor, asked: Query, seen: list[Project]
) -> dict[str, Any]:
    """Filters, saved views, and what the bar of many offers."""
    chosen = [one for one in seen if one.key == asked.project]
    people = (
        await store_projects.readers(tx, chosen[0])
        if chosen
        else await store_projects.people_in(tx, [one.id for one in seen])
    )
    names = list_view.by_name(people)
    own = await views.seen(tx, actor)
    return {
        "chips": list_view.chips(asked, names, seen),
        "people": page_view.people_first(people, (), actor.id),
        "me": actor.id,
        "labels": list_view.labels_of(chosen or seen),
        "statuses": [(key, said) for key, said in list_view.STATUS_CHOICES.items()],
        "dues": [(key, said) for key, said in list_view.DUE_WORDS.items()],
        "priorities": page_view.priorities(state_of(request).language),
        "views": own,
        "chosen_view": next((one for one in own if one.query == asked.address()), None),
        "titles": {one.id: one.title for one in seen},
    }


def address(asked: Query, page: int = 1) -> str:
    """Of a page of the list."""
    words = asked.words() | ({"page": str(page)} if page > 1 else {})
    return f"?{urlencode(words)}" if words else ""


# --- one change to many


@router.post("/tasks/bulk")
async def change_many(
    request: Request, actor: Caller, db: Db, clock: ClockOf, page: Page = 1
) -> Response:
    """What was refused stands above the list, each with its reason; a deletion can be taken back at once."""
    form = _read(await request.form())
    async with db.write() as tx:
        done = await bulk.change(tx, actor, form, clock)
    undo = f"/tasks/restore?keys={','.join(done.done)}" if form.delete and done.done else None
    said = _told(form, done)
    if is_htmx(request):
        answer = fragment(request, "tasks/_outcome.html", outcome=done, changed=None)
        return toast(answer, request, said, undo=undo) if done.done else answer
    words = dict(request.query_params)
    return await _page(request, actor, db, clock, words, page, outcome=done, changed=said)


def _read(form: FormData) -> Bulk:
    """Empty fields change nothing. Raises Invalid, also when nothing is to be changed."""
    delete = text_of(form, "do") == "delete"
    wished: dict[str, Any] = {"delete": True} if delete else _wished(form)
    if not wished:
        raise Invalid(say("Choose first what is to be changed."))
    said = {"tasks": form.getlist("tasks")} | wished
    try:
        return Bulk.model_validate(said)
    except ValidationError as error:
        found = problems_of(error.errors(include_input=False, include_url=False))
        empty = say("Choose at least one task first.")
        raise Invalid(found[0].what if said["tasks"] else empty, found) from None


def _wished(form: FormData) -> dict[str, Any]:
    fields = {"status": "status", "column": "column", "priority": "priority", "due": "due",
              "assign": "assign", "unassign": "unassign", "unlabel": "remove_labels"}  # fmt: skip
    typed = {named: text_of(form, field) for field, named in fields.items()}
    several = ("assign", "unassign", "remove_labels")
    said = {name: [word] if name in several else word for name, word in typed.items() if word}
    labels = [one.strip() for one in text_of(form, "labels").split(",") if one.strip()]
    said |= {"add_labels": labels} if labels else {}
    return said | ({"due": None} if text_of(form, "undue") else {})


def _told(form: Bulk, done: Outcome) -> Said:
    count = len(done.done)
    if form.delete:
        return say_n("{n} task is deleted.", "{n} tasks are deleted.", count)
    if form.restore:
        return say_n("{n} task is back.", "{n} tasks are back.", count)
    return say_n("{n} task is changed.", "{n} tasks are changed.", count)


@router.post("/tasks/restore")
async def restore_many(
    request: Request,
    actor: Caller,
    db: Db,
    clock: ClockOf,
    keys: Annotated[str, Parameter(max_length=5000)],
) -> Response:
    """The undo of a deletion of many."""
    form = Bulk(tasks=keys.split(",")[:200], restore=True)
    async with db.write() as tx:
        done = await bulk.change(tx, actor, form, clock)
    said = _told(form, done)
    if not is_htmx(request):
        return redirect(request, "/tasks/list", toast=said)
    return toast(Response(status_code=200, headers={"hx-reswap": "none"}), request, said)


# --- saved views


@router.post("/tasks/views")
async def save_view(
    request: Request,
    actor: Caller,
    db: Db,
    clock: ClockOf,
    name: Words = "",
    query: Words = "",
    shared_with: Words = "",
) -> Response:
    try:
        form = SaveView(name=name, query=query, shared_with=shared_with or None)
    except ValidationError as error:
        found = problems_of(error.errors(include_input=False, include_url=False))
        raise Invalid(found[0].what, found) from None
    async with db.write() as tx:
        kept = await views.save(tx, actor, form, clock)
    said = say("The view {name} is saved.", name=form.name)
    return redirect(request, f"/tasks/list?{kept}", toast=said)


@router.post("/tasks/views/{view_id}/delete")
async def delete_view(request: Request, view_id: Number, actor: Caller, db: Db) -> Response:
    async with db.write() as tx:
        await views.delete(tx, actor, view_id)
    return redirect(request, "/tasks/list", toast=say("The view is gone."))
