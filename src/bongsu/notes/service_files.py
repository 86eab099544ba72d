"""Use cases of attachments: kept first, then written down in one transaction; what fails leaves no object behind.

checked (who, how many) → kept in the outbox on this disk → rows and the room's event → answered
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from bongsu.accounts.model import Actor
from bongsu.db.session import Database, Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    ObjectsAway,
    Problem,
    TooLarge,
)
from bongsu.kit.i18n import say
from bongsu.kit.ids import uuid7
from bongsu.notes import service, store_files
from bongsu.notes.gate import FileData, NoteData, Subject
from bongsu.notes.kinds import HEAD_BYTES, kind_of, media_type, mismatch
from bongsu.notes.model import (
    FILE_BYTES,
    FILES_AT_ONCE,
    FILES_PER_SUBJECT,
    Attachment,
    check_removal,
    check_restoring,
    clean_name,
    first_picture,
    may_have_original,
)
from bongsu.notes.service import Gates, Saved

_logger = logging.getLogger("bongsu.notes")


class Objects(Protocol):
    async def put_file_later(self, key: str, file: BinaryIO, content_type: str) -> None:
        """Raises ObjectsAway when this disk refuses."""

    async def get(self, key: str, timeout_s: float) -> bytes:
        """Raises NotFound, ObjectsAway."""

    async def delete(self, key: str) -> None:
        """Raises ObjectsAway."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it arrived: what it calls itself, and its content."""

    name: str
    size_bytes: int
    file: BinaryIO


@dataclass(frozen=True, slots=True)
class _Kept:
    """A file in the object store that no row knows yet."""

    name: str
    size_bytes: int
    kind: str
    folder: str

    @property
    def key(self) -> str:
        return f"{self.folder}/file"


@dataclass(frozen=True, slots=True)
class Attached:
    """What one save left: the files, and the comment that came with them."""

    files: tuple[Attachment, ...]
    comment: Saved | None = None


async def check(db: Database, gates: Gates, actor: Actor, key: str) -> Subject:
    """Before anything is read of what is sent. Raises NotFound, NotAllowed, Conflict when it is full."""
    service.check_scopes(actor)
    async with db.read() as tx:
        subject = await service.writable(tx, gates, actor, key)
        await _check_room(tx, subject, 0)
    return subject


async def attach(
    db: Database,
    objects: Objects,
    gates: Gates,
    actor: Actor,
    key: str,
    sent: Sequence[Sent],
    clock: Clock,
    text: str = "",
) -> Attached:
    """All of them, or none; with `text` they belong to a new comment.

    Raises NotFound, NotAllowed, Conflict when there are too many, TooLarge, Invalid, ObjectsAway.
    """
    _check_sizes(sent)
    subject = await check(db, gates, actor, key)
    kept: list[_Kept] = []
    try:
        for one in sent:
            kept.append(await _keep(objects, subject, one))  # noqa: PERF401  what is kept so far must be known
        async with db.write() as tx:
            return await _write_down(tx, gates, actor, subject, kept, clock, text)
    except BaseException:
        await asyncio.shield(_drop(objects, [one.key for one in kept]))
        raise


def _check_sizes(sent: Sequence[Sent]) -> None:
    if not sent:
        what = say("Choose at least one.")
        raise Invalid(say("No file was sent."), (Problem("file", what),))
    if len(sent) > FILES_AT_ONCE:
        raise TooLarge(
            say(
                "These are {n} files; at most {limit} go at once.", n=len(sent), limit=FILES_AT_ONCE
            )
        )
    for one in sent:
        if one.size_bytes > FILE_BYTES:
            raise TooLarge(
                say(
                    "{name} is {n} MiB; the most is {limit} MiB a file. Nothing was attached.",
                    name=clean_name(one.name),
                    n=f"{one.size_bytes / (1 << 20):.1f}",
                    limit=FILE_BYTES >> 20,
                )
            )


async def _check_room(tx: Tx, subject: Subject, more: int) -> None:
    have = await store_files.count(tx, subject.key)
    if have >= FILES_PER_SUBJECT or have + more > FILES_PER_SUBJECT:
        raise Conflict(
            say(
                "{subject} has {n} attachments; the most is {limit}. Remove some first.",
                subject=subject.title,
                n=have,
                limit=FILES_PER_SUBJECT,
            )
        )


async def _keep(objects: Objects, subject: Subject, one: Sent) -> _Kept:
    one.file.seek(0)
    kind = kind_of(one.file.read(HEAD_BYTES))
    folder = f"attachments/{subject.key}/{uuid7()}"
    await objects.put_file_later(f"{folder}/file", one.file, media_type(kind))
    return _Kept(clean_name(one.name), one.size_bytes, kind, folder)


async def _drop(objects: Objects, keys: Sequence[str]) -> None:
    for key in keys:
        try:
            await objects.delete(key)
        except ObjectsAway as error:
            _logger.warning("%s stays behind in the object store: %s", key, error.why)


async def _write_down(
    tx: Tx,
    gates: Gates,
    actor: Actor,
    subject: Subject,
    kept: Sequence[_Kept],
    clock: Clock,
    text: str,
) -> Attached:
    gate, ident = service.gate_of(gates, subject.key)
    subject = await gate.write(tx, actor, ident)
    await _check_room(tx, subject, len(kept))
    ids = [await store_files.insert(tx, _values(one, subject, actor, clock)) for one in kept]
    facts = tuple(
        FileData(number, one.name, one.size_bytes, media_type(one.kind))
        for number, one in zip(ids, kept, strict=True)
    )
    comment = None
    if text.strip():
        comment = await service.add(tx, gates, actor, subject.key, text, clock, facts)
        await store_files.belong(tx, ids, comment.note.id)
    else:
        await gate.heard(tx, actor, subject, "attached", NoteData(0, files=facts), clock)
    found = [await store_files.get(tx, number) for number in ids]
    return Attached(tuple(one for one in found if one is not None), comment)


def _values(one: _Kept, subject: Subject, actor: Actor, clock: Clock) -> dict[str, Any]:
    return {
        "subject": subject.key,
        "author_id": actor.id or None,
        "actor": actor.ref,
        "name": one.name,
        "size_bytes": one.size_bytes,
        "kind": one.kind,
        "claimed": mismatch(one.name, one.kind),
        "folder": one.folder,
        "created_at": clock.now(),
        "picture": first_picture(one.kind),
    }


async def get(tx: Tx, gates: Gates, actor: Actor, attachment_id: int) -> tuple[Attachment, Subject]:
    """To whoever may read what it hangs on; for all others there is none. Raises NotFound."""
    found = await _found(tx, attachment_id)
    try:
        return found, await service.readable(tx, gates, actor, found.subject)
    except NotFound:
        raise _none(attachment_id) from None


async def get_original(tx: Tx, gates: Gates, actor: Actor, attachment_id: int) -> Attachment:
    """A picture as it was sent may tell where it was taken: it is for whoever sent it, and for managers.

    Raises NotFound, NotAllowed.
    """
    found, subject = await get(tx, gates, actor, attachment_id)
    if not may_have_original(found, actor, subject):
        raise NotAllowed(
            say(
                "The original of {name} is for whoever sent it and for managers: it may tell where it was taken. "
                "Look at the picture instead, or ask one of them.",
                name=found.name,
            )
        )
    return found


async def _found(tx: Tx, attachment_id: int) -> Attachment:
    found = await store_files.get(tx, attachment_id)
    if found is None or found.removed_at is not None:
        raise _none(attachment_id)
    return found


def _none(attachment_id: int) -> NotFound:
    return NotFound(say("There is no attachment {id}. It may have been removed.", id=attachment_id))


async def remove(
    tx: Tx, gates: Gates, actor: Actor, attachment_id: int, clock: Clock
) -> tuple[Attachment, Subject]:
    """One's own, or as manager. The objects go some minutes later. Raises NotFound, NotAllowed."""
    service.check_scopes(actor)
    found = await _found(tx, attachment_id)
    gate, ident = service.gate_of(gates, found.subject)
    subject = await gate.write(tx, actor, ident)
    check_removal(found.author_id, actor, subject)
    if not await store_files.remove(tx, [found.id], actor.ref, clock.now()):
        raise _none(attachment_id)
    await gate.heard(tx, actor, subject, "detached", NoteData(0, files=(found.fact,)), clock)
    return found, subject


async def restore(
    tx: Tx, gates: Gates, actor: Actor, attachment_id: int, clock: Clock
) -> tuple[Attachment, Subject]:
    """Within five minutes, by whoever removed it. Raises NotFound, NotAllowed."""
    service.check_scopes(actor)
    found = await store_files.get(tx, attachment_id)
    if found is None:
        raise _none(attachment_id)
    gate, ident = service.gate_of(gates, found.subject)
    subject = await gate.write(tx, actor, ident)
    check_restoring(found.removed_at, found.removed_by, actor, clock.now())
    if found.removed_at is None or not await store_files.restore(tx, [found.id], found.removed_at):
        raise _none(attachment_id)
    await gate.heard(tx, actor, subject, "attached", NoteData(0, files=(found.fact,)), clock)
    return found, subject
