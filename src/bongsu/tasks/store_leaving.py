"""All SQL of what tasks keep of one person."""

import sqlalchemy as sa

from bongsu.db.session import Tx
from bongsu.tasks.model import Task
from bongsu.tasks.store import WHOLE, load
from bongsu.tasks.tables import (
    project,
    project_member,
    saved_view,
    task,
    task_assignee,
    task_watcher,
)


async def watched(tx: Tx, user_id: int) -> list[str]:
    """Keys of tasks (ix_task_watcher_user)."""
    query = (
        sa.select(project.c.key, task.c.number)
        .join(project, project.c.id == task.c.project_id)
        .join(task_watcher, task_watcher.c.task_id == task.c.id)
        .where(task_watcher.c.user_id == user_id, task.c.deleted_at.is_(None))
        .order_by(project.c.key, task.c.number)
    )
    return [f"{row.key}-{row.number}" for row in await tx.rows(query)]


async def memberships(tx: Tx, user_id: int) -> list[dict[str, str]]:
    """By ix_project_member_user."""
    query = (
        sa.select(project.c.key, project.c.title, project_member.c.role)
        .join(project_member, project_member.c.project_id == project.c.id)
        .where(project_member.c.user_id == user_id)
        .order_by(project.c.key)
    )
    return [{"key": r.key, "title": r.title, "role": r.role} for r in await tx.rows(query)]


async def open_tasks_of(tx: Tx, user_id: int, limit: int) -> list[Task]:
    """Assigned to somebody and not done (ix_task_assignee_user)."""
    mine = sa.select(task_assignee.c.task_id).where(task_assignee.c.user_id == user_id)
    query = WHOLE.where(task.c.id.in_(mine), task.c.status != "done", task.c.deleted_at.is_(None))
    return await load(tx, query.order_by(task.c.id).limit(limit))


async def drop(tx: Tx, user_id: int) -> None:
    """What they watched, where they were a member, and the views that were theirs alone."""
    await tx.execute(sa.delete(task_watcher).where(task_watcher.c.user_id == user_id))
    await tx.execute(sa.delete(project_member).where(project_member.c.user_id == user_id))
    own = (saved_view.c.user_id == user_id, saved_view.c.shared_with.is_(None))
    await tx.execute(sa.delete(saved_view).where(*own))
