import asyncio

from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.net.model import Fault
from bongsu.net.place import Place
from bongsu.net.tcp import READ_LIMIT_BYTES, talk
from tests.net.servers import hang, open_sockets, serving, until
from tests.ports import free_port


async def say(port: int, timeout_s: float = 5, host: str = "127.0.0.1", **more):
    return await talk(Place(host, port, 7), SYSTEM_CLOCK, timeout_s, **more)


def server(hello: bytes = b"", answer: bytes = b"", ends: list | None = None):
    async def converse(reader, writer):
        writer.write(hello)
        await writer.drain()
        try:
            heard = await reader.read(1000)
            writer.write(answer)
            await writer.drain()
            if heard:
                await reader.read()
            if ends is not None:
                ends.append("closed")
        except ConnectionResetError:
            if ends is not None:
                ends.append("reset")

    return converse


async def test_a_port_that_takes_connections_is_enough():
    async with serving(hang) as port:
        seen = await say(port)

    assert seen.fault is None
    assert seen.connected
    assert 7 == seen.phases_us.name
    assert seen.phases_us.connect > 0
    assert f"127.0.0.1:{port}" == seen.address


async def test_it_ends_with_a_reset_so_that_no_port_waits():
    ends: list[str] = []
    async with serving(server(b"hello", ends=ends)) as port:
        await say(port, until=b"hello")
        await until(lambda: ends)

    assert ["reset"] == ends


async def test_words_are_sent_and_waited_for():
    async with serving(server(answer=b"+PONG\r\n")) as port:
        seen = await say(port, send=b"PING\r\n", until=b"PONG")

    assert b"+PONG\r\n" == seen.received
    assert seen.fault is None
    assert seen.phases_us.first_byte > 0


async def test_anything_at_all_will_do_when_nothing_certain_is_waited_for():
    async with serving(server(b"220 mail.example.com")) as port:
        seen = await say(port, until=b"")

    assert b"220 mail.example.com" == seen.received


async def test_other_words_than_expected_are_a_fault_with_what_came():
    async def wrong(reader, writer):
        writer.write(b"-ERR\r\n")

    async with serving(wrong) as port:
        seen = await say(port, until=b"+OK")

    assert "protocol" == seen.fault.kind
    assert b"-ERR\r\n" == seen.received
    assert "closed before" in str(seen.fault.said)


async def test_a_talker_without_end_is_cut_off():
    async def chatter(reader, writer):
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()

    async with serving(chatter) as port:
        seen = await say(port, until=b"never")

    assert "protocol" == seen.fault.kind
    assert len(seen.received) < 3 * READ_LIMIT_BYTES


async def test_silence_and_refusal_are_told_apart():
    async with serving(hang) as port:
        silent = await say(port, timeout_s=0.2, until=b"x")
    refused = await say(free_port())

    assert ("timeout", True) == (silent.fault.kind, silent.connected)
    assert ("connect_refused", False) == (refused.fault.kind, refused.connected)
    assert silent.phases_us.first_byte > 150_000


async def test_ipv6_works_too():
    async with serving(hang, host="::1") as port:
        seen = await say(port, host="::1")

    assert (None, f"[::1]:{port}") == (seen.fault, seen.address)


async def test_where_there_is_nowhere_to_go_nothing_is_opened():
    before = open_sockets()

    seen = await talk(Place("", 1, 3, Fault("name", "no")), SYSTEM_CLOCK, 1)

    assert ("name", None, 3) == (seen.fault.kind, seen.address, seen.phases_us.name)
    assert before == open_sockets()


async def test_a_cancelled_talk_leaves_no_socket_open():
    async with serving(hang) as port:
        before = open_sockets()
        task = asyncio.create_task(say(port, until=b"x"))
        await until(lambda: open_sockets() != before)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

        await until(lambda: open_sockets() <= before)
