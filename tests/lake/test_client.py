import asyncio
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bongsu.kit.errors import Invalid, LakeAway
from bongsu.lake.client import LakeClient, LakeRefused, Param, encode_param
from bongsu.lake.http1 import message, read_body, read_head


class Peer:
    """Something on a Unix socket that answers as a test says, and keeps what it was asked."""

    def __init__(self, path: Path, *answers: bytes) -> None:
        self.path, self.answers = path, list(answers)
        self.asked: list[tuple[str, bytes]] = []
        self.connections = 0
        self.headers: list[dict[str, str]] = []
        self.serving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "Peer":
        self.server = await asyncio.start_unix_server(self.connected, self.path)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.close()
        await self.closed()

    async def closed(self) -> None:
        for task in self.serving:
            task.cancel()
        await asyncio.gather(*self.serving, return_exceptions=True)
        await asyncio.sleep(0)  # the transports' own last step

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.add(asyncio.ensure_future(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while self.answers and (head := await read_head(reader)):
                self.asked.append((head.start, await read_body(reader, head)))
                self.headers.append(dict(head.headers))
                answer = self.answers.pop(0)
                if answer == b"wait":
                    await asyncio.sleep(60)
                if answer == b"":
                    break
                writer.write(answer)
        finally:
            writer.close()

    def client(self) -> LakeClient:
        return LakeClient(f"http+unix://{self.path}")


def ok(body: bytes = b"", **headers: str) -> bytes:
    return message("HTTP/1.1 200 OK", headers, body)


async def test_a_connection_is_kept_and_used_again(tmp_path: Path) -> None:
    answers = ok(b"[1]\n"), ok(b'[2,"a"]\n[null,[]]\n')
    async with Peer(tmp_path / "s", *answers) as peer, peer.client() as client:
        assert await client.query("SELECT 1") == [[1]]
        assert await client.query("SELECT 2") == [[2, "a"], [None, []]]

    assert peer.connections == 1


async def test_an_insert_carries_its_token_and_waits_until_it_is_stored(tmp_path: Path) -> None:
    async with Peer(tmp_path / "s", ok()) as peer, peer.client() as client:
        await client.insert("check_result", b"[1]\n", "writer-7")

    start, body = peer.asked[0]
    assert body == b"[1]\n"
    assert "insert_deduplication_token=writer-7" in start
    assert "async_insert=0" in start
    assert "INSERT%20INTO%20check_result%20%28check_id%2C%20ts" in start


async def test_a_connection_closed_by_a_restart_is_replaced(tmp_path: Path) -> None:
    answers = ok(b"[1]\n"), b"", ok(b"[2]\n")
    async with Peer(tmp_path / "s", *answers) as peer, peer.client() as client:
        await client.query("SELECT 1")
        assert await client.query("SELECT 2") == [[2]]

    assert peer.connections == 2


async def test_a_chunked_answer_of_a_real_server_is_read(tmp_path: Path) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n[1]\n\r\n0\r\n\r\n"
    async with Peer(tmp_path / "s", chunked) as peer, peer.client() as client:
        assert await client.query("SELECT 1") == [[1]]


@pytest.mark.parametrize(
    "answer",
    [
        b"wait",
        b"",
        b"nonsense\r\n\r\n",
        message("HTTP/1.1 502 Bad Gateway", {}, b"proxy"),
        message("HTTP/1.1 500 x", {"X-ClickHouse-Exception-Code": "241"}, b"Code: 241. memory"),
        message("HTTP/1.1 408 x", {"X-ClickHouse-Exception-Code": "159"}, b"Code: 159. late"),
    ],
)
async def test_what_may_pass_is_a_lake_that_is_away(tmp_path: Path, answer: bytes) -> None:
    async with Peer(tmp_path / "s", answer) as peer, peer.client() as client:
        with pytest.raises(LakeAway) as away:
            await client.query("SELECT 1", timeout_s=0.1)

    assert not isinstance(away.value, LakeRefused)
    assert away.value.why


async def test_a_late_answer_is_not_the_next_callers(tmp_path: Path) -> None:
    async with Peer(tmp_path / "s", b"wait", ok(b"[2]\n")) as peer, peer.client() as client:
        with pytest.raises(LakeAway, match="History is away"):
            await client.query("SELECT 1", timeout_s=0.05)
        assert await client.query("SELECT 2") == [[2]]


@pytest.mark.parametrize(("code", "wrong_rows"), [(27, True), (47, False), (60, False)])
async def test_a_no_is_a_refusal_and_says_whether_the_rows_are_wrong(
    tmp_path: Path, code: int, wrong_rows: bool
) -> None:
    answer = message("HTTP/1.1 400 x", {"X-ClickHouse-Exception-Code": str(code)}, b"Code: no")
    async with Peer(tmp_path / "s", answer) as peer, peer.client() as client:
        with pytest.raises(LakeRefused) as refused:
            await client.insert("check_result", b"[1]\n", "t")

    assert (refused.value.exception_code, refused.value.rows_are_wrong) == (code, wrong_rows)
    assert refused.value.permanent


async def test_a_table_nobody_knows_is_refused_without_asking(tmp_path: Path) -> None:
    with pytest.raises(LakeRefused) as refused:
        await LakeClient(f"http+unix://{tmp_path}/none").insert("tomorrow", b"[1]\n", "t")

    assert refused.value.whole_batch


async def test_no_socket_is_a_lake_that_is_away(tmp_path: Path) -> None:
    with pytest.raises(LakeAway):
        await LakeClient(f"http+unix://{tmp_path}/none").query("SELECT 1")


async def test_more_callers_than_connections_wait_within_their_time(tmp_path: Path) -> None:
    async with Peer(tmp_path / "s", *[ok(b"[1]\n")] * 40) as peer, peer.client() as client:
        answers = await asyncio.gather(*(client.query("SELECT 1") for _ in range(40)))

    assert answers == [[[1]]] * 40
    assert peer.connections <= 8


async def test_a_server_is_asked_by_tcp_with_its_user_in_headers() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    peer = Peer(Path("unused"), ok(b"[1]\n"))
    server = await asyncio.start_server(peer.connected, "127.0.0.1", port)

    async with LakeClient(f"http://reader:p%40ss@127.0.0.1:{port}/?database=history") as client:
        assert await client.query("SELECT 1") == [[1]]
        assert "p%40ss" not in repr(client)
    server.close()
    await peer.closed()

    assert peer.headers[0]["x-clickhouse-user"] == "reader"
    assert peer.headers[0]["x-clickhouse-key"] == "p@ss"
    assert "database=history" in peer.asked[0][0]
    assert "p%40ss" not in peer.asked[0][0]


def test_an_address_of_something_else_is_refused_without_its_password() -> None:
    with pytest.raises(Invalid) as invalid:
        LakeClient("clickhouse://me:secret@host/")

    assert "secret" not in str(invalid.value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7, "7"),
        (0.5, "0.5"),
        ("a\tb\\c\n", "a\\tb\\\\c\\n"),
        ([1, 2], "[1,2]"),
        (["a'b", "c\\"], "['a\\'b','c\\\\']"),
        ([], "[]"),
        (datetime(2026, 1, 1, tzinfo=UTC), "1767225600.000"),
    ],
)
def test_a_parameter_is_written_as_clickhouse_reads_it(value: Param, text: str) -> None:
    assert encode_param(value) == text
