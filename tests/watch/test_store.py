import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bongsu.accounts.model import SYSTEM
from bongsu.events.log import record
from bongsu.kit.clock import ManualClock
from bongsu.kit.errors import NotFound
from bongsu.kit.i18n import say
from bongsu.services import service as services
from bongsu.services.model import ServiceDraft
from bongsu.watch import service, store, store_pages, store_requests, store_states
from bongsu.watch.changes import Change, settle
from bongsu.watch.combine import Seen
from bongsu.watch.drafts import read_check
from bongsu.watch.verdict import LocationState, Transition
from tests.watch.world import ALICE, HOME, events, register

CLOCK = ManualClock()


async def test_a_check_comes_back_as_it_was_registered(db):
    values = {
        "http": {"url": "https://a.example.com/", "method": "HEAD"}, "every": "30s", "timeout": "5s",
        "confirm": 3, "recover": 2, "expect": ["[STATUS] == 204"], "warn": ["[RESPONSE_TIME] < 800"],
        "locations": ["here", "busan"], "quorum": 2,
    }  # fmt: skip
    async with db() as database:
        made = await register(database, "home", values)
        async with database.read() as tx:
            (found,) = await store.checks(tx)
            assert found == made == await store.check_named(tx, "shop", "home")
            assert found == await store.check_by_id(tx, made.id)
            assert [found] == await store.checks_of(tx, made.service_id)
            assert await store.count(tx) == 1

    assert (found.title, found.kind, found.every_s, found.timeout_s) == ("shop/home", "http", 30, 5)
    assert found.options == {"url": "https://a.example.com/", "method": "HEAD"}
    assert (found.expect, found.warn) == (("[STATUS] == 204",), ("[RESPONSE_TIME] < 800",))
    assert (found.confirm, found.recover, found.quorum) == (3, 2, 2)
    assert found.locations == ("here", "busan")


async def test_the_configuration_moves_with_every_change_of_a_check_or_its_service(db):
    seen = []

    async def look(database) -> None:
        async with database.read() as tx:
            seen.append(await store.configuration(tx))

    async with db() as database:
        await look(database)
        check = await register(database)
        await look(database)
        async with database.write() as tx:
            await service.pause(tx, ALICE, "shop", "home", paused=True)
        await look(database)
        async with database.write() as tx:
            await services.update(tx, ALICE, "shop", ServiceDraft(name="shop", title="X"), CLOCK)
        await look(database)
        async with database.write() as tx:
            await service.delete(tx, ALICE, "shop", "home")
        await look(database)
        async with database.write() as tx:
            await services.delete(tx, ALICE, "shop", CLOCK)
        await look(database)

    assert len(set(seen)) == len(seen) == 6
    assert check.id > 0


async def test_stamps_tell_which_checks_changed_whatever_the_clock_does(db):
    async with db() as database:
        clock = ManualClock()
        first = await register(database, "one", clock=clock)
        second = await register(database, "two", clock=clock)
        async with database.read() as tx:
            before = {s.id: s.changed for s in await store.stamps(tx, 0)}
        clock.advance(-3600)
        async with database.write() as tx:
            await service.pause(tx, ALICE, "shop", "two", paused=True, clock=clock)
        async with database.read() as tx:
            after = {s.id: s.changed for s in await store.stamps(tx, 0)}
            assert [second.id] == [s.id for s in await store.stamps(tx, first.id)]

    assert before[first.id] == after[first.id]
    assert before[second.id] != after[second.id]


async def test_states_are_written_over_and_come_back_by_location(db):
    async with db() as database:
        check = await register(database)
        for state in ("up", "down"):
            async with database.write() as tx:
                (known,) = (
                    await store_states.known(tx, {check.id: check, 999: check}, "")
                ).values()
                known.changed = True
                known.state, known.since = state, CLOCK.now()
                known.certificate = {"subject": "a"}
                known.seen["here"] = Seen("here", state, CLOCK.now(), CLOCK.now())
                await store_states.save_states(tx, [known])
                await store_states.save_location_states(tx, "here", [known])
        async with database.write() as tx:
            await store_states.save_certificates(tx, {check.id: {"subject": "b"}})
        async with database.read() as tx:
            assert await store_states.location_states(tx, "here", 0) == {
                check.id: LocationState("down", CLOCK.now())
            }
            assert await store_states.location_states(tx, "busan", 0) == {}
            assert await store_states.certificates(tx, 0) == {check.id: {"subject": "b"}}
            row = await store_states.state_of(tx, check.id)
        async with database.write() as tx:
            known = (await store_states.known(tx, {check.id: check}, ""))[check.id]

    assert (row.state, row.since) == ("down", CLOCK.now())
    assert known.service == {"id": check.service_id, "name": "shop", "title": "Shop", "group": ""}
    assert known.state == "down"
    assert known.seen == {}  # of other locations, none lives


async def test_a_location_that_lives_counts_as_having_looked(db):
    async with db() as database:
        check = await register(database)
        long_ago, now = CLOCK.now() - timedelta(hours=1), CLOCK.now()
        async with database.write() as tx:
            (known,) = (await store_states.known(tx, {check.id: check}, "")).values()
            known.seen["busan"] = Seen("busan", "up", long_ago, long_ago)
            await store_states.save_location_states(tx, "busan", [known])
            body = store_states.pack([[check.id, "up", 1.5, 7.0]])
            await store_states.save_snapshot(tx, "busan", now, 3, body)
            await store_states.save_snapshot(tx, "busan", now, 4, body)
        async with database.write() as tx:
            (known,) = (await store_states.known(tx, {check.id: check}, "")).values()
            (snapshot,) = await store_states.snapshots(tx)
            assert {"busan": now} == await store_states.heartbeats(tx)

    assert known.seen["busan"].looked_at == now
    assert (snapshot.generation, snapshot.looks) == (4, [(check.id, "up", 1.5, 7.0)])


async def test_a_location_that_looks_at_a_check_no_more_has_no_say_about_it(db):
    async with db() as database:
        check = await register(database)
        async with database.write() as tx:
            (known,) = (await store_states.known(tx, {check.id: check}, "")).values()
            known.seen["here"] = Seen("here", "down", CLOCK.now(), CLOCK.now())
            await store_states.save_location_states(tx, "here", [known])
            await store_states.save_snapshot(tx, "here", CLOCK.now(), 1, store_states.pack([]))
            draft = read_check(HOME | {"locations": ["busan"]}, "home")
            moved = await service.change(tx, ALICE, "shop", "home", draft)
            assert set(
                (await store_states.known(tx, {check.id: check}, "busan"))[check.id].seen
            ) == {"here"}

            seen = (await store_states.known(tx, {check.id: moved}, "busan"))[check.id].seen
            detail = await store_pages.read_check(tx, "shop", "home")
            shown = await store_pages.state_shown(tx, moved)

    assert seen == {}
    assert detail.locations == {}
    assert shown["locations"] == {}


async def test_a_request_is_claimed_once_and_its_answer_is_found(db):
    clock = ManualClock()
    async with db() as database:
        check = await register(database)
        async with database.write() as tx:
            asked = await store_requests.ask(tx, [check.id], "user/1", clock.now())
            assert await store_requests.ask(tx, [], "user/1", clock.now()) == {}
        request = asked[check.id]
        async with database.write() as tx:
            assert {request: check.id} == await store_requests.open_requests(tx, clock.now())
            assert [(request, check.id)] == await store_requests.claim(tx, [request], clock.now())
            assert [] == await store_requests.claim(tx, [request], clock.now())
            assert not await store_requests.open_requests(tx, clock.now())
            assert {} == await store_requests.answers(tx, [request])
            await store_requests.answer(tx, [(request, {"ok": True})], clock.now())
            assert {request: {"ok": True}} == await store_requests.answers(tx, [request, "x"])
            assert 0 == await store_requests.forget_old(tx, clock.now())
            assert 1 == await store_requests.forget_old(tx, clock.now() + timedelta(hours=2))


async def test_a_request_nobody_waits_for_any_more_is_not_looked_at(db):
    clock = ManualClock()
    async with db() as database:
        check = await register(database)
        async with database.write() as tx:
            await store_requests.ask(tx, [check.id], "user/1", clock.now())
        clock.advance(31)
        async with database.write() as tx:
            assert not await store_requests.open_requests(tx, clock.now())


async def test_deleting_a_service_takes_all_that_is_known_of_its_checks(db):
    async with db() as database:
        check = await register(database)
        async with database.write() as tx:
            (known,) = (await store_states.known(tx, {check.id: check}, "")).values()
            known.changed = True
            known.state, known.since = "up", CLOCK.now()
            await store_states.save_states(tx, [known])
            await services.delete(tx, SYSTEM, "shop", CLOCK)
        async with database.read() as tx:
            assert await store.count(tx) == 0
            assert await store_states.state_of(tx, check.id) is None


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OSError("[Errno 28] No space left on device"), "disk_full"),
        (ConnectionRefusedError("refused"), "state_busy"),
        (ValueError("x"), None),
    ],
)
def test_what_passes_by_itself_is_told_from_a_mistake(error, kind):
    assert store_states.trouble_of(error) == kind


def change_of(check, location: str, before: str | None, after: str) -> Change:
    now = CLOCK.now()
    move = Transition(before, after, now, now, say("Because."))
    return Change(check, location, move, {}, None, f"{location}-{before}-{after}", None)


async def write_change(tx, change: Change) -> None:
    known = await store_states.known(tx, {change.check_id: change.check}, change.location)
    draft = settle(known[change.check_id], change, CLOCK.now())
    if draft is not None:
        record(tx, draft, CLOCK)
    await store_states.save_location_states(tx, change.location, list(known.values()))
    await store_states.save_states(tx, list(known.values()))


async def states_told(database) -> list[str]:
    return [e.data["after"]["state"] for e in await events(database, "check.state_changed")]


async def test_a_check_deleted_while_its_outage_is_recorded_is_said_to_be_over(db):
    """Review: the deletion, which had waited, still saw the state from before; its incident never ended."""
    async with db() as database:
        check = await register(database)

        async def delete() -> None:
            async with database.write() as tx:
                await service.delete(tx, ALICE, "shop", "home", CLOCK)

        async with database.write() as tx:
            await write_change(tx, change_of(check, "here", None, "down"))
            deleting = asyncio.create_task(delete())
            await asyncio.sleep(0.3)
        await deleting

        assert ["down", "up"] == await states_told(database)


async def test_two_locations_that_change_at_once_see_each_other(db):
    """Review: the second had waited for the first and compared with the state from before it."""
    async with db() as database:
        check = await register(database)
        async with database.write() as tx:
            for location in ("a", "b"):
                body = store_states.pack([])
                await store_states.save_snapshot(tx, location, CLOCK.now(), 1, body)

        async def write(*change: Any) -> None:
            async with database.write() as tx:
                await write_change(tx, change_of(check, *change))

        await write("a", None, "up")
        await write("b", None, "up")
        await write("a", "up", "down")
        async with database.write() as tx:
            await write_change(tx, change_of(check, "a", "down", "up"))
            waiting = asyncio.create_task(write("b", "up", "down"))
            await asyncio.sleep(0.3)
        await waiting

        assert ["up", "down", "up", "down"] == await states_told(database)


async def test_a_check_that_two_people_delete_at_once_is_gone_for_the_second(db):
    async with db() as database:
        await register(database)

        async def delete() -> None:
            async with database.write() as tx:
                await service.delete(tx, ALICE, "shop", "home", CLOCK)
                await asyncio.sleep(0.2)

        first, second = await asyncio.gather(delete(), delete(), return_exceptions=True)

    assert {type(None), NotFound} == {type(first), type(second)}
