"""The append-only log: record inside a transaction, read after a position.

`seq` order is commit order. `record` only buffers: the rows are appended as the last statements of the
transaction, after a lock on PostgreSQL, so that no reader can pass a number that is still to be committed.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bongsu.db.dialect import lock_log
from bongsu.db.session import Tx
from bongsu.events.envelope import DEPTH_LIMIT, WORKSPACE, Draft, Event
from bongsu.events.tables import event
from bongsu.kit.clock import SYSTEM_CLOCK, Clock
from bongsu.kit.ids import uuid7


def record(tx: Tx, draft: Draft, clock: Clock = SYSTEM_CLOCK) -> str:
    """Buffers the event for the end of this transaction and gives its id.

    A draft deeper than the loop guard allows is replaced by one `own.loop_cut` event about itself.
    Raises Invalid when the data is too large.
    """
    kept = draft.checked() if draft.depth <= DEPTH_LIMIT else _loop_cut(draft)
    row = _row(kept, clock.now())
    tx.late.append(row)
    tx.write_late = _append
    return str(row["id"])


def _loop_cut(draft: Draft) -> Draft:
    data = {"type": draft.type, "subject": draft.subject, "depth": draft.depth}
    return Draft(
        type="own.loop_cut",
        source="bongsu.events",
        subject=draft.subject,
        data=data,
        severity=3,
        correlation=draft.correlation,
        causation=draft.causation,
    )


async def _append(tx: Tx) -> None:
    await lock_log(tx)
    await tx.execute(sa.insert(event), tx.late)


def _row(draft: Draft, now: datetime) -> dict[str, Any]:
    return {
        "id": draft.id or uuid7(),
        "source": draft.source,
        "type": draft.type,
        "subject": draft.subject,
        "resources": list(draft.resources),
        "time": draft.time or now,
        "recorded": now,
        "workspace": WORKSPACE,
        "site": draft.site,
        "data": draft.data,
        "correlation": draft.correlation,
        "causation": draft.causation,
        "depth": draft.depth,
        "severity": draft.severity,
        "actor": draft.actor,
        "dedup_key": draft.dedup_key,
    }


def load(row: sa.Row[Any]) -> Event:
    values = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public name for it
    values["resources"] = tuple(values["resources"])
    return Event(**values)


async def read_after(tx: Tx, seq: int, limit: int) -> list[Event]:
    """The next events in log order (primary key)."""
    rows = await tx.rows(
        sa.select(event).where(event.c.seq > seq).order_by(event.c.seq).limit(limit)
    )
    return [load(row) for row in rows]


async def by_actors(
    tx: Tx, actors: Sequence[str], *, before_seq: int | None = None, limit: int = 100
) -> list[Event]:
    """What they did, newest first (ix_event_actor_seq); at most 1,000."""
    query = sa.select(event).where(event.c.actor.in_(actors)).order_by(event.c.seq.desc())
    if before_seq is not None:
        query = query.where(event.c.seq < before_seq)
    return [load(row) for row in await tx.rows(query.limit(min(limit, 1000)))]


async def get(tx: Tx, event_id: str) -> Event | None:
    row = await tx.row(sa.select(event).where(event.c.id == event_id))
    return None if row is None else load(row)


async def newest_seq(tx: Tx) -> int:
    return int(await tx.scalar(sa.select(sa.func.coalesce(sa.func.max(event.c.seq), 0))))


async def search(
    tx: Tx,
    *,
    type_prefix: str | None = None,
    subject: str | None = None,
    before_seq: int | None = None,
    limit: int = 100,
) -> list[Event]:
    """Newest first (ix_event_type_seq, ix_event_subject_seq or the primary key); at most 1,000."""
    query = sa.select(event).order_by(event.c.seq.desc()).limit(min(limit, 1000))
    if type_prefix:
        query = query.where(event.c.type.startswith(type_prefix, autoescape=True))
    if subject:
        query = query.where(event.c.subject == subject)
    if before_seq is not None:
        query = query.where(event.c.seq < before_seq)
    return [load(row) for row in await tx.rows(query)]
