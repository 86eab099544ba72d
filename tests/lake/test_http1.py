import asyncio

import pytest

from bongsu.lake.http1 import BodyTooLarge, ProtocolError, message, read_body, read_head


def reader(data: bytes, limit: int = 1 << 16) -> asyncio.StreamReader:
    stream = asyncio.StreamReader(limit=limit)
    stream.feed_data(data)
    stream.feed_eof()
    return stream


async def test_a_message_is_read_as_it_was_written() -> None:
    stream = reader(message("POST / HTTP/1.1", {"X-A": "1"}, b"abc") * 2)

    for _ in range(2):
        head = await read_head(stream)
        assert head is not None
        assert (head.start, head.headers["x-a"], head.keep_alive) == ("POST / HTTP/1.1", "1", True)
        assert await read_body(stream, head) == b"abc"
    assert await read_head(stream) is None


async def test_chunks_are_joined_and_trailers_dropped() -> None:
    stream = reader(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: 1\r\n\r\n"
    )

    head = await read_head(stream)

    assert head is not None
    assert not head.keep_alive
    assert await read_body(stream, head) == b"abcde"


@pytest.mark.parametrize(
    "data",
    [
        b"POST / HT",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nContent-Length: five\r\n\r\nabcde",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
        b"POST / HTTP/1.1\r\nX: " + b"a" * 5000 + b"\r\n\r\n",
    ],
)
async def test_what_is_cut_short_or_is_not_http_is_a_protocol_error(data: bytes) -> None:
    stream = reader(data, limit=4096)

    with pytest.raises(ProtocolError):
        head = await read_head(stream)
        assert head is not None
        await read_body(stream, head)


@pytest.mark.parametrize(
    "rest",
    [b"Content-Length: 11\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\nb\r\n"],
)
async def test_a_large_body_is_refused_before_it_is_read(rest: bytes) -> None:
    stream = reader(b"POST / HTTP/1.1\r\n" + rest)
    head = await read_head(stream)
    assert head is not None

    with pytest.raises(BodyTooLarge):
        await read_body(stream, head, limit_bytes=10)
