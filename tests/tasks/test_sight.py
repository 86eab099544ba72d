"""What a stranger to a project learns of it from the log and the outbox: nothing."""

import json

import pytest

from bongsu.deliver import outbox
from bongsu.deliver.model import Message
from bongsu.events.envelope import Draft
from bongsu.events.log import record
from bongsu.gates import sights_of
from bongsu.rules import api as rules_api
from bongsu.rules import log_pages
from bongsu.tasks import service, sight
from bongsu.tell import api as tell_api
from bongsu.tell import pages as tell_pages
from tests.people import CLOCK, app_with, client_of
from tests.tasks.support import world_of

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SECRET = "Buy the competitor"


async def _opened(database):
    """A world in which something happened and was mailed, and its pages of the log and the outbox."""
    world = await world_of(database)
    made = await world.task(SECRET)
    async with database.write() as tx:
        shop = {"type": "service.created", "source": "t", "subject": "service/1", "data": {}}
        record(tx, Draft(**shop), CLOCK)
        for subject, key in ((made.subject, "t"), ("incident/1", "t"), ("user/3", "digest")):
            await outbox.enqueue(
                tx, key=f"{key}/{subject}", kind="mail", options={"to": ["ada@example.com"]},
                recipient="ada", subject=subject, event_id=None, clock=CLOCK,
                message=Message(key=subject, thread=subject, subject=f"{SECRET} {subject}", lead="x",
                                because="", list_id="x", link=""),
            )  # fmt: skip
    routers = (log_pages.router, rules_api.router, tell_pages.router, tell_api.router)
    app = app_with(database, *routers)
    app.state.sights, app.state.gates = (sight.hidden,), {}
    return world, app


async def _ids(database, world):
    events = [one.id for one in await world.events("task/1")]
    return [f"/events/{one}" for one in events] + ["/deliveries/1"]


@one_engine
async def test_a_stranger_finds_nothing_of_a_private_project_in_log_and_outbox(db):
    async with db() as database:
        world, app = await _opened(database)
        singles = await _ids(database, world)
        lists = ["/events", "/events?family=task.", "/deliveries", "/-/deliveries"]
        async with await client_of(app, world.sam) as sam:
            pages = [await sam.get(path, headers={"accept": "text/html"}) for path in lists]
            pages += [await sam.get(f"/api/v1{path}") for path in lists[:3]]
            trial = {"pattern": {"detail": {"task": {"title": [SECRET]}}}}
            tried = await sam.post("/api/v1/rules/backtest", json=trial)
            refused = [
                (await sam.get(f"{place}{path}", headers={"accept": "text/html"})).status_code
                for place in ("", "/api/v1")
                for path in singles
            ]
            events = (await sam.get("/api/v1/events")).json()["events"]
            told = (await sam.get("/api/v1/deliveries")).json()["deliveries"]

        assert {200} == {page.status_code for page in pages}
        assert [] == [
            page.url for page in pages if "task/1" in page.text or "project/1" in page.text
        ]
        assert {404} == set(refused)
        assert 0 == tried.json()["fired"]
        assert ["session.signed_in", "service.created"] == [one["type"] for one in events]
        assert ["incident/1"] == [one["about"] for one in told]


@one_engine
@pytest.mark.parametrize("who", ["cho", "root"])
async def test_who_sees_the_project_sees_what_happened_in_it(db, who):
    async with db() as database:
        world, app = await _opened(database)
        singles = await _ids(database, world)
        async with await client_of(app, getattr(world, who)) as client:
            events = (await client.get("/api/v1/events?family=task.")).json()["events"]
            told = (await client.get("/api/v1/deliveries")).json()["deliveries"]
            shown = [await client.get(f"/api/v1{path}") for path in singles]
            trial = {"pattern": {"detail": {"task": {"title": [SECRET]}}}}
            tried = await client.post("/api/v1/rules/backtest", json=trial)

        assert ["task.created"] == [one["type"] for one in events]
        assert SECRET in json.dumps(events)
        assert {"task/1", "incident/1"} <= {one["about"] for one in told}
        assert ("user/3" in {one["about"] for one in told}) == (who == "root")
        assert {200} == {one.status_code for one in shown}
        assert 1 == tried.json()["fired"]


@one_engine
async def test_a_log_full_of_what_is_hidden_is_gone_through_to_what_is_not(db):
    async with db() as database:
        world, app = await _opened(database)
        async with database.write() as tx:
            for number in range(120):
                await service.create(
                    tx, world.ada, service.NewTask(project="TSK", title=f"t{number}"), CLOCK
                )
        async with await client_of(app, world.sam) as sam:
            found = (await sam.get("/api/v1/events")).json()

        assert (["session.signed_in", "service.created"], None) == (
            [one["type"] for one in found["events"]],
            found["older"],
        )


@one_engine
async def test_what_nobody_knows_is_hidden_and_other_families_are_not_its_business(db):
    async with db() as database:
        world = await world_of(database)
        names = ["task/99", "task/x", "project/1", "project/9", "incident/1", "user/1"]
        async with database.read() as tx:
            hidden = await sight.hidden(tx, world.cho, names)

        assert {"task/99", "task/x", "project/9"} == hidden


def test_the_real_application_asks_the_room_when_it_is_on():
    assert (sight.hidden,) == sights_of({"tasks", "watch"})
    assert () == sights_of({"watch"})
