"""The counts behind `/healthz/ready` and `/metrics`: a handful of grouped queries, each over an index."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bongsu.db.session import Tx
from bongsu.deliver.tables import delivery
from bongsu.events import log
from bongsu.events.tables import cursor, set_aside
from bongsu.incidents.tables import incident
from bongsu.watch.tables import check, check_state, snapshot

_COUNT = sa.func.count().label("number")


async def checks_by_state(tx: Tx) -> dict[str, int]:
    """Checks that have no state yet count as `new`."""
    state = sa.func.coalesce(check_state.c.state, "new")
    joined = sa.outerjoin(check, check_state, check.c.id == check_state.c.check_id)
    query = sa.select(state.label("state"), _COUNT).select_from(joined).group_by(state)
    return _counts(await tx.rows(query))


async def open_incidents(tx: Tx) -> dict[str, int]:
    query = sa.select(incident.c.state, _COUNT).where(incident.c.resolved_at.is_(None))
    return _counts(await tx.rows(query.group_by(incident.c.state)))


async def deliveries_by_state(tx: Tx) -> dict[str, int]:
    query = sa.select(delivery.c.state, _COUNT).group_by(delivery.c.state)
    return _counts(await tx.rows(query))


def _counts(rows: Sequence[sa.Row[Any]]) -> dict[str, int]:
    return {row.state: row.number for row in rows}


async def follower_lags(tx: Tx) -> dict[str, int]:
    """How many events each reader of the log has still to see."""
    newest = await log.newest_seq(tx)
    rows = await tx.rows(sa.select(cursor.c.name, cursor.c.seq))
    return {row.name: newest - row.seq for row in rows}


async def set_aside_count(tx: Tx) -> int:
    return int(await tx.scalar(sa.select(sa.func.count()).select_from(set_aside)))


async def location_ages_s(tx: Tx, now: datetime) -> dict[str, float]:
    rows = await tx.rows(sa.select(snapshot.c.location, snapshot.c.at))
    return {row.location: (now - row.at).total_seconds() for row in rows}
