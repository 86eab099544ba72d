"""What one wants to be told: page, API, muted things; and who was told about a thing."""

from datetime import time

import pytest

from bongsu.events import log
from bongsu.kit.errors import NotFound
from bongsu.kit.i18n import say
from bongsu.notes.gate import Subject
from bongsu.tell import choice_api, pages, store_choices
from bongsu.tell.preferences import Preferences
from tests.people import alice_admin, app_with, bob_responder, client_of, visitor
from tests.tell.support import ListedGate, comment, task_event, town

MOVED = {
    "before": {"status": "waiting", "column": "Waiting"},
    "after": {"status": "in_progress", "column": "In progress"},
}


class ReadingGate(ListedGate):
    """Task 42 is there; for others and for who is shut out it is not."""

    async def read(self, tx, actor, ident) -> Subject:
        key = f"task/{ident}"
        if ident != 42 or (key, actor.id) in self.shut_out:
            raise NotFound(say("There is no such task."))
        return Subject(key, "TSK-42 Pin the client", "/tasks/TSK-42", ())


def application(database, gate=None, **values):
    app = app_with(database, pages.router, choice_api.router, **values)
    app.state.gates = {"task": gate or ReadingGate()}
    return app


async def chosen(database, actor) -> Preferences:
    async with database.read() as tx:
        return await store_choices.preferences(tx, actor.id)


async def types(database) -> list[str]:
    async with database.read() as tx:
        return [e.type for e in await log.search(tx, type_prefix="telling.")]


async def test_who_has_chosen_nothing_sees_the_defaults(db):
    async with db() as database:
        bob = await bob_responder(database)
        async with await client_of(application(database), bob) as client:
            mine = (await client.get("/api/v1/me/telling")).json()

    assert {"off": False, "own": True, "digest": "at_once", "digest_hour": 8} == {
        name: mine[name] for name in ("off", "own", "digest", "digest_hour")
    }
    assert {True} == set(mine["kinds"]["mail"].values())
    assert ["assigned", "mentioned", "due"] == mine["at_once"]
    assert ([], []) == (mine["projects"], mine["muted"])


async def test_what_is_left_out_of_a_change_stays_and_every_change_is_in_the_log(db):
    async with db() as database:
        bob = await bob_responder(database)
        async with await client_of(application(database), bob) as client:
            await client.patch("/api/v1/me/telling", json={"kinds": {"mail": {"commented": False}}})
            await client.patch("/api/v1/me/telling", json={"own": False, "at_once": ["due"]})
            quiet = {"from": "22:00", "until": "07:30", "weekends": True}
            answer = await client.patch("/api/v1/me/telling", json={"quiet": quiet})
            again = await client.patch("/api/v1/me/telling", json={"quiet": quiet})
        after = await chosen(database, bob)
        found = await types(database)

    assert (200, quiet) == (answer.status_code, answer.json()["quiet"])
    assert again.json() == answer.json()
    assert (False, frozenset({"due"}), False) == (
        after.own,
        after.at_once,
        after.wants("commented"),
    )
    assert (time(22), time(7, 30)) == (after.quiet_from, after.quiet_until)
    assert ["telling.changed"] * 3 == found


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"quiet": {"from": "22:00"}}, "quiet"),
        ({"quiet": {"from": "25:00", "until": "07:00"}}, "quiet"),
        ({"digest": "weekly"}, "digest"),
        ({"digest_hour": 24}, "digest_hour"),
        ({"kinds": {"mail": {"weather": True}}}, "kinds"),
        ({"at_once": ["status"]}, "at_once"),
        ({"projects": {"project/9": "mute"}}, "projects"),
        ({"else": 1}, "else"),
    ],
)
async def test_what_nobody_can_mean_is_refused_with_its_place(db, body, where):
    async with db() as database:
        bob = await bob_responder(database)
        async with await client_of(application(database), bob) as client:
            answer = await client.patch("/api/v1/me/telling", json=body)
        after = await chosen(database, bob)

    assert 422 == answer.status_code
    assert where in answer.text
    assert Preferences() == after


async def test_the_page_shows_and_saves_the_same(db):
    async with db() as database:
        bob = await bob_responder(database)
        async with database.write() as tx:
            await store_choices.heard_of(tx, bob.id, "project/1", "Tasks")
        async with await client_of(application(database), bob) as client:
            before = await client.get("/me/telling")
            form = {
                "mails": "on", "kind.mail.assigned": "on", "once.due": "on", "digest": "daily",
                "digest_hour": "18", "quiet_from": "22:00", "quiet_until": "07:00",
                "project/1": "mine",
            }  # fmt: skip
            saved = await client.post("/me/telling", data=form)
            wrong = await client.post("/me/telling", data=form | {"quiet_until": ""})
            page = await client.get("/me/telling")
        after = await chosen(database, bob)
        async with database.read() as tx:
            projects = await store_choices.projects_of(tx, bob.id)

    assert (200, 303, 422) == (before.status_code, saved.status_code, wrong.status_code)
    assert "Quiet hours need both a beginning and an end" in wrong.text
    assert ["assigned"] == [k for k in ("assigned", "status", "changed") if after.wants(k)]
    assert (False, False, "daily", 18) == (after.off, after.own, after.digest, after.digest_hour)
    assert ["mine"] == [one.choice for one in projects]
    assert '<option value="mine" selected>' in page.text


async def test_a_muted_task_is_listed_with_a_way_back(db):
    async with db() as database:
        bob = await bob_responder(database)
        async with await client_of(application(database), bob) as client:
            muted = await client.post("/me/telling/mute/task/42")
            page = await client.get("/me/telling")
            listed = (await client.get("/api/v1/me/telling")).json()["muted"]
            back = await client.post("/me/telling/unmute/task/42")
            twice = await client.post("/me/telling/unmute/task/42")
            by_api = [
                (await client.request(method, "/api/v1/me/telling/muted/task/42")).status_code
                for method in ("PUT", "PUT", "DELETE", "DELETE")
            ]

    assert (303, 303, 404) == (muted.status_code, back.status_code, twice.status_code)
    assert ["TSK-42 Pin the client"] == [one["heading"] for one in listed]
    assert 'action="/me/telling/unmute/task/42"' in page.text
    assert [204, 204, 204, 404] == by_api


async def test_what_one_may_not_see_can_be_neither_muted_nor_asked_about(db):
    async with db() as database:
        bob, gate = await bob_responder(database), ReadingGate()
        gate.shut_out.add(("task/42", bob.id))
        async with await client_of(application(database, gate), bob) as client:
            answers = [
                (await client.post("/me/telling/mute/task/42")).status_code,
                (await client.put("/api/v1/me/telling/muted/task/42")).status_code,
                (await client.put("/api/v1/me/telling/muted/song/42")).status_code,
                (await client.get("/-/tell/task/42")).status_code,
                (await client.get("/-/tell/song/42")).status_code,
            ]

    assert [404] * 5 == answers


async def test_choices_are_ones_own_and_nobody_unknown_has_any(db):
    async with db() as database:
        bob, alice = await bob_responder(database), await alice_admin(database)
        app = application(database)
        async with await client_of(app, bob) as client:
            await client.patch("/api/v1/me/telling", json={"off": True})
        async with visitor(app) as nobody:
            strange = [
                (await nobody.get("/api/v1/me/telling")).status_code,
                (await nobody.patch("/api/v1/me/telling", json={"off": True})).status_code,
            ]
        whose = [(await chosen(database, one)).off for one in (bob, alice)]

    assert [401, 401] == strange
    assert [True, False] == whose


async def test_what_waits_for_a_digest_comes_at_once_when_the_digest_is_given_up(db):
    async with db() as database:
        home = await town(database, "Alice", "Bob")
        await home.prefer("Bob", digest="daily")
        await home.hear(task_event(by=home.id("Alice"), watchers=[home.id("Bob")], **MOVED))
        app = application(database, clock=home.clock)
        async with await client_of(app, home.people["Bob"]) as client:
            await client.patch("/api/v1/me/telling", json={"digest": "hourly"})
            await home.wait(1)
            still = await home.sent()
            await client.patch("/api/v1/me/telling", json={"digest": "at_once"})
        await home.wait(1)

        assert [] == still
        assert ["bob"] == [who for who, _ in await home.leads()]


async def test_the_page_of_a_thing_shows_who_was_told_and_who_was_not_and_why(db):
    async with db() as database:
        home = await town(database)
        alice, bob, charlie = (home.id(name) for name in home.people)
        await home.prefer("Charlie", quiet_from=time(11), quiet_until=time(14))
        await home.hear(task_event(by=alice, watchers=[bob, charlie], **MOVED))
        home.clock.advance(1)
        await home.hear(comment(alice, "Hm", watchers=[bob]))
        async with await client_of(
            application(database, clock=home.clock), home.people["Bob"]
        ) as client:
            page = (await client.get("/-/tell/task/42")).text
            nothing = (await client.get("/-/tell/task/42", headers={"cookie": ""})).status_code

    assert page.index("Alice commented.") < page.index(
        "Alice moved it from Waiting to In progress."
    )
    assert "told: watches it" in page
    assert "not told: quiet hours, until today" in page
    assert 'data-live="task/42 deliveries"' in page
    assert 401 == nothing or 303 == nothing
