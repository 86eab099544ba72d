import asyncio
import contextlib
import os
import random
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bongsu.kit.errors import LakeAway
from bongsu.lake.client import LakeRefused
from bongsu.lake.results import TABLE, ResultRow
from bongsu.lake.spool import Shipper, Spool

SOON_S = 5.0  # a second, on a machine that does nothing else

pytestmark = pytest.mark.heavy


def row(check_id: int, at: datetime, number: int = 0) -> bytes:
    """`number` in a column where it can be counted."""
    return ResultRow(check_id, at, "here", "up", "up", 30, size_bytes=number).encode()


async def ask(store: Any, sql: str) -> list[list[Any]]:
    async with store.client() as client:
        found: list[list[Any]] = await client.query(sql, timeout_s=10)
        return found


async def test_an_acknowledged_insert_is_in_the_table_and_its_roll_ups(
    store: Any, now: datetime
) -> None:
    async with store.client() as client:
        await client.insert(TABLE, row(50_001, now) * 3, "token-1")
        await client.insert(TABLE, row(50_001, now) * 3, "token-1")

    counts = await ask(
        store,
        "SELECT (SELECT count() FROM check_result WHERE check_id = 50001),"
        " (SELECT sum(up_n) FROM check_hour WHERE check_id = 50001),"
        " (SELECT sum(up_ms) FROM check_day WHERE check_id = 50001)",
    )
    assert counts == [[3, 3, 90_000]]


async def test_rows_that_do_not_parse_leave_nothing(store: Any, now: datetime) -> None:
    async with store.client() as client:
        with pytest.raises(LakeRefused) as refused:
            await client.insert(TABLE, row(50_002, now) + b'["x"]\n', "token-2")

    assert refused.value.rows_are_wrong
    assert await ask(store, "SELECT count() FROM check_result WHERE check_id = 50002") == [[0]]


@pytest.mark.parametrize(
    ("sql", "code"),
    [("SELECT nothing_here", 47), ("SELECT * FROM no_table", 60), ("SELECT (", 62)],
)
async def test_a_wrong_query_is_refused_with_its_number(store: Any, sql: str, code: int) -> None:
    with pytest.raises(LakeRefused) as refused:
        await ask(store, sql)

    assert refused.value.exception_code == code


async def test_a_query_cannot_write(store: Any) -> None:
    for sql in (
        "WITH 1 AS a INSERT INTO check_result (check_id) SELECT a",
        "SELECT 1; DROP TABLE x",
    ):
        with pytest.raises(LakeRefused):
            await ask(store, sql)


async def test_a_query_ends_when_its_time_is_over(store: Any) -> None:
    async with store.client() as client:
        began = time.monotonic()
        with pytest.raises(LakeAway):
            await client.query("SELECT sum(sipHash64(number)) FROM numbers(1e12)", timeout_s=0.3)

        assert time.monotonic() - began < SOON_S  # by itself it would take hours
        async with asyncio.timeout(30):
            while (await client.query("SELECT count() FROM system.processes"))[0][0] > 1:
                await asyncio.sleep(0.05)


async def test_a_query_that_wants_too_much_memory_is_stopped(store: Any) -> None:
    async with store.client() as client:
        with pytest.raises(LakeAway) as away:
            await client.query(
                "SELECT length(groupArray(sipHash64(number))) FROM numbers(1e9)"
                " SETTINGS max_memory_usage = 50000000",
                timeout_s=20,
            )

    assert "241" in away.value.why


async def test_inserts_do_not_wait_behind_slow_queries(store: Any, now: datetime) -> None:
    async with store.client() as client:
        slow = [
            asyncio.create_task(
                client.query("SELECT sum(sipHash64(number)) FROM numbers(1e12)", timeout_s=4)
            )
            for _ in range(3)
        ]
        await asyncio.sleep(0.2)
        await client.insert(TABLE, row(50_003, now), "token-3")

        assert not any(one.done() for one in slow)
        for one in slow:
            with contextlib.suppress(LakeAway):
                await one


def http(path: Path, request: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(5)
        peer.connect(str(path))
        peer.sendall(request)
        peer.shutdown(socket.SHUT_WR)
        answer = b""
        while part := peer.recv(65536):
            answer += part
        return answer


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (b"GET /ping HTTP/1.1\r\n\r\n", b"200 OK"),
        (b"GET / HTTP/1.1\r\n\r\n", b"Ok.\n"),
        (b"GET /?query=SELECT%201 HTTP/1.1\r\n\r\n", b"\r\n\r\n1\n"),
        (b"GET /?query=DROP%20TABLE%20a HTTP/1.1\r\n\r\n", b"Exception-Code: 36"),
        (b"GET /play HTTP/1.1\r\n\r\n", b"404 Not Found"),
        (b"DELETE / HTTP/1.1\r\n\r\n", b"404 Not Found"),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"413 Payload Too Large"),
        (b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nSELECT 7 ", b"\r\n\r\n7\n"),
        (b"\x16\x03\x01 not http at all\r\n\r\n", b"404"),
    ],
)
def test_it_speaks_clickhouses_http(store: Any, request_: bytes, expected: bytes) -> None:
    assert expected in http(store.folder / "lake.sock", request_)


def test_only_its_user_may_ask(store: Any) -> None:
    mode = (store.folder / "lake.sock").stat().st_mode

    assert stat.S_IMODE(mode) == 0o600
    assert stat.S_IMODE((store.folder / "lake").stat().st_mode) == 0o700


def test_it_stops_soon_and_keeps_everything(new_store: Callable[[], Any], now: datetime) -> None:
    store = new_store().start().ready()

    async def insert() -> None:
        async with store.client() as client:
            await client.insert(TABLE, row(1, now), "t")

    asyncio.run(insert())
    began = time.monotonic()
    code = store.end(signal.SIGTERM)

    assert (code, time.monotonic() - began < SOON_S) == (0, True)
    assert not (store.folder / "lake.sock").exists()
    store.start().ready()
    assert asyncio.run(ask(store, "SELECT count() FROM check_result")) == [[1]]


async def test_it_stops_soon_under_a_running_query(
    new_store: Callable[[], Any],
) -> None:
    store = new_store().start()
    await store.answers()
    slow = asyncio.create_task(ask(store, "SELECT sum(sipHash64(number)) FROM numbers(1e12)"))
    await asyncio.sleep(0.3)

    began = time.monotonic()
    code = await asyncio.to_thread(store.end, signal.SIGTERM)
    took_s = time.monotonic() - began

    with pytest.raises(LakeAway):
        await slow
    assert (code, took_s < SOON_S) == (0, True)


async def test_a_second_owner_waits_for_the_first(new_store: Callable[[], Any]) -> None:
    first = new_store().start()
    await first.answers()
    second = new_store().start()
    await asyncio.sleep(1)
    assert second.process.poll() is None

    await asyncio.to_thread(first.end, signal.SIGKILL)

    await second.answers()


def test_it_ends_when_its_supervisor_dies(new_store: Callable[[], Any]) -> None:
    store = new_store()
    reading, writing = os.pipe()
    store.process = subprocess.Popen(
        [sys.executable, "-m", "bongsu.lake.store_process"],
        env=os.environ | {"BONGSU_DATA_DIR": str(store.folder), "BONGSU_LIFELINE_FD": str(reading)},
        pass_fds=(reading,),
    )
    store.ready()

    os.close(writing)

    assert store.process.wait(timeout=30) == 0
    os.close(reading)


def test_a_folder_whose_socket_path_is_too_long_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 25)

    done = subprocess.run(
        [sys.executable, "-m", "bongsu.lake.store_process"],
        env=os.environ | {"BONGSU_DATA_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "too long for a socket" in done.stderr


async def test_killed_at_any_moment_nothing_acknowledged_is_lost_and_nothing_is_there_twice(
    new_store: Callable[[], Any], tmp_path: Path, now: datetime
) -> None:
    """kill -9 of the store while a spool ships into it; the same rows are in all three tables once."""
    store, stop, said = new_store(), asyncio.Event(), []
    store.start()
    await store.answers()
    spool = Spool(tmp_path / "spool", 1 << 30)
    client = store.client()
    shipper = Shipper(spool, client, said.append, jitter=lambda: 1.0)
    shipping = asyncio.create_task(shipper.run(stop))
    written = 0
    for _ in range(5):
        deadline = time.monotonic() + random.uniform(0.2, 0.8)
        while time.monotonic() < deadline:
            for _ in range(50):
                at = now - timedelta(seconds=written % 7200)
                spool.append(TABLE, row(1 + written % 7, at, written))
                written += 1
            await spool.seal()
            await asyncio.sleep(0.02)
        await asyncio.to_thread(store.end, signal.SIGKILL)
        store.start()
        await store.answers()
    async with asyncio.timeout(60):
        while spool.has_sealed:
            await asyncio.sleep(0.05)
    stop.set()
    await shipping
    await spool.close()

    counted = await ask(
        store,
        "SELECT count(), uniqExact(bytes), max(bytes), (SELECT sum(up_n) FROM check_hour),"
        " (SELECT sum(up_n) FROM check_day) FROM check_result",
    )
    assert counted == [[written, written, written - 1, written, written]]
    assert {trouble.kind for trouble in said} == {"away", "back"}
    await client.close()
