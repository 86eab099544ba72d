"""All SQL of rules."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from bongsu.db.dialect import insert_ignore
from bongsu.db.session import Tx
from bongsu.rules.model import Rule
from bongsu.rules.tables import rule

LIST_LIMIT = 10_000


async def every(tx: Tx, *, enabled_only: bool = False) -> list[Rule]:
    """In the order they were made: the order in which they act."""
    query = sa.select(rule).order_by(rule.c.id).limit(LIST_LIMIT)
    if enabled_only:
        query = query.where(rule.c.enabled.is_(True))
    return [_rule(row) for row in await tx.rows(query)]


async def by_name(tx: Tx, name: str) -> Rule | None:
    row = await tx.row(sa.select(rule).where(rule.c.name == name))
    return None if row is None else _rule(row)


async def insert(tx: Tx, values: Mapping[str, Any]) -> bool:
    """False when the name is taken."""
    return (await tx.execute(insert_ignore(tx, rule, values))).rowcount == 1


async def update(tx: Tx, name: str, values: Mapping[str, Any]) -> bool:
    return (
        await tx.execute(sa.update(rule).where(rule.c.name == name).values(**values))
    ).rowcount == 1


async def delete(tx: Tx, name: str) -> bool:
    return (await tx.execute(sa.delete(rule).where(rule.c.name == name))).rowcount == 1


def _rule(row: sa.Row[Any]) -> Rule:
    return Rule(
        id=row.id,
        name=row.name,
        enabled=row.enabled,
        pattern=row.pattern,
        actions=tuple(row.actions),
        builtin=row.builtin,
        defined_in=row.defined_in,
    )
