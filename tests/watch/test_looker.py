import asyncio
import socket
from contextlib import contextmanager

import pytest

from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.net.fetch import Fetcher
from bongsu.net.guard import EgressPolicy
from bongsu.net.resolver import Resolver
from bongsu.watch import looker as looker_module
from bongsu.watch.doors import Doors
from bongsu.watch.looker import Looker, door_of
from bongsu.watch.model import Observation
from bongsu.watch.own import OwnFaults
from bongsu.watch.probe import Prober
from tests.watch.world import a_check

POLICY = EgressPolicy.parse("loopback")


@contextmanager
def black_hole():
    """A port whose queue is full: the kernel drops every further SYN. Gives it, and what opens it again."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        fillers = [socket.socket() for _ in range(3)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(listening.getsockname())
        try:
            yield int(listening.getsockname()[1]), listening
        finally:
            for filler in fillers:
                filler.close()


async def answer_all(listening: socket.socket) -> asyncio.Server:
    """The site is back: whoever waits in the queue, and all later ones, get a 200."""

    async def serve(_reader, writer) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    listening.setblocking(False)
    return await asyncio.start_server(serve, sock=listening.dup(), backlog=100)


class Full(Prober):
    """A real prober that counts its looks."""

    def __init__(self, *arguments, **named) -> None:
        super().__init__(*arguments, **named)
        self.looks: list[int] = []
        self.forgotten: list[int] = []

    async def look(self, check, late_s: float = 0.0) -> Observation:
        self.looks.append(check.id)
        return await super().look(check, late_s)

    def forget(self, check_id: int) -> None:
        self.forgotten.append(check_id)
        super().forget(check_id)


class World:
    def __init__(self) -> None:
        self.resolver = Resolver()
        self.fetcher = Fetcher(self.resolver)
        self.own = OwnFaults(SYSTEM_CLOCK, self.resolver.canary_ok)
        self.prober = Full(self.fetcher, POLICY, SYSTEM_CLOCK, own=self.own)
        self.looker = Looker(self.prober, self.own, self.resolver, POLICY, SYSTEM_CLOCK)

    async def __aenter__(self) -> "World":
        return self

    async def __aexit__(self, *_: object) -> None:
        self.looker.close()
        await self.fetcher.close()
        await self.resolver.close()


async def test_silence_is_judged_the_same_by_a_full_look_and_by_a_knock():
    with black_hole() as (port, _):
        async with World() as world:
            check = a_check(1, options={"url": f"http://127.0.0.1:{port}/"}, timeout_s=0.2)
            whole, knocked = await world.looker.look(check, 0), await world.looker.look(check, 0)

    assert world.prober.looks == [1]
    assert (knocked.level, knocked.fault.kind, knocked.own) == ("down", "connect_timeout", None)
    assert (knocked.level, knocked.fault.kind) == (whole.level, whole.fault.kind)
    assert knocked.reason.text == whole.reason.text
    assert [o.condition for o in knocked.conditions] == [o.condition for o in whole.conditions]
    assert knocked.total_us == pytest.approx(200_000, rel=0.1)


@pytest.mark.parametrize("kind", ["tcp", "tls"])
async def test_other_kinds_are_knocked_as_well(kind):
    with black_hole() as (port, _):
        async with World() as world:
            options = {"address": f"127.0.0.1:{port}"}
            check = a_check(1, kind=kind, options=options, timeout_s=0.2)
            seen = [await world.looker.look(check, 0) for _ in range(2)]

    assert world.prober.looks == [1]
    assert [one.fault.kind for one in seen] == ["connect_timeout"] * 2
    assert seen[0].reason == seen[1].reason


async def test_a_target_that_stirs_again_is_looked_at_in_full():
    with black_hole() as (port, listening):
        async with World() as world:
            check = a_check(1, options={"url": f"http://127.0.0.1:{port}/"}, timeout_s=0.2)
            await world.looker.look(check, 0)
            server = await answer_all(listening)
            await asyncio.sleep(0.05)
            back = await world.looker.look(a_check(1, options=check.options, timeout_s=5.0), 0)
            await world.looker.look(check, 0)
            server.close()

    assert (back.level, back.status) == ("up", 200)
    assert world.prober.looks == [1, 1, 1]


async def test_a_refused_door_is_an_answer_too(free_port):
    with black_hole() as (port, _):
        async with World() as world:
            await world.looker.look(
                a_check(1, options={"url": f"http://127.0.0.1:{port}/"}, timeout_s=0.2), 0
            )
            moved = a_check(1, options={"url": f"http://127.0.0.1:{free_port}/"}, timeout_s=1)
            seen = await world.looker.look(moved, 0)

    assert (seen.level, seen.fault.kind) == ("down", "connect_refused")


async def test_when_very_much_is_under_way_everybody_is_knocked_first(monkeypatch):
    monkeypatch.setattr(looker_module, "STUCK_AT_ONCE", 0)
    with black_hole() as (port, _):
        async with World() as world:
            check = a_check(1, options={"url": f"http://127.0.0.1:{port}/"}, timeout_s=0.2)
            seen = await world.looker.look(check, 0)

    assert world.prober.looks == []
    assert (seen.level, seen.fault.kind) == ("down", "connect_timeout")


async def test_what_cannot_be_knocked_is_looked_at_and_says_what_is_wrong(monkeypatch):
    monkeypatch.setattr(looker_module, "STUCK_AT_ONCE", 0)
    async with World() as world:
        guarded = await world.looker.look(a_check(1, options={"url": "http://10.0.0.1/"}), 0)
        broken = await world.looker.look(a_check(2, options={"url": "nonsense"}), 0)

    assert guarded.fault.kind == "guard"
    assert broken.own == "options"
    assert world.prober.looks == [1, 2]


async def test_only_so_many_checks_stay_prepared(monkeypatch, free_port):
    monkeypatch.setattr(looker_module, "KEPT_READY", 2)
    async with World() as world:
        for number in (1, 2, 3, 3, 1):
            options = {"url": f"http://127.0.0.1:{free_port}/"}
            await world.looker.look(a_check(number, options=options), 0)
        world.looker.forget(3)

    assert world.prober.forgotten == [1, 2, 3]


def test_a_door_is_known_for_kinds_that_begin_with_a_connection():
    assert door_of(a_check(options={"url": "https://a.test/x"})) == ("a.test", 443)
    assert door_of(a_check(options={"url": "http://a.test:81/"})) == ("a.test", 81)
    assert door_of(a_check(kind="tcp", options={"address": "[::1]:25"})) == ("::1", 25)
    assert door_of(a_check(kind="tls", options={"address": "nonsense"})) is None
    assert door_of(a_check(options={"url": "nonsense"})) is None
    assert door_of(a_check(kind="smoke")) is None


async def test_a_descriptor_used_again_does_not_inherit_an_old_deadline():
    with black_hole() as (port, _), socket.socket() as open_door:
        open_door.bind(("127.0.0.1", 0))
        open_door.listen(10)
        doors = Doors(SYSTEM_CLOCK)
        assert await doors.knock("127.0.0.1", open_door.getsockname()[1], 0.15)
        began_s = SYSTEM_CLOCK.monotonic_s()
        silent = await doors.knock("127.0.0.1", port, 0.4)
        took_s = SYSTEM_CLOCK.monotonic_s() - began_s
        assert doors.waiting == 0
        doors.close()

    assert not silent
    assert took_s >= 0.39


async def test_closing_ends_who_waits():
    with black_hole() as (port, _):
        doors = Doors(SYSTEM_CLOCK)
        waiting = doors.knock("127.0.0.1", port, 5)
        unused = Doors(SYSTEM_CLOCK)
        doors.close()
        unused.close()

    assert waiting.cancelled()


async def test_a_knock_that_fails_at_once_is_left_to_the_full_look():
    doors = Doors(SYSTEM_CLOCK)
    assert await doors.knock("224.0.0.1", 1, 1) in {True, False}
    assert await doors.knock("::1", 1, 1)
    doors.close()
