"""All SQL of rules."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from bongsu.db.dialect import insert_ignore
from bongsu.db.session import Tx
from bongsu.events.tables import event
from bongsu.rules.model import Rule
from bongsu.rules.tables import rule

LIST_LIMIT = 10_000
CHANGES = ("rule.created", "rule.updated", "rule.deleted")


async def every(tx: Tx, *, enabled_only: bool = False) -> list[Rule]:
    """In the order they were made: the order in which they act."""
    query = sa.select(rule).order_by(rule.c.id).limit(LIST_LIMIT)
    if enabled_only:
        query = query.where(rule.c.enabled.is_(True))
    return [_rule(row) for row in await tx.rows(query)]


async def page(tx: Tx, after_id: int, limit: int) -> list[Rule]:
    """Enabled ones, by number (primary key)."""
    query = sa.select(rule).where(rule.c.id > after_id, rule.c.enabled.is_(True))
    return [_rule(row) for row in await tx.rows(query.order_by(rule.c.id).limit(limit))]


async def newest_change(tx: Tx) -> int:
    """The place in the log of the newest change of any rule (ix_event_type_seq)."""
    newest = sa.select(sa.func.coalesce(sa.func.max(event.c.seq), 0))
    return int(await tx.scalar(newest.where(event.c.type.in_(CHANGES))))


async def changed_after(tx: Tx, seq: int, limit: int) -> list[str]:
    """Names of the rules that changed after a place in the log (ix_event_type_seq)."""
    query = sa.select(event.c.subject).where(event.c.type.in_(CHANGES), event.c.seq > seq)
    rows = await tx.rows(query.order_by(event.c.seq).limit(limit))
    return [row.subject.removeprefix("rule/") for row in rows]


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
