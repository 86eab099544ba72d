import asyncio

import pytest

from bongsu.accounts.model import SYSTEM
from bongsu.kit.clock import ManualClock
from bongsu.kit.errors import Conflict, NotAllowed, NotFound
from bongsu.services import service as services
from bongsu.watch import service, store, store_requests, store_states
from bongsu.watch.combine import Seen
from bongsu.watch.drafts import read_check
from tests.watch.world import ALICE, CHARLIE, DANA, HOME, events, register

CLOCK = ManualClock()


async def make_bad(database, check_id: int, state: str = "down") -> None:
    async with database.write() as tx:
        known = await store_states.known_one(tx, await service.get_by_id(tx, check_id))
        known.changed = True
        known.state, known.since = state, CLOCK.now()
        known.reason = {"text": "It answered 503.", "args": {}}
        known.seen["here"] = Seen("here", state, CLOCK.now(), CLOCK.now())
        await store_states.save_states(tx, [known])


async def test_an_admin_registers_changes_pauses_and_deletes_and_each_is_an_event(db):
    async with db() as database:
        check = await register(database)
        async with database.write() as tx:
            draft = read_check(HOME | {"every": "20s", "confirm": 3}, "home")
            changed = await service.change(tx, ALICE, "shop", "home", draft)
        async with database.write() as tx:
            await service.pause(tx, DANA, "shop", "home", paused=True)
        async with database.write() as tx:
            await service.delete(tx, ALICE, "shop", "home")
        told = await events(database, "check.")
        async with database.read() as tx:
            assert await store.count(tx) == 0

    assert (changed.id, changed.every_s, changed.confirm) == (check.id, 20, 3)
    assert [e.type for e in told] == [
        "check.created",
        "check.updated",
        "check.updated",
        "check.deleted",
    ]
    assert {e.subject for e in told} == {f"check/{check.id}"}
    assert [e.data["changed"] for e in told] == [
        [],
        ["every_s", "timeout_s", "confirm"],
        ["paused"],
        [],
    ]
    assert [bool(e.data["before"]) for e in told] == [False, True, True, True]
    assert [bool(e.data["after"]) for e in told] == [True, True, True, False]
    assert [e.actor for e in told] == ["user/1", "user/1", "user/2", "user/1"]
    assert told[0].data["actor"] == "alice@example.com"
    assert told[0].data["after"]["options"] == {"url": "http://127.0.0.1:9/"}


async def test_a_change_that_changes_nothing_is_no_event(db):
    async with db() as database:
        await register(database)
        async with database.write() as tx:
            await service.change(tx, ALICE, "shop", "home", read_check(HOME, "home"))
            await service.pause(tx, ALICE, "shop", "home", paused=False)

        assert len(await events(database, "check.")) == 1


@pytest.mark.parametrize("actor", [DANA, CHARLIE], ids=["editor", "viewer"])
async def test_only_an_admin_registers_changes_or_deletes(db, actor):
    draft = read_check(HOME, "home")
    async with db() as database:
        await register(database)
        calls = [
            lambda tx: service.register(tx, actor, "shop", draft),
            lambda tx: service.change(tx, actor, "shop", "home", draft),
            lambda tx: service.delete(tx, actor, "shop", "home"),
            lambda tx: service.delete_all(tx, actor, "shop"),
        ]
        for call in calls:
            with pytest.raises(NotAllowed):
                async with database.write() as tx:
                    await call(tx)

        assert len(await events(database, "check.")) == 1


async def test_an_editor_pauses_and_resumes_a_viewer_does_not(db):
    async with db() as database:
        await register(database)
        async with database.write() as tx:
            assert (await service.pause(tx, DANA, "shop", "home", paused=True)).paused
            assert not (await service.pause(tx, DANA, "shop", "home", paused=False)).paused
        for paused in (True, False):
            with pytest.raises(NotAllowed):
                async with database.write() as tx:
                    await service.pause(tx, CHARLIE, "shop", "home", paused=paused)


async def test_a_name_is_taken_once_in_a_service_and_free_in_another(db):
    async with db() as database:
        await register(database, "home")
        await register(database, "home", owner="bank")
        with pytest.raises(Conflict, match="already has a check home"):
            await register(database, "home")


async def test_what_is_not_there_is_not_found_by_name(db):
    async with db() as database:
        await register(database)
        for call in (
            lambda tx: service.get(tx, "shop", "gone"),
            lambda tx: service.get_by_id(tx, 999),
            lambda tx: service.register(tx, ALICE, "gone", read_check(HOME, "x")),
            lambda tx: service.change(tx, ALICE, "shop", "gone", read_check(HOME, "x")),
            lambda tx: service.pause(tx, ALICE, "shop", "gone", paused=True),
            lambda tx: service.delete(tx, ALICE, "gone", "home"),
            lambda tx: service.ask_now(tx, ALICE, [999]),
        ):
            with pytest.raises(NotFound):
                async with database.write() as tx:
                    await call(tx)


async def test_every_change_moves_the_generation_with_itself(db):
    async with db() as database:
        await register(database)
        async with database.read() as tx:
            before = (await store.configuration(tx))[0]
        with pytest.raises(ZeroDivisionError):
            async with database.write() as tx:
                await service.pause(tx, ALICE, "shop", "home", paused=True)
                1 / 0  # noqa: B018
        async with database.read() as tx:
            assert (await store.configuration(tx))[0] == before
            assert not (await service.get(tx, "shop", "home")).paused
        async with database.write() as tx:
            await service.pause(tx, ALICE, "shop", "home", paused=True)
        async with database.read() as tx:
            assert (await store.configuration(tx))[0] == before + 1


@pytest.mark.parametrize("state", ["down", "degraded", "unknown"])
async def test_deleting_a_bad_check_says_first_that_it_is_over(db, state):
    async with db() as database:
        check = await register(database)
        await make_bad(database, check.id, state)
        async with database.write() as tx:
            await service.delete(tx, ALICE, "shop", "home", CLOCK)
        over, deleted = (await events(database, "check."))[-2:]

    assert (over.type, deleted.type) == ("check.state_changed", "check.deleted")
    assert (over.data["before"]["state"], over.data["after"]["state"]) == (state, "up")
    assert over.data["reason"]["text"] == "The check was deleted."
    assert (over.severity, over.dedup_key, over.actor) == (1, "service/shop", "user/1")
    assert over.resources == (f"service/{check.service_id}",)


async def test_deleting_a_check_that_is_well_says_nothing_else(db):
    async with db() as database:
        check = await register(database)
        await make_bad(database, check.id, "up")
        async with database.write() as tx:
            await service.delete(tx, ALICE, "shop", "home")

        assert await events(database, "check.state_changed") == []


async def test_the_end_of_a_pause_over_trouble_is_told_again_and_its_begin_is_not(db):
    async with db() as database:
        check = await register(database)
        await make_bad(database, check.id)
        for paused in (True, False):
            async with database.write() as tx:
                await service.pause(tx, ALICE, "shop", "home", paused=paused)
        (told,) = await events(database, "check.state_changed")
        async with database.write() as tx:
            await service.change(
                tx, ALICE, "shop", "home", read_check(HOME | {"paused": True}, "home")
            )
        async with database.write() as tx:
            await service.change(tx, ALICE, "shop", "home", read_check(HOME, "home"))
        assert len(await events(database, "check.state_changed")) == 2

    assert told.data["changed"] == ["overlay"]
    assert told.data["overlay"] is None
    assert told.data["before"]["state"] == told.data["after"]["state"] == "down"
    assert told.data["reason"]["text"] == "It answered 503."
    assert told.severity == 4


async def test_all_checks_of_a_service_go_before_it(db):
    async with db() as database:
        checks = [await register(database, f"check-{n}") for n in range(3)]
        await register(database, "other", owner="bank")
        await make_bad(database, checks[1].id)
        async with database.write() as tx:
            assert await service.delete_all(tx, ALICE, "shop") == 3
            await services.delete(tx, SYSTEM, "shop", CLOCK)
        told = [e.type for e in await events(database, "check.")]
        async with database.read() as tx:
            assert await store.count(tx) == 1

    assert told.count("check.deleted") == 3
    assert told.count("check.state_changed") == 1


async def test_who_asks_now_gets_the_answers_that_come_in_time(db):
    async with db() as database:
        first, second = await register(database, "one"), await register(database, "two")
        async with database.write() as tx:
            asked = await service.ask_now(tx, CHARLIE, [first.id, second.id, first.id])
            assert await service.ask_now(tx, CHARLIE, []) == {}
        assert list(asked) == [first.id, second.id]

        async def answer() -> None:
            await asyncio.sleep(0.05)
            async with database.write() as tx:
                await store_requests.claim(tx, list(asked.values()), ManualClock().now())
                results = [(asked[first.id], {"ok": True})]
                await store_requests.answer(tx, results, ManualClock().now())

        answering = asyncio.create_task(answer())
        found = await service.wait_for(database, list(asked.values()), timeout_s=2.0)
        await answering
        both = await service.wait_for(database, [asked[first.id]], timeout_s=5.0)

    assert found == both == {asked[first.id]: {"ok": True}}
