"""Use cases of projects: their members, columns and labels, and saved views. One transaction each."""

from bongsu.accounts import store as accounts
from bongsu.accounts.model import Actor, require
from bongsu.db.session import Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import Conflict, Invalid, NotFound, Problem
from bongsu.kit.i18n import say
from bongsu.tasks import store_projects
from bongsu.tasks.access import Entry, enter
from bongsu.tasks.inputs import (
    COLUMNS_LIMIT,
    ColumnChange,
    Membership,
    NewColumn,
    NewProject,
    ProjectChange,
    SaveView,
)
from bongsu.tasks.model import STATUS_WORDS, STATUSES, Column, Project
from bongsu.tasks.news import tell_of_project
from bongsu.tasks.store_projects import Member, SavedView

MANAGE = "project.manage"


async def seen(tx: Tx, actor: Actor, *, archived: bool = False) -> list[Project]:
    """Those that the actor may see, by title."""
    require(actor, "task.read")
    every = actor.role == "admin" or actor.kind == "system"
    found = await store_projects.seen_by(tx, actor.id, every=every)
    return [one for one in found if archived or one.archived_at is None]


async def get(tx: Tx, actor: Actor, key: str) -> Entry:
    return await enter(tx, actor, key, "viewer", "task.read")


async def create(tx: Tx, actor: Actor, form: NewProject, clock: Clock) -> Project:
    """With the three usual columns, in the language of whoever makes it, who manages it.

    Raises NotAllowed, Conflict when the key is taken.
    """
    require(actor, "project.create")
    values = {
        "key": form.key,
        "title": form.title,
        "description": form.description,
        "everyone": form.everyone,
        "next_number": 1,
        "creator_id": actor.id or None,
        "created_at": clock.now(),
    }
    project_id = await store_projects.insert(tx, values)
    if project_id is None:
        problem = Problem("key", say("Another project has it."), say("Choose another key."))
        raise Conflict(
            say(
                "A project with the key {key} already exists. {what}",
                key=form.key,
                what=problem.todo,
            )
        )
    for position, status in enumerate(STATUSES):
        name = STATUS_WORDS[status].to(actor.language or "en")
        await store_projects.insert_column(tx, project_id, name, status, position)
    if actor.id:
        await store_projects.put_member(tx, project_id, actor.id, "manager")
    made = await _again(tx, form.key)
    tell_of_project(tx, actor, made, "created", clock, after=made.shown())
    return made


async def change(tx: Tx, actor: Actor, key: str, form: ProjectChange, clock: Clock) -> Project:
    """What is left out stays. Raises NotAllowed, NotFound."""
    before = (await enter(tx, actor, key, "manager", MANAGE)).project
    values = form.model_dump(exclude_none=True, exclude={"archived"})
    if form.archived is not None:
        values["archived_at"] = clock.now() if form.archived else None
    if values:
        await store_projects.update(tx, before.id, **values)
    return await _told(tx, actor, before, "updated", clock)


# --- members


async def members(tx: Tx, actor: Actor, key: str) -> list[Member]:
    entry = await enter(tx, actor, key, "viewer", "task.read")
    return await store_projects.members(tx, entry.project.id)


async def put_member(
    tx: Tx, actor: Actor, key: str, user_id: int, form: Membership, clock: Clock
) -> None:
    """Adds a person or gives them another role. Raises NotAllowed, NotFound, Invalid for a disabled account,
    Conflict for the last manager."""
    project = (await enter(tx, actor, key, "manager", MANAGE)).project
    person = await accounts.user_by_id(tx, user_id)
    if person is None or not person.active:
        what = say("There is no enabled account {id}.", id=user_id)
        raise Invalid(say("Nobody was added."), (Problem("user_id", what),))
    before = await store_projects.role_of(tx, project.id, user_id)
    if before == form.role:
        return
    if before == "manager":
        await _not_the_last(tx, project, user_id)
    await store_projects.put_member(tx, project.id, user_id, form.role)
    was, now = {"person": person.name, "role": before}, {"person": person.name, "role": form.role}
    tell_of_project(tx, actor, project, "member_changed", clock, before=was, after=now)


async def remove_member(tx: Tx, actor: Actor, key: str, user_id: int, clock: Clock) -> None:
    """Also oneself, whatever one's role. Raises NotAllowed, NotFound, Conflict for the last manager."""
    least = "viewer" if user_id == actor.id else "manager"
    project = (await enter(tx, actor, key, least, MANAGE)).project
    role = await store_projects.role_of(tx, project.id, user_id)
    if role is None:
        raise NotFound(
            say("Person {id} is no member of {project}.", id=user_id, project=project.title)
        )
    if role == "manager":
        await _not_the_last(tx, project, user_id)
    person = await accounts.user_by_id(tx, user_id)
    await store_projects.remove_member(tx, project.id, user_id)
    was = {"person": person.name if person else str(user_id), "role": role}
    now = was | {"role": None}
    tell_of_project(tx, actor, project, "member_changed", clock, before=was, after=now)


async def _not_the_last(tx: Tx, project: Project, user_id: int) -> None:
    others = [
        one
        for one in await store_projects.members(tx, project.id)
        if one.role == "manager" and one.user_id != user_id
    ]
    if not others:
        raise Conflict(
            say(
                "{project} would have no manager. Make somebody else one first.",
                project=project.title,
            )
        )


# --- columns and labels


async def add_column(tx: Tx, actor: Actor, key: str, form: NewColumn, clock: Clock) -> Project:
    """Behind the last of its status. Raises NotAllowed, NotFound, Conflict."""
    before = (await enter(tx, actor, key, "manager", MANAGE)).project
    if len(before.columns) >= COLUMNS_LIMIT:
        raise Conflict(
            say(
                "{project} has {n} columns, which is the most.",
                project=before.title,
                n=COLUMNS_LIMIT,
            )
        )
    rank = STATUSES.index(form.status)
    place = sum(STATUSES.index(one.status) <= rank for one in before.columns)
    if not await store_projects.insert_column(
        tx, before.id, form.name, form.status, len(before.columns)
    ):
        raise _taken(before, form.name)
    made = await _again(tx, key)
    await _order(tx, made, next(one for one in made.columns if one.name == form.name), place)
    return await _told(tx, actor, before, "updated", clock)


async def change_column(
    tx: Tx, actor: Actor, key: str, column_id: int, form: ColumnChange, clock: Clock
) -> Project:
    """Another name or place; the status stays, tasks were sorted by it."""
    before = (await enter(tx, actor, key, "manager", MANAGE)).project
    column = _own_column(before, column_id)
    if form.name is not None and form.name != column.name:
        if any(one.name == form.name for one in before.columns):
            raise _taken(before, form.name)
        await store_projects.update_column(tx, column.id, name=form.name)
    if form.position is not None:
        await _order(tx, await _again(tx, key), column, form.position)
    return await _told(tx, actor, before, "updated", clock)


async def delete_column(tx: Tx, actor: Actor, key: str, column_id: int, clock: Clock) -> Project:
    """Only an empty one, and never the last of its status. Raises NotAllowed, NotFound, Conflict."""
    before = (await enter(tx, actor, key, "manager", MANAGE)).project
    column = _own_column(before, column_id)
    if sum(one.status == column.status for one in before.columns) == 1:
        raise Conflict(
            say("{column} is the only column of its status. Rename it instead.", column=column.name)
        )
    cards = await store_projects.tasks_in(tx, column.id)
    if cards:
        raise Conflict(
            say(
                "{column} still holds {n} tasks, deleted ones counted. Move them first.",
                column=column.name,
                n=cards,
            )
        )
    await store_projects.delete_column(tx, column.id)
    return await _told(tx, actor, before, "updated", clock)


async def _order(tx: Tx, project: Project, column: Column, place: int) -> None:
    others = [one for one in project.columns if one.id != column.id]
    ordered = [*others[:place], column, *others[place:]]
    for position, one in enumerate(ordered):
        if one.position != position:
            await store_projects.update_column(tx, one.id, position=position)


def _own_column(project: Project, column_id: int) -> Column:
    found = project.column(column_id)
    if found is None:
        raise NotFound(
            say("{project} has no column {column}.", project=project.title, column=column_id)
        )
    return found


def _taken(project: Project, name: str) -> Conflict:
    return Conflict(
        say("{project} has a column {column} already.", project=project.title, column=name)
    )


async def delete_label(tx: Tx, actor: Actor, key: str, label_id: int, clock: Clock) -> Project:
    """Takes it from every task."""
    before = (await enter(tx, actor, key, "manager", MANAGE)).project
    if not await store_projects.delete_label(tx, before.id, label_id):
        raise NotFound(
            say(
                "{project} has no label {id}. It may be gone already.",
                project=before.title,
                id=label_id,
            )
        )
    return await _told(tx, actor, before, "updated", clock)


# --- saved views


async def views(tx: Tx, actor: Actor) -> list[SavedView]:
    ids = [one.id for one in await seen(tx, actor)]
    return await store_projects.views_of(tx, actor.id, ids)


async def save_view(tx: Tx, actor: Actor, form: SaveView, clock: Clock) -> None:
    """One's own view of that name is replaced. Raises NotAllowed, NotFound for the project to share it with."""
    require(actor, "task.read")
    shared = None
    if form.shared_with is not None:
        shared = (await enter(tx, actor, form.shared_with, "member", "task.write")).project.id
    await store_projects.save_view(tx, actor.id, form.name, form.query, shared, clock.now())


async def delete_view(tx: Tx, actor: Actor, view_id: int) -> None:
    """One's own only."""
    require(actor, "task.read")
    if not await store_projects.delete_view(tx, actor.id, view_id):
        raise NotFound(say("You have no saved view {id}. It may be gone already.", id=view_id))


async def _again(tx: Tx, key: str) -> Project:
    found = await store_projects.by_key(tx, key.upper())
    if found is None:
        raise NotFound(say("There is no project {key}.", key=key))
    return found


async def _told(tx: Tx, actor: Actor, before: Project, what: str, clock: Clock) -> Project:
    after = await _again(tx, before.key)
    if after.shown() != before.shown() or after.labels != before.labels:
        was = before.shown() | {"labels": [one.name for one in before.labels]}
        now = after.shown() | {"labels": [one.name for one in after.labels]}
        tell_of_project(tx, actor, after, what, clock, before=was, after=now)
    return after
