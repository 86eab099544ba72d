import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bongsu.kit.errors import Invalid, NotFound, ObjectsAway
from bongsu.objects.folder import FolderObjects
from bongsu.objects.model import BINARY, LIMIT_S
from bongsu.objects.outbox import Outbox
from bongsu.objects.store import open_objects


class Gate(FolderObjects):
    """A folder whose door a test closes; for all keys, or for some."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.closed: Callable[[str], bool] = lambda key: False
        self.types: dict[str, str] = {}
        self.during: Callable[[str], Awaitable[None]] | None = None

    async def put(
        self, key: str, body: bytes, content_type: str = BINARY, timeout_s: float = LIMIT_S
    ) -> None:
        if self.closed(key):
            raise ObjectsAway("the door is closed")
        if self.during:
            await self.during(key)
        self.types[key] = content_type
        await super().put(key, body, content_type, timeout_s)

    async def get(self, key: str, timeout_s: float = LIMIT_S) -> bytes:
        if self.closed(key):
            raise ObjectsAway("the door is closed")
        return await super().get(key, timeout_s)


@contextlib.asynccontextmanager
async def running(*outboxes: Outbox) -> AsyncIterator[None]:
    stop = asyncio.Event()
    tasks = [asyncio.create_task(outbox.run(stop)) for outbox in outboxes]
    yield
    stop.set()
    await asyncio.gather(*tasks)


async def emptied(outbox: Outbox, left: int = 0) -> None:
    async with asyncio.timeout(20):
        while await outbox.waiting() > left:
            await asyncio.sleep(0.01)


async def test_an_object_can_be_got_before_and_after_it_is_uploaded(tmp_path: Path) -> None:
    store = Gate(tmp_path / "store")
    outbox = Outbox(tmp_path / "outbox", store)

    await outbox.put_later("evidence/1.json", b"a\nb", "application/json")
    before = await outbox.get("evidence/1.json")
    async with running(outbox):
        await emptied(outbox)

    assert before == await outbox.get("evidence/1.json") == await store.get("evidence/1.json")
    assert before == b"a\nb"
    assert store.types == {"evidence/1.json": "application/json"}


async def test_a_dead_store_delays_nothing_loses_nothing_and_is_said_once(tmp_path: Path) -> None:
    store, said = Gate(tmp_path / "store"), []
    outbox = Outbox(
        tmp_path / "outbox", store, lambda kind, why: said.append((kind, why)), jitter=lambda: 1.0
    )
    store.closed = lambda key: True
    async with running(outbox):
        for number in range(30):
            async with asyncio.timeout(20):
                await outbox.put(f"evidence/{number}", b"%d" % number)
        async with asyncio.timeout(5):
            while outbox._attempt < 2:
                await asyncio.sleep(0.01)
        assert await outbox.get("evidence/7") == b"7"
        store.closed = lambda key: False
        await emptied(outbox)

    assert [await store.get(f"evidence/{n}") for n in range(30)] == [b"%d" % n for n in range(30)]
    assert said == [("away", "the door is closed"), ("back", "")]


async def test_one_object_that_fails_does_not_hold_up_the_others(tmp_path: Path) -> None:
    store, said = Gate(tmp_path / "store"), []
    outbox = Outbox(tmp_path / "outbox", store, lambda kind, why: said.append(kind))
    store.closed = lambda key: key == "a/bad"
    for key in ["a/bad", *(f"b/{n}" for n in range(20))]:
        await outbox.put_later(key, b"x")

    async with running(outbox):
        await emptied(outbox, left=1)

    assert len(await store.list("b")) == 20
    assert said in ([], ["away"])


async def test_the_next_process_uploads_what_the_last_one_left(tmp_path: Path) -> None:
    store = Gate(tmp_path / "store")
    await Outbox(tmp_path / "outbox", store).put_later("a/1", b"x")

    outbox = Outbox(tmp_path / "outbox", store)
    async with running(outbox):
        await emptied(outbox)

    assert await store.get("a/1") == b"x"


async def test_an_object_replaced_while_it_is_uploaded_is_uploaded_again(tmp_path: Path) -> None:
    store = Gate(tmp_path / "store")
    outbox = Outbox(tmp_path / "outbox", store)
    await outbox.put_later("a/1", b"old")

    async def replace(_key: str) -> None:
        store.during = None
        await outbox.put_later("a/1", b"new")

    store.during = replace
    async with running(outbox):
        await emptied(outbox)

    assert await store.get("a/1") == b"new"


async def test_of_two_processes_one_uploads(tmp_path: Path) -> None:
    first_store, second_store = Gate(tmp_path / "store"), Gate(tmp_path / "store")
    first = Outbox(tmp_path / "outbox", first_store)
    second = Outbox(tmp_path / "outbox", second_store)
    for number in range(20):
        await second.put_later(f"a/{number}", b"x")

    async with running(first, second):
        await emptied(first)

    assert sorted(map(len, (first_store.types, second_store.types))) == [0, 20]


async def test_lists_and_deletes_reach_both_places(tmp_path: Path) -> None:
    store = Gate(tmp_path / "store")
    outbox = Outbox(tmp_path / "outbox", store)
    await store.put("a/1", b"x")
    await store.put("a/2", b"x")
    await outbox.put_later("a/2", b"x")
    await outbox.put_later("a/3", b"x")
    await outbox.put_later("ab/3", b"x")

    listed = [one.key for one in await outbox.list("a")]
    await outbox.delete("a/2")

    assert listed == ["a/1", "a/2", "a/3"]
    assert [one.key for one in await outbox.list("a/")] == ["a/1", "a/3"]
    with pytest.raises(NotFound):
        await outbox.get("a/2")


async def test_a_wrong_key_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox", Gate(tmp_path / "store"))

    with pytest.raises(Invalid):
        await outbox.put_later("../a", b"x")

    assert await outbox.waiting() == 0


async def test_a_disk_that_refuses_is_said_to_the_caller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox = Outbox(tmp_path / "outbox", Gate(tmp_path / "store"))

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bongsu.objects.files.os.fsync", full)
    with pytest.raises(ObjectsAway) as away:
        await outbox.put_later("a/1", b"x")

    assert "No space left" in away.value.why


_WRITER = """
import asyncio, sys
from pathlib import Path
from bongsu.objects.outbox import Outbox
from bongsu.objects.store import open_objects
async def main():
    folder, url = Path(sys.argv[1]), sys.argv[2]
    outbox, number = Outbox(folder, open_objects(url)), 0
    asyncio.create_task(outbox.run(asyncio.Event()))
    while True:
        await outbox.put_later(f"a/{number}", b"%d" % number)
        print(number, flush=True)
        number += 1
asyncio.run(main())
"""


@pytest.mark.heavy
async def test_on_s3_nothing_is_lost_by_a_hanging_store_and_a_killed_process(
    tmp_path: Path, s3_server: Any
) -> None:
    url, folder = s3_server.url("outbox"), tmp_path / "outbox"
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(folder), url],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ.copy(),
    )
    assert writer.stdout is not None
    told = [writer.stdout.readline() for _ in range(40)]
    s3_server.hang()
    try:
        told += [writer.stdout.readline() for _ in range(40)]
        writer.send_signal(signal.SIGKILL)
        written = int((told + writer.stdout.read().split())[-1])
        writer.wait()
        writer.stdout.close()
        store = open_objects(url)
        outbox = Outbox(folder, store, jitter=lambda: 1.0)
        reading = await asyncio.wait_for(outbox.get(f"a/{written}"), 2)
    finally:
        s3_server.go_on()
    async with running(outbox):
        await emptied(outbox)

    assert reading == b"%d" % written
    keys = {one.key for one in await store.list("a", limit=10**6)}
    assert {f"a/{n}" for n in range(written + 1)} <= keys


async def test_a_file_goes_the_same_way_without_being_read_whole(tmp_path: Path) -> None:
    store, body = Gate(tmp_path / "store"), os.urandom(3 << 20)
    outbox = Outbox(tmp_path / "outbox", store)
    with tempfile.TemporaryFile() as file:
        file.write(body)
        await outbox.put_file_later("a/large", file, "image/png")

    assert await outbox.get("a/large") == body
    async with running(outbox):
        await emptied(outbox)
    assert await store.get("a/large") == body
    assert store.types == {"a/large": "image/png"}


async def test_large_objects_are_not_all_in_memory_at_once(tmp_path: Path) -> None:
    store, at_once, most = Gate(tmp_path / "store"), 0, 0
    outbox = Outbox(tmp_path / "outbox", store)
    for number in range(6):
        await outbox.put_later(f"large/{number}", bytes(10 << 20))
        await outbox.put_later(f"small/{number}", b"x")

    async def during(key: str) -> None:
        nonlocal at_once, most
        at_once += key.startswith("large/")
        most = max(most, at_once)
        async with asyncio.timeout(20):
            while (
                key.startswith("large/") and at_once < 3
            ):  # until its companions are under way, too
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        at_once -= key.startswith("large/")

    store.during = during
    async with running(outbox):
        await emptied(outbox)

    assert most == 3
    assert len(await store.list("small")) == 6
