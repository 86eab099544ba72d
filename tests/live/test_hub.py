import asyncio
import json

from bongsu.events import log
from bongsu.events.envelope import Draft
from bongsu.kit.clock import ManualClock
from bongsu.live.hub import Hub

CLOCK = ManualClock()


async def write(database, kind: str, subject: str, resources=()) -> None:
    async with database.write() as tx:
        log.record(tx, Draft(type=kind, source="t", subject=subject, resources=resources), CLOCK)


def frame(text: str) -> tuple[str, object]:
    lines = dict(line.split(": ", 1) for line in text.strip().splitlines())
    return lines["event"], json.loads(lines["data"])


async def next_frame(stream) -> tuple[str, object]:
    return frame(await asyncio.wait_for(anext(stream), 5))


async def test_an_open_page_hears_of_the_topics_it_wants_and_of_no_others(db):
    async with db() as database:
        hub, stop = Hub(database), asyncio.Event()
        following = asyncio.create_task(hub.run(stop))
        stream = hub.stream(frozenset({"service/7", "incidents"}), None, stop)
        assert (await next_frame(stream))[0] == "hello"
        while hub.seq == 0 and not following.done():
            await write(database, "user.created", "user/1")
            await asyncio.sleep(0.05)

        await write(database, "team.created", "team/1")
        await write(database, "check.state_changed", "check/1", ("service/7",))
        heard = await next_frame(stream)

        stop.set()
        await following
        await stream.aclose()

    assert ("topics", {"topics": ["service/7"]}) == heard
    assert hub.clients == set()


async def test_a_page_that_was_away_is_told_to_read_everything_again(db):
    async with db() as database:
        hub, stop = Hub(database), asyncio.Event()
        hub.seq = 9
        stream = hub.stream(frozenset(), 4, stop)

        frames = [(await next_frame(stream))[0], (await next_frame(stream))[0]]
        await stream.aclose()

    assert ["hello", "reset"] == frames


async def test_a_page_hears_what_happened_while_it_was_loading(db):
    async with db() as database:
        hub, stop = Hub(database), asyncio.Event()
        await write(database, "user.created", "user/1")
        await hub._step()
        await write(database, "check.state_changed", "check/1", ("service/7",))
        await hub._step()
        stream = hub.stream(frozenset({"service/7"}), None, stop, age_s=2.0)

        frames = [await next_frame(stream), await next_frame(stream)]
        await stream.aclose()

    assert ("topics", {"topics": ["service/7"]}) == frames[1]


async def test_a_page_that_loaded_for_longer_than_is_remembered_reads_everything_again(db):
    async with db() as database:
        hub, stop = Hub(database), asyncio.Event()
        stream = hub.stream(frozenset(), None, stop, age_s=61.0)

        frames = [(await next_frame(stream))[0], (await next_frame(stream))[0]]
        await stream.aclose()

    assert ["hello", "reset"] == frames


async def test_only_the_last_minute_is_remembered(db):
    async with db() as database:
        hub = Hub(database)
        hub.recent.append((asyncio.get_running_loop().time() - 61, frozenset({"old"})))
        hub._remember(frozenset({"new"}))

    assert [frozenset({"new"})] == [topics for _, topics in hub.recent]


async def test_a_stopping_server_ends_every_stream_at_once(db):
    async with db() as database:
        hub, stop = Hub(database), asyncio.Event()
        following = asyncio.create_task(hub.run(stop))
        stream = hub.stream(frozenset(), None, stop)
        await next_frame(stream)
        waiting = asyncio.create_task(anext(stream, None))
        await asyncio.sleep(0.05)

        stop.set()

        assert await asyncio.wait_for(waiting, 10) is None
        await following
