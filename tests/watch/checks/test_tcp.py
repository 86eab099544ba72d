import pytest
from pydantic import ValidationError

from bongsu.watch.checks.tcp import Options, unescape
from tests.net.servers import Zone, hang, name_server, serving
from tests.ports import free_port
from tests.watch.checks.support import look


async def pong(reader, writer):
    if await reader.readline() == b"PING\r\n":
        writer.write(b"+PONG\r\n")


async def test_an_open_port_is_up():
    async with serving(hang) as port:
        seen = await look("tcp", f"127.0.0.1:{port}")

    assert ("up", True, f"127.0.0.1:{port}") == (seen.level, seen.connected, seen.address)


async def test_a_closed_port_is_down_and_named_as_the_check_names_it():
    port = free_port()

    seen = await look("tcp", f"127.0.0.1:{port}")

    assert ("down", "connect_refused", False) == (seen.level, seen.fault.kind, seen.connected)
    assert f"127.0.0.1:{port} refused the connection." == str(seen.reason)


async def test_a_conversation_decides():
    async with serving(pong) as port:
        right = await look(
            "tcp", {"address": f"127.0.0.1:{port}", "send": r"PING\r\n", "expect": "+PONG"}
        )
        wrong = await look(
            "tcp", {"address": f"127.0.0.1:{port}", "send": "PING\r\n", "expect": "+OK"}
        )

    assert ("up", b"+PONG\r\n") == (right.level, right.body)
    assert ("down", b"+PONG\r\n") == (wrong.level, wrong.body)
    assert "기다리던 글" in wrong.reason.to("ko")


async def test_what_a_server_says_by_itself_is_read_when_a_condition_wants_it():
    async def banner(reader, writer):
        writer.write(b"220 mail.example.com ESMTP\r\n")
        await writer.drain()
        await reader.read()

    async with serving(banner) as port:
        unread = await look("tcp", f"127.0.0.1:{port}")
        read = await look("tcp", f"127.0.0.1:{port}", needs=frozenset({"body"}))

    assert b"" == unread.body
    assert read.body.startswith(b"220 ")


async def test_the_whole_time_counts_from_the_look_up():
    async with serving(hang) as port:
        seen = await look("tcp", {"address": f"127.0.0.1:{port}", "expect": "x"}, timeout_s=0.2)

    assert "timeout" == seen.fault.kind
    assert "did not finish its answer within 0.2 s" in str(seen.reason)


async def test_a_name_without_an_address_is_down():
    with name_server(Zone({"db.example.com": []})) as server:
        seen = await look("tcp", "db.example.com:5432", nameservers=(server,))

    assert ("down", "db.example.com has no address.") == (seen.level, str(seen.reason))


async def test_metadata_is_not_reached():
    seen = await look("tcp", "169.254.169.254:80")

    assert ("guard", False) == (seen.fault.kind, seen.connected)


@pytest.mark.parametrize("address", ["db.example.com", "db.example.com:0", "::1:5", "a b:5", ":5"])
def test_a_place_needs_host_and_port(address):
    with pytest.raises(ValidationError, match="host:port"):
        Options.model_validate(address)


def test_what_a_person_types_in_one_line_becomes_bytes():
    assert unescape(r"PING\r\n") == b"PING\r\n"
    assert unescape(r"\x00\xff\0\t\\n") == b"\x00\xff\x00\t\\n"
    assert unescape(r"봉수\q") == "봉수\\q".encode()
    assert unescape("") == b""
