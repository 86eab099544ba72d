"""Alice (admin), Dana (editor), Bob (responder) and Charlie (viewer), and an application to meet them in.

async with db() as database:
    alice = await alice_admin(database)
    app = app_with(database, pages.router, api.router)
    async with await client_of(app, alice) as client:   # signed in; sends the CSRF token by itself
        answer = await client.post("/api/v1/services", json={...})
    async with visitor(app) as client: ...               # nobody yet
"""

from typing import Any

import httpx2
from argon2 import PasswordHasher
from fastapi import APIRouter, FastAPI

from bongsu.accounts import entry, store
from bongsu.accounts.http import CSRF_HEADER, Parts, install_errors
from bongsu.accounts.model import Actor
from bongsu.accounts.sessions import Visit, begin_session
from bongsu.accounts.wire import COOKIE
from bongsu.db.session import Database
from bongsu.kit.clock import Clock, ManualClock
from bongsu.kit.settings import Settings
from bongsu.web import preferences
from bongsu.web.assets import static_app
from bongsu.web.security import SecurityHeaders
from bongsu.web.shell import Shell

CLOCK = ManualClock()
PASSWORD = "a heron by the weir"
BASE = "http://bongsu.test"
# Cheap parameters: verifying takes those of the stored hash, so tests do not pay 64 MiB each.
_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


async def person(
    db: Database, name: str, role: str, *, email: str = "", password_hash: str | None = _HASH
) -> Actor:
    """A person who has been here all along; signs in with PASSWORD. Without a hash, one who is invited."""
    address = email or f"{name.lower()}@example.com"
    values = {"name": name, "email": address, "role": role, "created_at": CLOCK.now()}
    values |= {
        "password_hash": password_hash,
        "verified_at": CLOCK.now() if password_hash else None,
    }
    async with db.write() as tx:
        user_id = await store.insert_user(tx, values)
    assert user_id is not None, f"{address} is known already"
    return Actor("user", user_id, name, address, role)


async def alice_admin(db: Database) -> Actor:
    return await person(db, "Alice", "admin")


async def dana_editor(db: Database) -> Actor:
    return await person(db, "Dana", "editor")


async def bob_responder(db: Database) -> Actor:
    return await person(db, "Bob", "responder")


async def charlie_viewer(db: Database) -> Actor:
    return await person(db, "Charlie", "viewer")


def app_with(
    db: Database,
    *routers: APIRouter,
    clock: Clock = CLOCK,
    settings: Settings | None = None,
    **parts: Any,
) -> FastAPI:
    """A small application of these routers: errors, headers and static files as in the real one."""
    app = FastAPI(openapi_url="/api/v1/openapi.json")
    shell = Shell(clock=clock)
    app.state.parts = Parts(db, settings or Settings(public_url=BASE), clock, shell=shell, **parts)
    app.state.shell = shell
    app.state.exports, app.state.partings = {}, {}
    app.state.sights = ()
    app.mount("/static", static_app())
    for router in (preferences.router, *routers):
        app.include_router(router)
    install_errors(app)
    app.add_middleware(SecurityHeaders)
    return app


def visitor(app: FastAPI, *, address: str = "203.0.113.7", base: str = BASE) -> httpx2.AsyncClient:
    """A browser without a session, at `address`. Redirects are not followed; bugs become status 500."""
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False, client=(address, 40000))
    return httpx2.AsyncClient(transport=transport, base_url=base)


async def client_of(
    app: FastAPI, actor: Actor, *, address: str = "203.0.113.7"
) -> httpx2.AsyncClient:
    """A signed-in browser of this person: cookie and CSRF header are set."""
    parts: Parts = app.state.parts
    async with parts.db.write() as tx:
        user = await store.user_by_id(tx, actor.id)
        assert user is not None
        cookie = await begin_session(tx, user, Visit(address, "a test"), parts.clock)
    found = await entry.signed_in(parts.db, cookie, parts.clock.now())
    assert found is not None
    client = visitor(app, address=address)
    client.cookies.set(COOKIE, cookie)
    client.headers[CSRF_HEADER] = found.session.shown_csrf("salt")
    return client
