"""Triggers at work on both databases: counted by every process together, told once, over when it is quiet."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bongsu.accounts.model import SYSTEM
from bongsu.db.session import Database
from bongsu.events import log
from bongsu.events.envelope import Event
from bongsu.incidents import store as incidents
from bongsu.kit.clock import ManualClock
from bongsu.kit.errors import StateBusy
from bongsu.lake.trouble import Trouble
from bongsu.requests import store, trigger_service
from bongsu.requests.triggers import OTHERS, TriggerDraft
from bongsu.requests.watcher import KEYS_HELD, Watcher
from bongsu.rules.builtin import install_builtin
from bongsu.rules.follower import RuleFollower
from bongsu.tell.model import Defaults
from tests.people import alice_admin
from tests.requests.support import seen


class Place:
    """One database, one clock, any number of `serve` processes."""

    def __init__(self, db: Database) -> None:
        self.db, self.clock = db, ManualClock()

    def process(self) -> Watcher:
        return Watcher(self.db, self.clock)

    async def trigger(self, **values: Any) -> None:
        usual = {"name": "fails", "title": "Requests fail", "pattern": {"outcome": ["failed"]},
                 "at_least": 5, "window_s": 60, "per": "route", "severity": 4}  # fmt: skip
        async with self.db.write() as tx:
            draft = TriggerDraft(**(usual | values))
            await trigger_service.create(tx, SYSTEM, draft, self.clock)

    def failed(self, count: int, **values: Any) -> list[Any]:
        return [
            seen(self.clock.now(), outcome="failed", status=500, **values) for _ in range(count)
        ]

    async def events(self) -> list[Event]:
        async with self.db.read() as tx:
            found = await log.search(tx, type_prefix="request.triggered")
        return list(reversed(found))

    async def states(self) -> list[tuple[str, str]]:
        return [(e.data["trigger"]["key"], e.data["after"]["state"]) for e in await self.events()]


async def saw(watcher: Watcher, batch: list[Any]) -> None:
    await watcher.step()  # it knows the triggers
    watcher.see(batch)
    await watcher.step()


async def test_enough_requests_in_the_window_are_one_event_with_what_they_were(db):
    async with db() as database:
        place = Place(database)
        await place.trigger()
        watcher = place.process()
        await saw(watcher, place.failed(4) + [seen(place.clock.now()) for _ in range(50)])
        assert [] == await place.events()
        place.clock.advance(30)
        await saw(watcher, place.failed(1))
        [event] = await place.events()

    assert ("request.triggered", "request_trigger/fails", 4) == (
        event.type, event.subject, event.severity,
    )  # fmt: skip
    assert ("request/fails/GET /", 5, 60) == (
        event.dedup_key, event.data["count"], event.data["window_s"],
    )  # fmt: skip
    assert {500} == {one["status"] for one in event.data["samples"]}
    assert 0 < len(event.data["samples"]) <= 5
    assert "agent" not in event.data["samples"][0]


async def test_what_left_the_window_does_not_count(db):
    async with db() as database:
        place = Place(database)
        await place.trigger()
        watcher = place.process()
        await saw(watcher, place.failed(4))
        place.clock.advance(61)
        await saw(watcher, place.failed(4))

        assert [] == await place.events()


async def test_a_storm_is_one_event_and_its_end_another(db):
    async with db() as database:
        place = Place(database)
        await place.trigger()
        watcher = place.process()
        for _ in range(30):
            await saw(watcher, place.failed(100))
            place.clock.advance(3)
        assert [("GET /", "down")] == await place.states()
        place.clock.advance(56)  # 59 s since the last one
        await watcher.step()
        assert 1 == len(await place.events())
        place.clock.advance(5)
        await watcher.step()
        await watcher.step()
        begin, end = await place.events()
        async with database.read() as tx:
            left = await store.firing(tx)

    assert ("up", begin.dedup_key, 3000) == (
        end.data["after"]["state"], end.dedup_key, end.data["count"],
    )  # fmt: skip
    assert [] == left


async def test_after_a_quiet_time_it_may_fire_again(db):
    async with db() as database:
        place = Place(database)
        await place.trigger()
        watcher = place.process()
        for _ in range(2):
            await saw(watcher, place.failed(9))
            place.clock.advance(100)
            await watcher.step()

        assert [("GET /", "down"), ("GET /", "up")] * 2 == await place.states()


async def test_processes_count_together_and_one_of_them_tells(db):
    async with db() as database:
        place = Place(database)
        await place.trigger(at_least=9)
        processes = [place.process() for _ in range(3)]
        for one in processes:
            await saw(one, place.failed(2))
        assert [] == await place.events()  # six of nine
        for one in processes:
            await saw(one, place.failed(2))
        assert [("GET /", "down")] == await place.states()
        place.clock.advance(100)
        for one in processes:
            await one.step()

        assert [("GET /", "down"), ("GET /", "up")] == await place.states()


async def test_processes_that_see_it_at_the_same_moment_tell_once(db):
    async with db() as database:
        place = Place(database)
        await place.trigger(at_least=1)
        processes = [place.process() for _ in range(4)]
        await asyncio.gather(*(saw(one, place.failed(3)) for one in processes))
        assert [("GET /", "down")] == await place.states()
        place.clock.advance(100)
        await asyncio.gather(*(one.step() for one in processes))

        assert [("GET /", "down"), ("GET /", "up")] == await place.states()


async def test_the_window_outlives_the_process_that_saw_it(db):
    async with db() as database:
        place = Place(database)
        await place.trigger()
        await saw(place.process(), place.failed(3))
        await saw(place.process(), place.failed(2))

        assert [("GET /", "down")] == await place.states()


async def test_people_are_counted_apart_and_called_by_name(db):
    async with db() as database:
        place = Place(database)
        alice = await alice_admin(database)
        await place.trigger(per="person")
        batch = place.failed(5, person=alice.id) + place.failed(4, person=99)
        await saw(place.process(), batch)
        [event] = await place.events()

    assert (f"user/{alice.id}",) == event.resources
    assert "Alice" == event.data["title"]["args"]["key"]


async def test_a_storm_from_everywhere_is_told_twenty_one_times_and_not_a_thousand(db):
    async with db() as database:
        place = Place(database)
        await place.trigger(per="address", at_least=2)
        watcher = place.process()
        everywhere = [one for n in range(300) for one in place.failed(3, address=f"198.51.100.{n}")]
        for _ in range(4):
            await saw(watcher, everywhere)
        states = await place.states()

    assert 21 == len(states)
    assert 1 == sum(key == OTHERS for key, _ in states)


async def test_memory_is_bounded_however_many_keys_there_are(db):
    async with db() as database:
        place = Place(database)
        await place.trigger(per="address", at_least=2)
        watcher = place.process()
        await watcher.step()
        watcher.see([one for n in range(3000) for one in place.failed(1, address=str(n))])

        assert KEYS_HELD == len(watcher._hits)


async def test_hits_are_kept_while_the_database_is_away(db, monkeypatch):
    async with db() as database:
        place = Place(database)
        await place.trigger()
        watcher = place.process()
        await saw(watcher, place.failed(2))

        def away(*_: object) -> Any:
            raise StateBusy

        with monkeypatch.context() as broken:
            broken.setattr(database, "write", away)
            await saw(watcher, place.failed(2))
            await saw(watcher, place.failed(1))
            assert [] == await place.events()
        await watcher.step()

        assert [("GET /", "down")] == await place.states()


async def test_a_change_of_a_trigger_counts_within_seconds_and_one_that_is_off_costs_nothing(db):
    async with db() as database:
        place = Place(database)
        await place.trigger(enabled=False)
        watcher = place.process()
        await saw(watcher, place.failed(9))
        assert {} == watcher._known
        async with database.write() as tx:
            await trigger_service.switch(tx, SYSTEM, "fails", True, place.clock)
        place.clock.advance(3)
        await saw(watcher, place.failed(9))

        assert [("GET /", "down")] == await place.states()


@pytest.mark.parametrize("how", ["switched off", "deleted"])
async def test_who_takes_a_trigger_away_ends_what_it_began(db, how):
    async with db() as database:
        place = Place(database)
        await place.trigger()
        watcher = place.process()
        await saw(watcher, place.failed(9))
        async with database.write() as tx:
            if how == "deleted":
                await trigger_service.delete(tx, SYSTEM, "fails", place.clock)
            else:
                await trigger_service.switch(tx, SYSTEM, "fails", False, place.clock)
        watcher.see(place.failed(9))  # it does not know yet
        await watcher.step()
        states, events = await place.states(), await place.events()

    assert [("GET /", "down"), ("GET /", "up")] == states
    assert f"The trigger was {how}." == events[1].data["reason"]["text"]


async def test_old_hits_are_forgotten(db):
    async with db() as database:
        place = Place(database)
        await place.trigger()
        watcher = place.process()
        await saw(watcher, place.failed(2))
        place.clock.advance(3 * 3600)
        await watcher.step()
        async with database.read() as tx:
            [trigger] = await store.every(tx)
            since = place.clock.now() - timedelta(days=1)
            assert {} == await store.counts(tx, trigger.id, ["GET /"], since)


async def test_one_trigger_that_cannot_be_used_does_not_stop_the_others(db):
    async with db() as database:
        place = Place(database)
        await place.trigger(name="broken")
        await place.trigger(name="sound")
        async with database.write() as tx:
            await store.update(tx, "broken", {"pattern": {"status": "no list"}})
        await saw(place.process(), place.failed(9))

        assert ["request_trigger/sound"] == [event.subject for event in await place.events()]


async def test_the_rule_of_a_new_installation_makes_an_incident_that_ends_by_itself(db):
    async with db() as database:
        place = Place(database)
        await alice_admin(database)
        async with database.write() as tx:
            await install_builtin(tx, place.clock)
        await place.trigger()
        watcher = place.process()
        rules = RuleFollower(database, Defaults(public_url="http://x"), place.clock)

        async def seen_by_rules() -> list[tuple[str, int, str]]:
            while await rules.follower.step():
                pass
            async with database.read() as tx:
                found = await incidents.listed(tx)
            return [(str(one.title), one.severity, one.state) for one in found]

        await saw(watcher, place.failed(9))
        opened = await seen_by_rules()
        place.clock.advance(100)
        await watcher.step()
        ended = await seen_by_rules()

    assert [("Requests fail: GET /", 4, "open")] == opened
    assert [("Requests fail: GET /", 4, "resolved")] == ended


async def test_what_went_wrong_with_the_log_itself_is_told(db):
    async with db() as database:
        place = Place(database)
        watcher = place.process()
        watcher.spool_says(Trouble("dropped", 1_000))
        await watcher.step()
        await watcher.step()
        async with database.read() as tx:
            found = await log.search(tx, type_prefix="own.")

    assert [("own.requests_dropped", 4)] == [(event.type, event.severity) for event in found]
