"""A project with Ada (manager), Ben (member), Cho (viewer) and Sam (stranger); Root is an administrator."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx2
import sqlalchemy as sa
import uvicorn

from bongsu.accounts import tokens
from bongsu.accounts.inputs import NewToken
from bongsu.accounts.model import Actor
from bongsu.db.session import Database
from bongsu.events import log
from bongsu.events.envelope import Event
from bongsu.events.tables import event
from bongsu.finding import router as find_router
from bongsu.rooms import routers
from bongsu.tasks import finding, projects, service
from bongsu.tasks.gate import GATE
from bongsu.tasks.inputs import Membership, NewProject, NewTask
from bongsu.tasks.model import Column, Named, Project, Task
from tests.people import CLOCK, app_with, client_of, person

ROUTERS = (find_router, *routers({"tasks"}))


@dataclass(slots=True)
class World:
    db: Database
    root: Actor
    ada: Actor
    ben: Actor
    cho: Actor
    sam: Actor
    project: Project

    async def task(self, title: str = "Pin the client", **said: Any) -> Task:
        """Made by Ada."""
        form = NewTask(**({"project": "TSK", "title": title} | said))
        async with self.db.write() as tx:
            return await service.create(tx, self.ada, form, CLOCK)

    async def events(self, subject: str = "") -> list[Event]:
        """Oldest first."""
        query = sa.select(event).order_by(event.c.seq)
        if subject:
            query = query.where(event.c.subject == subject)
        async with self.db.read() as tx:
            return [log.load(row) for row in await tx.rows(query)]


async def world_of(db: Database) -> World:
    root = await person(db, "Root", "admin")
    ada, ben, cho, sam = [await person(db, name, "viewer") for name in ("Ada", "Ben", "Cho", "Sam")]
    async with db.write() as tx:
        project = await projects.create(tx, ada, NewProject(key="TSK", title="Shop"), CLOCK)
        for who, role in ((ben, "member"), (cho, "viewer")):
            await projects.put_member(tx, ada, "TSK", who.id, Membership(role=role), CLOCK)
    return World(db, root, ada, ben, cho, sam, project)


NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ADA, BEN = Named(1, "Ada"), Named(2, "Ben")
COLUMNS = (
    Column(1, 1, "Waiting", "waiting", 0),
    Column(2, 1, "In progress", "in_progress", 1),
    Column(3, 1, "Done", "done", 2),
)


def a_project(**values: Any) -> Project:
    """Without a database."""
    known = {
        "id": 1,
        "key": "TSK",
        "title": "Shop",
        "description": "",
        "everyone": "none",
        "archived_at": None,
        "columns": COLUMNS,
    }
    return Project(**(known | values))


def a_task(**values: Any) -> Task:
    """Without a database: TSK-1, waiting, made by Ada."""
    known: dict[str, Any] = {
        "id": 1,
        "project_id": 1,
        "project": "TSK",
        "project_title": "Shop",
        "number": 1,
        "title": "Pin the client",
        "description": "",
        "column_id": 1,
        "column": "Waiting",
        "status": "waiting",
        "position": 0.0,
        "priority": 2,
        "creator": ADA,
        **dict.fromkeys(("due_on", "due_time", "due_zone", "due_at", "done_at", "deleted_at")),
        "checklist": (),
        "comments": 0,
        "attachments": 0,
        **dict.fromkeys(("version", "moved_version", "text_version"), 1),
        "changed_by": "Ada",
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Task(**(known | values))


async def house_of(db: Database) -> "House":
    """The world with its pages and API."""
    world = await world_of(db)
    app = app_with(db, *ROUTERS)
    app.state.finders = (finding.find,)
    return House(world, app)


@dataclass(slots=True)
class House:
    world: World
    app: Any

    async def client(self, who: str) -> httpx2.AsyncClient:
        """A browser of one of them."""
        return await client_of(self.app, getattr(self.world, who))


@contextmanager
def statements(db: Database) -> Iterator[list[str]]:
    """What is asked of the database meanwhile; begins and settings do not count."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip()[:6].upper() in {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH A"}:
            seen.append(statement)

    engines = [db._reader.sync_engine, db._writer.sync_engine]
    for engine in engines:
        sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        for engine in engines:
            sa.event.remove(engine, "before_cursor_execute", note)


@asynccontextmanager
async def served_to(
    db: Any,
    port: int,
    monkeypatch: Any,
    routes: Iterable[Any],
    *,
    who: str = "ben",
    scopes: Iterable[str] = ("*",),
) -> AsyncIterator[World]:
    """Tasks and `routes` on a port, and the environment of a command-line client with a token of `who`."""
    async with db() as database:
        world = await world_of(database)
        app = app_with(database, *ROUTERS, *routes)
        app.state.gates = {"task": GATE}
        async with database.write() as tx:
            form = NewToken(name="cli", scopes=list(scopes))
            _, token = await tokens.create(tx, getattr(world, who), form, CLOCK)
        server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off"))
        running = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        monkeypatch.setenv("BONGSU_URL", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("BONGSU_TOKEN", token)
        monkeypatch.setenv("LANG", "C")
        try:
            yield world
        finally:
            server.should_exit = True
            await running
