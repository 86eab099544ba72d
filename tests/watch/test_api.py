import asyncio

import pytest

from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.services import api as services_api
from bongsu.watch import api, store_requests
from tests.people import alice_admin, app_with, charlie_viewer, client_of, dana_editor, visitor

CHECK = {"service": "shop", "name": "home", "http": "https://a.example.com/", "every": "30s"}


class Api:
    """The API of checks with a service, seen by one person."""

    def __init__(self, database, clock=SYSTEM_CLOCK) -> None:
        self.database = database
        self.app = app_with(database, services_api.router, api.router, clock=clock)

    async def as_(self, make):
        return await client_of(self.app, await make(self.database))

    async def with_service(self):
        client = await self.as_(alice_admin)
        answer = await client.post("/api/v1/services", json={"name": "shop"})
        assert answer.status_code == 201
        return client


async def test_a_check_is_registered_read_changed_paused_and_deleted(db):
    async with db() as database:
        alice = await Api(database).with_service()
        made = await alice.post("/api/v1/checks", json=CHECK)
        assert made.status_code == 201
        path = f"/api/v1/checks/{made.json()['id']}"

        read = (await alice.get(path)).json()
        changed = await alice.put(path, json={"http": "https://b.example.com/", "every": "1m"})
        paused = (await alice.post(f"{path}/pause")).json()
        resumed = (await alice.post(f"{path}/resume")).json()
        deleted = await alice.delete(path)
        gone = await alice.get(path)

    assert (read["service"], read["name"], read["kind"], read["every_s"]) == (
        "shop",
        "home",
        "http",
        30,
    )
    assert read["now"] == {"state": "unknown", "since": None, "reason": None, "locations": {}}
    assert changed.json()["options"] == {"url": "https://b.example.com/"}
    assert (paused["paused"], resumed["paused"]) == (True, False)
    assert (deleted.status_code, gone.status_code) == (204, 404)


async def test_a_listing_has_pages_and_filters(db):
    async with db() as database:
        alice = await Api(database).with_service()
        await alice.post("/api/v1/services", json={"name": "bank", "title": "The bank"})
        for number in range(5):
            owner, kind = (
                ("bank", {"tcp": "a:1"}) if number == 4 else ("shop", {"http": "https://a.b/"})
            )
            body = {"service": owner, "name": f"c{number}", **kind}
            assert (await alice.post("/api/v1/checks", json=body)).status_code == 201

        async def names(query: str) -> tuple[list[str], object]:
            answer = (await alice.get(f"/api/v1/checks?{query}")).json()
            return [check["name"] for check in answer["checks"]], answer["next"]

        first, after = await names("limit=3")
        assert (first, after is not None) == (["c0", "c1", "c2"], True)
        assert await names(f"limit=3&after={after}") == (["c3", "c4"], None)
        assert (await names("service=bank"))[0] == ["c4"]
        assert (await names("kind=tcp"))[0] == ["c4"]
        assert (await names("q=The%20b"))[0] == ["c4"]
        assert (await names("state=unknown"))[0] == [f"c{n}" for n in range(5)]
        assert (await names("state=down"))[0] == []
        assert (await alice.get("/api/v1/checks?state=purple")).status_code == 422
        assert (await alice.get("/api/v1/checks")).json()["checks"][4]["target"] == "a:1"


async def test_bad_input_names_every_place_in_the_callers_language_and_changes_nothing(db):
    async with db() as database:
        alice = await Api(database).with_service()
        body = CHECK | {"every": "now", "expect": ["[STATUS]"], "colour": "red"}
        answer = await alice.post("/api/v1/checks", json=body, headers={"accept-language": "ko"})
        missing = await alice.post("/api/v1/checks", json={"http": "https://a.b/"})
        after = (await alice.get("/api/v1/checks")).json()

    assert answer.status_code == 422
    error = answer.json()["error"]
    assert {p["where"] for p in error["problems"]} == {"every", "expect[0]", "colour"}
    assert any("가" <= letter <= "힣" for letter in error["message"])
    assert [p["where"] for p in missing.json()["error"]["problems"]] == ["service"]
    assert after["checks"] == []


async def test_a_check_keeps_its_name(db):
    async with db() as database:
        alice = await Api(database).with_service()
        made = (await alice.post("/api/v1/checks", json=CHECK)).json()
        answer = await alice.put(
            f"/api/v1/checks/{made['id']}", json={"name": "other", "http": "https://a.b/"}
        )

    assert answer.status_code == 422
    assert [p["where"] for p in answer.json()["error"]["problems"]] == ["name"]


@pytest.mark.parametrize(("who", "may_pause"), [(dana_editor, True), (charlie_viewer, False)])
async def test_who_is_no_admin_reads_and_looks_but_changes_nothing(db, who, may_pause):
    async with db() as database:
        world = Api(database)
        alice = await world.with_service()
        made = (await alice.post("/api/v1/checks", json=CHECK)).json()
        other, path = await world.as_(who), f"/api/v1/checks/{made['id']}"

        refused = [
            await other.post("/api/v1/checks", json=CHECK | {"name": "x"}),
            await other.put(path, json={"http": "https://b.example.com/"}),
            await other.delete(path),
        ]
        paused = await other.post(f"{path}/pause")
        read = await other.get(path)
        asked = await other.post("/api/v1/checks/now", json={"checks": [made["id"]], "wait_s": 0})

    assert [answer.status_code for answer in refused] == [403, 403, 403]
    assert paused.status_code == (200 if may_pause else 403)
    assert read.status_code == 200
    assert asked.json() == {"looks": [], "waiting": [made["id"]]}


async def test_nobody_comes_in_without_signing_in(db):
    async with db() as database, visitor(Api(database).app) as nobody:
        for method, path in (
            ("GET", ""),
            ("POST", ""),
            ("GET", "/1"),
            ("DELETE", "/1"),
            ("POST", "/now"),
        ):
            answer = await nobody.request(method, f"/api/v1/checks{path}", json={})
            assert answer.status_code == 401, (method, path)


async def test_looking_now_at_a_service_waits_for_its_answers(db):
    async with db() as database:
        alice = await Api(database).with_service()
        made = (await alice.post("/api/v1/checks", json=CHECK)).json()

        async def watch() -> None:
            while True:
                async with database.write() as tx:
                    waiting = await store_requests.open_requests(tx, SYSTEM_CLOCK.now())
                    claimed = await store_requests.claim(tx, waiting, SYSTEM_CLOCK.now())
                    results = [
                        (request, {"check_id": check, "ok": True}) for request, check in claimed
                    ]
                    if results:
                        await store_requests.answer(tx, results, SYSTEM_CLOCK.now())
                        return
                await asyncio.sleep(0.02)

        watching = asyncio.create_task(watch())
        answer = await alice.post("/api/v1/checks/now", json={"service": "shop"})
        await watching
        unknown = await alice.post("/api/v1/checks/now", json={"service": "gone"})

    assert answer.json() == {"looks": [{"check_id": made["id"], "ok": True}], "waiting": []}
    assert unknown.status_code == 404


async def test_the_documentation_knows_what_a_check_may_be_made_of(db):
    async with db() as database:
        schema = Api(database).app.openapi()
    body = schema["paths"]["/api/v1/checks"]["post"]["requestBody"]["content"]["application/json"]

    assert {"service", "name", "every", "expect"} <= set(body["schema"]["properties"])
    assert "Body_" not in str(body)
