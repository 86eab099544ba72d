"""A fault of ours must not feed itself, nor send a mail for everything that it touches."""

import asyncio

from bongsu.events.envelope import Draft
from bongsu.events.log import record
from bongsu.events.pattern import PatternIndex
from bongsu.incidents import store, worker
from bongsu.incidents.worker import Planner
from bongsu.rules.builtin import install_builtin
from bongsu.rules.follower import RuleFollower
from tests.incidents.support import DEFAULTS, House, house


async def run_line(home: House, rounds: int) -> None:
    """Rules and plan in turn, a second each, as the alarm role does it."""
    rules = RuleFollower(home.db, DEFAULTS, home.clock)
    planner = Planner(home.db, DEFAULTS, home.clock, asyncio.Event())
    for _ in range(rounds):
        while await rules.follower.step():
            pass
        while await planner.step():
            pass
        home.clock.advance(1)


async def test_when_nothing_can_be_planned_the_news_of_it_does_not_make_more_of_it(db, monkeypatch):
    """Each own.plan_failed opened an incident whose plan failed, which opened the next, without end."""
    async with db() as database:
        home = await house(database)
        async with database.write() as tx:
            await install_builtin(tx, home.clock)

        async def broken(*_: object) -> None:
            raise RuntimeError("nobody can be found")

        monkeypatch.setattr(worker, "find", broken)
        await home.event("home", "down")
        await run_line(home, rounds=30)
        failed = await home.events("own.plan_failed")
        opened = await home.events("incident.opened")

    assert 1 == len(failed), "said once a minute for the incident that it is about"
    assert 2 == len(opened), "the service's and our own"


async def test_events_that_cannot_be_read_are_one_incident_not_one_each(db, monkeypatch):
    """Four hundred mails went to the administrators, one for each subject."""
    async with db() as database:
        home = await house(database)
        async with database.write() as tx:
            await install_builtin(tx, home.clock)
        rules = RuleFollower(database, DEFAULTS, home.clock)
        real = PatternIndex.match

        def match(index, view):
            if view["detail-type"] == "test.unreadable":
                raise TypeError("no such thing")
            return real(index, view)

        async with database.write() as tx:
            for number in range(20):
                draft = Draft(type="test.unreadable", source="test", subject=f"thing/{number}")
                record(tx, draft, home.clock)
        monkeypatch.setattr(PatternIndex, "match", match)
        while await rules.follower.step():
            pass
        failed = await home.events("own.rule_failed")
        opened = await home.events("incident.opened")

    assert 20 == len(failed), "each is kept aside"
    assert ["own/reader/rules"] == [event.data["key"] for event in opened]


async def test_an_incident_of_more_things_than_are_listed_ends_when_the_last_is_well(
    db, monkeypatch
):
    """Review: whatever recovered outside of the first thousand was ignored, and the incident never ended."""
    monkeypatch.setattr(store, "TOUCHED_LIMIT", 3)
    names = [f"page-{letter}" for letter in "abcdefg"]
    async with db() as database:
        home = await house(database)
        async with database.write() as tx:
            await install_builtin(tx, home.clock)
        for name in names:
            await home.event(name, "down")
        await run_line(home, rounds=2)
        for name in reversed(names):
            assert [] == await home.events("incident.resolved")
            await home.event(name, "up", before="down")
            await run_line(home, rounds=2)

        assert 1 == len(await home.events("incident.resolved"))
