"""The store's door in front of an engine that does what a test says; the real one: test_store_process.py."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bongsu.kit.errors import LakeAway
from bongsu.lake.client import LakeClient, LakeRefused
from bongsu.lake.dialect import Refusal, Statement
from bongsu.lake.http1 import HEAD_LIMIT_BYTES, message, read_body, read_head
from bongsu.lake.server import LakeServer


class Engine:
    """Answers with what it was asked; `SLOW` never ends, `WRONG …` is refused with that number."""

    def __init__(self) -> None:
        self.ran: list[Statement] = []

    async def run(self, statement: Statement) -> bytes:
        self.ran.append(statement)
        if "SLOW" in statement.sql:
            await asyncio.Event().wait()
        if "WRONG" in statement.sql:
            code = int(statement.sql.split()[-1])
            raise Refusal(code, f"Code: {code}. DB::Exception: no")
        return b"[1]\n"


@contextlib.asynccontextmanager
async def door(path: Path) -> AsyncIterator[tuple[LakeServer, Engine]]:
    engine = Engine()
    lake = LakeServer(engine)
    listening = await asyncio.start_unix_server(lake.connected, path, limit=HEAD_LIMIT_BYTES)
    yield lake, engine
    listening.close()
    await lake.stop(0.01)
    await asyncio.sleep(0)


async def test_a_question_reaches_the_engine_and_its_answer_the_client(tmp_path: Path) -> None:
    async with door(tmp_path / "s") as (_, engine), LakeClient(f"http+unix://{tmp_path}/s") as lake:
        assert await lake.query("SELECT {a:UInt8}", {"a": 7}, timeout_s=0.5) == [[1]]
        assert await lake.query("SELECT 2") == [[1]]

    assert engine.ran[0].params == {"a": "7"}
    assert engine.ran[0].settings["max_execution_time"] == "0.5"
    assert engine.ran[0].format == "JSONCompactEachRow"


@pytest.mark.parametrize(("code", "kind"), [(62, LakeRefused), (159, LakeAway), (202, LakeAway)])
async def test_a_refusal_keeps_its_number_and_the_connection(
    tmp_path: Path, code: int, kind: type[LakeAway]
) -> None:
    async with door(tmp_path / "s"), LakeClient(f"http+unix://{tmp_path}/s") as lake:
        with pytest.raises(LakeAway) as refused:
            await lake.query(f"SELECT WRONG {code}")
        assert await lake.query("SELECT 1") == [[1]]

    assert type(refused.value) is kind
    assert str(code) in refused.value.why


async def test_a_stop_waits_for_what_runs_but_not_for_long(tmp_path: Path) -> None:
    async with door(tmp_path / "s") as (server, engine):
        lake = LakeClient(f"http+unix://{tmp_path}/s")
        asked = asyncio.create_task(lake.query("SELECT 'SLOW'", timeout_s=5))
        async with asyncio.timeout(5):
            while not engine.ran:
                await asyncio.sleep(0.005)
        began = asyncio.get_running_loop().time()
        await server.stop(0.05)

        assert asyncio.get_running_loop().time() - began < 4
        with pytest.raises(LakeAway):
            await asked
        await lake.close()
        await asyncio.sleep(0)


async def test_it_closes_when_asked_to(tmp_path: Path) -> None:
    async with door(tmp_path / "s"):
        reader, writer = await asyncio.open_unix_connection(tmp_path / "s")
        writer.write(message("POST / HTTP/1.1", {"Connection": "close"}, b"SELECT 1"))
        head = await read_head(reader)
        assert head is not None
        assert await read_body(reader, head) == b"[1]\n"
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize(
    ("request_", "start"),
    [
        (message("GET /ping HTTP/1.1", {}), "HTTP/1.1 200 OK"),
        (message("GET / HTTP/1.1", {}), "HTTP/1.1 200 OK"),
        (message("GET /other HTTP/1.1", {}), "HTTP/1.1 404 Not Found"),
        (message("PUT / HTTP/1.1", {}), "HTTP/1.1 404 Not Found"),
        (message("GET /?query=DROP%20TABLE%20a HTTP/1.1", {}), "HTTP/1.1 400 Bad Request"),
        (b"POST / HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n", "HTTP/1.1 413 Payload Too Large"),
    ],
)
async def test_other_requests_are_answered_without_the_engine(
    tmp_path: Path, request_: bytes, start: str
) -> None:
    async with door(tmp_path / "s") as (_, engine):
        reader, writer = await asyncio.open_unix_connection(tmp_path / "s")
        writer.write(request_)
        head = await read_head(reader)
        writer.close()
        await writer.wait_closed()

    assert head is not None
    assert head.start == start
    assert engine.ran == []


async def test_noise_is_not_answered(tmp_path: Path) -> None:
    async with door(tmp_path / "s"):
        reader, writer = await asyncio.open_unix_connection(tmp_path / "s")
        writer.write(b"x" * 2 * HEAD_LIMIT_BYTES)
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
