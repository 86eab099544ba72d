"""All SQL of the one row that says who may join."""

from typing import Any

import sqlalchemy as sa

from bongsu.accounts.tables import entry_policy
from bongsu.db.dialect import upsert
from bongsu.db.session import Tx

_ROW = 1
_FIELDS = ("joining", "role", "domains", "mfa_required", "oidc_trusted")


async def row(tx: Tx, hold: bool = False) -> sa.Row[Any] | None:
    """`hold` keeps it until the transaction ends, so that two who change it take turns."""
    query = sa.select(entry_policy).where(entry_policy.c.id == _ROW)
    return await tx.row(query.with_for_update() if hold else query)


async def keep(tx: Tx, values: dict[str, Any]) -> None:
    await tx.execute(upsert(tx, entry_policy, {"id": _ROW, **values}, ("id",), _FIELDS))
