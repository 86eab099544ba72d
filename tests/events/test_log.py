import asyncio
import random

import pytest
import sqlalchemy as sa

from bongsu.db.session import Database
from bongsu.events import log
from bongsu.events.envelope import Draft
from bongsu.events.follow import Follower
from bongsu.events.tables import cursor, set_aside
from bongsu.kit.clock import ManualClock
from bongsu.kit.errors import Invalid

CLOCK = ManualClock()


def draft(n: int = 0, **values) -> Draft:
    return Draft(type="test.happened", source="test", subject=f"test/{n}", data={"n": n}, **values)


async def write(database, *drafts: Draft) -> None:
    async with database.write() as tx:
        for one in drafts:
            log.record(tx, one, CLOCK)


async def test_events_come_back_in_log_order_with_all_they_carry(db):
    async with db() as database:
        await write(
            database, draft(1, severity=4, dedup_key="k", resources=("service/1",)), draft(2)
        )

        async with database.read() as tx:
            first, second = await log.read_after(tx, 0, 10)

    assert (1, 2) == (first.data["n"], second.data["n"])
    assert first.seq < second.seq
    assert (4, "k", ("service/1",)) == (first.severity, first.dedup_key, first.resources)


async def test_events_of_a_rolled_back_savepoint_are_not_kept(db):
    async with db() as database:
        async with database.write() as tx:
            with pytest.raises(ZeroDivisionError):
                async with tx.savepoint():
                    log.record(tx, draft(1), CLOCK)
                    1 / 0  # noqa: B018
            log.record(tx, draft(2), CLOCK)

        async with database.read() as tx:
            assert [2] == [e.data["n"] for e in await log.read_after(tx, 0, 10)]


async def test_an_event_larger_than_the_limit_is_refused_and_nothing_is_written(db):
    async with db() as database:
        with pytest.raises(Invalid, match="limit is 262144"):
            await write(
                database, Draft(type="t", source="s", subject="x", data={"a": "x" * 300_000})
            )

        async with database.read() as tx:
            assert await log.newest_seq(tx) == 0


def test_the_three_views_say_the_same_thing():
    event = log.Event(
        seq=7, id="i", source="bongsu.watch", type="check.state_changed", subject="check/12",
        resources=("service/1",), time=CLOCK.now(), recorded=CLOCK.now(), workspace="bongsu",
        site="here", data={"after": {"state": "down"}}, correlation="c", causation=None, depth=0,
        severity=4, actor="system", dedup_key="service/shop",
    )  # fmt: skip

    view, cloud, bridge = event.match_view(), event.cloudevent(), event.eventbridge()

    assert view["detail"] is view["data"]
    assert (view["detail-type"], view["type"]) == ("check.state_changed", "check.state_changed")
    assert ["check/12", "service/1"] == bridge["resources"]
    assert "1.0" == cloud["specversion"]
    assert all(name.isalnum() and name.islower() for name in cloud)


async def test_a_loop_of_causes_is_cut_with_one_event_about_it(db):
    async with db() as database:
        await write(database, draft(1, depth=9))

        async with database.read() as tx:
            (event,) = await log.read_after(tx, 0, 10)

    assert ("own.loop_cut", "test.happened") == (event.type, event.data["type"])


async def test_eight_writers_with_delays_leave_no_event_unseen(database_url):
    """On PostgreSQL a cursor over plain sequence numbers loses about 1 % here."""
    databases = [Database.open(database_url) for _ in range(8)]
    stop, seen, rng = asyncio.Event(), [], random.Random(7)

    async def writer(number: int) -> None:
        for n in range(40):
            async with databases[number].write() as tx:
                log.record(tx, draft(number * 100 + n), CLOCK)
                await tx.execute(sa.select(sa.func.count()).select_from(cursor))
                await asyncio.sleep(rng.random() / 500)

    async def handle(_tx, events) -> None:
        seen.extend(e.data["n"] for e in events)

    follower = Follower(databases[0], "test", handle, CLOCK, batch=17)
    following = asyncio.create_task(follower.run(stop))
    await asyncio.gather(*(writer(n) for n in range(8)))
    while len(seen) < 320:
        await asyncio.sleep(0.02)
    stop.set()
    await following

    assert sorted(seen) == sorted(n * 100 + i for n in range(8) for i in range(40))
    await asyncio.gather(*(d.close() for d in databases))


async def test_an_event_that_cannot_be_handled_is_set_aside_and_the_rest_goes_on(db):
    handled = []

    async def handle(_tx, events) -> None:
        for event in events:
            if event.data.get("n") == 2:
                raise ValueError("password=hunter2 is wrong")
            handled.append(event.data.get("n"))

    async with db() as database:
        await write(database, draft(1), draft(2), draft(3))
        follower = Follower(database, "rules", handle, CLOCK)
        await follower.step()
        handled.clear()
        while await follower.step():
            pass
        async with database.read() as tx:
            aside = await tx.rows(sa.select(set_aside))
            events = await log.read_after(tx, 0, 10)

    assert [2] == [row.seq for row in aside]
    assert "hunter2" not in aside[0].error
    assert "own.rule_failed" == events[-1].type
    assert events[-1].causation == events[1].id


async def test_two_followers_of_one_name_never_handle_an_event_twice(db):
    seen = []

    async def handle(_tx, events) -> None:
        await asyncio.sleep(0)
        seen.extend(e.data["n"] for e in events)

    async with db() as database:
        await write(database, *(draft(n) for n in range(30)))
        stop = asyncio.Event()
        runs = [Follower(database, "one", handle, CLOCK, batch=3).run(stop) for _ in range(2)]
        tasks = [asyncio.create_task(run) for run in runs]
        for _ in range(200):
            await asyncio.sleep(0.02)
            async with database.read() as tx:
                if await tx.scalar(sa.select(cursor.c.seq)) == 30:
                    break
        stop.set()
        await asyncio.gather(*tasks)

    assert sorted(set(seen)) == list(range(30))
    assert len(seen) == 30
