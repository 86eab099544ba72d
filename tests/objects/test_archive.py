import asyncio
import gzip
import json
import random
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from bongsu.kit.clock import ManualClock
from bongsu.kit.errors import ObjectsAway
from bongsu.objects import archive as archive_module
from bongsu.objects.archive import Archive
from bongsu.objects.folder import FolderObjects
from tests.objects.failed import failed_on

START = datetime(2026, 11, 21, 9, 59, tzinfo=UTC)


class Box:
    """An outbox that keeps what it is given, in order; its disk can be full."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.full = False

    async def put_later(self, key: str, body: bytes, content_type: str) -> None:
        assert content_type == "application/gzip"
        if self.full:
            raise ObjectsAway("the disk is full")
        self.objects[key] = body

    def records(self) -> list[Any]:
        lines = [gzip.decompress(body).splitlines() for body in self.objects.values()]
        return [json.loads(line) for part in lines for line in part]


async def test_records_of_an_hour_are_one_object_a_service(tmp_path: Path) -> None:
    box, clock = Box(), ManualClock(START)
    archive = Archive(tmp_path, box, clock)
    for number in range(3):
        archive.append("shop", {"n": number, "at": START})
        await archive.flush()
    archive.append("pay", {"n": 9})
    await archive.flush()
    await archive.ship()
    early = dict(box.objects)
    clock.advance(60)
    archive.append("shop", {"n": 3})
    await archive.flush()
    await archive.ship()

    assert early == {}
    places = [key.rsplit("/", 1)[0] + "/" + key.rsplit("/", 1)[1][:2] for key in box.objects]
    assert sorted(places) == ["failed/pay/2026/11/21/09", "failed/shop/2026/11/21/09"]
    shop = gzip.decompress(next(v for k, v in box.objects.items() if "/shop/" in k))
    assert [json.loads(line)["n"] for line in shop.splitlines()] == [0, 1, 2]


async def test_a_stop_ships_what_is_open_and_leaves_nothing(tmp_path: Path) -> None:
    box, stop = Box(), asyncio.Event()
    archive = Archive(tmp_path, box, ManualClock(START))
    running = asyncio.create_task(archive.run(stop))
    archive.append("shop", {"n": 1})

    stop.set()
    await running

    assert box.records() == [{"n": 1}]
    assert list(tmp_path.iterdir()) == []


async def test_an_hour_ends_without_further_records(tmp_path: Path) -> None:
    box, clock, stop = Box(), ManualClock(START), asyncio.Event()
    archive = Archive(tmp_path, box, clock)
    archive.append("shop", {"n": 1})
    await archive.flush()
    running = asyncio.create_task(archive.run(stop))
    clock.advance(120)

    async with asyncio.timeout(10):
        while not box.objects:
            await asyncio.sleep(0.01)
    stop.set()
    await running

    assert box.records() == [{"n": 1}]


async def test_a_large_file_ends_before_its_hour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_module, "FILE_BYTES", 1000)
    box = Box()
    archive = Archive(tmp_path, box, ManualClock(START))
    for number in range(20):
        archive.append("shop", {"n": number, "text": "x" * 100})
        await archive.flush()
    await archive.ship()
    await archive.close()

    assert len(box.objects) > 1
    assert [record["n"] for record in box.records()] == list(range(20))


async def test_a_torn_last_line_is_cut_at_every_byte(tmp_path: Path) -> None:
    origin = tmp_path / "origin"
    writer = Archive(origin, Box(), ManualClock(START))
    for number in range(3):
        writer.append("shop", {"n": number})
    await writer.flush()
    path = next(origin.glob("*.jsonl"))
    lock, whole = next(origin.glob("*.lock")).name, path.read_bytes()

    for size in range(len(whole) + 1):
        folder, box = tmp_path / str(size), Box()
        folder.mkdir()
        (folder / path.name).write_bytes(whole[:size])
        (folder / lock).touch()
        archive = Archive(folder, box, ManualClock(START))
        await archive.ship()
        await archive.close()

        assert box.records() == [{"n": n} for n in range(whole[:size].count(b"\n"))]
        assert list(folder.iterdir()) == []


async def test_files_of_a_living_writer_are_let_alone(tmp_path: Path) -> None:
    first = Archive(tmp_path, Box(), ManualClock(START))
    first.append("shop", {"n": 1})
    await first.flush()
    box = Box()

    second = Archive(tmp_path, box, ManualClock(START))
    await second.ship()
    await second.close()

    assert box.objects == {}
    assert len(list(tmp_path.glob("*.jsonl"))) == 1


async def test_shipped_twice_is_the_same_object(tmp_path: Path) -> None:
    """A crash between the outbox and the removal of the file ships it again."""
    writer = Archive(tmp_path, Box(), ManualClock(START))
    writer.append("shop", {"n": 1})
    await writer.flush()
    path = next(tmp_path.glob("*.jsonl"))
    saved, box = path.read_bytes(), Box()
    writer._lock.release()
    for _ in range(2):
        path.write_bytes(saved)
        (tmp_path / f"{writer._writer}.lock").touch()
        archive = Archive(tmp_path, box, ManualClock(START))
        await archive.ship()
        await archive.close()

    assert box.records() == [{"n": 1}]


async def test_a_full_outbox_keeps_the_file_for_later(tmp_path: Path) -> None:
    box = Box()
    box.full = True
    archive = Archive(tmp_path, box, ManualClock(START))
    archive.append("shop", {"n": 1})
    await archive.close()
    box.full = False

    again = Archive(tmp_path, box, ManualClock(START))
    await again.ship()

    assert box.records() == [{"n": 1}]


async def test_a_full_disk_keeps_records_in_memory_and_counts_what_does_not_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int, _data: bytes) -> int:
        raise OSError(28, "No space left on device")

    box = Box()
    archive = Archive(tmp_path, box, ManualClock(START))
    monkeypatch.setattr(archive_module, "BUFFER_BYTES", 1000)
    monkeypatch.setattr("bongsu.objects.archive.os.write", full)
    for number in range(100):
        archive.append("shop", {"n": number, "text": "x" * 90})
        await archive.flush()
    monkeypatch.undo()
    await archive.close()

    kept = [record["n"] for record in box.records()]
    assert 0 < len(kept) < 100
    assert archive.lost_records == 100 - len(kept)
    assert kept == list(range(kept[0], 100))


async def test_a_service_named_strangely_still_has_a_place(tmp_path: Path) -> None:
    box = Box()
    archive = Archive(tmp_path, box, ManualClock(START))
    archive.append("../../결제", {"n": 1})
    await archive.close()

    assert next(iter(box.objects)).startswith("failed/service/2026/11/21/09-")


async def test_a_day_of_a_service_is_read_back(tmp_path: Path) -> None:
    store = FolderObjects(tmp_path / "store")

    class Straight:
        async def put_later(self, key: str, body: bytes, content_type: str) -> None:
            await store.put(key, body, content_type)

    clock = ManualClock(START)
    archive = Archive(tmp_path / "archive", Straight(), clock)
    for number in range(4):
        archive.append("shop", {"n": number})
        archive.append("shop-2", {"n": -1})
        await archive.flush()
        clock.advance(1800)
    await archive.close()

    day = date(2026, 11, 21)
    assert [r["n"] for r in await failed_on(store, "shop", day)] == [0, 1, 2, 3]
    assert [r["n"] for r in await failed_on(store, "shop", day, limit=2)] == [0, 1]
    assert await failed_on(store, "shop", date(2026, 11, 22)) == []


_WRITER = """
import asyncio, sys
from pathlib import Path
from bongsu.objects.archive import Archive
async def main():
    archive, number = Archive(Path(sys.argv[1]), None), 0
    while True:
        for _ in range(10):
            archive.append(f"service-{number % 3}", {"n": number})
            number += 1
        await archive.flush()
        print(number, flush=True)
asyncio.run(main())
"""


@pytest.mark.heavy
async def test_a_killed_writer_loses_nothing_that_was_recorded(tmp_path: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    told = [writer.stdout.readline() for _ in range(random.randint(5, 60))]
    writer.kill()
    flushed = int((told + writer.stdout.read().split())[-1])
    writer.wait()
    writer.stdout.close()
    box = Box()

    archive = Archive(tmp_path, box, ManualClock(START))
    await archive.ship()
    await archive.close()

    numbers = sorted(record["n"] for record in box.records())
    assert numbers == list(range(len(numbers)))
    assert len(numbers) >= flushed
    assert list(tmp_path.iterdir()) == []
