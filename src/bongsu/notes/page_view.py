"""The notes of one subject as a page shows them."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from bongsu.accounts.model import Actor
from bongsu.db.session import Tx
from bongsu.kit.errors import NotAllowed
from bongsu.kit.i18n import Said, say
from bongsu.notes import service, store, store_files
from bongsu.notes.gate import Subject
from bongsu.notes.kinds import title
from bongsu.notes.markdown import render_markdown
from bongsu.notes.mentions import names_of
from bongsu.notes.model import Attachment, Note, is_own, may_have_original
from bongsu.notes.service import Gates
from bongsu.notes.store import Named

SHOWN = 40  # the newest; the rest on demand
GONE = say("Deleted person")
_LAST = 2**62


@dataclass(frozen=True, slots=True)
class FileView:
    file: Attachment
    may_remove: bool
    may_download: bool

    @property
    def kind(self) -> Said:
        return title(self.file.kind)

    @property
    def claimed(self) -> Said | None:
        return title(self.file.claimed) if self.file.claimed else None


@dataclass(frozen=True, slots=True)
class NoteView:
    note: Note
    author: Said | str
    html: Markup
    own: bool
    may_remove: bool
    files: tuple[FileView, ...]


@dataclass(frozen=True, slots=True)
class NotesView:
    """`earlier`: how many older comments are not shown. `loose`: files that came without a comment."""

    subject: Subject
    notes: tuple[NoteView, ...]
    loose: tuple[FileView, ...]
    earlier: int
    may_write: bool

    @property
    def path(self) -> str:
        return f"/-/notes/{self.subject.key}"


async def read(
    tx: Tx, gates: Gates, actor: Actor, key: str, language: str, every: bool = False
) -> NotesView:
    """Seven queries. Raises NotFound, NotAllowed."""
    subject = await service.readable(tx, gates, actor, key)
    limit = store.LIST_LIMIT if every else SHOWN
    notes = await store.listed(tx, subject.key, before_id=_LAST, limit=limit)
    files = await store_files.of_subject(tx, subject.key)
    earlier = await store.count(tx, subject.key) - len(notes) if len(notes) == limit else 0
    may_write = await _may_write(tx, gates, actor, key)
    authors = await authors_of(tx, notes, files)
    names = await names_of(tx, [number for one in notes for number in one.mentions])
    shown = {one.id for one in notes if not one.removed}
    seen = [_file(one, actor, subject, may_write) for one in files]
    views = []
    for one in notes:
        html = Markup() if one.removed else render_markdown(one.text, language, names)
        own = may_write and is_own(one.author_id, actor)
        views.append(
            NoteView(
                note=one,
                author=author_of(one.actor, one.author_id, authors),
                html=html,
                own=own,
                may_remove=own or (may_write and subject.manager),
                files=tuple(view for view in seen if view.file.note_id == one.id),
            )
        )
        await asyncio.sleep(
            0
        )  # drawing one may take some milliseconds; others have their turn between
    loose = tuple(view for view in seen if view.file.note_id not in shown)
    return NotesView(subject, tuple(views), loose, max(0, earlier), may_write)


async def _may_write(tx: Tx, gates: Gates, actor: Actor, key: str) -> bool:
    try:
        await service.writable(tx, gates, actor, key)
    except NotAllowed:
        return False
    return True


def _file(file: Attachment, actor: Actor, subject: Subject, may_write: bool) -> FileView:
    own = is_own(file.author_id, actor)
    removable = may_write and (own or subject.manager)
    return FileView(file, removable, may_have_original(file, actor, subject))


async def authors_of(
    tx: Tx, notes: Sequence[Note], files: Collection[Attachment]
) -> Mapping[int, Named]:
    ids = {one.author_id for one in notes if one.author_id is not None}
    ids |= {one.author_id for one in files if one.author_id is not None}
    return {one.id: one for one in await store.people_by_ids(tx, ids)}


def author_of(actor: str, author_id: int | None, people: Mapping[int, Named]) -> Said | str:
    """People who left are not named any more; what has no number is the program itself."""
    person = people.get(author_id or 0)
    if person is not None:
        return person.name
    return GONE if actor.startswith(("user/", "token/")) else "Bongsu"
