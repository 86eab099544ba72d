"""All SQL of the triggers. What is asked of the lake is in store_lake.py."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bongsu.db.dialect import insert_ignore
from bongsu.db.session import Tx
from bongsu.requests.tables import request_firing, request_hit, request_leaver, request_trigger
from bongsu.requests.triggers import SAMPLES, Firing, Hit, Trigger

LIST_LIMIT = 1000
FORGET_LIMIT = 10_000


async def every(tx: Tx, *, enabled_only: bool = False) -> list[Trigger]:
    """By number (primary key)."""
    query = sa.select(request_trigger).order_by(request_trigger.c.id).limit(LIST_LIMIT)
    if enabled_only:
        query = query.where(request_trigger.c.enabled.is_(True))
    return [_trigger(row) for row in await tx.rows(query)]


async def count(tx: Tx) -> int:
    return int(await tx.scalar(sa.select(sa.func.count()).select_from(request_trigger)))


async def by_name(tx: Tx, name: str) -> Trigger | None:
    row = await tx.row(sa.select(request_trigger).where(request_trigger.c.name == name))
    return None if row is None else _trigger(row)


async def insert(tx: Tx, values: Mapping[str, Any]) -> bool:
    """False when the name is taken."""
    return (await tx.execute(insert_ignore(tx, request_trigger, values))).rowcount == 1


async def update(tx: Tx, name: str, values: Mapping[str, Any]) -> bool:
    changed = sa.update(request_trigger).where(request_trigger.c.name == name).values(**values)
    return (await tx.execute(changed)).rowcount == 1


async def delete(tx: Tx, name: str) -> bool:
    """With its hits and firings."""
    gone = sa.delete(request_trigger).where(request_trigger.c.name == name)
    return (await tx.execute(gone)).rowcount == 1


# --- what was seen


async def add_hits(tx: Tx, hits: Mapping[tuple[int, str], Hit]) -> None:
    rows = [
        {
            "trigger_id": trigger_id,
            "key": key,
            "at": hit.at,
            "n": hit.count,
            "samples": list(hit.samples),
        }
        for (trigger_id, key), hit in hits.items()
    ]
    await tx.execute(sa.insert(request_hit), rows)


async def counts(tx: Tx, trigger_id: int, keys: Sequence[str], since: datetime) -> dict[str, int]:
    """Of each key since then, by every process (ix_request_hit_key)."""
    query = (
        sa.select(request_hit.c.key, sa.func.sum(request_hit.c.n).label("fits"))
        .where(
            request_hit.c.trigger_id == trigger_id,
            request_hit.c.key.in_(keys),
            request_hit.c.at > since,
        )
        .group_by(request_hit.c.key)
    )
    return {row.key: int(row.fits) for row in await tx.rows(query)}


async def samples(tx: Tx, trigger_id: int, key: str) -> list[dict[str, Any]]:
    """The newest few (ix_request_hit_key)."""
    query = sa.select(request_hit.c.samples).where(
        request_hit.c.trigger_id == trigger_id, request_hit.c.key == key
    )
    rows = await tx.rows(query.order_by(request_hit.c.at.desc()).limit(SAMPLES))
    found = [sample for row in rows for sample in reversed(row.samples)]
    return found[:SAMPLES]


async def forget_hits(tx: Tx, before: datetime) -> int:
    """At most FORGET_LIMIT at once (ix_request_hit_at)."""
    old = sa.select(request_hit.c.id).where(request_hit.c.at < before).limit(FORGET_LIMIT)
    gone = sa.delete(request_hit).where(request_hit.c.id.in_(old.scalar_subquery()))
    return (await tx.execute(gone)).rowcount


# --- what fires


async def firing(tx: Tx) -> list[Firing]:
    """All of them, the oldest first."""
    query = sa.select(request_firing).order_by(request_firing.c.since).limit(LIST_LIMIT)
    return [_firing(row) for row in await tx.rows(query)]


async def firing_of(tx: Tx, trigger_id: int) -> list[Firing]:
    """Of one trigger (primary key)."""
    query = sa.select(request_firing).where(request_firing.c.trigger_id == trigger_id)
    rows = await tx.rows(query.order_by(request_firing.c.key).limit(LIST_LIMIT))
    return [_firing(row) for row in rows]


async def begin(tx: Tx, trigger_id: int, key: str, count: int, now: datetime) -> bool:
    """False when it fires already: then somebody else has told the log."""
    values = {"trigger_id": trigger_id, "key": key, "since": now, "last_at": now, "n": count}
    return (await tx.execute(insert_ignore(tx, request_firing, values))).rowcount == 1


async def go_on(tx: Tx, trigger_id: int, key: str, more: int, now: datetime) -> None:
    where = (request_firing.c.trigger_id == trigger_id, request_firing.c.key == key)
    values = {"n": request_firing.c.n + more, "last_at": now}
    await tx.execute(sa.update(request_firing).where(*where).values(**values))


async def end(tx: Tx, one: Firing) -> bool:
    """False when it went on, or ended, meanwhile: then there is nothing to tell."""
    gone = sa.delete(request_firing).where(
        request_firing.c.trigger_id == one.trigger_id,
        request_firing.c.key == one.key,
        request_firing.c.last_at == one.last_at,
    )
    return (await tx.execute(gone)).rowcount == 1


def _trigger(row: sa.Row[Any]) -> Trigger:
    values = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public name for it
    values.pop("created_at")
    return Trigger(**values)


def _firing(row: sa.Row[Any]) -> Firing:
    return Firing(row.trigger_id, row.key, row.since, row.last_at, row.n)


# --- who left


async def add_leaver(tx: Tx, user_id: int, now: datetime) -> None:
    values = {"user_id": user_id, "left_at": now}
    await tx.execute(insert_ignore(tx, request_leaver, values))


async def leavers(tx: Tx, before: datetime) -> list[int]:
    """Who left before then (a small table: a row lives for minutes)."""
    query = sa.select(request_leaver.c.user_id).where(request_leaver.c.left_at < before)
    return [row.user_id for row in await tx.rows(query.limit(LIST_LIMIT))]


async def drop_leaver(tx: Tx, user_id: int) -> None:
    await tx.execute(sa.delete(request_leaver).where(request_leaver.c.user_id == user_id))
