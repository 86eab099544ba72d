"""All SQL of the intake."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bongsu.db.dialect import insert_ignore
from bongsu.db.session import Tx
from bongsu.intake.model import Report, Source
from bongsu.intake.tables import intake_report, intake_source, intake_taken
from bongsu.kit.i18n import Said

LIST_LIMIT = 500
REPORT_LIMIT = 5000


async def every(tx: Tx) -> list[Source]:
    """By name (unique)."""
    query = sa.select(intake_source).order_by(intake_source.c.name).limit(LIST_LIMIT)
    return [_source(row) for row in await tx.rows(query)]


async def by_name(tx: Tx, name: str) -> Source | None:
    row = await tx.row(sa.select(intake_source).where(intake_source.c.name == name))
    return None if row is None else _source(row)


async def by_token(tx: Tx, kind: str, token_hash: str) -> Source | None:
    """By the hash (unique); a token opens the door of its own kind only."""
    wanted = (intake_source.c.token_hash == token_hash) & (intake_source.c.kind == kind)
    row = await tx.row(sa.select(intake_source).where(wanted))
    return None if row is None else _source(row)


async def insert(tx: Tx, values: Mapping[str, Any]) -> bool:
    """False when the name is taken."""
    return (await tx.execute(insert_ignore(tx, intake_source, values))).rowcount == 1


async def update(tx: Tx, source_id: int, **values: Any) -> bool:
    changed = sa.update(intake_source).where(intake_source.c.id == source_id).values(**values)
    return (await tx.execute(changed)).rowcount == 1


async def pin(tx: Tx, source_id: int, sender: str) -> bool:
    """False when somebody else was there first."""
    free = (intake_source.c.id == source_id) & (
        intake_source.c.sender.is_(None) | (intake_source.c.sender == sender)
    )
    changed = sa.update(intake_source).where(free).values(sender=sender)
    return (await tx.execute(changed)).rowcount == 1


async def delete(tx: Tx, source_id: int) -> bool:
    """With what it reported."""
    gone = sa.delete(intake_source).where(intake_source.c.id == source_id)
    return (await tx.execute(gone)).rowcount == 1


async def take(tx: Tx, source_id: int, key: str, now: datetime) -> bool:
    """False for a message that was taken before."""
    values = {"source_id": source_id, "key": key, "at": now}
    return (await tx.execute(insert_ignore(tx, intake_taken, values))).rowcount == 1


async def forget_taken(tx: Tx, before: datetime) -> None:
    """ix_intake_taken_at"""
    await tx.execute(sa.delete(intake_taken).where(intake_taken.c.at < before))


async def put_report(tx: Tx, source_id: int, report: Report) -> bool:
    """False for one that is older than what is known: messages overtake each other."""
    values = {"source_id": source_id, "thing": report.thing, **_values(report)}
    if (await tx.execute(insert_ignore(tx, intake_report, values))).rowcount == 1:
        return True
    newer = (
        (intake_report.c.source_id == source_id)
        & (intake_report.c.thing == report.thing)
        & (intake_report.c.since < report.since)
    )
    changed = sa.update(intake_report).where(newer).values(**_values(report))
    return (await tx.execute(changed)).rowcount == 1


async def reports(tx: Tx, title_prefix: str = "") -> list[Report]:
    """What things elsewhere said last, by title; at most 5,000."""
    query = sa.select(intake_report).order_by(intake_report.c.title).limit(REPORT_LIMIT)
    if title_prefix:
        query = query.where(intake_report.c.title.startswith(title_prefix, autoescape=True))
    return [
        Report(row.thing, row.title, row.about, row.state, row.since, row.event_id)
        for row in await tx.rows(query)
    ]


async def counts(tx: Tx) -> dict[int, int]:
    """How many things each source reports of."""
    number = sa.func.count().label("number")
    query = sa.select(intake_report.c.source_id, number).group_by(intake_report.c.source_id)
    return {row.source_id: row.number for row in await tx.rows(query.limit(LIST_LIMIT))}


def _values(report: Report) -> dict[str, Any]:
    names = ("title", "about", "state", "since", "event_id")
    return {name: getattr(report, name) for name in names}


def _source(row: sa.Row[Any]) -> Source:
    refusal = Said.load(row.last_refusal) if row.last_refusal else None
    return Source(row.id, row.name, row.kind, row.sender, row.created_at, row.last_at, refusal)


async def note_event(tx: Tx, source_id: int, report: Report) -> None:
    """Which event said it; the row is there."""
    here = (intake_report.c.source_id == source_id) & (intake_report.c.thing == report.thing)
    await tx.execute(sa.update(intake_report).where(here).values(event_id=report.event_id))
