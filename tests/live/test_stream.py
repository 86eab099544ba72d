"""Who may open the stream."""

import asyncio

import pytest

from bongsu import stream
from bongsu.live.hub import Hub
from tests.people import BASE, alice_admin, app_with, client_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}]
)
async def test_a_page_of_another_site_gets_no_stream(db, headers):
    async with db() as database:
        app = app_with(database, stream.router)
        async with await client_of(app, await alice_admin(database)) as client:
            answer = await client.get("/live", headers=headers)
    assert answer.status_code == 403


async def test_our_own_page_gets_it(db):
    async with db() as database:
        app = app_with(database, stream.router)
        app.state.stop = asyncio.Event()
        app.state.stop.set()  # so that it ends at once
        app.state.hub = Hub(database)
        async with await client_of(app, await alice_admin(database)) as client:
            answer = await client.get("/live", headers={"origin": BASE})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
