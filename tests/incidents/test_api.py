import json

import pytest

from bongsu.incidents import api, service
from bongsu.incidents.markdown import as_markdown
from bongsu.kit.settings import Settings
from tests.incidents.support import House, house
from tests.incidents.test_service import apply
from tests.incidents.test_worker import planner
from tests.people import app_with, charlie_viewer, client_of, visitor

SETTINGS = Settings(public_url="http://bongsu.test", time_zone="Asia/Seoul")


def app(home: House):
    return app_with(home.db, api.router, clock=home.clock, settings=SETTINGS)


async def client(home: House, name: str):
    return await client_of(app(home), home.people[name])


async def test_the_list_is_newest_first_and_can_be_narrowed_and_paged(db):
    async with db() as database:
        home = await house(database)
        for number in range(3):
            await apply(home, key=f"service/{number}")
        async with database.write() as tx:
            await service.resolve(tx, home.people["Kim"], 2, "done", home.clock)
        async with await client(home, "Kim") as kim:
            every = (await kim.get("/api/v1/incidents")).json()
            opened = (await kim.get("/api/v1/incidents?open=true")).json()
            ended = (await kim.get("/api/v1/incidents?open=false")).json()
            first = (await kim.get("/api/v1/incidents?limit=2")).json()
            rest = (await kim.get(f"/api/v1/incidents?limit=2&before={first['older']}")).json()

    assert [3, 2, 1] == [one["id"] for one in every["incidents"]]
    assert ([3, 1], [2]) == (
        [one["id"] for one in opened["incidents"]], [one["id"] for one in ended["incidents"]],
    )  # fmt: skip
    assert ([1], None) == ([one["id"] for one in rest["incidents"]], rest["older"])
    assert "home" == every["incidents"][0]["touched"][0]["title"]


async def test_one_incident_shows_its_timeline_and_who_was_told_and_not_with_reasons(db):
    async with db() as database:
        home = await house(database)
        await apply(home, tell=("owners", "channel:none"))
        await planner(home).step()
        async with await client(home, "Kim") as kim:
            found = (await kim.get("/api/v1/incidents/1")).json()

    assert ("INC-1", "Shop is down", 4, "open") == (
        found["name"], found["title"], found["severity"], found["state"],
    )  # fmt: skip
    assert ["changed", "opened", "told", "not_told"] == [e["kind"] for e in found["timeline"]]
    assert ["Kim", "Lee"] == [one["person"] for one in found["told"]]
    assert ["there is no channel none"] == [one["reason"] for one in found["not_told"]]
    assert "waiting" == found["told"][0]["delivery_state"]


async def test_taking_commenting_handing_over_and_resolving(db):
    async with db() as database:
        home = await house(database)
        await apply(home)
        async with await client(home, "Kim") as kim:
            taken = await kim.post("/api/v1/incidents/1/acknowledge")
            said = await kim.post("/api/v1/incidents/1/comment", json={"text": "Rolling back"})
            lee = home.people["Lee"].id
            given = await kim.post("/api/v1/incidents/1/hand-over", json={"user": lee})
            over = await kim.post("/api/v1/incidents/1/resolve", json={"why": "Rolled back"})
            again = await kim.post("/api/v1/incidents/1/resolve", json={"why": "again"})

    assert ("acknowledged", home.people["Kim"].id) == (
        taken.json()["state"],
        taken.json()["holder"],
    )
    assert "Rolling back" == said.json()["timeline"][-1]["said"]
    assert lee == given.json()["holder"]
    assert "resolved" == over.json()["state"]
    assert 409 == again.status_code


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("comment", {"text": ""}, 422), ("comment", {}, 422), ("comment", {"text": "x", "y": 1}, 422),
        ("resolve", {"why": " "}, 422), ("hand-over", {"user": 999}, 422),
        ("hand-over", {"user": 0}, 422),
    ],
)  # fmt: skip
async def test_wrong_input_changes_nothing(db, path, body, status):
    async with db() as database:
        home = await house(database)
        await apply(home)
        before = len(await home.events("incident."))
        async with await client(home, "Kim") as kim:
            answer = await kim.post(f"/api/v1/incidents/1/{path}", json=body)
        after = len(await home.events("incident."))

    assert (status, before) == (answer.status_code, after)


async def test_a_viewer_looks_and_a_stranger_does_not(db):
    async with db() as database:
        home = await house(database)
        await apply(home)
        home.people["Charlie"] = await charlie_viewer(database)
        writes = ("acknowledge", "comment", "hand-over", "resolve")
        body = {"comment": {"text": "x"}, "hand-over": {"user": 1}, "resolve": {"why": "x"}}
        async with await client(home, "Charlie") as charlie, visitor(app(home)) as nobody:
            seen = await charlie.get("/api/v1/incidents/1")
            missing = await charlie.get("/api/v1/incidents/9")
            refused = [
                (await charlie.post(f"/api/v1/incidents/1/{w}", json=body.get(w))).status_code
                for w in writes
            ]
            strange = [
                (await nobody.get(path)).status_code
                for path in (
                    "/api/v1/incidents",
                    "/api/v1/incidents/1",
                    "/api/v1/incidents/1/markdown",
                )
            ]

    assert (200, 404) == (seen.status_code, missing.status_code)
    assert [403] * 4 == refused
    assert [401] * 3 == strange


async def test_as_markdown_it_is_plain_text_that_no_name_can_turn_into_markup(db):
    async with db() as database:
        home = await house(database)
        await apply(home, name="a*b_[c]")
        async with await client(home, "Kim") as kim:
            await kim.post("/api/v1/incidents/1/comment", json={"text": "# not a head\n<b>"})
            english = await kim.get("/api/v1/incidents/1/markdown")
            korean = await kim.get("/api/v1/incidents/1/markdown?language=ko")

    lines = english.text.splitlines()
    assert "# INC-1: Shop is down" == lines[0]
    assert r"- **a\*b\_\[c\]** (down): it answers 503" in lines
    assert r"- `09:41:00` Kim: \# not a head \<b\>" in lines
    assert "http://bongsu.test/incidents/1" == lines[-1]
    assert english.headers["content-type"].startswith("text/markdown")
    assert "중단" in korean.text


def test_markdown_of_nothing_is_still_whole():
    from bongsu.tell.model import zone_of
    from tests.incidents.support import START
    from tests.incidents.test_model import incident

    text = as_markdown(
        incident(), [], [], {}, language="en", zone=zone_of("UTC"), now=START, link="x"
    )

    assert "Severity: 4 of 5" in text
    assert json.dumps(text)
