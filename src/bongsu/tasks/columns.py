"""Use cases of a project's columns and labels: its managers'. One transaction each."""

from bongsu.accounts.model import Actor
from bongsu.db.session import Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import Conflict, NotFound
from bongsu.kit.i18n import say, say_n
from bongsu.tasks import store_projects
from bongsu.tasks.access import enter
from bongsu.tasks.inputs import COLUMNS_LIMIT, ColumnChange, NewColumn, NewLabel
from bongsu.tasks.model import Column, Label, Project
from bongsu.tasks.projects import MANAGE, again, told
from bongsu.tasks.wording import ensure_labels


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
    same = [n for n, one in enumerate(before.columns) if one.status == form.status]
    place = same[-1] + 1 if same else len(before.columns)
    if not await store_projects.insert_column(
        tx, before.id, form.name, form.status, len(before.columns)
    ):
        raise _taken(before, form.name)
    made = await again(tx, key)
    await _order(tx, made, next(one for one in made.columns if one.name == form.name), place)
    return await told(tx, actor, before, "updated", clock)


async def change_column(
    tx: Tx, actor: Actor, key: str, column_id: int, form: ColumnChange, clock: Clock
) -> Project:
    """Another name or place; the status stays, tasks were sorted by it. Raises NotAllowed, NotFound, Conflict."""
    before = (await enter(tx, actor, key, "manager", MANAGE)).project
    column = _own_column(before, column_id)
    if form.name is not None and form.name != column.name:
        if any(one.name == form.name for one in before.columns):
            raise _taken(before, form.name)
        await store_projects.update_column(tx, column.id, name=form.name)
    if form.position is not None:
        await _order(tx, await again(tx, key), column, form.position)
    return await told(tx, actor, before, "updated", clock)


async def delete_column(tx: Tx, actor: Actor, key: str, column_id: int, clock: Clock) -> Project:
    """Only an empty one, and never the last of its status. What was deleted in it can still be taken back, into
    another of the same status. Raises NotAllowed, NotFound, Conflict."""
    before = (await enter(tx, actor, key, "manager", MANAGE)).project
    column = _own_column(before, column_id)
    if sum(one.status == column.status for one in before.columns) == 1:
        raise Conflict(
            say("{column} is the only column of its status. Rename it instead.", column=column.name)
        )
    cards = await store_projects.tasks_in(tx, column.id)
    if cards:
        raise Conflict(
            say_n(
                "{column} still holds {n} task. Move it to another column first.",
                "{column} still holds {n} tasks. Move them to another column first.",
                cards,
                column=column.name,
            )
        )
    beside = next(
        one for one in before.columns if one.status == column.status and one.id != column.id
    )
    await store_projects.move_deleted(tx, column.id, beside.id)
    await store_projects.delete_column(tx, column.id)
    return await told(tx, actor, before, "updated", clock)


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


# --- labels


async def add_label(tx: Tx, actor: Actor, key: str, form: NewLabel, clock: Clock) -> Project:
    """Raises NotAllowed, NotFound, Conflict for one that is there; Invalid at 200 of them."""
    before = (await enter(tx, actor, key, "manager", MANAGE)).project
    _new_name(before, form.name)
    await ensure_labels(tx, before, [form.name])
    return await told(tx, actor, before, "updated", clock)


async def rename_label(
    tx: Tx, actor: Actor, key: str, label_id: int, form: NewLabel, clock: Clock
) -> Project:
    """On every task that has it."""
    before = (await enter(tx, actor, key, "manager", MANAGE)).project
    known = _own_label(before, label_id)
    if form.name != known.name:
        _new_name(before, form.name)
        await store_projects.rename_label(tx, label_id, form.name)
    return await told(tx, actor, before, "updated", clock)


async def delete_label(tx: Tx, actor: Actor, key: str, label_id: int, clock: Clock) -> Project:
    """Takes it from every task."""
    before = (await enter(tx, actor, key, "manager", MANAGE)).project
    await store_projects.delete_label(tx, _own_label(before, label_id).id)
    return await told(tx, actor, before, "updated", clock)


def _own_label(project: Project, label_id: int) -> Label:
    found = next((one for one in project.labels if one.id == label_id), None)
    if found is None:
        raise NotFound(
            say(
                "{project} has no label {id}. It may be gone already.",
                project=project.title,
                id=label_id,
            )
        )
    return found


def _new_name(project: Project, name: str) -> None:
    if any(one.name == name for one in project.labels):
        raise Conflict(
            say("{project} has a label {name} already.", project=project.title, name=name)
        )
