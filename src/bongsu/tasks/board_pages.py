"""The board of a project: columns of cards, moved by pointer, by keys or by menu."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi import Query as Parameter
from starlette.responses import HTMLResponse, Response

from bongsu.accounts.http import Caller, ClockOf, Db
from bongsu.accounts.inputs import Number
from bongsu.accounts.model import Actor
from bongsu.accounts.posted import read
from bongsu.db.session import Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import Conflict
from bongsu.kit.i18n import say
from bongsu.tasks import board_view, projects, query, service, store_lists, store_projects
from bongsu.tasks.inputs import Move, TaskChange
from bongsu.tasks.model import Task
from bongsu.tasks.page_view import due_view
from bongsu.tasks.query import Query
from bongsu.tell.choices import Choice
from bongsu.web.shell import fragment, is_htmx, redirect, render, toast

router = APIRouter(include_in_schema=False)
More = Annotated[str, Parameter(max_length=200)]
Words = Annotated[str, Form(max_length=60)]


async def board_context(
    tx: Tx, actor: Actor, key: str, asked: Query, more: str, clock: Clock
) -> dict[str, Any]:
    """Everything the board shows. `more`: see board_view. Raises NotAllowed, NotFound."""
    entry = await projects.get(tx, actor, key)
    one, now = entry.project, clock.now()
    limits = board_view.limits((column.id for column in one.columns), more)
    counts = await store_lists.column_counts(tx, asked, one.id, me=actor.id, now=now)
    cards = await store_lists.cards(tx, asked, one.id, me=actor.id, now=now, limits=limits)
    return {
        "project": one,
        "asked": asked,
        "counts": counts,
        "longer": {one: board_view.longer(limits, one, count) for one, count in counts.items()},
        "cards": cards,
        "people": await store_projects.readers(tx, one),
        "me": actor.id,
        "may_write": entry.may("member") and one.archived_at is None,
        "may_manage": entry.may("manager"),
        "due": due_view,
        "address": lambda word: address(asked, word),
        "src": f"/-/projects/{one.key}/board{address(asked, board_view.word_of(limits))}",
    }


def address(asked: Query, more: str) -> str:
    """Of a board, after its path."""
    words = asked.words() | {"project": "", "more": more}
    return f"?{urlencode({name: word for name, word in words.items() if word})}"


@router.get("/projects/{key}")
async def board_page(
    request: Request, key: str, actor: Caller, db: Db, clock: ClockOf, more: More = ""
) -> HTMLResponse:
    asked = query.read(dict(request.query_params) | {"project": key})
    async with db.read() as tx:
        context = await board_context(tx, actor, key, asked, more, clock)
        seen = await projects.seen(tx, actor)
        telling = await projects.telling_of(tx, actor, context["project"])
    return render(request, "tasks/board.html", projects=seen, telling=telling, **context)


@router.post("/projects/{key}/telling")
async def choose_telling(
    request: Request,
    key: str,
    actor: Caller,
    db: Db,
    clock: ClockOf,
    choice: Annotated[Choice, Form()] = "",
) -> Response:
    async with db.write() as tx:
        one = await projects.choose_telling(tx, actor, key, choice, clock)
    return redirect(request, f"/projects/{one.key}", toast=say("Your choice is saved."))


@router.get("/-/projects/{key}/board")
async def board_part(
    request: Request, key: str, actor: Caller, db: Db, clock: ClockOf, more: More = ""
) -> HTMLResponse:
    asked = query.read(dict(request.query_params) | {"project": key})
    async with db.read() as tx:
        context = await board_context(tx, actor, key, asked, more, clock)
    return fragment(request, "tasks/_board.html", **context)


@router.post("/tasks/{key}/move")
async def move(
    request: Request,
    key: str,
    actor: Caller,
    db: Db,
    clock: ClockOf,
    column: Words,
    version: Annotated[int | None, Form(ge=1)] = None,
) -> Response:
    """`after`: the key of the card above, empty for the top, left out for the end (a parameter of a form is
    left out when it is empty, so it is read here). A refusal says who was faster."""
    said: dict[str, Any] = {"column": column, "version": version}
    after = (await request.form()).get("after")
    if isinstance(after, str):
        said["after"] = after or None
    try:
        async with db.write() as tx:
            before, _ = await service.get(tx, actor, key)
            moved = await service.move(tx, actor, key, read(Move, said), clock)
    except Conflict as error:
        if not is_htmx(request):
            raise
        return toast(Response(status_code=409, headers={"hx-reswap": "none"}), request, error.said)
    return _moved(request, before, moved)


def _moved(request: Request, before: Task, moved: Task) -> Response:
    """Within a column there is nothing to say; between two the way back is offered."""
    if before.column_id == moved.column_id:
        return Response(status_code=204)
    said = say("{key} is in {column}.", key=moved.key, column=moved.column)
    undo = f"/tasks/{moved.key}/back?column={before.column_id}&version={moved.version}"
    if is_htmx(request):
        return toast(
            Response(status_code=200, headers={"hx-reswap": "none"}), request, said, undo=undo
        )
    return redirect(request, moved.href, toast=said, undo=undo)


@router.post("/tasks/{key}/back")
async def back(
    request: Request,
    key: str,
    actor: Caller,
    db: Db,
    clock: ClockOf,
    column: Number,
    version: Number,
) -> Response:
    """The undo of a move, as long as nobody moved it on."""
    async with db.write() as tx:
        form = TaskChange(column=column, version=version)
        moved = await service.change(tx, actor, key, form, clock)
    said = say("{key} is back in {column}.", key=moved.key, column=moved.column)
    if is_htmx(request):
        return toast(Response(status_code=200, headers={"hx-reswap": "none"}), request, said)
    return redirect(request, moved.href, toast=said)
