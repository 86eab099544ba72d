"""`/projects/new` and `/projects/{key}/settings`: what a project is called and who may what in it."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from pydantic import ValidationError
from starlette.responses import HTMLResponse, Response

from bongsu.accounts.http import Caller, ClockOf, Db
from bongsu.accounts.inputs import Number
from bongsu.accounts.model import Actor, require
from bongsu.accounts.posted import posted
from bongsu.db.session import Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import BongsuError, Conflict, Invalid, Problem
from bongsu.kit.i18n import Said, say
from bongsu.kit.problems import problems_of
from bongsu.tasks import projects, store_lists, store_projects
from bongsu.tasks.inputs import Membership, NewProject, ProjectChange
from bongsu.tasks.model import EVERYONE, ROLE_TITLES, ROLES, STATUS_WORDS
from bongsu.tasks.query import Query
from bongsu.web.shell import redirect, render, state_of

router = APIRouter(include_in_schema=False)
Words = Annotated[str, Form(max_length=4000)]
_EMPTY = {"title": "", "key": "", "description": "", "everyone": "none"}


# --- a new one


@router.get("/projects/new")
async def new_page(request: Request, actor: Caller) -> HTMLResponse:
    require(actor, "project.create")
    return _new(request, _EMPTY, None)


@router.post("/projects/new")
async def create(
    request: Request,
    actor: Caller,
    db: Db,
    clock: ClockOf,
    title: Words = "",
    key: Words = "",
    description: Words = "",
    everyone: Words = "none",
) -> Response:
    """Without a key one is made from the title."""
    values = {"title": title, "key": key, "description": description, "everyone": everyone}
    try:
        async with db.write() as tx:
            chosen = key or await projects.free_key(tx, title)
            form = read(NewProject, values | {"key": chosen})
            made = await projects.create(tx, actor, form, clock, state_of(request).language)
    except (Invalid, Conflict) as error:
        return _new(request, values, error)
    toast = say("{project} is made. You manage it.", project=made.title)
    return redirect(request, f"/projects/{made.key}", toast=toast)


def _new(
    request: Request, values: Mapping[str, Any], error: Invalid | Conflict | None
) -> HTMLResponse:
    problems = error.problems if isinstance(error, Invalid) else ()
    if isinstance(error, Conflict):
        problems = (Problem("key", say("Another project has it.")),)
    return render(
        request,
        "tasks/project_new.html",
        status=error.status if error else 200,
        values=values,
        error=error,
        problems=problems,
        everyone=_everyone(request),
    )


def _everyone(request: Request) -> list[tuple[str, str]]:
    language = state_of(request).language
    return [(name, ROLE_TITLES[name].to(language)) for name in EVERYONE]


def read(form: type[Any], values: Mapping[str, Any]) -> Any:
    """Raises Invalid with the fields that are wrong."""
    try:
        return form.model_validate(dict(values))
    except ValidationError as error:
        found = problems_of(error.errors(include_input=False, include_url=False))
        raise Invalid(say("It was not saved."), found) from None


# --- settings


@router.get("/projects/{key}/settings")
async def settings_page(
    request: Request, key: str, actor: Caller, db: Db, clock: ClockOf
) -> HTMLResponse:
    return await _settings(request, key, actor, db, clock, None)


async def _settings(
    request: Request, key: str, actor: Actor, db: Db, clock: Clock, error: BongsuError | None
) -> HTMLResponse:
    """`typed`: what a form of the page sent that was refused, `at` which one, such as `columns/3`."""
    async with db.read() as tx:
        context = await _context(tx, actor, key, clock)
    typed = await posted(request) if error else {}
    language = state_of(request).language
    return render(
        request,
        "tasks/project_settings.html",
        status=error.status if error else 200,
        error=error,
        typed=typed,
        at=request.url.path.partition("/projects/")[2].partition("/")[2] if error else "",
        problems=error.problems if isinstance(error, Invalid) else (),
        everyone=_everyone(request),
        roles=[(name, ROLE_TITLES[name].to(language)) for name in ROLES],
        statuses=[(name, said.to(language)) for name, said in STATUS_WORDS.items()],
        titles=ROLE_TITLES,
        words=STATUS_WORDS,
        **context,
    )


async def _context(tx: Tx, actor: Actor, key: str, clock: Clock) -> dict[str, Any]:
    entry = await projects.get(tx, actor, key)
    one = entry.project
    members = await store_projects.members(tx, one.id)
    known = {member.user_id for member in members}
    everybody = await projects.everybody(tx, actor) if entry.may("manager") else []
    cards = await store_lists.column_counts(tx, Query(), one.id, me=actor.id, now=clock.now())
    return {
        "project": one,
        "members": members,
        "others": [person for person in everybody if person.id not in known],
        "managers": [member for member in members if member.role == "manager"],
        "cards": cards,
        "tagged": await store_lists.label_counts(tx, one.id),
        "role": entry.role,
        "me": actor.id,
        "may_manage": entry.may("manager"),
        "may_write": entry.may("member") and (one.archived_at is None or entry.may("manager")),
    }


Act = Callable[[Tx], Any]


async def done(
    request: Request,
    key: str,
    actor: Actor,
    db: Db,
    clock: Clock,
    act: Act,
    said: Said,
    place: str = "",
) -> Response:
    """Runs one change; a refusal that is about the input comes back with the page."""
    try:
        async with db.write() as tx:
            await act(tx)
    except (Invalid, Conflict) as error:
        return await _settings(request, key, actor, db, clock, error)
    return redirect(request, f"/projects/{key.upper()}/settings{place}", toast=said)


@router.post("/projects/{key}/settings")
async def save(
    request: Request,
    key: str,
    actor: Caller,
    db: Db,
    clock: ClockOf,
    title: Words = "",
    description: Words = "",
    everyone: Words = "",
) -> Response:
    values = {"title": title, "description": description, "everyone": everyone}

    async def act(tx: Tx) -> None:
        await projects.change(tx, actor, key, read(ProjectChange, values), clock)

    return await done(request, key, actor, db, clock, act, say("The project is saved."))


@router.post("/projects/{key}/archive")
async def archive(
    request: Request, key: str, actor: Caller, db: Db, clock: ClockOf, archived: Words = ""
) -> Response:
    async def act(tx: Tx) -> None:
        await projects.change(tx, actor, key, ProjectChange(archived=bool(archived)), clock)

    gone, back = say("The project is archived."), say("The project is back.")
    return await done(request, key, actor, db, clock, act, gone if archived else back)


# --- members


@router.post("/projects/{key}/members")
async def add_member(
    request: Request,
    key: str,
    actor: Caller,
    db: Db,
    clock: ClockOf,
    person: Words = "",
    role: Words = "member",
) -> Response:
    """`person`: a mail address, a name, or both as the list offers them."""

    async def act(tx: Tx) -> None:
        form = read(Membership, {"role": role})
        found = await projects.person(tx, actor, key, person)
        await projects.put_member(tx, actor, key, found.id, form, clock)

    said = say("{person} is added.", person=person.partition("<")[0].strip())
    return await done(request, key, actor, db, clock, act, said, "#members")


@router.post("/projects/{key}/members/{user_id}")
async def change_member(
    request: Request,
    key: str,
    user_id: Number,
    actor: Caller,
    db: Db,
    clock: ClockOf,
    role: Words = "",
) -> Response:
    async def act(tx: Tx) -> None:
        form = read(Membership, {"role": role})
        await projects.put_member(tx, actor, key, user_id, form, clock)

    return await done(request, key, actor, db, clock, act, say("The role is changed."), "#members")


@router.post("/projects/{key}/members/{user_id}/remove")
async def remove_member(
    request: Request, key: str, user_id: Number, actor: Caller, db: Db, clock: ClockOf
) -> Response:
    async def act(tx: Tx) -> None:
        await projects.remove_member(tx, actor, key, user_id, clock)

    if user_id == actor.id:  # who leaves may perhaps not even look any more
        async with db.write() as tx:
            await act(tx)
        return redirect(
            request, "/tasks", toast=say("You are no longer a member of {key}.", key=key)
        )
    said = say("They are no longer a member.")
    return await done(request, key, actor, db, clock, act, said, "#members")
