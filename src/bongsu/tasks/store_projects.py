"""All SQL of projects, their members, columns and labels, and of saved views."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bongsu.accounts.store import ACTIVE
from bongsu.accounts.tables import user
from bongsu.db.dialect import insert_ignore, upsert
from bongsu.db.session import Tx
from bongsu.tasks.model import Column, Label, Named, Project
from bongsu.tasks.tables import column, label, project, project_member, saved_view, task

LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Member:
    user_id: int
    name: str
    email: str
    role: str


@dataclass(frozen=True, slots=True)
class SavedView:
    id: int
    user_id: int
    name: str
    query: str
    shared_with: int | None


# --- projects


async def insert(tx: Tx, values: dict[str, Any]) -> int | None:
    """None when the key is taken."""
    done = await tx.execute(insert_ignore(tx, project, values))
    if done.rowcount != 1:
        return None
    found = await tx.scalar(sa.select(project.c.id).where(project.c.key == values["key"]))
    return int(found)


async def by_key(tx: Tx, key: str) -> Project | None:
    found = await _projects(tx, sa.select(project).where(project.c.key == key))
    return found[0] if found else None


async def by_id(tx: Tx, project_id: int) -> Project | None:
    found = await _projects(tx, sa.select(project).where(project.c.id == project_id))
    return found[0] if found else None


async def seen_by(tx: Tx, user_id: int, *, every: bool) -> list[Project]:
    """In the order of their titles, columns and labels with them; at most 1,000. `every` is an admin's."""
    query = sa.select(project).order_by(project.c.title, project.c.id).limit(LIMIT)
    if not every:
        query = query.where(open_to(user_id))
    return await _projects(tx, query)


def open_to(user_id: int) -> sa.ColumnElement[bool]:
    """To anybody but an administrator, by the primary key of project_member (ix_project_member_user)."""
    member_of = sa.select(project_member.c.project_id).where(project_member.c.user_id == user_id)
    return sa.or_(project.c.everyone != "none", project.c.id.in_(member_of))


async def _projects(tx: Tx, query: sa.Select[Any]) -> list[Project]:
    rows = await tx.rows(query)
    ids = [row.id for row in rows]
    columns, labels = await _columns(tx, ids), await _labels(tx, ids)
    return [
        Project(
            id=row.id,
            key=row.key,
            title=row.title,
            description=row.description,
            everyone=row.everyone,
            archived_at=row.archived_at,
            columns=tuple(columns[row.id]),
            labels=tuple(labels[row.id]),
        )
        for row in rows
    ]


async def _columns(tx: Tx, ids: Sequence[int]) -> dict[int, list[Column]]:
    found: dict[int, list[Column]] = defaultdict(list)
    query = sa.select(column).where(column.c.project_id.in_(ids))
    for row in await tx.rows(query.order_by(column.c.position, column.c.id)) if ids else ():
        found[row.project_id].append(
            Column(row.id, row.project_id, row.name, row.status, row.position)
        )
    return found


async def _labels(tx: Tx, ids: Sequence[int]) -> dict[int, list[Label]]:
    found: dict[int, list[Label]] = defaultdict(list)
    query = sa.select(label).where(label.c.project_id.in_(ids)).order_by(label.c.name)
    for row in await tx.rows(query) if ids else ():
        found[row.project_id].append(Label(row.id, row.name))
    return found


async def update(tx: Tx, project_id: int, **values: Any) -> bool:
    done = await tx.execute(sa.update(project).where(project.c.id == project_id).values(**values))
    return done.rowcount == 1


async def take_numbers(tx: Tx, project_id: int, count: int) -> int:
    """The first of `count` numbers that nobody else gets."""
    query = sa.update(project).where(project.c.id == project_id)
    query = query.values(next_number=project.c.next_number + count)
    return int((await tx.execute(query.returning(project.c.next_number))).scalar_one()) - count


# --- members


async def role_of(tx: Tx, project_id: int, user_id: int) -> str | None:
    """By primary key."""
    query = sa.select(project_member.c.role).where(
        project_member.c.project_id == project_id, project_member.c.user_id == user_id
    )
    found = await tx.scalar(query)
    return None if found is None else str(found)


async def roles_of(tx: Tx, user_id: int) -> dict[int, str]:
    """By project (ix_project_member_user)."""
    query = sa.select(project_member.c.project_id, project_member.c.role)
    rows = await tx.rows(query.where(project_member.c.user_id == user_id))
    return {row.project_id: row.role for row in rows}


async def people_in(tx: Tx, project_ids: Collection[int]) -> list[Named]:
    """Active members of any of the projects, by name; at most 1,000."""
    inside = sa.select(project_member.c.user_id).where(project_member.c.project_id.in_(project_ids))
    query = sa.select(user.c.id, user.c.name).where(ACTIVE, user.c.id.in_(inside))
    rows = await tx.rows(query.order_by(user.c.name, user.c.id).limit(LIMIT))
    return [Named(row.id, row.name) for row in rows]


async def members(tx: Tx, project_id: int) -> list[Member]:
    query = (
        sa.select(user.c.id, user.c.name, user.c.email, project_member.c.role)
        .join(user, user.c.id == project_member.c.user_id)
        .where(project_member.c.project_id == project_id, user.c.disabled_at.is_(None))
        .order_by(user.c.name, user.c.id)
        .limit(LIMIT)
    )
    return [Member(row.id, row.name, row.email, row.role) for row in await tx.rows(query)]


async def readers(tx: Tx, one: Project, ids: Collection[int] | None = None) -> list[Named]:
    """Active people who may see the project, by name; of `ids` only, where given. At most 1,000."""
    query = sa.select(user.c.id, user.c.name).where(ACTIVE)
    if one.everyone == "none":
        inside = sa.select(project_member.c.user_id).where(project_member.c.project_id == one.id)
        query = query.where(sa.or_(user.c.id.in_(inside), user.c.role == "admin"))
    if ids is not None:
        query = query.where(user.c.id.in_(ids))
    rows = await tx.rows(query.order_by(user.c.name, user.c.id).limit(LIMIT))
    return [Named(row.id, row.name) for row in rows]


async def sees_task(tx: Tx, task_id: int, user_id: int) -> bool:
    """Whether this person may be told about a task, deleted or not: one look by primary keys, as it is asked
    for every person and every mail."""
    member = sa.exists().where(
        project_member.c.project_id == project.c.id, project_member.c.user_id == user.c.id
    )
    query = (
        sa.select(user.c.id)
        .select_from(user)
        .join(task, task.c.id == task_id)
        .join(project, project.c.id == task.c.project_id)
        .where(user.c.id == user_id, ACTIVE)
        .where(sa.or_(project.c.everyone != "none", user.c.role == "admin", member))
    )
    return await tx.scalar(query) is not None


async def put_member(tx: Tx, project_id: int, user_id: int, role: str) -> None:
    values = {"project_id": project_id, "user_id": user_id, "role": role}
    await tx.execute(upsert(tx, project_member, values, ("project_id", "user_id"), ("role",)))


async def remove_member(tx: Tx, project_id: int, user_id: int) -> bool:
    query = sa.delete(project_member).where(
        project_member.c.project_id == project_id, project_member.c.user_id == user_id
    )
    return (await tx.execute(query)).rowcount == 1


# --- columns and labels


async def insert_column(tx: Tx, project_id: int, name: str, status: str, position: int) -> bool:
    """False when the project has a column of that name."""
    values = {"project_id": project_id, "name": name, "status": status, "position": position}
    return (await tx.execute(insert_ignore(tx, column, values))).rowcount == 1


async def update_column(tx: Tx, column_id: int, **values: Any) -> None:
    await tx.execute(sa.update(column).where(column.c.id == column_id).values(**values))


async def delete_column(tx: Tx, column_id: int) -> None:
    await tx.execute(sa.delete(column).where(column.c.id == column_id))


async def tasks_in(tx: Tx, column_id: int) -> int:
    """Without the deleted ones (ix_task_column)."""
    here = (task.c.column_id == column_id, task.c.deleted_at.is_(None))
    return int(await tx.scalar(sa.select(sa.func.count()).select_from(task).where(*here)))


async def move_deleted(tx: Tx, column_id: int, to_id: int) -> None:
    """Those that may still be taken back get another column to come back to."""
    here = (task.c.column_id == column_id, task.c.deleted_at.is_not(None))
    await tx.execute(sa.update(task).where(*here).values(column_id=to_id))


async def label_ids(tx: Tx, project_id: int, names: Collection[str]) -> dict[str, int]:
    query = sa.select(label.c.name, label.c.id).where(
        label.c.project_id == project_id, label.c.name.in_(names)
    )
    return {row.name: row.id for row in await tx.rows(query)} if names else {}


async def insert_label(tx: Tx, project_id: int, name: str) -> bool:
    return (
        await tx.execute(insert_ignore(tx, label, {"project_id": project_id, "name": name}))
    ).rowcount == 1


async def rename_label(tx: Tx, label_id: int, name: str) -> None:
    await tx.execute(sa.update(label).where(label.c.id == label_id).values(name=name))


async def delete_label(tx: Tx, label_id: int) -> None:
    await tx.execute(sa.delete(label).where(label.c.id == label_id))


# --- saved views


async def views_of(tx: Tx, user_id: int, project_ids: Collection[int]) -> list[SavedView]:
    """One's own and those that others share with a project that one sees; at most 200."""
    mine = saved_view.c.user_id == user_id
    query = sa.select(saved_view).where(
        sa.or_(mine, saved_view.c.shared_with.in_(project_ids)) if project_ids else mine
    )
    rows = await tx.rows(query.order_by(saved_view.c.name, saved_view.c.id).limit(200))
    return [_view(row) for row in rows]


async def save_view(
    tx: Tx, user_id: int, name: str, query: str, shared_with: int | None, now: datetime
) -> None:
    values = {
        "user_id": user_id,
        "name": name,
        "query": query,
        "shared_with": shared_with,
        "created_at": now,
    }
    await tx.execute(upsert(tx, saved_view, values, ("user_id", "name"), ("query", "shared_with")))


async def view(tx: Tx, view_id: int) -> SavedView | None:
    found = await tx.rows(sa.select(saved_view).where(saved_view.c.id == view_id))
    return _view(found[0]) if found else None


async def delete_view(tx: Tx, view_id: int) -> None:
    await tx.execute(sa.delete(saved_view).where(saved_view.c.id == view_id))


def _view(row: sa.Row[Any]) -> SavedView:
    return SavedView(row.id, row.user_id, row.name, row.query, row.shared_with)
