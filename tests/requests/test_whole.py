"""100 % of the requests of people and tokens are found in the lake: the real application, server and store."""

import asyncio
import random
from collections import Counter
from datetime import timedelta

import httpx2
import pytest

from bongsu.accounts import tokens
from bongsu.accounts.inputs import NewToken
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.requests import store_lake
from bongsu.requests.filter import Filter
from tests.lake.conftest import Store
from tests.people import alice_admin, bob_responder, charlie_viewer, client_of
from tests.requests.support import until, whole_app
from tests.requests.test_recording import served

SEED = 20261128
# What each kind of request ends as; `{}` is a number of its own.
KINDS = {
    "/api/v1/rules": "ok",
    "/rules": "ok",
    "/api/v1/incidents/{}": "not_found",
    "/no/such/{}": "not_found",
    "/checks/x{}": "invalid",
    "/api/v1/requests?person=x{}": "invalid",
    "/api/v1/services": "refused",  # asked for with POST, by people who may not
    "/api/boom": "failed",
}
EACH, CUT = 30, 12


async def slow() -> dict[str, str]:
    await asyncio.sleep(0.7)
    return {}


async def boom() -> None:
    raise RuntimeError("a bug")


async def clients_of(app, port: int) -> list[httpx2.AsyncClient]:
    """Bob and Charlie by their sessions, Charlie by a token as well."""
    db, base = app.state.parts.db, f"http://127.0.0.1:{port}"
    bob, charlie = await bob_responder(db), await charlie_viewer(db)
    made = []
    for person in (bob, charlie):
        signed_in = await client_of(app, person)
        client = httpx2.AsyncClient(base_url=base, cookies=signed_in.cookies, timeout=60)
        client.headers["x-csrf-token"] = signed_in.headers["x-csrf-token"]
        made.append(client)
    async with db.write() as tx:
        _, token = await tokens.create(tx, charlie, NewToken(name="ci", scopes=["*"]), SYSTEM_CLOCK)
    bearer = {"authorization": f"Bearer {token}"}
    return [*made, httpx2.AsyncClient(base_url=base, headers=bearer, timeout=60)]


async def ask(client: httpx2.AsyncClient, kind: str, number: int, turn: asyncio.Semaphore) -> str:
    async with turn:
        method = "POST" if KINDS[kind] == "refused" else "GET"
        json = {"name": f"s{number}"} if method == "POST" else None
        answer = await client.request(method, kind.format(number), json=json)
    return answer.headers["x-request-id"]


async def leave(port: int, head: bytes) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /api/slow HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n")
    await writer.drain()
    await asyncio.sleep(0.2)
    writer.transport.abort()


@pytest.mark.heavy
async def test_every_request_of_a_session_or_token_is_found_with_its_outcome(
    sqlite_template, tmp_path
):
    folder = tmp_path / "data"
    folder.mkdir()
    store = Store(folder).start()
    pick, turn = random.Random(SEED), asyncio.Semaphore(20)
    async with whole_app(sqlite_template, folder, opened=True) as app, served(app) as port:
        await store.answers()
        await alice_admin(app.state.parts.db)
        app.router.add_api_route("/api/slow", slow)
        app.router.add_api_route("/api/boom", boom)
        clients = await clients_of(app, port)
        plans = [(client, kind) for client in clients for kind in KINDS for _ in range(EACH)]
        # a token opens no pages
        plans = [(c, k) for c, k in plans if c is not clients[2] or k.startswith(("/api", "/no"))]
        pick.shuffle(plans)
        cookie = f"Cookie: bongsu={clients[0].cookies['bongsu']}\r\n".encode()
        leaving = [leave(port, cookie) for _ in range(CUT)]
        asked = [ask(client, kind, n, turn) for n, (client, kind) in enumerate(plans)]
        answers = await asyncio.gather(*asked, *leaving)
        ids = [one for one in answers if one]
        span = Filter(
            since=SYSTEM_CLOCK.now() - timedelta(hours=1),
            until=SYSTEM_CLOCK.now() + timedelta(minutes=5),
        )

        async def all_there() -> bool:
            figures = await store_lake.whole(app.state.parts.lake, span)
            return figures.count >= len(plans) + CUT

        await until(all_there, 60)
        found = {
            one.id: one
            async for page in store_lake.every(app.state.parts.lake, span)
            for one in page
        }
        for client in clients:
            await client.aclose()
    store.end()

    wanted = Counter(KINDS[kind] for _, kind in plans) + Counter({"cut": CUT})
    assert len(plans) == len(set(ids)) > 600
    assert set(ids) - set(found) == set()
    assert dict(wanted) == dict(Counter(one.outcome for one in found.values()))
    assert len(plans) + CUT == len(found)
    assert all(one.person for one in found.values())
    assert {one.token for one in found.values()} == {0, 1}
