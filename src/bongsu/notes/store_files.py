"""All SQL of attachments: what people see of them, and what the worker does to them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bongsu.db.dialect import claimable
from bongsu.db.session import Tx
from bongsu.kit.i18n import Said
from bongsu.notes.model import Attachment
from bongsu.notes.tables import attachment

LIST_LIMIT = 200  # more than a subject may have
_STANDS = attachment.c.removed_at.is_(None)


async def insert(tx: Tx, values: dict[str, Any]) -> int:
    query = sa.insert(attachment).values(tries=0, **values).returning(attachment.c.id)
    return int((await tx.execute(query)).scalar_one())


async def belong(tx: Tx, ids: Sequence[int], note_id: int) -> None:
    """They came with this comment."""
    query = sa.update(attachment).where(attachment.c.id.in_(ids))
    await tx.execute(query.values(note_id=note_id))


async def get(tx: Tx, attachment_id: int) -> Attachment | None:
    row = await tx.row(sa.select(attachment).where(attachment.c.id == attachment_id))
    return None if row is None else _attachment(row)


async def of_subject(tx: Tx, subject: str) -> list[Attachment]:
    """What stands, oldest first (ix_attachment_subject); at most 200."""
    query = sa.select(attachment).where(attachment.c.subject == subject, _STANDS)
    rows = await tx.rows(query.order_by(attachment.c.id).limit(LIST_LIMIT))
    return [_attachment(row) for row in rows]


async def count(tx: Tx, subject: str) -> int:
    """(ix_attachment_subject)"""
    query = sa.select(sa.func.count()).select_from(attachment)
    return int(await tx.scalar(query.where(attachment.c.subject == subject, _STANDS)))


async def remove(tx: Tx, ids: Sequence[int], actor: str, now: datetime) -> int:
    """How many were still there."""
    query = sa.update(attachment).where(attachment.c.id.in_(ids), _STANDS)
    return int((await tx.execute(query.values(removed_at=now, removed_by=actor))).rowcount)


async def restore(tx: Tx, ids: Sequence[int], removed_at: datetime) -> int:
    """Those that were removed at this moment."""
    same = (attachment.c.id.in_(ids), attachment.c.removed_at == removed_at)
    values = {"removed_at": None, "removed_by": None}
    return int((await tx.execute(sa.update(attachment).where(*same).values(**values))).rowcount)


async def came_with(tx: Tx, note_id: int, subject: str) -> list[Attachment]:
    """Of one comment, removed ones too (ix_attachment_subject)."""
    mine = (attachment.c.subject == subject, attachment.c.note_id == note_id)
    rows = await tx.rows(sa.select(attachment).where(*mine).order_by(attachment.c.id))
    return [_attachment(row) for row in rows]


async def sent_by(tx: Tx, author_id: int, after_id: int, limit: int) -> list[Attachment]:
    """What stands, oldest first (ix_attachment_author)."""
    mine = (attachment.c.author_id == author_id, attachment.c.id > after_id, _STANDS)
    query = sa.select(attachment).where(*mine).order_by(attachment.c.id).limit(limit)
    return [_attachment(row) for row in await tx.rows(query)]


# --- for the worker


def _waiting(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    free = sa.or_(attachment.c.claimed_until.is_(None), attachment.c.claimed_until < now)
    return attachment.c.picture == "waiting", _STANDS, free


async def is_waiting(tx: Tx, now: datetime) -> bool:
    """Without holding anything (ix_attachment_picture)."""
    query = sa.select(attachment.c.id).where(*_waiting(now)).limit(1)
    return await tx.scalar(query) is not None


async def claim(tx: Tx, now: datetime, until: datetime) -> Attachment | None:
    """The oldest picture that waits, for this worker alone until `until`; a try is counted."""
    query = sa.select(attachment.c.id).where(*_waiting(now)).order_by(attachment.c.id).limit(1)
    found = await tx.scalar(claimable(tx, query))
    if found is None:
        return None
    values = {"claimed_until": until, "tries": attachment.c.tries + 1}
    changed = sa.update(attachment).where(attachment.c.id == found, *_waiting(now))
    done = await tx.execute(changed.values(**values).returning(*attachment.c))
    row = done.first()
    return None if row is None else _attachment(row)


def _mine(claimed: Attachment) -> tuple[sa.ColumnElement[bool], ...]:
    """Still this claim's: the lease may have run out, and another be at it."""
    return (
        attachment.c.id == claimed.id,
        attachment.c.picture == "waiting",
        attachment.c.claimed_until == claimed.claimed_until,
        _STANDS,
    )


async def settle(
    tx: Tx, claimed: Attachment, picture: str, refusal: Said | None = None, **values: int
) -> bool:
    """Made or refused; false when it was removed or another worker has it."""
    stored = refusal.stored() if refusal else None
    query = sa.update(attachment).where(*_mine(claimed))
    done = await tx.execute(
        query.values(picture=picture, refusal=stored, claimed_until=None, **values)
    )
    return done.rowcount == 1


async def put_off(tx: Tx, claimed: Attachment, until: datetime, counts: bool) -> None:
    """Another try not before `until`; one that was nobody's fault is not counted."""
    values: dict[str, Any] = {"claimed_until": until}
    if not counts:
        values["tries"] = attachment.c.tries - 1
    await tx.execute(sa.update(attachment).where(*_mine(claimed)).values(**values))


async def gone(tx: Tx, removed_before: datetime, limit: int) -> list[Attachment]:
    """What was removed long enough ago (ix_attachment_removed)."""
    query = sa.select(attachment).where(attachment.c.removed_at < removed_before)
    rows = await tx.rows(query.order_by(attachment.c.removed_at).limit(limit))
    return [_attachment(row) for row in rows]


async def delete(tx: Tx, attachment_id: int, removed_before: datetime) -> None:
    """The row of what has no objects any more."""
    old = (attachment.c.id == attachment_id, attachment.c.removed_at < removed_before)
    await tx.execute(sa.delete(attachment).where(*old))


def _attachment(row: sa.Row[Any]) -> Attachment:
    values = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public name for it
    values["refusal"] = Said.load(values["refusal"]) if values["refusal"] else None
    return Attachment(**values)
