import asyncio
from datetime import timedelta

from bongsu.accounts.model import SYSTEM
from bongsu.kit.clock import ManualClock
from bongsu.kit.errors import StateBusy
from bongsu.services import service as services
from bongsu.services.model import ServiceDraft
from bongsu.watch import roster as roster_module
from bongsu.watch import service, store_pages, store_states
from bongsu.watch.combine import Seen
from bongsu.watch.drafts import read_check
from bongsu.watch.engine import Engine
from bongsu.watch.recorder import Recorder
from bongsu.watch.roster import Roster
from bongsu.watch.trouble import Troubles
from tests.watch.world import ALICE, HOME, Heard, Kept, Looks, register, settle


class Watching:
    def __init__(self, database, location: str = "here") -> None:
        self.database, self.clock = database, ManualClock()
        self.looks, self.heard = Looks(self.clock), Heard()
        self.engine = Engine(self.looks, self.heard, self.clock, 100)
        self.recorder = Recorder(database, Kept(), self.clock, location, Troubles(location))
        self.roster = Roster(database, self.engine, self.recorder, self.clock, location)

    def held(self) -> dict[str, float]:
        return {w.check.title: w.check.every_s for w in self.engine.checks.values()}


async def test_at_start_everything_is_loaded_with_the_states_it_had(db, monkeypatch):
    monkeypatch.setattr("bongsu.watch.store.PAGE", 3)
    clock = ManualClock()
    async with db() as database:
        checks = [await register(database, f"check-{n}") for n in range(7)]
        async with database.write() as tx:
            known = await store_states.known_one(tx, checks[5])
            known.changed = True
            known.state, known.since = "down", clock.now()
            known.certificate = {"subject": "a", "not_after": "2027"}
            known.seen["here"] = Seen("here", "down", clock.now(), clock.now())
            await store_states.save_states(tx, [known])
            await store_states.save_location_states(tx, "here", [known])
        watching = Watching(database)
        await watching.roster.load()

        watched = watching.engine.checks
        assert set(watched) == {check.id for check in checks}
        assert [watched[c.id].state.state for c in checks] == [None] * 5 + ["down", None]
        assert watched[checks[5].id].certificate == ("a", "2027")
        assert watching.roster.generation == 7


async def test_only_what_changed_is_touched(db):
    async with db() as database:
        one, two, gone = [await register(database, name) for name in ("one", "two", "gone")]
        watching = Watching(database)
        await watching.roster.load()
        before = {i: w.check for i, w in watching.engine.checks.items()}
        async with database.write() as tx:
            await service.change(
                tx, ALICE, "shop", "two", read_check(HOME | {"every": "20s"}, "two")
            )
            await service.delete(tx, ALICE, "shop", "gone")
        new = await register(database, "new")

        await watching.roster.step()

        watched = watching.engine.checks
        assert set(watched) == {one.id, two.id, new.id}
        assert watched[one.id].check is before[one.id]
        assert watched[two.id].check.every_s == 20
        assert gone.id not in watched
        assert watching.held() == {"shop/one": 10, "shop/two": 20, "shop/new": 10}


async def test_a_service_that_is_deleted_takes_its_checks_along(db):
    async with db() as database:
        await register(database)
        await register(database, "other", owner="bank")
        watching = Watching(database)
        await watching.roster.load()
        async with database.write() as tx:
            await services.delete(tx, SYSTEM, "shop", watching.clock)
            await services.update(
                tx, SYSTEM, "bank", ServiceDraft(name="bank", title="New"), ManualClock()
            )

        await watching.roster.step()

        assert watching.held() == {"bank/other": 10}


async def test_a_location_looks_only_at_what_is_its_own(db):
    async with db() as database:
        here = await register(database, "here", HOME | {"locations": ["here"]})
        await register(database, "there", HOME | {"locations": ["busan"]})
        await register(database, "all")
        watching = Watching(database, "busan")
        await watching.roster.load()
        assert set(watching.held()) == {"shop/there", "shop/all"}
        async with database.write() as tx:
            await service.change(tx, ALICE, "shop", "here", read_check(HOME, "here"))
            values = HOME | {"locations": ["here"]}
            await service.change(tx, ALICE, "shop", "all", read_check(values, "all"))

        await watching.roster.step()

        assert set(watching.held()) == {"shop/there", "shop/here"}
        assert here.id in watching.engine.checks


async def test_who_asks_now_is_looked_at_with_the_newest_configuration(db):
    async with db() as database:
        watching = Watching(database)
        watching.clock = watching.roster._clock = ManualClock()
        await watching.roster.load()
        check = await register(database)
        async with database.write() as tx:
            asked = await service.ask_now(tx, ALICE, [check.id], watching.clock)

        await watching.roster.step()
        await settle()

        assert watching.heard.answers[asked[check.id]]["level"] == "up"
        assert watching.engine.figures.asked == 1


async def test_who_asks_now_is_answered_from_where_the_check_is_looked_at(db):
    async with db() as database:
        check = await register(database, "there", HOME | {"locations": ["busan"]})
        here, busan = Watching(database), Watching(database, "busan")
        await here.roster.load()
        await busan.roster.load()
        async with database.write() as tx:
            asked = await service.ask_now(tx, ALICE, [check.id], here.clock)

        for one in (here, busan):
            await one.roster.step()
            await settle()

        assert here.heard.answers == {}
        assert busan.heard.answers[asked[check.id]]["level"] == "up"


async def test_a_location_that_is_silent_for_a_week_is_forgotten_with_all_that_it_saw(db, caplog):
    async with db() as database:
        check = await register(database)
        watching = Watching(database)
        now, body = watching.clock.now(), store_states.pack([])
        async with database.write() as tx:
            for name, days in (("here", 9), ("busan", 8), ("daegu", 6)):
                at = now - timedelta(days=days)
                known = (await store_states.known(tx, {check.id: check}, ""))[check.id]
                known.seen = {name: Seen(name, "down", at, at)}
                await store_states.save_location_states(tx, name, [known])
                await store_states.save_snapshot(tx, name, at, 1, body)
        await watching.roster.load()
        await watching.roster.step()
        async with database.read() as tx:  # who starts beside it may be about to speak again
            assert set(await store_states.heartbeats(tx)) == {"here", "busan", "daegu"}

        watching.clock.advance(roster_module.FORGET_S)
        await watching.roster.step()

        async with database.read() as tx:
            assert set(await store_states.heartbeats(tx)) == {"here", "daegu"}
            seen = await store_pages.state_shown(tx, check)
        assert set(seen["locations"]) == {"here", "daegu"}
        assert "location busan" in caplog.text


async def test_a_database_that_is_away_is_noted_and_followed_again(db, monkeypatch):
    monkeypatch.setattr(roster_module, "POLL_S", 0.01)
    async with db() as database:
        watching, stop = Watching(database), asyncio.Event()
        await watching.roster.load()
        real, failing = watching.roster.step, [True]

        async def step() -> None:
            if failing[0]:
                raise StateBusy
            await real()

        monkeypatch.setattr(watching.roster, "step", step)
        running = asyncio.create_task(watching.roster.run(stop))
        await asyncio.sleep(0.05)
        failing[0] = False
        await register(database)
        for _ in range(100):
            await asyncio.sleep(0.02)
            if watching.engine.checks:
                break
        stop.set()
        await running

        assert len(watching.engine.checks) == 1
        assert [e.kind for e in watching.recorder._troubles.untold()] == ["state_busy"]
