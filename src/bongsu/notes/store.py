"""All SQL of comments, and of the people that they name. Attachments: store_files.py."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bongsu.accounts.tables import user
from bongsu.db.session import Tx
from bongsu.notes.model import Note
from bongsu.notes.tables import attachment, note

LIST_LIMIT = 200
EXPORT_LIMIT = 10_000
PEOPLE_LIMIT = 500
_PERSON = (user.c.id, user.c.name, user.c.email)
_ACTIVE = user.c.disabled_at.is_(None)
_STANDS = note.c.removed_at.is_(None)


@dataclass(frozen=True, slots=True)
class Named:
    """A person who can be mentioned."""

    id: int
    name: str
    email: str


# --- comments


async def insert(tx: Tx, values: dict[str, Any]) -> int:
    done = await tx.execute(sa.insert(note).values(**values).returning(note.c.id))
    return int(done.scalar_one())


async def get(tx: Tx, note_id: int) -> Note | None:
    row = await tx.row(sa.select(note).where(note.c.id == note_id))
    return None if row is None else _note(row)


async def listed(
    tx: Tx,
    subject: str,
    *,
    after_id: int = 0,
    before_id: int | None = None,
    limit: int = LIST_LIMIT,
) -> list[Note]:
    """Oldest first, removed ones too (ix_note_subject): the first after `after_id`, or the last before
    `before_id`; at most 200."""
    query = sa.select(note).where(note.c.subject == subject).limit(min(limit, LIST_LIMIT))
    if before_id is None:
        query = query.where(note.c.id > after_id).order_by(note.c.id)
        return [_note(row) for row in await tx.rows(query)]
    query = query.where(note.c.id < before_id).order_by(note.c.id.desc())
    return [_note(row) for row in reversed(await tx.rows(query))]


async def count(tx: Tx, subject: str) -> int:
    """All that were ever written, removed ones too (ix_note_subject)."""
    query = sa.select(sa.func.count()).select_from(note).where(note.c.subject == subject)
    return int(await tx.scalar(query))


async def counts(tx: Tx, subjects: Collection[str]) -> dict[str, tuple[int, int]]:
    """Comments and attachments that stand, of each subject that has any (ix_note_subject,
    ix_attachment_subject); two queries."""
    if not subjects:
        return {}
    found = {}
    for table in (note, attachment):
        query = (
            sa.select(table.c.subject, sa.func.count().label("many"))
            .where(table.c.subject.in_(subjects), table.c.removed_at.is_(None))
            .group_by(table.c.subject)
        )
        found[table.name] = {row.subject: int(row.many) for row in await tx.rows(query)}
    notes, files = found["note"], found["attachment"]
    return {key: (notes.get(key, 0), files.get(key, 0)) for key in {*notes, *files}}


async def edit(tx: Tx, before: Note, text: str, mentions: Sequence[int], now: datetime) -> bool:
    """False when it was changed or removed in the meantime."""
    same = (note.c.id == before.id, note.c.text == before.text, _STANDS)
    values = {"text": text, "mentions": list(mentions), "edited_at": now}
    return (await tx.execute(sa.update(note).where(*same).values(**values))).rowcount == 1


async def remove(tx: Tx, note_id: int, actor: str, now: datetime) -> bool:
    """False when somebody was faster."""
    query = sa.update(note).where(note.c.id == note_id, _STANDS)
    return (await tx.execute(query.values(removed_at=now, removed_by=actor))).rowcount == 1


async def restore(tx: Tx, before: Note) -> bool:
    same = (note.c.id == before.id, note.c.removed_at == before.removed_at)
    values = {"removed_at": None, "removed_by": None}
    return (await tx.execute(sa.update(note).where(*same).values(**values))).rowcount == 1


async def wipe(tx: Tx, removed_before: datetime) -> int:
    """Empties what was removed long enough ago (ix_note_removed); how many."""
    old = (note.c.removed_at < removed_before, note.c.text != "")
    done = await tx.execute(sa.update(note).where(*old).values(text="", mentions=[]))
    return int(done.rowcount)


async def forget_subject(tx: Tx, subject: str, actor: str, now: datetime) -> None:
    """Removes all that hangs on a thing that is gone (ix_note_subject, ix_attachment_subject)."""
    for table in (note, attachment):
        gone = (table.c.subject == subject, table.c.removed_at.is_(None))
        values = {"removed_at": now, "removed_by": actor}
        await tx.execute(sa.update(table).where(*gone).values(**values))


async def written_by(tx: Tx, author_id: int, after_id: int, limit: int) -> list[Note]:
    """What stands, oldest first (ix_note_author)."""
    mine = (note.c.author_id == author_id, note.c.id > after_id, _STANDS)
    query = sa.select(note).where(*mine).order_by(note.c.id).limit(limit)
    return [_note(row) for row in await tx.rows(query)]


async def forget_author(tx: Tx, author_id: int) -> None:
    """(ix_note_author, ix_attachment_author)"""
    for table in (note, attachment):
        mine = table.c.author_id == author_id
        await tx.execute(sa.update(table).where(mine).values(author_id=None))


def _note(row: sa.Row[Any]) -> Note:
    values = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public name for it
    return Note(**(values | {"mentions": tuple(values["mentions"])}))


# --- people


async def people_by_ids(tx: Tx, ids: Collection[int]) -> list[Named]:
    """By primary key; at most 500."""
    query = sa.select(*_PERSON).where(user.c.id.in_(ids)).limit(PEOPLE_LIMIT)
    return [_named(row) for row in await tx.rows(query)] if ids else []


async def people_called(
    tx: Tx, addresses: Collection[str], beginnings: Collection[str]
) -> list[Named]:
    """Active people with one of the addresses, or whose name begins so (lower case); at most 500.

    Addresses have an index; names are few enough to be read.
    """
    name = sa.func.lower(user.c.name)
    begins = [name.startswith(one, autoescape=True) for one in beginnings]
    query = sa.select(*_PERSON).where(_ACTIVE, sa.or_(user.c.email.in_(addresses), *begins))
    rows = await tx.rows(query.order_by(user.c.id).limit(PEOPLE_LIMIT))
    return [_named(row) for row in rows] if addresses or beginnings else []


async def people_like(tx: Tx, words: str, first: Collection[int], limit: int) -> list[Named]:
    """Active people with the words in name or address, those of `first` before the others."""
    words = words.lower()
    hit = sa.or_(
        sa.func.lower(user.c.name).contains(words, autoescape=True),
        user.c.email.startswith(words, autoescape=True),
    )
    rank = sa.case((user.c.id.in_(first), 0), else_=1)
    query = sa.select(*_PERSON).where(_ACTIVE, hit).order_by(rank, user.c.name, user.c.id)
    return [_named(row) for row in await tx.rows(query.limit(limit))]


def _named(row: sa.Row[Any]) -> Named:
    return Named(row.id, row.name, row.email)


async def names_taken_twice(tx: Tx, names: Collection[str]) -> set[str]:
    """Those of the names that more than one active person has. The table is small; no index."""
    query = (
        sa.select(user.c.name)
        .where(user.c.name.in_(names), _ACTIVE)
        .group_by(user.c.name)
        .having(sa.func.count() > 1)
    )
    return {row.name for row in await tx.rows(query)} if names else set()
