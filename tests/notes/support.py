"""A thing to write on, with a gate that says who may what and keeps what it heard; real stores around it."""

import contextlib
import io
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bongsu.accounts.model import Actor
from bongsu.db.session import Database, Tx
from bongsu.events import log
from bongsu.events.envelope import Event
from bongsu.kit.clock import Clock, ManualClock
from bongsu.kit.errors import NotAllowed, NotFound, ObjectsAway
from bongsu.kit.i18n import say
from bongsu.notes import service, service_files
from bongsu.notes.gate import NoteData, Subject, What
from bongsu.notes.model import Attachment, Note
from bongsu.notes.service_files import Attached, Sent
from bongsu.objects.folder import FolderObjects
from bongsu.objects.model import BINARY, LIMIT_S
from bongsu.objects.outbox import Outbox
from tests.people import person

KEY = "thing/7"


@dataclass
class ThingGate:
    """`members` write, `readers` read, for everybody else there is no such thing."""

    members: set[int] = field(default_factory=set)
    readers: set[int] = field(default_factory=set)
    managers: set[int] = field(default_factory=set)
    concerned: tuple[int, ...] = ()
    heard_of: list[tuple[str, NoteData]] = field(default_factory=list)

    async def read(self, tx: Tx, actor: Actor, ident: int) -> Subject:
        if actor.id not in self.members | self.readers or ident not in {7, 8}:
            raise NotFound(say("There is no thing {id}.", id=ident))
        manager = actor.id in self.managers
        return Subject(
            f"thing/{ident}", "Thing 7", "/things/7", ("shelf/1",), self.concerned, manager
        )

    async def write(self, tx: Tx, actor: Actor, ident: int) -> Subject:
        subject = await self.read(tx, actor, ident)
        if actor.id not in self.members or not actor.scopes:
            raise NotAllowed(say("You may only look at this."))
        return subject

    async def may_read(self, tx: Tx, subject: Subject, user_id: int) -> bool:
        return user_id in self.members | self.readers

    async def heard(
        self, tx: Tx, actor: Actor, subject: Subject, what: What, note: NoteData, clock: Clock
    ) -> None:
        self.heard_of.append((what, note))


class Store(FolderObjects):
    """An object store whose door a test closes."""

    closed = False

    async def put(
        self, key: str, body: bytes, content_type: str = BINARY, timeout_s: float = LIMIT_S
    ) -> None:
        self._ask()
        await super().put(key, body, content_type, timeout_s)

    async def get(self, key: str, timeout_s: float = LIMIT_S) -> bytes:
        self._ask()
        return await super().get(key, timeout_s)

    async def delete(self, key: str) -> None:
        self._ask()
        await super().delete(key)

    def _ask(self) -> None:
        if self.closed:
            raise ObjectsAway("the door is closed")


@dataclass
class Desk:
    """Alice (manager), Bob and Carol (members), Dan (reader) and Eve (stranger) around thing 7."""

    db: Database
    clock: ManualClock
    store: Store
    objects: Outbox
    gate: ThingGate
    people: dict[str, Actor]

    @property
    def gates(self) -> dict[str, ThingGate]:
        return {"thing": self.gate}

    @property
    def heard(self) -> list[str]:
        return [what for what, _ in self.gate.heard_of]

    @property
    def told(self) -> NoteData:
        return self.gate.heard_of[-1][1]

    async def comment(self, who: str, text: str, key: str = KEY) -> service.Saved:
        async with self.db.write() as tx:
            return await service.add(tx, self.gates, self.people[who], key, text, self.clock)

    async def write(
        self, use: Callable[..., Coroutine[Any, Any, Any]], who: str, *args: Any
    ) -> Any:
        """One use case as this person, in a transaction of its own."""
        async with self.db.write() as tx:
            return await use(tx, self.gates, self.people[who], *args, self.clock)

    async def note(self, who: str, note_id: int) -> Note:
        async with self.db.read() as tx:
            return (await service.get(tx, self.gates, self.people[who], note_id))[0]

    async def attach(self, who: str, *files: tuple[str, bytes], text: str = "") -> Attached:
        sent = [Sent(name, len(body), io.BytesIO(body)) for name, body in files]
        return await service_files.attach(
            self.db, self.objects, self.gates, self.people[who], KEY, sent, self.clock, text
        )

    async def attachment(self, who: str, attachment_id: int) -> Attachment:
        async with self.db.read() as tx:
            return (await service_files.get(tx, self.gates, self.people[who], attachment_id))[0]

    async def events(self, prefix: str) -> list[Event]:
        async with self.db.read() as tx:
            return list(reversed(await log.search(tx, type_prefix=prefix, limit=100)))


@contextlib.asynccontextmanager
async def desk(db: Any, folder: Path) -> AsyncIterator[Desk]:
    async with db() as database:
        store = Store(folder / "store")
        names = ("Alice", "Bob", "Carol", "Dan", "Eve")
        people = {name: await person(database, name, "viewer") for name in names}
        ids = {name: actor.id for name, actor in people.items()}
        gate = ThingGate({ids[n] for n in ("Alice", "Bob", "Carol")}, {ids["Dan"]}, {ids["Alice"]})
        yield Desk(database, ManualClock(), store, Outbox(folder / "outbox", store), gate, people)
