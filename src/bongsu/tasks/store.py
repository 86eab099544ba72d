"""All SQL of single tasks and of what hangs on them. Lists are in store_lists.py."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bongsu.accounts.tables import user
from bongsu.db.dialect import claimable, insert_ignore
from bongsu.db.session import Tx
from bongsu.tasks.model import Link, Named, Task
from bongsu.tasks.tables import (
    column,
    label,
    project,
    task,
    task_assignee,
    task_label,
    task_link,
    task_watcher,
)

_creator, _changer = user.alias("creator"), user.alias("changer")
WHOLE = (
    sa.select(
        task,
        project.c.key.label("project_key"),
        project.c.title.label("project_title"),
        column.c.name.label("column_name"),
        _creator.c.name.label("creator_name"),
        _changer.c.name.label("changed_by_name"),
    )
    .join(project, project.c.id == task.c.project_id)
    .join(column, column.c.id == task.c.column_id)
    .outerjoin(_creator, _creator.c.id == task.c.creator_id)
    .outerjoin(_changer, _changer.c.id == task.c.changed_by)
)


async def load(tx: Tx, query: sa.Select[Any]) -> list[Task]:
    """Tasks of a query made from WHOLE, with people, labels and links: five queries for any number of them."""
    rows = await tx.rows(query)
    ids = [row.id for row in rows]
    assignees = await _people(tx, task_assignee, ids)
    watchers = await _people(tx, task_watcher, ids)
    labels, links = await _labels(tx, ids), await links_of(tx, ids)
    return [
        _task(
            row,
            assignees=tuple(assignees[row.id]),
            watchers=tuple(watchers[row.id]),
            labels=tuple(labels[row.id]),
            links=tuple(links[row.id]),
        )
        for row in rows
    ]


_PLAIN = (
    *("id", "project_id", "number", "title", "description", "column_id", "status", "position"),
    *("priority", "due_on", "due_time", "due_zone", "due_at", "comments", "attachments", "version"),
    *("moved_version", "text_version", "created_at", "updated_at", "done_at", "deleted_at"),
)


def _task(row: sa.Row[Any], **more: Any) -> Task:
    creator = Named(row.creator_id, row.creator_name) if row.creator_id else None
    return Task(
        **{name: getattr(row, name) for name in _PLAIN},
        project=row.project_key,
        project_title=row.project_title,
        column=row.column_name,
        creator=creator,
        changed_by=row.changed_by_name,
        checklist=tuple((str(one["text"]), bool(one["done"])) for one in row.checklist),
        **more,
    )


async def _people(tx: Tx, table: sa.Table, ids: Sequence[int]) -> dict[int, list[Named]]:
    """By the primary key of the table."""
    found: dict[int, list[Named]] = defaultdict(list)
    query = (
        sa.select(table.c.task_id, user.c.id, user.c.name)
        .join(user, user.c.id == table.c.user_id)
        .where(table.c.task_id.in_(ids))
        .order_by(user.c.name, user.c.id)
    )
    for row in await tx.rows(query) if ids else ():
        found[row.task_id].append(Named(row.id, row.name))
    return found


async def _labels(tx: Tx, ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    query = (
        sa.select(task_label.c.task_id, label.c.name)
        .join(label, label.c.id == task_label.c.label_id)
        .where(task_label.c.task_id.in_(ids))
        .order_by(label.c.name)
    )
    for row in await tx.rows(query) if ids else ():
        found[row.task_id].append(row.name)
    return found


async def links_of(tx: Tx, ids: Sequence[int]) -> dict[int, list[Link]]:
    found: dict[int, list[Link]] = defaultdict(list)
    query = sa.select(task_link).where(task_link.c.task_id.in_(ids)).order_by(task_link.c.id)
    for row in await tx.rows(query) if ids else ():
        found[row.task_id].append(_link(row))
    return found


def _link(row: sa.Row[Any]) -> Link:
    return Link(row.id, row.kind, row.target, row.title, row.state, row.severity, row.closes)


# --- one task


async def by_id(tx: Tx, task_id: int) -> Task | None:
    found = await load(tx, WHOLE.where(task.c.id == task_id))
    return found[0] if found else None


async def by_key(tx: Tx, project_key: str, number: int) -> Task | None:
    """By the unique keys of project and task."""
    found = await load(tx, WHOLE.where(project.c.key == project_key, task.c.number == number))
    return found[0] if found else None


async def by_numbers(tx: Tx, project_id: int, numbers: Sequence[int]) -> list[Task]:
    """In the order of their numbers."""
    query = WHOLE.where(task.c.project_id == project_id, task.c.number.in_(numbers))
    return await load(tx, query.order_by(task.c.number))


async def hold(tx: Tx, task_id: int) -> None:
    """Locks the row until the transaction ends: two that save take turns."""
    await _hold(tx, task.c.id == task_id)


async def hold_by_key(tx: Tx, project_key: str, number: int) -> None:
    """The same, by the unique keys of project and task; what is not there is not held."""
    of_key = sa.select(project.c.id).where(project.c.key == project_key).scalar_subquery()
    await _hold(tx, task.c.project_id == of_key, task.c.number == number)


async def _hold(tx: Tx, *this: sa.ColumnElement[bool]) -> None:
    await tx.execute(sa.select(task.c.id).where(*this).with_for_update())


async def insert(tx: Tx, values: Mapping[str, Any]) -> int:
    done = await tx.execute(sa.insert(task).values(**values).returning(task.c.id))
    return int(done.scalar_one())


async def insert_many(tx: Tx, project_id: int, rows: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """Rows of one project; their ids by number."""
    await tx.execute(sa.insert(task), rows)
    numbers = [row["number"] for row in rows]
    query = sa.select(task.c.number, task.c.id).where(
        task.c.project_id == project_id, task.c.number.in_(numbers)
    )
    return {row.number: row.id for row in await tx.rows(query)}


async def hang_on(tx: Tx, table: sa.Table, pairs: Collection[tuple[int, int]]) -> None:
    """People or labels of tasks that were made in this transaction: (task, person or label)."""
    names = [column.name for column in table.c]
    if pairs:
        await tx.execute(sa.insert(table), [dict(zip(names, one, strict=True)) for one in pairs])


async def update(tx: Tx, task_id: int, version: int, **values: Any) -> bool:
    """False when somebody saved in between: the version is not the one that was looked at."""
    this = (task.c.id == task_id, task.c.version == version)
    done = await tx.execute(sa.update(task).where(*this).values(**values, version=version + 1))
    return done.rowcount == 1


async def count_notes(tx: Tx, task_id: int, comments: int, attachments: int, now: datetime) -> None:
    """Adds to what a card shows of its notes."""
    await tx.execute(
        sa.update(task)
        .where(task.c.id == task_id)
        .values(
            comments=task.c.comments + comments,
            attachments=task.c.attachments + attachments,
            updated_at=now,
        )
    )


async def hang_anew(tx: Tx, table: sa.Table, task_id: int, ids: Collection[int]) -> None:
    """The people or labels of a task are these from now on."""
    await tx.execute(sa.delete(table).where(table.c.task_id == task_id))
    await hang_on(tx, table, [(task_id, one) for one in dict.fromkeys(ids)])


async def add_watcher(tx: Tx, task_id: int, user_id: int) -> bool:
    values = {"task_id": task_id, "user_id": user_id}
    return (await tx.execute(insert_ignore(tx, task_watcher, values))).rowcount == 1


async def remove_watcher(tx: Tx, task_id: int, user_id: int) -> bool:
    this = (task_watcher.c.task_id == task_id, task_watcher.c.user_id == user_id)
    return (await tx.execute(sa.delete(task_watcher).where(*this))).rowcount == 1


# --- places in a column


async def neighbours(
    tx: Tx, column_id: int, after_id: int | None, moving_id: int
) -> tuple[float | None, float | None]:
    """Positions of the card above and of the one below it (ix_task_column); `after_id` None: the top."""
    here = (task.c.column_id == column_id, task.c.deleted_at.is_(None), task.c.id != moving_id)
    above = None
    if after_id is not None:
        above = await tx.scalar(sa.select(task.c.position).where(task.c.id == after_id, *here))
    query = sa.select(sa.func.min(task.c.position)).where(*here)
    if above is not None:
        query = query.where(task.c.position > above)
    return above, await tx.scalar(query)


async def last_position(tx: Tx, column_id: int) -> float | None:
    here = (task.c.column_id == column_id, task.c.deleted_at.is_(None))
    found = await tx.scalar(sa.select(sa.func.max(task.c.position)).where(*here))
    return None if found is None else float(found)


async def spread(tx: Tx, column_id: int, gap: float) -> None:
    """Numbers the cards of a column anew, as they stand."""
    query = sa.select(task.c.id).where(task.c.column_id == column_id)
    ids = [row.id for row in await tx.rows(query.order_by(task.c.position, task.c.id))]
    places = [{"this": one, "place": number * gap} for number, one in enumerate(ids)]
    statement = sa.update(task).where(task.c.id == sa.bindparam("this"))
    await tx.execute(statement.values(position=sa.bindparam("place")), places)


# --- links


async def insert_link(tx: Tx, values: Mapping[str, Any]) -> bool:
    """False when it is there already."""
    return (await tx.execute(insert_ignore(tx, task_link, values))).rowcount == 1


async def delete_link(tx: Tx, task_id: int, link_id: int) -> bool:
    this = (task_link.c.id == link_id, task_link.c.task_id == task_id)
    return (await tx.execute(sa.delete(task_link).where(*this))).rowcount == 1


async def linked_to(tx: Tx, target: str) -> list[Task]:
    """Tasks that point at something, the newest first (ix_task_link_target); at most 100."""
    inside = sa.select(task_link.c.task_id).where(task_link.c.target == target)
    query = WHOLE.where(task.c.id.in_(inside), task.c.deleted_at.is_(None))
    return await load(tx, query.order_by(task.c.id.desc()).limit(100))


async def note_state(tx: Tx, target: str, state: str, severity: int, title: str) -> int:
    """Keeps with every link what its incident has become; how many tasks point at it."""
    query = sa.update(task_link).where(task_link.c.target == target)
    done = await tx.execute(query.values(state=state, severity=severity, title=title))
    return done.rowcount


# --- reminders


async def claim_reminders(tx: Tx, now: datetime, limit: int) -> list[Task]:
    """Due ones, held until the transaction ends (ix_task_next_remind_at)."""
    query = sa.select(task.c.id).where(task.c.next_remind_at <= now)
    rows = await tx.rows(claimable(tx, query.order_by(task.c.next_remind_at).limit(limit)))
    ids = [row.id for row in rows]
    return await load(tx, WHOLE.where(task.c.id.in_(ids))) if ids else []


async def remind_again(tx: Tx, task_id: int, at: datetime | None) -> None:
    await tx.execute(sa.update(task).where(task.c.id == task_id).values(next_remind_at=at))


async def next_reminder(tx: Tx) -> datetime | None:
    found: datetime | None = await tx.scalar(
        sa.select(task.c.next_remind_at)
        .where(task.c.next_remind_at.is_not(None))
        .order_by(task.c.next_remind_at)
        .limit(1)
    )
    return found
