"""Who sees which project, and in which project a task is: two look-ups for a whole list."""

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from bongsu.db.session import Tx
from bongsu.tasks.store_projects import open_to
from bongsu.tasks.tables import project, task


async def projects_seen(tx: Tx, user_id: int) -> frozenset[int]:
    query = sa.select(project.c.id).where(open_to(user_id))
    return frozenset(row.id for row in await tx.rows(query))


async def projects_of(tx: Tx, task_ids: Collection[int]) -> Mapping[int, int]:
    """By primary key; deleted tasks too."""
    query = sa.select(task.c.id, task.c.project_id).where(task.c.id.in_(task_ids))
    return {row.id: row.project_id for row in await tx.rows(query)}
