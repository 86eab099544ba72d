"""All SQL of the activity of projects: a reader of the event log, newest first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from bongsu.db.session import Tx
from bongsu.events.envelope import Event
from bongsu.events.log import load
from bongsu.events.tables import event
from bongsu.tasks.tables import task

# The newest of every project fit at once; of a quiet one more is looked through, and then it is said so.
_WINDOWS = (200, 1000, 4000)
_PROJECT = sa.func.coalesce(
    event.c.data["task"]["project_id"].as_integer(), event.c.data["project"]["id"].as_integer()
)
_BY = event.c.data["by"].as_integer()


@dataclass(frozen=True, slots=True)
class Activity:
    """`older`: where to go on; None at the beginning of the log."""

    events: tuple[Event, ...]
    older: int | None


async def of_projects(
    tx: Tx,
    types: Sequence[str],
    project_ids: Collection[int],
    *,
    by: int | None = None,
    before_seq: int | None = None,
    limit: int = 50,
) -> Activity:
    """What happened in these projects (ix_event_type_seq), by one person where given. At most 5,200 events are
    looked through; fewer than `limit` with an `older` means that there was nothing more among them."""
    wanted, found, at = frozenset(project_ids), [], before_seq
    for window in _WINDOWS:
        rows = await tx.rows(_window(types, at, window))
        found += [r.seq for r in rows if r.project in wanted and (by is None or r.by == by)]
        if len(found) > limit:
            return Activity(tuple(await _events(tx, found[:limit])), found[limit - 1])
        at = rows[-1].seq if len(rows) == window else None
        if at is None:
            break
    return Activity(tuple(await _events(tx, found)), at)


def _window(
    types: Sequence[str], before_seq: int | None, size: int
) -> sa.Select[tuple[int, int, int]]:
    """The newest of each type by its index, and the newest of those: no other event is touched."""
    each = []
    for one in types:
        newest = sa.select(event.c.seq).where(event.c.type == one)
        if before_seq is not None:
            newest = newest.where(event.c.seq < before_seq)
        each.append(sa.select(newest.order_by(event.c.seq.desc()).limit(size).subquery().c.seq))
    seqs = sa.union_all(*each).subquery()
    newest_of_all = sa.select(seqs.c.seq).order_by(seqs.c.seq.desc()).limit(size)
    return (
        sa.select(event.c.seq, _PROJECT.label("project"), _BY.label("by"))
        .where(event.c.seq.in_(newest_of_all))
        .order_by(event.c.seq.desc())
    )


async def _events(tx: Tx, seqs: Sequence[int]) -> list[Event]:
    """By primary key, newest first."""
    query = sa.select(event).where(event.c.seq.in_(seqs)).order_by(event.c.seq.desc())
    return [load(row) for row in await tx.rows(query)] if seqs else []


async def of_task(
    tx: Tx, task_id: int, *, before_seq: int | None = None, limit: int = 50
) -> Activity:
    """Everything about one task (ix_event_subject_seq)."""
    query = sa.select(event).where(
        event.c.subject == f"task/{task_id}", event.c.type.startswith("task.")
    )
    if before_seq is not None:
        query = query.where(event.c.seq < before_seq)
    rows = await tx.rows(query.order_by(event.c.seq.desc()).limit(limit + 1))
    events = tuple(load(row) for row in rows[:limit])
    return Activity(events, events[-1].seq if len(rows) > limit else None)


async def deleted(tx: Tx, ids: Collection[int]) -> set[int]:
    """Those of `ids` that have no page just now."""
    query = sa.select(task.c.id).where(task.c.id.in_(ids), task.c.deleted_at.is_not(None))
    return {row.id for row in await tx.rows(query)} if ids else set()
