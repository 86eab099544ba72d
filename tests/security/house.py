"""The whole application with something of everything in it, and one caller of each kind.

`Template` is made once; each test works on a copy, so that it may delete what it likes.
"""

import asyncio
import contextlib
import json
import shutil
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2

from bongsu.accounts import entry, store, store_keys, tokens
from bongsu.accounts.doors import make_door
from bongsu.accounts.http import CSRF_HEADER
from bongsu.accounts.inputs import NewToken
from bongsu.accounts.model import Actor
from bongsu.accounts.sessions import Visit, begin_session
from bongsu.accounts.wire import COOKIE
from bongsu.app import build_app
from bongsu.db.migrate import migrate
from bongsu.db.session import Database
from bongsu.deliver import store_listing as deliveries
from bongsu.events import log
from bongsu.events.envelope import Draft
from bongsu.incidents.worker import Planner
from bongsu.kit.clock import SYSTEM_CLOCK, iso, micros
from bongsu.kit.i18n import say
from bongsu.kit.ids import token_hash
from bongsu.kit.settings import Settings
from bongsu.rules.builtin import install_builtin
from bongsu.rules.follower import RuleFollower
from bongsu.tell import store_choices
from bongsu.tell.model import Defaults
from bongsu.web.shell import Shell
from tests.people import BASE, person
from tests.security import factors, outer_routes, task_routes

ROLES = ("viewer", "responder", "editor", "admin")
CALLERS = ("nobody", *ROLES)
VISIT = Visit("203.0.113.7", "a test")
_SHELL = Shell(clock=SYSTEM_CLOCK)  # compiles each template once for all houses
_TOUCHED = frozenset({"seen_at", "used_at"})  # when somebody was last seen: not a change
EVIDENCE = "evidence/shop/home/2026-11-21/one.json"
DOCUMENT = {
    "version": 1,
    "check": {"id": 1, "service": "shop", "name": "home", "kind": "http"},
    "location": "here",
    "verdict": {"before": "up", "after": "down", "since": "2026-11-21T09:00:00Z", "reason": "503"},
    "request": {"kind": "http", "options": {"url": "https://shop.example.com/"}, "timeout_s": 10},
    "seen": {
        "status": 503, "total_us": 1200, "address": "192.0.2.7:443", "fault": None, "conditions": [],
        "at": "2026-11-21T09:00:00Z", "level": "down", "own": None, "reason": "503", "http_version": "1.1",
        "phases_us": {"name": 0, "connect": 1, "tls": 1, "first_byte": 1, "transfer": 1}, "headers": [],
        "body_head": "", "body_bytes": 0, "body_truncated": False, "redirects": [], "certificate": None,
    },
}  # fmt: skip


@dataclass(slots=True)
class Template:
    """A data folder, the sessions and tokens that open it, and the numbers of what is in it."""

    folder: Path
    cookies: dict[str, tuple[str, str]] = field(default_factory=dict)  # cookie, csrf
    tokens: dict[str, str] = field(default_factory=dict)
    ids: dict[str, Any] = field(default_factory=dict)


def settings_of(folder: Path) -> Settings:
    own = {"data_dir": str(folder), "public_url": BASE, "mail_url": f"folder://{folder}/mail"}
    return Settings(**own, **factors.provider_settings())


async def build_template(folder: Path) -> Template:
    made, settings = Template(folder), settings_of(folder)
    folder.mkdir(parents=True, exist_ok=True)
    await migrate(settings.database)
    db = Database.open(settings.database)
    try:
        people = {role: await person(db, role.title(), role) for role in ROLES}
        erin = await person(db, "Erin", "viewer")
        frank = await _disabled(db, await person(db, "Frank", "viewer"))
        made.ids |= {"erin": erin.id, "frank": frank.id} | {
            role: actor.id for role, actor in people.items()
        }
        async with db.write() as tx:
            await install_builtin(tx, SYSTEM_CLOCK)
        for role, actor in people.items():
            await _open_session(db, made, role, actor)
            async with db.write() as tx:
                await store_choices.mute(
                    tx, actor.id, "task/99", "[TSK-99]", "", SYSTEM_CLOCK.now()
                )
        await _make_tokens(db, made, people | {"erin": erin})
        await _door(db, made, erin)
        await factors.furnish(db, settings, made.ids, people | {"erin": erin})
    finally:
        await db.close()
    async with House.of(made, folder).client("admin") as alice:
        await _furnish(alice, made)
    await _break(settings, made)
    async with House.of(made, folder).client("admin") as alice:
        await _annotate(alice, made, settings)
    return made


async def _disabled(db: Database, actor: Actor) -> Actor:
    async with db.write() as tx:
        await store.update_user(tx, actor.id, disabled_at=SYSTEM_CLOCK.now())
    return actor


async def _open_session(db: Database, made: Template, role: str, actor: Actor) -> None:
    async with db.write() as tx:
        user = await store.user_by_id(tx, actor.id)
        assert user is not None
        cookie = await begin_session(tx, user, VISIT, SYSTEM_CLOCK)
    found = await entry.signed_in(db, cookie, SYSTEM_CLOCK.now())
    assert found is not None
    made.cookies[role] = (cookie, found.session.shown_csrf("salt"))
    made.ids[f"session_{role}"] = found.session.id


async def _make_tokens(db: Database, made: Template, people: dict[str, Actor]) -> None:
    wanted = {f"{name}_full": (actor, ["*"]) for name, actor in people.items()}
    wanted |= {f"{name}_reading": (actor, []) for name, actor in people.items()}
    wanted["expired"] = (people["admin"], ["*"])
    async with db.write() as tx:
        for name, (actor, scopes) in wanted.items():
            form = NewToken(name=name, scopes=scopes)
            token, made.tokens[name] = await tokens.create(tx, actor, form, SYSTEM_CLOCK)
            made.ids[f"token_{name}"] = token.id
        past = SYSTEM_CLOCK.now() - timedelta(days=1)
        changed = store_keys.api_token.update().where(
            store_keys.api_token.c.token_hash == token_hash(made.tokens["expired"])
        )
        await tx.execute(changed.values(expires_at=past))


async def _door(db: Database, made: Template, erin: Actor) -> None:
    async with db.write() as tx:
        made.ids["door"] = await make_door(tx, "reset", erin.id, SYSTEM_CLOCK.now())


async def _furnish(alice: httpx2.AsyncClient, made: Template) -> None:
    """By the same ways in that people use."""
    team = await _made(alice, "/teams", {"name": "shop-team", "members": [made.ids["responder"]]})
    await _made(alice, "/services", {"name": "shop", "title": "Shop", "owners": ["shop-team"]})
    home = {"service": "shop", "name": "home", "http": "https://shop.example.com/"}
    check = await _made(alice, "/checks", home)
    hook = {"url": "https://hooks.example.com/x"}
    await _made(alice, "/channels", {"name": "hook", "kind": "webhook", "options": hook})
    rule = {"name": "mine", "when": {"detail-type": ["x"]}, "do": [{"incident": {"severity": 2}}]}
    await _made(alice, "/rules", rule)
    trigger = {"name": "mine", "title": "Mine", "pattern": {"outcome": ["failed"]}}
    await _made(alice, "/request-triggers", trigger | {"at_least": 5, "window_s": 60})
    await _made(alice, "/projects", {"key": "TSK", "title": "Tasks", "everyone": "member"})
    task = await _made(alice, "/tasks", {"project": "TSK", "title": "Pin the client"})
    made.ids |= {"team": team["id"], "check": check["id"], "task": task["id"]}
    await task_routes.furnish(alice, made.ids)
    await outer_routes.furnish(alice)


async def _annotate(alice: httpx2.AsyncClient, made: Template, settings: Settings) -> None:
    """A comment and a file of the administrator's; and one of each that may still be brought back, however long
    the tests take."""
    on = "?subject=incident/1"
    for end in ("", "_gone"):
        note = await _made(alice, f"/notes{on}", {"text": "Seen."})
        sent = await alice.post(f"/api/v1/attachments{on}", files=[("file", ("a.txt", b"a"))])
        assert sent.status_code == 201, sent.text
        made.ids |= {
            f"note{end}": note["id"],
            f"attachment{end}": sent.json()["attachments"][0]["id"],
        }
    await alice.delete(f"/api/v1/notes/{made.ids['note_gone']}")
    await alice.delete(f"/api/v1/attachments/{made.ids['attachment_gone']}")
    tomorrow = micros(SYSTEM_CLOCK.now() + timedelta(days=1))
    with contextlib.closing(sqlite3.connect(settings.database.removeprefix("sqlite:///"))) as db:
        for table in ("note", "attachment"):
            db.execute(
                f"UPDATE {table} SET removed_at = ? WHERE removed_at IS NOT NULL", (tomorrow,)
            )
        db.commit()


async def _made(alice: httpx2.AsyncClient, path: str, body: Any) -> Any:
    answer = await alice.post(f"/api/v1{path}", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def _break(settings: Settings, made: Template) -> None:
    """The shop is down: an incident, its deliveries and its evidence, through the real alarm line."""
    db, defaults = Database.open(settings.database), Defaults.of(settings)
    app, _ = build_app(settings, asyncio.Event())
    now = SYSTEM_CLOCK.now()
    data = {
        "object": f"check/{made.ids['check']}",
        "service": {"id": 1, "name": "shop", "title": "Shop", "group": ""},
        "check": {"id": made.ids["check"], "name": "home", "kind": "http", "target": "x"},
        "before": {"state": "up", "since": None},
        "after": {"state": "down", "since": iso(now)},
        "changed": ["state"],
        "reason": say("Answered {status}, expected 200.", status=503).stored(),
        "evidence": EVIDENCE,
        "overlay": None,
        "observation": {"status": 503, "conditions": []},
    }
    draft = Draft(
        type="check.state_changed", source="bongsu.watch", subject=f"check/{made.ids['check']}",
        resources=("service/1",), data=data, severity=4, dedup_key="service/shop", time=now,
    )  # fmt: skip
    try:
        async with db.write() as tx:
            made.ids["event"] = log.record(tx, draft, SYSTEM_CLOCK)
        rules = RuleFollower(db, defaults, SYSTEM_CLOCK)
        while await rules.follower.step():
            pass
        await Planner(db, defaults, SYSTEM_CLOCK, asyncio.Event()).step()
        async with db.read() as tx:
            made.ids["delivery"] = (await deliveries.listed(tx))[0].delivery.id
        await app.state.parts.objects.put_later(EVIDENCE, json.dumps(DOCUMENT).encode())
    finally:
        await db.close()
        await app.state.parts.db.close()
    made.ids["incident"] = 1


@dataclass(slots=True)
class House:
    """One copy of the template, and the application over it."""

    template: Template
    settings: Settings

    @classmethod
    def of(cls, template: Template, folder: Path) -> "House":
        if folder != template.folder:
            shutil.copytree(template.folder, folder)
        return cls(template, settings_of(folder))

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """The whole content of the database, without when somebody was last seen."""
        path = self.settings.database.removeprefix("sqlite:///")
        with contextlib.closing(sqlite3.connect(path)) as db:
            tables = [
                row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type='table'")
            ]
            return {table: _rows(db, table) for table in tables}

    @contextlib.asynccontextmanager
    async def client(self, caller: str, **headers: str) -> AsyncIterator[httpx2.AsyncClient]:
        """`nobody`, a role (signed in, with the page's token), or the name of an API token.

        Streams end at once, as at a shutdown.
        """
        stop = asyncio.Event()
        stop.set()
        app, _ = build_app(self.settings, stop)
        app.state.shell = _SHELL
        transport = httpx2.ASGITransport(app, raise_app_exceptions=False, client=("203.0.113.7", 1))
        async with httpx2.AsyncClient(transport=transport, base_url=BASE) as client:
            self.identify(client, caller)
            client.headers.update(headers)
            yield client
        parts = app.state.parts
        await asyncio.gather(app.state.history.close(), parts.db.close(), parts.outward.close())

    def identify(self, client: httpx2.AsyncClient, caller: str) -> None:
        if caller in self.template.cookies:
            cookie, csrf = self.template.cookies[caller]
            client.cookies.set(COOKIE, cookie)
            client.headers[CSRF_HEADER] = csrf
        elif caller in self.template.tokens:
            client.headers["authorization"] = f"Bearer {self.template.tokens[caller]}"

    def url(self, pattern: str) -> str:
        return pattern.format(**self.template.ids)


def _rows(db: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    columns = [
        row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[1] not in _TOUCHED
    ]
    return sorted(db.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall(), key=repr)
