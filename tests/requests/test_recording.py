"""Every request of a person or token is recorded as it was, by the real application."""

import asyncio
import contextlib
import socket

import httpx2
import pytest
import uvicorn
from starlette.responses import StreamingResponse

from bongsu.accounts import tokens
from bongsu.accounts.inputs import NewToken
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.limits import BODY_LIMIT_BYTES
from bongsu.tasks import projects, service
from bongsu.tasks.inputs import NewProject, NewTask
from tests.people import PASSWORD, alice_admin, charlie_viewer, client_of, visitor
from tests.requests.support import recorded, until, whole_app

SECRETS = ("door_s3cret", "hunter2-hunter2", "bearer-of-nothing", "cookie-of-nobody")


async def test_each_request_of_a_person_is_recorded_with_its_outcome(sqlite_template, tmp_path):
    wanted = [
        ("GET", "/rules", "/rules", "ok", 200),
        ("GET", "/incidents/9", "/incidents/{incident_id}", "not_found", 404),
        ("GET", "/no/such/page", "", "not_found", 404),
        ("GET", "/checks/abc", "/checks/{check_id}", "invalid", 422),
        ("DELETE", "/rules", "/rules", "invalid", 405),
        ("GET", "/people/new", "/people/new", "refused", 403),
        ("GET", "/healthz/live", "/healthz/live", "ok", 200),
        ("GET", "/api/v1/openapi.json", "/api/v1/openapi.json", "ok", 200),
        ("GET", "/api/v1/nothing", "", "not_found", 404),
    ]
    async with whole_app(sqlite_template, tmp_path / "data") as app:
        charlie = await charlie_viewer(app.state.parts.db)
        async with await client_of(app, charlie) as client:
            client.headers["accept-encoding"] = "identity"
            answers = [await client.request(method, path) for method, path, *_ in wanted]
        found = {one.id: one for one in await recorded(app)}

    rows = [found[answer.headers["x-request-id"]] for answer in answers]
    assert [(m, route, outcome, status) for m, _, route, outcome, status in wanted] == [
        (one.method, one.route, one.outcome, one.status) for one in rows
    ]
    assert {(charlie.id, "Charlie", "session", 0)} == {
        (one.person, one.name, one.via, one.token) for one in rows
    }
    assert "incident/9" == rows[1].object
    assert [len(answer.content) for answer in answers[1:6]] == [one.size_bytes for one in rows[1:6]]
    assert all(one.took_us > 0 for one in rows)


async def test_a_bug_is_recorded_and_answered_with_its_id(sqlite_template, tmp_path):
    async def boom() -> None:
        raise RuntimeError("a bug")

    async with whole_app(sqlite_template, tmp_path / "data") as app:
        app.router.add_api_route("/boom", boom)
        alice = await alice_admin(app.state.parts.db)
        async with await client_of(app, alice) as client:
            plain = {"accept": "text/html", "accept-encoding": "identity"}
            answer = await client.get("/boom", headers=plain)
        [one] = await recorded(app)

    assert (500, "failed") == (one.status, one.outcome)
    assert one.id == answer.headers["x-request-id"]
    assert len(answer.content) == one.size_bytes > 0
    assert "content-security-policy" in answer.headers


async def test_an_answer_that_breaks_in_its_middle_has_failed(sqlite_template, tmp_path):
    async def half():
        async def parts():
            yield b"a beginning"
            raise RuntimeError("no end")

        return StreamingResponse(parts())

    async with whole_app(sqlite_template, tmp_path / "data") as app:
        app.router.add_api_route("/api/half", half)
        async with visitor(app) as client:
            with contextlib.suppress(Exception):
                await client.get("/api/half", headers={"accept-encoding": "identity"})
        [one] = await recorded(app)

    assert ("failed", len(b"a beginning")) == (one.outcome, one.size_bytes)


async def test_a_token_is_known_by_its_number_wherever_it_is_shown(sqlite_template, tmp_path):
    async with whole_app(sqlite_template, tmp_path / "data") as app:
        db = app.state.parts.db
        alice = await alice_admin(db)
        async with db.write() as tx:
            made, token = await tokens.create(tx, alice, NewToken(name="ci"), SYSTEM_CLOCK)
        async with visitor(app) as client:
            client.headers["authorization"] = f"Bearer {token}"
            await client.get("/api/v1/rules")
            await client.get("/api/v1/nothing")  # no route asked who it is
            await client.get("/api/v1/openapi.json")
            await client.post("/api/v1/rules", content=b"x" * (BODY_LIMIT_BYTES + 1))
        found = await recorded(app)

    assert [(alice.id, "Alice", made.id, "token")] * 4 == [
        (one.person, one.name, one.token, one.via) for one in found
    ]
    assert {200, 404, 413} == {one.status for one in found}


async def test_what_was_refused_or_asked_by_nobody_at_the_gate_is_kept_as_nobodys(
    sqlite_template, tmp_path
):
    async with whole_app(sqlite_template, tmp_path / "data") as app:
        await alice_admin(app.state.parts.db)
        async with visitor(app) as client:
            for path in ("/", "/api/v1/rules", "/sign-in", "/api/v1/openapi.json"):
                await client.get(path, headers={"accept": "text/html"} if "api" not in path else {})
            wrong = {"email": "alice@example.com", "password": "wrong wrong wrong"}
            await client.post("/sign-in", data=wrong)
            await client.post("/sign-in", data=wrong | {"password": PASSWORD})
            client.cookies.clear()
            for path in ("/healthz/live", "/wp-login.php", "/static/css/tokens.css"):
                await client.get(path)
        found = await recorded(app)

    assert [
        ("GET", "/", "refused", 303),
        ("GET", "/api/v1/rules", "refused", 401),
        ("GET", "/sign-in", "ok", 200),
        ("GET", "/api/v1/openapi.json", "ok", 200),
        ("POST", "/sign-in", "refused", 401),
        ("POST", "/sign-in", "ok", 303),
    ] == [(one.method, one.route, one.outcome, one.status) for one in found]
    assert {("none", "")} == {(one.via, one.name) for one in found[:5]}
    assert ("session", "Alice") == (found[5].via, found[5].name)  # the answer says who it is


async def test_no_secret_is_recorded(sqlite_template, tmp_path):
    async with whole_app(sqlite_template, tmp_path / "data") as app:
        alice = await alice_admin(app.state.parts.db)
        async with visitor(app) as client:
            await client.get(f"/door/{SECRETS[0]}")
            await client.post("/sign-in", data={"email": "a@example.com", "password": SECRETS[1]})
            await client.get("/api/v1/rules", headers={"authorization": f"Bearer {SECRETS[2]}"})
            client.cookies.set("bongsu", SECRETS[3])
            await client.get("/rules")
        async with await client_of(app, alice) as client:
            await client.get(f"/rules?token={SECRETS[0]}&password={SECRETS[1]}")
            await client.get(f"/{SECRETS[0]}")
            await client.get("/rules", headers={"user-agent": "x" * 5000 + "\x07"})
        found = await recorded(app)
        cookie = client.cookies["bongsu"]

    text = repr(found)
    assert 7 == len(found)
    assert "/door/{token}" == found[0].route
    assert [] == [secret for secret in (*SECRETS, cookie) if secret in text]
    assert 200 == len(found[-1].agent)


async def test_the_address_is_the_nearest_that_is_no_proxy_of_ours(sqlite_template, tmp_path):
    async with whole_app(sqlite_template, tmp_path / "data") as app:
        alice = await alice_admin(app.state.parts.db)
        for peer in ("127.0.0.1", "198.51.100.9"):
            async with await client_of(app, alice, address=peer) as client:
                await client.get("/rules", headers={"x-forwarded-for": "192.0.2.66, 203.0.113.5"})
        found = await recorded(app)

    assert ["203.0.113.5", "198.51.100.9"] == [one.address for one in found]


async def test_the_language_of_the_answer_is_kept_and_a_head_has_no_body(sqlite_template, tmp_path):
    async with whole_app(sqlite_template, tmp_path / "data") as app:
        alice = await alice_admin(app.state.parts.db)
        async with await client_of(app, alice) as client:
            await client.get("/rules", headers={"accept-language": "ko"})
            await client.head("/rules")
        korean, head = await recorded(app)

    assert ("ko", 0) == (korean.language, head.size_bytes)


async def test_a_handler_may_say_what_a_request_was_about(sqlite_template, tmp_path):
    from fastapi import Request

    async def handler(request: Request) -> dict[str, str]:
        request.state.object = "task/TSK-7"
        return {}

    async with whole_app(sqlite_template, tmp_path / "data") as app:
        app.router.add_api_route("/api/about", handler)
        async with visitor(app) as client:
            await client.get("/api/about")
            await client.get("/api/v1/rules?subject=incident%2F3")
        found = await recorded(app)

    assert ["task/TSK-7", "incident/3"] == [one.object for one in found]


async def test_without_the_room_nothing_is_recorded_and_nothing_of_it_answers(
    sqlite_template, tmp_path
):
    async with whole_app(sqlite_template, tmp_path / "data", rooms="accounts,rules") as app:
        alice = await alice_admin(app.state.parts.db)
        async with await client_of(app, alice) as client:
            answers = [await client.get(path) for path in ("/rules", "/requests")]

    assert [200, 404] == [answer.status_code for answer in answers]
    assert not hasattr(app.state, "requests")
    assert "x-request-id" not in answers[0].headers


@contextlib.asynccontextmanager
async def served(app):
    """By the real server, on a free port of this machine."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, lifespan="off", log_level="error", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve([listening]))
        try:
            await until(lambda: asyncio.sleep(0, server.started))
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            await running


async def test_a_client_that_leaves_before_its_answer_has_cut_it_off(sqlite_template, tmp_path):
    async def slow() -> dict[str, str]:
        await asyncio.sleep(0.8)
        return {}

    async with whole_app(sqlite_template, tmp_path / "data") as app:
        app.router.add_api_route("/api/slow", slow)
        async with served(app) as port:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /api/slow HTTP/1.1\r\nHost: x\r\n\r\n")
            await writer.drain()
            await asyncio.sleep(0.1)
            writer.transport.abort()
            async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as patient:
                answer = await patient.get("/api/slow")
            found = await until(lambda: asyncio.sleep(0, len(app.state.requests._pending) == 2))
            assert found
            cut, whole = sorted(await recorded(app), key=lambda one: one.at)

    assert ("cut", "ok") == (cut.outcome, whole.outcome)
    assert cut.took_us >= 700_000
    assert whole.id == answer.headers["x-request-id"]


@pytest.mark.parametrize("by", ["client", "server"])
async def test_a_stream_is_recorded_when_it_ends(sqlite_template, tmp_path, by):
    async with whole_app(sqlite_template, tmp_path / "data") as app:
        alice = await alice_admin(app.state.parts.db)
        cookie = (await client_of(app, alice)).cookies["bongsu"]
        async with served(app) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            head = f"GET /live HTTP/1.1\r\nHost: x\r\nCookie: bongsu={cookie}\r\n\r\n"
            writer.write(head.encode())
            await reader.readuntil(b"event: hello")
            assert [] == await recorded(app)  # it is still open
            if by == "client":
                writer.transport.abort()
            else:
                app.state.stop.set()
                for client in app.state.hub.clients:
                    client.ready.set()
            assert await until(lambda: asyncio.sleep(0, app.state.requests._pending))
            [one] = await recorded(app)
            writer.close()

    assert (True, "ok", "/live", alice.id) == (one.stream, one.outcome, one.route, one.person)
    assert one.size_bytes > 0


async def test_a_task_is_called_the_same_on_its_page_and_through_its_notes(
    sqlite_template, tmp_path
):
    async with whole_app(sqlite_template, tmp_path / "data") as app:
        db = app.state.parts.db
        alice = await alice_admin(db)
        async with db.write() as tx:
            await projects.create(tx, alice, NewProject(key="TSK", title="Shop"), SYSTEM_CLOCK)
            form = NewTask(project="TSK", title="Pin the client")
            made = await service.create(tx, alice, form, SYSTEM_CLOCK)
        key, ident = made.key, made.id
        asked = [
            f"/tasks/{key}", f"/-/notes/task/{ident}", f"/-/tell/task/{ident}",
            f"/api/v1/notes?subject=task/{ident}", f"/api/v1/notes?subject=task%2F{ident}",
        ]  # fmt: skip
        async with await client_of(app, alice) as client:
            statuses = [(await client.get(path)).status_code for path in asked]
        found = await recorded(app)

    assert [200] * len(asked) == statuses
    assert [f"task/{key}"] * len(asked) == [one.object for one in found[-len(asked) :]]
