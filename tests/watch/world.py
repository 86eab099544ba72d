"""What tests of the watch room share: a service with checks, and looks that say what a test wants."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bongsu.accounts.model import SYSTEM, Actor
from bongsu.db.session import Database
from bongsu.events import log
from bongsu.kit.clock import ManualClock
from bongsu.kit.errors import ObjectsAway
from bongsu.kit.i18n import say
from bongsu.net.model import Phases
from bongsu.services import service as services
from bongsu.services import tables as service_tables
from bongsu.services.model import ServiceDraft
from bongsu.watch import service, store_states, tables
from bongsu.watch.drafts import read_check
from bongsu.watch.model import Check, CheckId, Fault, Observation, ServiceId

ALICE = Actor("user", 1, "Alice", "alice@example.com", "admin")
DANA = Actor("user", 2, "Dana", "dana@example.com", "editor")
CHARLIE = Actor("user", 3, "Charlie", "charlie@example.com", "viewer")
HOME = {"http": "http://127.0.0.1:9/", "every": "10s"}


async def register(
    database: Database,
    name: str = "home",
    values: Any = None,
    owner: str = "shop",
    clock: Any = None,
) -> Check:
    """A check; its service is made when it is not there yet."""
    clock = clock or ManualClock()
    async with database.write() as tx:
        if owner not in [one.name for one in await services.store.every(tx)]:
            await services.create(tx, SYSTEM, ServiceDraft(name=owner, title=owner.title()), clock)
        return await service.register(tx, ALICE, owner, read_check(values or HOME, name), clock)


async def events(database: Database, prefix: str = "") -> list[log.Event]:
    async with database.read() as tx:
        found = await log.read_after(tx, 0, 10_000)
    return [event for event in found if event.type.startswith(prefix)]


def a_check(check_id: int = 1, every_s: float = 10.0, host: str = "a.test", **values: Any) -> Check:
    defaults: dict[str, Any] = {
        "timeout_s": every_s / 2, "options": {"url": f"http://{host}/"}, "kind": "http",
    }  # fmt: skip
    return Check(
        id=CheckId(check_id), name=f"check-{check_id}", service_id=ServiceId(1), service="shop",
        every_s=every_s, **(defaults | values),
    )  # fmt: skip


def saw(level: str, at: datetime, own: str | None = None, **values: Any) -> Observation:
    if own is not None:
        return Observation(False, "unknown", at, own=own, **values)
    if level == "up":
        phases = Phases(name=100, connect=200, first_byte=700)
        return Observation(True, "up", at, connected=True, status=200, phases_us=phases, **values)
    defaults: dict[str, Any] = {
        "fault": Fault("connect_refused", "refused"),
        "reason": say("a.test refused the connection."),
    }
    return Observation(False, level, at, **(defaults | values))


class Looks:
    """A prober that sees what the test says, as fast as the test lets it."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.levels: dict[int, str] = {}
        self.own: str | None = None
        self.holding: dict[int, asyncio.Event] = {}  # looks of these checks hang until set
        self.takes_s: dict[int, float] = {}  # looks of these checks take that long
        self.started: list[int] = []
        self.error: Exception | None = None

    async def look(self, check: Check, late_s: float) -> Observation:
        self.started.append(check.id)
        at = self.clock.now()
        if check.id in self.holding:
            await self.holding[check.id].wait()
        until_s = self.clock.monotonic_s() + self.takes_s.get(check.id, 0.0)
        while self.clock.monotonic_s() < until_s:
            await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        return saw(self.levels.get(check.id, "up"), at, self.own)

    def forget(self, check_id: int) -> None:
        self.levels.pop(check_id, None)


class Heard:
    """An outlet that remembers."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, str, str, int]] = []
        self.moves: list[tuple[int, str]] = []
        self.certificates: dict[int, dict[str, Any]] = {}
        self.answers: dict[str, dict[str, Any]] = {}
        self.troubles: list[tuple[str, dict[str, Any]]] = []

    def looked(self, check: Check, state: str, seen: Observation, intervals: int = 1) -> None:
        self.rows.append((check.id, state, seen.own or seen.level, intervals))

    def changed(self, check: Check, move: Any, seen: Observation) -> None:
        self.moves.append((check.id, move.after))

    def certificate(self, check_id: int, seen: dict[str, Any]) -> None:
        self.certificates[check_id] = seen

    def answer(self, request_id: str, summary: dict[str, Any]) -> None:
        self.answers[request_id] = summary

    def trouble(self, kind: str, /, **details: Any) -> None:
        self.troubles.append((kind, details))


class Kept:
    """An outbox in memory; `error` makes it fail, `hang` makes it wait."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.error: ObjectsAway | None = None
        self.hang = False

    async def put_later(self, key: str, body: bytes, content_type: str) -> None:
        if self.hang:
            await asyncio.Event().wait()
        if self.error is not None:
            raise self.error
        self.objects[key] = body


async def settle(turns: int = 5) -> None:
    """Lets tasks that are ready run."""
    for _ in range(turns):
        await asyncio.sleep(0)


async def fill(database: Database, services: int, checks: int) -> None:
    """A wall by few statements."""
    now = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
    plain = {
        "group_title": "",
        "description": "",
        "tags": [],
        "links": [],
        "created_at": now,
        "updated_at": now,
    }
    same = {
        "kind": "http", "options": {"url": "http://a.b/"}, "every_s": 10.0, "timeout_s": 5.0, "confirm": 2,
        "recover": 1, "expect": [], "warn": [], "paused": False, "locations": [], "quorum": 1,
        "created_at": now, "updated_at": now,
    }  # fmt: skip
    rows = [same | {"service_id": n % services + 1, "name": f"c{n}"} for n in range(checks)]
    bad = {"text": "{place} refused the connection.", "args": {"place": "a.b"}}
    states = [
        {"check_id": n + 1, "state": "down" if n % 50 == 0 else "up", "since": now, "reason": bad}
        for n in range(checks)
    ]
    async with database.write() as tx:
        await tx.execute(
            sa.insert(service_tables.service),
            [plain | {"name": f"s{n}", "title": f"S{n}"} for n in range(services)],
        )
        await tx.execute(sa.insert(tables.check), rows)
        await tx.execute(sa.insert(tables.check_state), states)
        body = store_states.pack([[n + 1, "up", 12.5, 1.0] for n in range(checks)])
        await store_states.save_snapshot(tx, "here", now, 1, body)
