"""Comments and attachments as values, and who may change them: pure."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from bongsu.accounts.model import Actor
from bongsu.kit.errors import Invalid, NotAllowed, NotFound, Problem
from bongsu.kit.i18n import Said, say
from bongsu.notes.gate import FileData, Subject
from bongsu.notes.kinds import is_picture, media_type

TEXT_BYTES = 64 << 10
FILE_BYTES = 25 << 20
FILES_AT_ONCE = 20
FILES_PER_SUBJECT = 100
NAME_CHARS = 200
UNDO = timedelta(minutes=5)  # then what was removed is really gone
TRIES = 3
_SUBJECT = re.compile(r"([a-z]{1,20})/([0-9]{1,18})")
# Besides control characters: what turns the reading direction makes `exe.png` of `gnp.exe`.
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One comment. `author_id` is none for the program itself and for people who were deleted."""

    id: int
    subject: str
    author_id: int | None
    actor: str
    text: str
    mentions: tuple[int, ...]
    created_at: datetime
    edited_at: datetime | None = None
    removed_at: datetime | None = None
    removed_by: str | None = None

    @property
    def removed(self) -> bool:
        return self.removed_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """`picture` says how far the small picture is: none (it is no picture), waiting, made or refused."""

    id: int
    subject: str
    note_id: int | None
    author_id: int | None
    actor: str
    name: str
    size_bytes: int
    kind: str
    claimed: str | None
    folder: str
    created_at: datetime
    removed_at: datetime | None = None
    removed_by: str | None = None
    picture: str = "none"
    refusal: Said | None = None
    tries: int = 0
    claimed_until: datetime | None = None
    width: int | None = None
    height: int | None = None
    thumb_width: int | None = None
    thumb_height: int | None = None

    @property
    def key(self) -> str:
        """Of the file itself in the object store."""
        return f"{self.folder}/file"

    @property
    def thumb_key(self) -> str:
        return f"{self.folder}/thumb"

    @property
    def view_key(self) -> str:
        return f"{self.folder}/view"

    @property
    def href(self) -> str:
        return f"/attachments/{self.id}/{link_name(self.name)}"

    @property
    def fact(self) -> FileData:
        return FileData(self.id, self.name, self.size_bytes, media_type(self.kind))


def read_subject(key: str) -> tuple[str, int]:
    """`task/42` → task, 42. Raises NotFound: nothing can be called like that."""
    found = _SUBJECT.fullmatch(key)
    if found is None:
        raise NotFound(say("There is nothing called {key} here.", key=key[:80]))
    return found[1], int(found[2])


def checked_text(text: str) -> str:
    """Raises Invalid for no text or too much."""
    kept = text.replace("\r\n", "\n").strip()
    if not kept:
        raise Invalid(
            say("The comment is empty."), (Problem("text", say("Write something first.")),)
        )
    size_bytes = len(kept.encode("utf-8", "replace"))
    if size_bytes > TEXT_BYTES:
        limit = TEXT_BYTES >> 10
        what = say("This is {n} KiB; the most is {limit}. Attach the rest as a file.",
                   n=-(-size_bytes >> 10), limit=limit)  # fmt: skip
        raise Invalid(say("The comment is too long."), (Problem("text", what),))
    return kept


def is_own(author_id: int | None, actor: Actor) -> bool:
    return author_id is not None and author_id == actor.id


def may_have_original(file: "Attachment", actor: Actor, subject: Subject) -> bool:
    """A photograph tells where it was taken: the file as it was sent is for its sender and for managers."""
    return not is_picture(file.kind) or is_own(file.author_id, actor) or subject.manager


def check_edit(note: Note, actor: Actor) -> None:
    """Raises NotAllowed, NotFound: words are changed by whoever wrote them, and only while they stand."""
    if note.removed:
        raise NotFound(say("This comment was removed."))
    if not is_own(note.author_id, actor):
        raise NotAllowed(say("Only whoever wrote a comment may change it. Write one of your own."))


def check_removal(author_id: int | None, actor: Actor, subject: Subject) -> None:
    """Raises NotAllowed."""
    if not is_own(author_id, actor) and not subject.manager:
        raise NotAllowed(
            say(
                "Only whoever wrote this and who manages {subject} may remove it.",
                subject=subject.title,
            )
        )


def check_restoring(
    removed_at: datetime | None, removed_by: str | None, actor: Actor, now: datetime
) -> None:
    """Raises NotAllowed, NotFound."""
    if removed_at is None or now > removed_at + UNDO:
        raise NotFound(say("There is nothing left to bring back."))
    if removed_by != actor.ref:
        raise NotAllowed(say("Only whoever removed it can bring it back."))


def clean_name(name: str | None) -> str:
    """A file's name without its folders and without what cannot be seen; never empty."""
    last = re.split(r"[\\/]", name or "")[-1]
    plain = unicodedata.normalize("NFC", last)
    seen = "".join(c if unicodedata.category(c) not in _UNSEEN else " " for c in plain)
    whole = " ".join(seen.split()).lstrip(".")
    return _shortened(whole) or "file"


def _shortened(name: str) -> str:
    if len(name) <= NAME_CHARS:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 16:
        return name[:NAME_CHARS]
    return f"{stem[: NAME_CHARS - len(ending) - 1]}.{ending}"


def link_name(name: str) -> str:
    """As the last part of an address, percent-encoded; two names are taken by routes."""
    plain = quote(name, safe="")
    return f"{plain}_" if plain in {"thumb", "view", ".", ".."} else plain


def first_picture(kind: str) -> str:
    """The state of the small picture when the file arrives."""
    return "waiting" if is_picture(kind) else "none"
