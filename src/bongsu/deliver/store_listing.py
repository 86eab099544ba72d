"""Deliveries as pages and the API list them. Copies of the log are rows too, and not what people look for."""

from typing import Any

import sqlalchemy as sa

from bongsu.db.session import Tx
from bongsu.deliver.outbox import COPY
from bongsu.deliver.store import DEAD, LIST_LIMIT, Row, row_of
from bongsu.deliver.tables import delivery

COPIES = "copies"  # their count, beside those of the states


async def listed(
    tx: Tx,
    *,
    state: str | None = None,
    subject: str | None = None,
    copies: bool | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> list[Row]:
    """Newest first (primary key, ix_delivery_subject); at most 200.

    `copies`: only copies of events (true), only messages and what was given up (false), or all.
    """
    query = sa.select(delivery).order_by(delivery.c.id.desc()).limit(min(limit, LIST_LIMIT))
    if state:
        query = query.where(delivery.c.state == state)
    if subject:
        query = query.where(delivery.c.subject == subject)
    if copies is not None:
        query = query.where(_is_copy() if copies else ~_is_copy() | (delivery.c.state == DEAD))
    if before_id is not None:
        query = query.where(delivery.c.id < before_id)
    return [row_of(row) for row in await tx.rows(query)]


async def counts(tx: Tx) -> dict[str, int]:
    """How many are in each state; copies that are well are counted apart, under `copies`."""
    kind = sa.case((_is_copy() & (delivery.c.state != DEAD), COPIES), else_=delivery.c.state)
    query = sa.select(kind.label("kind"), sa.func.count().label("n")).group_by(kind)
    return {row.kind: int(row.n) for row in await tx.rows(query)}


def _is_copy() -> Any:
    return delivery.c.key.startswith(COPY, autoescape=True)
