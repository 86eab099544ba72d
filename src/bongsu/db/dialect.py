"""What SQLite and PostgreSQL say differently, in one place."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bongsu.db.session import Tx


def insert_ignore(
    tx: Tx, table: sa.Table, values: Mapping[str, Any] | Sequence[Mapping[str, Any]]
) -> sa.Insert:
    """An insert of one row or many; a row does nothing when any unique key is taken, as `rowcount` tells."""
    maker: Any = postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
    statement: sa.Insert = maker(table).values(values).on_conflict_do_nothing()
    return statement


def upsert(
    tx: Tx, table: sa.Table, values: Mapping[str, Any], keys: Sequence[str], update: Sequence[str]
) -> sa.Insert:
    """Inserts, or updates the columns `update` of the row with the same `keys`."""
    maker: Any = postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
    statement = maker(table).values(**values)
    changed = {name: statement.excluded[name] for name in update}
    result: sa.Insert = statement.on_conflict_do_update(index_elements=list(keys), set_=changed)
    return result


def claimable(tx: Tx, statement: sa.Select[Any]) -> sa.Select[Any]:
    """Rows that no other worker holds: SKIP LOCKED on PostgreSQL; SQLite has one writer anyway."""
    return statement.with_for_update(skip_locked=True) if tx.dialect == "postgresql" else statement


async def lock_log(tx: Tx) -> None:
    """On PostgreSQL makes appends to the log take turns, so that `seq` order is commit order."""
    if tx.dialect == "postgresql":
        await tx.execute(sa.select(sa.func.pg_advisory_xact_lock(0x626F6E67)))
