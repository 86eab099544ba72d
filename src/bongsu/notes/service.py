"""Use cases of comments. One transaction each, the caller's; the subject's gate says who may.

Attachments: service_files.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bongsu.accounts.model import Actor, require
from bongsu.db.session import Tx
from bongsu.kit.clock import Clock, iso
from bongsu.kit.errors import Conflict, NotFound
from bongsu.kit.i18n import Said, say
from bongsu.notes import store, store_files
from bongsu.notes.gate import FileData, Gate, NoteData, Subject
from bongsu.notes.mentions import resolve
from bongsu.notes.model import (
    Attachment,
    Note,
    check_edit,
    check_removal,
    check_restoring,
    checked_text,
    read_subject,
)

Gates = Mapping[str, Gate]
EXPORT_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class Saved:
    """`not_told`: who was named and does not count, each with the reason; for whoever wrote it."""

    note: Note
    subject: Subject
    not_told: tuple[Said, ...] = ()


def gate_of(gates: Gates, key: str) -> tuple[Gate, int]:
    """Raises NotFound for a family that has no notes, or whose room is off."""
    family, ident = read_subject(key)
    gate = gates.get(family)
    if gate is None:
        raise NotFound(say("There is nothing called {key} here.", key=key))
    return gate, ident


async def readable(tx: Tx, gates: Gates, actor: Actor, key: str) -> Subject:
    """Raises NotFound, NotAllowed."""
    gate, ident = gate_of(gates, key)
    return await gate.read(tx, actor, ident)


async def writable(tx: Tx, gates: Gates, actor: Actor, key: str) -> Subject:
    """Raises NotFound, NotAllowed."""
    gate, ident = gate_of(gates, key)
    return await gate.write(tx, actor, ident)


def check_scopes(actor: Actor) -> None:
    """A token that only reads is refused before it is told whether there is such a thing. Raises NotAllowed."""
    if not actor.scopes:
        require(actor, "note.write")


async def get(tx: Tx, gates: Gates, actor: Actor, note_id: int) -> tuple[Note, Subject]:
    """To whoever may read what it hangs on; for all others there is none. Raises NotFound."""
    note = await _found(tx, note_id)
    return note, await readable(tx, gates, actor, note.subject)


async def _found(tx: Tx, note_id: int) -> Note:
    note = await store.get(tx, note_id)
    if note is None:
        raise NotFound(say("There is no comment {id}.", id=note_id))
    return note


async def add(
    tx: Tx,
    gates: Gates,
    actor: Actor,
    key: str,
    text: str,
    clock: Clock,
    files: Sequence[FileData] = (),
) -> Saved:
    """`files` were attached in the same save. Raises NotFound, NotAllowed, Invalid."""
    check_scopes(actor)
    gate, ident = gate_of(gates, key)
    subject = await gate.write(tx, actor, ident)
    kept = checked_text(text)
    mentions = await resolve(tx, gate, subject, kept)
    values = {
        "subject": subject.key,
        "author_id": actor.id or None,
        "actor": actor.ref,
        "text": kept,
        "mentions": list(mentions.ids),
        "created_at": clock.now(),
    }
    note = await _found(tx, await store.insert(tx, values))
    told = NoteData(note.id, kept, mentions.ids, files=tuple(files))
    await gate.heard(tx, actor, subject, "commented", told, clock)
    return Saved(note, subject, mentions.refused)


async def edit(tx: Tx, gates: Gates, actor: Actor, note_id: int, text: str, clock: Clock) -> Saved:
    """One's own. Only who is mentioned for the first time is told.

    Raises NotFound, NotAllowed, Invalid, Conflict when it changed in the meantime.
    """
    check_scopes(actor)
    before = await _found(tx, note_id)
    gate, ident = gate_of(gates, before.subject)
    subject = await gate.write(tx, actor, ident)
    check_edit(before, actor)
    kept = checked_text(text)
    if kept == before.text:
        return Saved(before, subject)
    mentions = await resolve(tx, gate, subject, kept)
    if not await store.edit(tx, before, kept, mentions.ids, clock.now()):
        raise Conflict(
            say("The comment was changed or removed in the meantime. Nothing was saved.")
        )
    new = tuple(one for one in mentions.ids if one not in before.mentions)
    told = NoteData(note_id, kept, new, before=before.text)
    await gate.heard(tx, actor, subject, "comment_edited", told, clock)
    return Saved(await _found(tx, note_id), subject, mentions.refused)


async def remove(
    tx: Tx, gates: Gates, actor: Actor, note_id: int, clock: Clock
) -> tuple[Note, Subject]:
    """One's own, or as manager of the subject; what came with it goes, too. Raises NotFound, NotAllowed."""
    check_scopes(actor)
    note = await _found(tx, note_id)
    gate, ident = gate_of(gates, note.subject)
    subject = await gate.write(tx, actor, ident)
    check_removal(note.author_id, actor, subject)
    now = clock.now()
    if not await store.remove(tx, note_id, actor.ref, now):
        raise NotFound(say("This comment was removed."))
    await gate.heard(
        tx, actor, subject, "comment_deleted", NoteData(note_id, before=note.text), clock
    )
    files = [one for one in await store_files.came_with(tx, note_id, note.subject)
             if one.removed_at is None]  # fmt: skip
    if files:
        await store_files.remove(tx, [one.id for one in files], actor.ref, now)
        told = NoteData(0, files=_facts(files))
        await gate.heard(tx, actor, subject, "detached", told, clock)
    return replace(note, removed_at=now, removed_by=actor.ref), subject


async def restore(
    tx: Tx, gates: Gates, actor: Actor, note_id: int, clock: Clock
) -> tuple[Note, Subject]:
    """Within five minutes, by whoever removed it. Raises NotFound, NotAllowed."""
    check_scopes(actor)
    note = await _found(tx, note_id)
    gate, ident = gate_of(gates, note.subject)
    subject = await gate.write(tx, actor, ident)
    check_restoring(note.removed_at, note.removed_by, actor, clock.now())
    if note.removed_at is None or not await store.restore(tx, note):
        raise NotFound(say("There is nothing left to bring back."))
    with_it = await store_files.came_with(tx, note_id, note.subject)
    files = [one for one in with_it if one.removed_at == note.removed_at]
    await store_files.restore(tx, [one.id for one in files], note.removed_at)
    told = NoteData(note_id, note.text, (), files=_facts(files))
    await gate.heard(tx, actor, subject, "commented", told, clock)
    return await _found(tx, note_id), subject


def _facts(files: Sequence[Attachment]) -> tuple[FileData, ...]:
    return tuple(one.fact for one in files)


async def forget_subject(tx: Tx, key: str, actor: Actor, clock: Clock) -> None:
    """For the room whose thing is gone for good: its comments and files go with it."""
    await store.forget_subject(tx, key, actor.ref, clock.now())


async def forget_author(tx: Tx, user_id: int) -> None:
    """For a person who leaves: what they wrote stays, and nothing says any more who they were."""
    await store.forget_author(tx, user_id)


async def export(tx: Tx, user_id: int) -> dict[str, Any]:
    """All that a person wrote and attached and that still stands; at most 10,000 of each."""
    notes = await store.written_by(tx, user_id, 0, EXPORT_LIMIT)
    files = await store_files.sent_by(tx, user_id, 0, EXPORT_LIMIT)
    return {
        "comments": [
            {
                "on": one.subject,
                "text": one.text,
                "written_at": iso(one.created_at),
                "edited_at": iso(one.edited_at) if one.edited_at else None,
            }
            for one in notes
        ],
        "attachments": [
            {
                "on": one.subject,
                "name": one.name,
                "size_bytes": one.size_bytes,
                "attached_at": iso(one.created_at),
                "address": one.href,
            }
            for one in files
        ],
    }
