"""How notes ask the room whose thing they hang on: may this person read it, write on it, and whom does it concern.

A subject is called `family/ident`, such as `task/42`. Notes know no other room; each room that has notes gives
one `Gate`, and `app.py` puts them together as `app.state.gates = {"task": …, "incident": …}`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from bongsu.accounts.model import Actor
from bongsu.db.session import Tx
from bongsu.kit.clock import Clock

What = Literal["commented", "comment_edited", "comment_deleted", "attached", "detached"]


@dataclass(frozen=True, slots=True)
class Subject:
    """What the notes hang on, as the person who asks may see it."""

    key: str  # task/42
    title: str
    href: str  # its page
    resources: tuple[str, ...]  # of its events, beside the key
    people: tuple[int, ...] = ()  # who may be mentioned beside everybody who may read
    manager: bool = False  # whether who asks may remove what others wrote
    name: str = ""  # task/TSK-42, where people see another number than the key's


@dataclass(frozen=True, slots=True)
class FileData:
    """A file that came or went, as an event keeps it."""

    id: int
    name: str
    size_bytes: int
    media_type: str


@dataclass(frozen=True, slots=True)
class NoteData:
    """What was written or attached in one save. A save of files alone has the id 0 and no text."""

    id: int
    text: str = ""  # Markdown, as it was written
    mentions: tuple[
        int, ...
    ] = ()  # people who may read the subject; after an edit only those who are new
    before: str = ""  # the text before an edit or a deletion
    files: tuple[FileData, ...] = ()


class Gate(Protocol):
    async def read(self, tx: Tx, actor: Actor, ident: int) -> Subject:
        """Raises NotFound for what is not there or not theirs to see, NotAllowed for what is."""

    async def write(self, tx: Tx, actor: Actor, ident: int) -> Subject:
        """Raises as `read`, and NotAllowed for who may only look."""

    async def may_read(self, tx: Tx, subject: Subject, user_id: int) -> bool:
        """Whether a mention of this person counts, and they may be told."""

    async def heard(
        self, tx: Tx, actor: Actor, subject: Subject, what: What, note: NoteData, clock: Clock
    ) -> None:
        """Records the room's own event in the same transaction. One save is one call."""


class Naming:
    """A gate that notes in `names` how people call what it gave: the log of requests says it their way."""

    def __init__(self, gate: Gate, names: dict[str, str]) -> None:
        self.gate, self.names = gate, names

    async def read(self, tx: Tx, actor: Actor, ident: int) -> Subject:
        return self._noted(await self.gate.read(tx, actor, ident))

    async def write(self, tx: Tx, actor: Actor, ident: int) -> Subject:
        return self._noted(await self.gate.write(tx, actor, ident))

    async def may_read(self, tx: Tx, subject: Subject, user_id: int) -> bool:
        return await self.gate.may_read(tx, subject, user_id)

    async def heard(
        self, tx: Tx, actor: Actor, subject: Subject, what: What, note: NoteData, clock: Clock
    ) -> None:
        await self.gate.heard(tx, actor, subject, what, note, clock)

    def _noted(self, subject: Subject) -> Subject:
        if subject.name:
            self.names[subject.key] = subject.name
        return subject


def naming(gates: Mapping[str, Gate], names: dict[str, str]) -> dict[str, Gate]:
    return {family: Naming(gate, names) for family, gate in gates.items()}
