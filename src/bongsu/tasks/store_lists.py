"""All SQL of lists and boards: which tasks, in which order, how many."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bongsu.db.session import Tx
from bongsu.tasks.model import Task
from bongsu.tasks.query import Query
from bongsu.tasks.store import WHOLE, load
from bongsu.tasks.tables import (
    label,
    project,
    task,
    task_assignee,
    task_label,
    task_link,
    task_watcher,
)

PAGE_LIMIT = 500
EXPORT_LIMIT = 100_000
_NOT_DONE = task.c.status != "done"


async def listed(
    tx: Tx,
    query: Query,
    project_ids: Collection[int],
    *,
    me: int,
    now: datetime,
    offset: int = 0,
    limit: int = 50,
) -> list[Task]:
    """Those of `project_ids` that fit, as sorted (ix_task_project_updated); at most 500. `now` in the zone of
    whoever asks: it says which day is today."""
    if not project_ids:
        return []
    wanted = WHOLE.where(*_conditions(query, project_ids, me, now))
    ordered = wanted.order_by(*_order(query))
    return await load(tx, ordered.offset(offset).limit(min(limit, PAGE_LIMIT)))


async def count(
    tx: Tx, query: Query, project_ids: Collection[int], *, me: int, now: datetime
) -> int:
    if not project_ids:
        return 0
    wanted = sa.select(sa.func.count()).select_from(task)
    return int(await tx.scalar(wanted.where(*_conditions(query, project_ids, me, now))))


def _conditions(
    query: Query, project_ids: Collection[int], me: int, now: datetime
) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [
        task.c.deleted_at.is_(None),
        task.c.project_id.in_(project_ids),
    ]
    if query.status not in {"", "all"}:
        found.append(task.c.status.in_(query.statuses))
    if query.column:
        found.append(task.c.column_id == int(query.column))
    if query.priority:
        found.append(task.c.priority == int(query.priority))
    found += _people(query, me)
    if query.label:
        inside = sa.select(task_label.c.task_id).join(label, label.c.id == task_label.c.label_id)
        found.append(task.c.id.in_(inside.where(label.c.name == query.label)))
    if query.incident:
        found.append(task.c.id.in_(_of_incident(query.incident)))
    if query.due:
        found.append(_due(query.due, now))
    if query.q:
        found.append(_text(query.q))
    return found


def _people(query: Query, me: int) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    for word, table in ((query.assignee, task_assignee), (query.watcher, task_watcher)):
        if not word:
            continue
        inside = sa.select(table.c.task_id)
        if word == "nobody":
            found.append(task.c.id.not_in(inside))
        else:
            found.append(task.c.id.in_(inside.where(table.c.user_id == _number(word, me))))
    if query.creator:
        nobody = query.creator == "nobody"
        found.append(
            task.c.creator_id.is_(None)
            if nobody
            else task.c.creator_id == _number(query.creator, me)
        )
    return found


def _number(word: str, me: int) -> int:
    return me if word == "me" else int(word)


def _of_incident(word: str) -> sa.Select[Any]:
    query = sa.select(task_link.c.task_id)
    if word == "any":
        return query.where(task_link.c.target.startswith("incident/"))
    return query.where(task_link.c.target == f"incident/{word}")


def _due(word: str, now: datetime) -> sa.ColumnElement[bool]:
    """`today` and `week` (seven days from today) are days of the zone that `now` is in."""
    if word == "none":
        return task.c.due_at.is_(None)
    if word == "late":
        return sa.and_(_NOT_DONE, task.c.due_at < now)
    first = now.date()
    last = first + timedelta(days={"today": 0, "week": 6}[word])
    days = task.c.due_on.between(first.isoformat(), last.isoformat())
    return sa.and_(_NOT_DONE, days)


def _text(words: str) -> sa.ColumnElement[bool]:
    """All words, each in the title or the description; or the key of a task."""
    every = sa.and_(
        *(
            sa.or_(
                task.c.title.icontains(word, autoescape=True),
                task.c.description.icontains(word, autoescape=True),
            )
            for word in words.split()[:8]
        )
    )
    return sa.or_(every, _key(words))


def _order(query: Query) -> Sequence[sa.ColumnElement[Any]]:
    """What is due and what is urgent stands first; the number makes every order whole."""
    down = query.sort.startswith("-")
    by: dict[str, Any] = {
        "updated": task.c.updated_at.desc(),
        "created": task.c.created_at.desc(),
        "due": task.c.due_at.asc().nulls_last(),
        "priority": task.c.priority.desc(),
        "number": task.c.id.asc(),
        "title": sa.func.lower(task.c.title).asc(),
    }
    back: dict[str, Any] = {
        "updated": task.c.updated_at.asc(),
        "created": task.c.created_at.asc(),
        "due": task.c.due_at.desc().nulls_last(),
        "priority": task.c.priority.asc(),
        "number": task.c.id.desc(),
        "title": sa.func.lower(task.c.title).desc(),
    }
    return ((back if down else by)[query.order], task.c.id.desc())


async def found(tx: Tx, words: str, project_ids: Collection[int], limit: int) -> list[Task]:
    """By key, or by all words of the title: the key itself first, then what is open, the newest first."""
    if not project_ids:
        return []
    key = _key(words)
    here = (task.c.deleted_at.is_(None), task.c.project_id.in_(project_ids))
    parts = (task.c.title.icontains(word, autoescape=True) for word in words.split()[:8])
    wanted = sa.or_(sa.and_(*parts), key)
    order = (sa.case((key, 0), (_NOT_DONE, 1), else_=2), task.c.updated_at.desc(), task.c.id.desc())
    return await load(tx, WHOLE.where(*here, wanted).order_by(*order).limit(limit))


def _key(words: str) -> sa.ColumnElement[bool]:
    """Whether a task has this key."""
    key, _, number = words.strip().upper().rpartition("-")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        return sa.false()
    of_key = sa.select(project.c.id).where(project.c.key == key)
    return sa.and_(task.c.project_id.in_(of_key), task.c.number == int(number))


# --- a board


async def column_counts(
    tx: Tx, query: Query, project_id: int, *, me: int, now: datetime
) -> dict[int, int]:
    """How many cards each column has (ix_task_column)."""
    wanted = sa.select(task.c.column_id, sa.func.count().label("cards"))
    wanted = wanted.where(*_conditions(query, [project_id], me, now)).group_by(task.c.column_id)
    return {row.column_id: int(row.cards) for row in await tx.rows(wanted)}


async def cards(
    tx: Tx, query: Query, project_id: int, *, me: int, now: datetime, limits: dict[int, int]
) -> dict[int, list[Task]]:
    """The first cards of each column, as many as `limits` says (ix_task_column); what is done is sorted by
    when it was done, the newest first."""
    conditions = _conditions(query, [project_id], me, now)
    ids: list[int] = []
    for column_id, limit in limits.items():
        found = sa.select(task.c.id).where(task.c.column_id == column_id, *conditions)
        ordered = found.order_by(task.c.done_at.desc(), task.c.position, task.c.id)
        ids += [row.id for row in await tx.rows(ordered.limit(limit))]
    tasks = await load(tx, WHOLE.where(task.c.id.in_(ids))) if ids else []
    places = {task_id: place for place, task_id in enumerate(ids)}
    by_column: dict[int, list[Task]] = {column_id: [] for column_id in limits}
    for one in sorted(tasks, key=lambda found: places[found.id]):
        by_column[one.column_id].append(one)
    return by_column


async def open_counts(tx: Tx, project_ids: Collection[int]) -> dict[int, int]:
    """Tasks of each project that are not done (ix_task_project_updated)."""
    query = sa.select(task.c.project_id, sa.func.count().label("cards")).where(
        task.c.project_id.in_(project_ids), task.c.deleted_at.is_(None), _NOT_DONE
    )
    rows = await tx.rows(query.group_by(task.c.project_id)) if project_ids else ()
    return {row.project_id: int(row.cards) for row in rows}


async def label_counts(tx: Tx, project_id: int) -> dict[int, int]:
    """How many tasks have each label of a project (ix_task_label_label)."""
    query = sa.select(task_label.c.label_id, sa.func.count().label("cards")).where(
        task_label.c.label_id.in_(sa.select(label.c.id).where(label.c.project_id == project_id))
    )
    return {row.label_id: row.cards for row in await tx.rows(query.group_by(task_label.c.label_id))}


async def everything(tx: Tx, project_id: int, after_id: int, limit: int) -> list[Task]:
    """For exports, page by page in the order of numbers."""
    query = WHOLE.where(
        task.c.project_id == project_id, task.c.id > after_id, task.c.deleted_at.is_(None)
    )
    return await load(tx, query.order_by(task.c.id).limit(limit))


async def of_person(tx: Tx, user_id: int, after_id: int, limit: int) -> list[Task]:
    """What a person created or has, for the export of their own data."""
    mine = sa.select(task_assignee.c.task_id).where(task_assignee.c.user_id == user_id)
    query = WHOLE.where(
        sa.or_(task.c.creator_id == user_id, task.c.id.in_(mine)),
        task.c.id > after_id,
        task.c.deleted_at.is_(None),
    )
    return await load(tx, query.order_by(task.c.id).limit(limit))
