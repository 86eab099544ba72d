"""Every route of the real application × every role: what is not listed fails, and so does a door left open."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from bongsu.accounts.model import SYSTEM, Actor
from bongsu.app import build_app
from bongsu.events import log
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.settings import Settings
from bongsu.requests import trigger_service as triggers
from bongsu.requests.triggers import TriggerDraft
from bongsu.rules import service as rules
from bongsu.rules.model import RuleDraft
from bongsu.services import service as services
from bongsu.services.model import ServiceDraft
from bongsu.tell import channels
from bongsu.watch import service as checks
from bongsu.watch.drafts import read_check
from tests.people import client_of, person, visitor
from tests.security import outer_routes, task_routes

ROLES = ("viewer", "responder", "editor", "admin")
PUBLIC = {
    "GET /healthz/live", "GET /healthz/ready", "GET /sign-in", "POST /sign-in", "GET /door/{token}",
    "POST /door/{token}", "GET /unsubscribe/{token}", "POST /unsubscribe/{token}",
    "POST /unsubscribe/{token}/back", "POST /-/preferences", "GET /api/v1/openapi.json",
    "GET /sign-in/code", "POST /sign-in/code", "POST /sign-in/again", "GET /sign-in/oidc",
    "GET /sign-in/oidc/back", "POST /api/v1/session",
    "POST /in/{kind}/{token}",
    "GET /sign-up", "POST /sign-up", "POST /sign-up/again", "GET /forgot", "POST /forgot",
    "POST /api/v1/sign-up", "POST /api/v1/sign-up/again", "POST /api/v1/forgot",
}  # fmt: skip
# What every person who is signed in may see.
READ = task_routes.READ | outer_routes.READ | {
    "GET /me/second-factor", "GET /me/second-factor/qr.svg", "GET /api/v1/session",
    "GET /api/v1/me/second-factor", "GET /api/v1/me/identities",
    "GET /-/tell/{family}/{ident}", "GET /api/v1/me/telling", "GET /me/telling",
    "GET /", "GET /-/channels", "GET /-/check-names.json", "GET /-/checks.json",
    "GET /-/checks/{check_id}/evidence", "GET /-/checks/{check_id}/percentiles",
    "GET /-/checks/{check_id}/time", "GET /-/deliveries", "GET /-/deliveries/{delivery_id}", "GET /-/find",
    "GET /-/incidents/count", "GET /-/incidents/of/{service_id}", "GET /-/incidents/open",
    "GET /-/notes/{family}/{ident}", "GET /attachments/{attachment_id}/thumb",
    "GET /attachments/{attachment_id}/view", "GET /attachments/{attachment_id}/{name}",
    "GET /api/v1/notes", "GET /api/v1/notes/{note_id}", "GET /api/v1/attachments",
    "GET /api/v1/attachments/{attachment_id}",
    "GET /-/incidents/{incident_id}/body", "GET /-/overall", "GET /-/people", "GET /-/services/count",
    "GET /-/services/{name}/checks", "GET /-/services/{name}/state", "GET /-/wall",
    "GET /api/v1/channel-kinds", "GET /api/v1/channels", "GET /api/v1/channels/{name}", "GET /api/v1/checks",
    "GET /api/v1/checks/{check_id}", "GET /api/v1/deliveries", "GET /api/v1/deliveries/{delivery_id}",
    "GET /api/v1/events", "GET /api/v1/events/{event_id}", "GET /api/v1/incidents",
    "GET /api/v1/incidents/{incident_id}", "GET /api/v1/incidents/{incident_id}/markdown", "GET /api/v1/me",
    "GET /api/v1/me/export", "GET /me/delete", "GET /me/email", "GET /me/export",
    "GET /api/v1/requests", "GET /api/v1/requests/summary", "GET /api/v1/requests/{request_id}",
    "GET /api/v1/request-triggers", "GET /api/v1/request-triggers/{name}", "GET /requests",
    "GET /requests/{request_id}", "GET /requests/triggers", "GET /requests/triggers/{name}",
    "GET /-/requests/figures", "GET /-/requests/routes", "GET /-/requests/triggers",
    "GET /api/v1/rules", "GET /api/v1/rules/{name}", "GET /api/v1/services", "GET /api/v1/services/{name}",
    "GET /api/v1/sessions", "GET /api/v1/teams", "GET /api/v1/teams/{team_id}", "GET /api/v1/tokens",
    "GET /api/v1/users", "GET /api/v1/users/{user_id}", "GET /channels", "GET /channels/{name}",
    "GET /checks/{check_id}", "GET /deliveries", "GET /deliveries/{delivery_id}", "GET /events",
    "GET /events/{event_id}", "GET /evidence/{key:path}", "GET /incidents", "GET /incidents/{incident_id}",
    "GET /live", "GET /me", "GET /metrics", "GET /people", "GET /rules", "GET /rules/{name}", "GET /services",
    "GET /services/{name}",
}  # fmt: skip
# Writes, and pages that need more than a viewer.
LEAST = task_routes.LEAST | outer_routes.LEAST | {
    "POST /me/telling": "viewer",
    "POST /me/telling/mute/{family}/{ident}": "viewer",
    "POST /me/telling/unmute/{family}/{ident}": "viewer",
    "PATCH /api/v1/me/telling": "viewer",
    "PUT /api/v1/me/telling/muted/{family}/{ident}": "viewer",
    "DELETE /api/v1/me/telling/muted/{family}/{ident}": "viewer",
    "POST /-/services/{name}/now": "viewer",
    "POST /api/v1/checks/now": "viewer",
    "POST /api/v1/rules/backtest": "viewer",
    "POST /sign-out": "viewer",
    "POST /me": "viewer",
    "POST /me/password": "viewer",
    "POST /me/email": "viewer",
    "POST /me/delete": "viewer",
    "POST /api/v1/me/email": "viewer",
    "POST /api/v1/me/delete": "viewer",
    "POST /me/sessions/{session_id}/end": "viewer",
    "POST /me/sessions/end-others": "viewer",
    "POST /me/second-factor/begin": "viewer",
    "POST /me/second-factor/confirm": "viewer",
    "POST /me/second-factor/codes": "viewer",
    "POST /me/second-factor/off": "viewer",
    "POST /me/identities": "viewer",
    "POST /me/identities/{identity_id}/unlink": "viewer",
    "DELETE /api/v1/session": "viewer",
    "DELETE /api/v1/sessions": "viewer",
    "POST /api/v1/me/second-factor": "viewer",
    "POST /api/v1/me/second-factor/confirm": "viewer",
    "POST /api/v1/me/second-factor/codes": "viewer",
    "POST /api/v1/me/second-factor/off": "viewer",
    "DELETE /api/v1/me/identities/{identity_id}": "viewer",
    "POST /people/{user_id}/second-factor/reset": "admin",
    "DELETE /api/v1/users/{user_id}/second-factor": "admin",
    "POST /me/tokens": "viewer",
    "POST /me/tokens/{token_id}/revoke": "viewer",
    "PATCH /api/v1/me": "viewer",
    "POST /api/v1/me/password": "viewer",
    "DELETE /api/v1/sessions/{session_id}": "viewer",
    "POST /api/v1/tokens": "viewer",
    "DELETE /api/v1/tokens/{token_id}": "viewer",
    "GET /-/notes/{family}/{ident}/people": "responder",
    "POST /-/notes/{family}/{ident}": "responder",
    "POST /api/v1/notes": "responder",
    "POST /api/v1/attachments": "responder",
    # There is none of the number 999, whoever asks; on those that there are, test_writes.py tries everybody.
    "POST /-/note/{note_id}/edit": "viewer",
    "POST /-/note/{note_id}/delete": "viewer",
    "POST /-/note/{note_id}/restore": "viewer",
    "POST /-/attachment/{attachment_id}/delete": "viewer",
    "POST /-/attachment/{attachment_id}/restore": "viewer",
    "PATCH /api/v1/notes/{note_id}": "viewer",
    "DELETE /api/v1/notes/{note_id}": "viewer",
    "DELETE /api/v1/attachments/{attachment_id}": "viewer",
    "POST /incidents/{incident_id}/hand-over": "responder",
    "POST /incidents/{incident_id}/resolve": "responder",
    "POST /incidents/{incident_id}/take": "responder",
    "POST /api/v1/incidents/{incident_id}/acknowledge": "responder",
    "POST /api/v1/incidents/{incident_id}/comment": "responder",
    "POST /api/v1/incidents/{incident_id}/hand-over": "responder",
    "POST /api/v1/incidents/{incident_id}/resolve": "responder",
    "POST /deliveries/{delivery_id}/again": "editor",
    "POST /api/v1/deliveries/{delivery_id}/again": "editor",
    "POST /services/{name}/checks/{check}/pause": "editor",
    "POST /services/{name}/checks/{check}/resume": "editor",
    "POST /api/v1/checks/{check_id}/pause": "editor",
    "POST /api/v1/checks/{check_id}/resume": "editor",
    "GET /requests/triggers/new": "editor",
    "POST /requests/triggers": "editor",
    "POST /requests/triggers/try": "editor",
    "POST /requests/triggers/{name}/switch": "editor",
    "POST /api/v1/request-triggers": "editor",
    "POST /api/v1/request-triggers/try": "editor",
    "PUT /api/v1/request-triggers/{name}": "editor",
    "GET /rules/new": "editor",
    "POST /rules": "editor",
    "POST /rules/{name}/switch": "editor",
    "POST /api/v1/rules": "editor",
    "PUT /api/v1/rules/{name}": "editor",
    **dict.fromkeys(
        (
            "GET /-/channel-options", "GET /-/check-options", "GET /channels/new", "GET /people/new",
            "GET /people/teams/new", "GET /people/{user_id}",
            "GET /people/teams/{team_id}", "GET /services/new", "GET /services/{name}/edit",
            "GET /services/{name}/checks/new", "GET /services/{name}/checks/{check}/edit",
            "POST /api/v1/channels", "PUT /api/v1/channels/{name}", "DELETE /api/v1/channels/{name}",
            "POST /api/v1/channels/{name}/test", "POST /api/v1/checks", "PUT /api/v1/checks/{check_id}",
            "DELETE /api/v1/checks/{check_id}", "POST /api/v1/config/apply", "POST /api/v1/config/plan",
            "DELETE /api/v1/request-triggers/{name}", "POST /requests/triggers/{name}/delete",
            "DELETE /api/v1/rules/{name}", "POST /rules/{name}/delete", "POST /api/v1/services",
            "POST /api/v1/services/import", "PUT /api/v1/services/{name}", "DELETE /api/v1/services/{name}",
            "POST /api/v1/teams", "PATCH /api/v1/teams/{team_id}", "DELETE /api/v1/teams/{team_id}",
            "POST /api/v1/users", "PATCH /api/v1/users/{user_id}", "POST /api/v1/users/{user_id}/link",
            "POST /channels", "POST /channels/{name}", "POST /channels/{name}/delete",
            "POST /channels/{name}/test", "POST /people/new", "POST /people/teams/new",
            "POST /people/teams/{team_id}", "POST /people/teams/{team_id}/delete", "POST /people/{user_id}",
            "POST /people/{user_id}/disable", "POST /people/{user_id}/enable", "POST /people/{user_id}/link",
            "GET /people/joining", "POST /people/joining", "GET /api/v1/policy", "PATCH /api/v1/policy",
            "POST /people/{user_id}/delete", "DELETE /api/v1/users/{user_id}",
            "POST /services/new", "POST /services/{name}/checks/new",
            "POST /services/{name}/checks/{check}/delete",
            "POST /services/{name}/checks/{check}/edit", "POST /services/{name}/delete",
            "POST /services/{name}/edit",
        ),
        "admin",
    ),
}  # fmt: skip
_TRIGGER = {
    "name": "t1", "title": "T", "pattern": {"outcome": ["failed"]}, "at_least": 5, "window_s": 60,
}  # fmt: skip
BODIES: dict[str, Any] = (
    task_routes.BODIES
    | outer_routes.BODIES
    | {
        "POST /api/v1/channels": {"name": "c2", "kind": "folder", "options": {"path": "/tmp/x"}},
        "PUT /api/v1/channels/{name}": {
            "kind": "webhook",
            "options": {"url": "https://hooks.example.com/x"},
        },
        "POST /api/v1/checks": {"service": "shop", "name": "x", "http": "https://example.com/"},
        "PUT /api/v1/checks/{check_id}": {"http": "https://example.com/changed"},
        "POST /api/v1/checks/now": {"checks": [], "wait_s": 0},
        "POST /api/v1/config/apply": {"files": [{"name": "f", "text": "teams: {}"}]},
        "POST /api/v1/config/plan": {"files": [{"name": "f", "text": "teams: {}"}]},
        "POST /api/v1/incidents/{incident_id}/comment": {"text": "x"},
        "POST /api/v1/notes": {"text": "x"},
        "PATCH /api/v1/notes/{note_id}": {"text": "x"},
        "POST /api/v1/incidents/{incident_id}/hand-over": {"user": 1},
        "POST /api/v1/incidents/{incident_id}/resolve": {"why": "x"},
        "POST /api/v1/request-triggers": _TRIGGER | {"name": "t2"},
        "PUT /api/v1/request-triggers/{name}": _TRIGGER,
        "POST /api/v1/request-triggers/try": {"pattern": {"outcome": ["failed"]}},
        "POST /api/v1/rules": {"name": "r2", "when": {"a": [1]}, "do": [{"incident": {}}]},
        "PUT /api/v1/rules/{name}": {"name": "r1", "when": {"a": [2]}, "do": [{"incident": {}}]},
        "POST /api/v1/rules/backtest": {"pattern": {"a": [1]}},
        "POST /api/v1/services": {"name": "other"},
        "PUT /api/v1/services/{name}": {"name": "shop", "title": "changed"},
        "POST /api/v1/services/import": {"csv": "service\nother\n"},
        "POST /api/v1/teams": {"name": "t2"},
        "PATCH /api/v1/teams/{team_id}": {"title": "changed"},
        "POST /api/v1/users": {"email": "new@example.com", "name": "New"},
        "PATCH /api/v1/users/{user_id}": {"name": "Changed"},
        "POST /api/v1/tokens": {"name": "t"},
        "PATCH /api/v1/me": {"name": "Me"},
        "PATCH /api/v1/me/telling": {"digest": "hourly"},
        "POST /api/v1/me/email": {"email": "other@example.com", "password": "wrong wrong wrong"},
        "POST /api/v1/me/delete": {"password": "wrong wrong wrong"},
        "PATCH /api/v1/policy": {"role": "editor"},
        "POST /api/v1/session": {"email": "x@example.com", "password": "x"},
        "POST /api/v1/me/second-factor": {},
        "POST /api/v1/me/second-factor/confirm": {"code": "000000"},
        "POST /api/v1/me/second-factor/codes": {"code": "000000"},
        "POST /api/v1/me/second-factor/off": {"code": "000000"},
        "POST /api/v1/sign-up": {
            "email": "n@example.com",
            "name": "N",
            "password": "a good phrase",
        },
        "POST /api/v1/me/password": {"old": "wrong wrong wrong", "new": "another good phrase"},
        "POST /incidents/{incident_id}/hand-over": {"user_id": "1"},
    }
)
STREAM = "GET /live"  # ends only with the server; its door is the same `Caller`


@contextlib.asynccontextmanager
async def application(template: Path, folder: Path) -> AsyncIterator[FastAPI]:
    """The whole one, with something of every kind in it."""
    (folder / "data").mkdir()
    shutil.copy(template, folder / "data" / "state.db")
    settings = Settings(data_dir=str(folder / "data"), public_url="http://bongsu.test")
    app, opened = build_app(settings, asyncio.Event())
    async with opened:
        async with app.state.parts.db.write() as tx:
            await services.create(tx, SYSTEM, ServiceDraft(name="shop"), SYSTEM_CLOCK)
            await checks.register(
                tx, SYSTEM, "shop", read_check({"http": "https://example.com/"}, "page")
            )
            rule = RuleDraft(name="r1", when={"a": [1]}, do=({"incident": {}},))
            await rules.create(tx, SYSTEM, rule, SYSTEM_CLOCK)
            await triggers.create(tx, SYSTEM, TriggerDraft(**_TRIGGER), SYSTEM_CLOCK)
            hook = {"kind": "webhook", "options": {"url": "https://hooks.example.com/x"}}
            await channels.create(tx, SYSTEM, "c1", hook, SYSTEM_CLOCK)
        yield app


def routes(app: FastAPI) -> list[str]:
    """`METHOD /path` of everything that answers, included routers too."""
    found: list[str] = []

    def walk(items: Any, outer: str = "") -> None:
        for route in items:
            inner = getattr(route, "original_router", None)
            if inner is not None:
                walk(inner.routes, outer + route.include_context.prefix)
            elif getattr(route, "methods", None):
                path = outer + route.path
                found.extend(f"{m} {path}" for m in sorted(route.methods - {"HEAD"}))

    walk(app.routes)
    return sorted(found)


_NAMED = {"/rules": "r1", "triggers": "t1", "/channels": "c1"}


def address(path: str) -> str:
    named = {
        "{name}": next((n for part, n in _NAMED.items() if part in path), "shop"),
        "{check}": "page", "{check_id}": "1", "{service_id}": "1", "{key:path}": "shop/page/x.json",
        "{event_id}": "none", "{session_id}": "none", "{token}": "none", "{family}": "incident",
    }  # fmt: skip
    if path in {"/api/v1/notes", "/api/v1/attachments"}:
        path += "?subject=incident/999"
    for part, value in named.items():
        path = path.replace(part, value)
    while "{" in path:
        start, end = path.index("{"), path.index("}")
        path = f"{path[:start]}999{path[end + 1 :]}"
    return path


async def ask(client: Any, route: str) -> Any:
    method, path = route.split(" ", 1)
    body = BODIES.get(route)
    if path.startswith("/api/"):
        return await client.request(method, address(path), json=body if method != "GET" else None)
    return await client.request(method, address(path), data=body if method == "POST" else None)


def least(route: str) -> str:
    return LEAST.get(route, "viewer")


async def test_every_route_is_listed_once_and_nothing_that_is_listed_is_gone(
    sqlite_template, tmp_path
):
    async with application(sqlite_template, tmp_path) as app:
        found = routes(app)

    assert sorted((*LEAST, *PUBLIC, *READ)) == sorted(found)


async def test_nobody_gets_in_without_signing_in(sqlite_template, tmp_path):
    async with application(sqlite_template, tmp_path) as app, visitor(app) as client:
        answers = {r: await ask(client, r) for r in routes(app) if r not in PUBLIC}

    wrong = {}
    for route, answer in answers.items():
        to_sign_in = answer.status_code == 303 and "/sign-in" in answer.headers["location"]
        if answer.status_code not in {401, 403} and not to_sign_in:
            wrong[route] = answer.status_code
    assert wrong == {}


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_gets_what_is_its_own_and_no_more(sqlite_template, tmp_path, role):
    wrong = {}
    async with application(sqlite_template, tmp_path) as app:
        db = app.state.parts.db
        await person(
            db, "Keeper", "admin"
        )  # so that the last administrator is never the one who asks
        for route in routes(app):
            if route in PUBLIC or route == STREAM:
                continue
            actor = await person(db, "Somebody", role, email=f"p{abs(hash(route))}@example.com")
            before = await things(db)
            async with await client_of(app, actor) as client:
                answer = await ask(client, route)
            refused = answer.status_code in {401, 403}
            if refused != (ROLES.index(role) < ROLES.index(least(route))):
                wrong[route] = answer.status_code
            if refused and await things(db) != before:
                wrong[route] = "changed something"

    assert wrong == {}


async def things(db: Any) -> tuple[int, ...]:
    """How much there is of what a refused request must not touch; sign-ins are counted apart."""
    tables = (
        "service",
        "check_definition",
        "rule",
        "request_trigger",
        "channel",
        "team",
        "api_token",
        "delivery",
        "probe_request",
    )
    counts = ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)
    async with db.read() as tx:
        return tuple(await tx.row(sa.text(f"SELECT {counts}")))


async def test_a_write_without_the_pages_token_or_from_elsewhere_is_refused(
    sqlite_template, tmp_path
):
    wrong = {}
    async with application(sqlite_template, tmp_path) as app:
        actor = await person(app.state.parts.db, "Alice", "admin")
        async with await client_of(app, actor) as client:
            before = await newest(app.state.parts.db)
            del client.headers["x-csrf-token"]
            for route in LEAST:
                if not route.startswith("GET"):
                    answer = await ask(client, route)
                    if answer.status_code != 403:
                        wrong[route] = answer.status_code
        async with app.state.parts.db.read() as tx:
            assert [e.type for e in await log.read_after(tx, before, 100)] == []

    assert wrong == {}


async def newest(db: Any) -> int:
    async with db.read() as tx:
        return await log.newest_seq(tx)


async def test_a_reading_token_writes_nothing(sqlite_template, tmp_path):
    from bongsu.accounts import tokens
    from bongsu.accounts.inputs import NewToken

    wrong = {}
    async with application(sqlite_template, tmp_path) as app:
        db = app.state.parts.db
        alice: Actor = await person(db, "Alice", "admin")
        async with db.write() as tx:
            _, token = await tokens.create(tx, alice, NewToken(name="reader"), SYSTEM_CLOCK)
        async with visitor(app) as client:
            client.headers["authorization"] = f"Bearer {token}"
            for route in LEAST:
                if "/api/" in route and not route.startswith("GET"):
                    answer = await ask(client, route)
                    if answer.status_code != 403 and route != "POST /api/v1/rules/backtest":
                        wrong[route] = answer.status_code

    assert wrong == {}
