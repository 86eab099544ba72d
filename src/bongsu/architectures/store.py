"""All SQL of the room."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bongsu.architectures.model import Kept
from bongsu.architectures.tables import architecture
from bongsu.db.dialect import upsert
from bongsu.db.session import Tx

LIST_LIMIT = 200


async def every(tx: Tx) -> list[Kept]:
    """By name and environment (unique)."""
    order = (architecture.c.name, architecture.c.environment)
    query = sa.select(architecture).order_by(*order).limit(LIST_LIMIT)
    return [_kept(row) for row in await tx.rows(query)]


async def one(tx: Tx, name: str, environment: str) -> Kept | None:
    row = await tx.row(sa.select(architecture).where(_is(name, environment)))
    return None if row is None else _kept(row)


async def put(tx: Tx, name: str, environment: str, text: str, lock: str, now: datetime) -> None:
    values: dict[str, Any] = {
        "name": name,
        "environment": environment,
        "text": text,
        "lock": lock,
        "updated_at": now,
    }
    keys, update = ("name", "environment"), ("text", "lock", "updated_at")
    await tx.execute(upsert(tx, architecture, values, keys, update))


async def delete(tx: Tx, name: str, environment: str) -> bool:
    gone = sa.delete(architecture).where(_is(name, environment))
    return (await tx.execute(gone)).rowcount == 1


def _is(name: str, environment: str) -> sa.ColumnElement[bool]:
    return (architecture.c.name == name) & (architecture.c.environment == environment)


def _kept(row: sa.Row[Any]) -> Kept:
    return Kept(row.id, row.name, row.environment, row.text, row.lock, row.updated_at)
