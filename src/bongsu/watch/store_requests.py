"""Looks that somebody asked for now: rows from page, API or command line to the watch role and back."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bongsu.db.session import Tx
from bongsu.kit.ids import uuid7
from bongsu.watch.tables import generation, probe_request

OPEN_FOR = timedelta(seconds=30)  # nobody waits longer; an older one is not worth a look
KEPT_FOR = timedelta(hours=1)
BATCH = 100


async def ask(tx: Tx, check_ids: Sequence[int], actor: str, now: datetime) -> dict[int, str]:
    """One row a check; gives its request id by check id."""
    if not check_ids:
        return {}
    number = await tx.scalar(sa.select(sa.func.coalesce(sa.func.max(generation.c.number), 0)))
    ids = {check_id: uuid7() for check_id in check_ids}
    rows = [
        {"id": ids[c], "check_id": c, "generation": number, "actor": actor, "asked_at": now}
        for c in ids
    ]
    await tx.execute(sa.insert(probe_request), rows)
    return ids


_OPEN = (  # made once: it is asked four times a second, for ever
    sa.select(probe_request.c.id, probe_request.c.check_id)
    .where(probe_request.c.claimed_at.is_(None))
    .where(probe_request.c.asked_at > sa.bindparam("since"))
    .order_by(probe_request.c.asked_at)
    .limit(BATCH)
)


async def open_requests(tx: Tx, now: datetime) -> dict[str, int]:
    """Who waits for a look at which check, oldest first, at most a batch (ix_probe_request_open); on a reader."""
    return {row.id: row.check_id for row in await tx.execute(_OPEN, {"since": now - OPEN_FOR})}


async def claim(tx: Tx, ids: Collection[str], now: datetime) -> list[tuple[str, int]]:
    """Takes those that nobody else has taken meanwhile; each goes to one process only."""
    query = (
        sa.update(probe_request)
        .where(probe_request.c.id.in_(ids), probe_request.c.claimed_at.is_(None))
        .values(claimed_at=now)
        .returning(probe_request.c.id, probe_request.c.check_id)
    )
    return [(row.id, row.check_id) for row in (await tx.execute(query)).all()]


async def answer(tx: Tx, results: Sequence[tuple[str, dict[str, Any]]], now: datetime) -> None:
    query = (
        sa.update(probe_request)
        .where(probe_request.c.id == sa.bindparam("request"))
        .values(done_at=now, result=sa.bindparam("summary"))
    )
    await tx.execute(query, [{"request": r, "summary": summary} for r, summary in results])


async def answers(tx: Tx, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Those of `ids` that are done (primary key)."""
    query = sa.select(probe_request.c.id, probe_request.c.result).where(
        probe_request.c.id.in_(ids), probe_request.c.done_at.is_not(None)
    )
    return {row.id: row.result for row in await tx.rows(query)}


async def fresh_answers(
    tx: Tx, check_ids: Sequence[int], actor: str, since: datetime
) -> dict[int, dict[str, Any]]:
    """The newest answer that this person has asked for since then, by check (ix_probe_request_check)."""
    query = (
        sa.select(probe_request.c.check_id, probe_request.c.result)
        .where(probe_request.c.check_id.in_(check_ids), probe_request.c.asked_at > since)
        .where(probe_request.c.actor == actor, probe_request.c.done_at.is_not(None))
        .order_by(probe_request.c.asked_at)
    )
    return {row.check_id: row.result for row in await tx.rows(query)}


async def forget_old(tx: Tx, now: datetime) -> int:
    old = probe_request.c.asked_at < now - KEPT_FOR
    return (await tx.execute(sa.delete(probe_request).where(old))).rowcount
