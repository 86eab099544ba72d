import asyncio
import contextlib
import errno
import os
import random
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bongsu.kit.clock import ManualClock
from bongsu.kit.errors import LakeAway
from bongsu.lake import spool as spool_module
from bongsu.lake.client import LakeRefused
from bongsu.lake.spool import SEAL_S, SEGMENT_GROUPS, Shipper, Spool
from bongsu.lake.trouble import Trouble

CAP = 1 << 30
GO = asyncio.Event  # an event that is never set: "do not stop"


class Ledger:
    """A lake that remembers tokens, and is away or disgusted when told so."""

    def __init__(self) -> None:
        self.rows: list[bytes] = []
        self.tokens: list[str] = []
        self.away = False
        self.lose_answers = 0

    async def insert(self, table: str, rows: bytes, token: str, *, version: int) -> None:
        if self.away:
            raise LakeAway("refused")
        if b"bad" in rows:
            raise LakeRefused(27, "row 1")
        if token not in self.tokens:
            self.tokens.append(token)
            self.rows += rows.splitlines()
        if self.lose_answers:
            self.lose_answers -= 1
            raise LakeAway("no answer")


@contextlib.asynccontextmanager
async def opened(folder: Path, **options: Any) -> AsyncIterator[tuple[Spool, list[Trouble]]]:
    said: list[Trouble] = []
    options.setdefault("cap_bytes", CAP)
    spool = Spool(folder, report=said.append, **options)
    yield spool, said
    await spool.close()


def lines(count: int, start: int = 0) -> list[bytes]:
    return [b'[%d,"row"]' % n for n in range(start, start + count)]


async def test_rows_reach_the_lake_once_and_leave_nothing_behind(tmp_path: Path) -> None:
    ledger = Ledger()
    async with opened(tmp_path) as (spool, said):
        for line in lines(100):
            spool.append("check_result", line + b"\n")
        await spool.seal()
        await Shipper(spool, ledger).ship(GO())

        assert ledger.rows == lines(100)
        assert (said, spool.counts.acked_groups) == ([], 1)
    assert list(tmp_path.iterdir()) == []


async def test_a_group_is_sealed_when_its_time_is_over(tmp_path: Path) -> None:
    clock = ManualClock()
    async with opened(tmp_path, clock=clock) as (spool, _):
        spool.append("check_result", b"[1]\n")
        await spool.flush()
        young = spool.has_sealed
        clock.advance(SEAL_S)
        await spool.flush()

        assert (young, spool.has_sealed) == (False, True)


async def test_a_large_group_is_sealed_at_once(tmp_path: Path) -> None:
    async with opened(tmp_path, clock=ManualClock()) as (spool, _):
        spool.append("check_result", b"[1]\n" * (spool_module.GROUP_BYTES // 4))
        await spool.flush()

        assert spool.has_sealed


async def test_appending_in_the_running_loops_arrives(tmp_path: Path) -> None:
    ledger, stop = Ledger(), asyncio.Event()
    async with opened(tmp_path) as (spool, _):
        tasks = [spool.run(stop), Shipper(spool, ledger).run(stop)]
        running = asyncio.gather(*tasks)
        spool.append("check_result", b"[1]\n")
        async with asyncio.timeout(10):
            while not ledger.rows:
                await asyncio.sleep(0.01)
        stop.set()
        await running

    assert ledger.rows == [b"[1]"]


async def test_an_answer_that_was_lost_is_asked_for_again_under_the_same_token(
    tmp_path: Path,
) -> None:
    ledger = Ledger()
    ledger.lose_answers = 1
    async with opened(tmp_path) as (spool, _):
        spool.append("check_result", b"[1]\n")
        await spool.seal()
        shipper = Shipper(spool, ledger)
        with pytest.raises(LakeAway):
            await shipper.ship(GO())
        await shipper.ship(GO())

    assert ledger.rows == [b"[1]"]
    assert len(ledger.tokens) == 1


async def test_away_and_back_are_said_once_each(tmp_path: Path) -> None:
    ledger, stop = Ledger(), asyncio.Event()
    ledger.away = True
    async with opened(tmp_path) as (spool, said):
        shipper = Shipper(spool, ledger, said.append, jitter=lambda: 1.0)
        spool.append("check_result", b"[1]\n")
        await spool.seal()
        running = asyncio.create_task(shipper.run(stop))
        async with asyncio.timeout(10):
            while shipper._attempt < 2:
                await asyncio.sleep(0.01)
            ledger.away = False
            while spool.has_sealed:
                await asyncio.sleep(0.01)
        stop.set()
        await running

    assert [trouble.kind for trouble in said] == ["away", "back"]
    assert ledger.rows == [b"[1]"]


async def test_the_next_process_ships_what_the_last_one_left(tmp_path: Path) -> None:
    async with opened(tmp_path) as (spool, _):
        spool.append("check_result", b"[1]\n")
    ledger = Ledger()

    async with opened(tmp_path) as (spool, said):
        await Shipper(spool, ledger).ship(GO())

    assert (ledger.rows, said) == ([b"[1]"], [])
    assert list(tmp_path.iterdir()) == []


async def test_segments_of_a_living_writer_are_let_alone(tmp_path: Path) -> None:
    async with opened(tmp_path) as (first, _):
        first.append("check_result", b"[1]\n")
        await first.seal()
        async with opened(tmp_path) as (second, _):
            assert not second.has_sealed
        assert first.has_sealed


_WRITER = """
import asyncio, sys
from pathlib import Path
from bongsu.lake.spool import Spool
async def main():
    spool, number = Spool(Path(sys.argv[1]), 1 << 30), 0
    while True:
        for _ in range(20):
            spool.append("check_result", b'[%d,"row"]\\n' % number)
            number += 1
        await spool.flush()
        print(number, flush=True)
asyncio.run(main())
"""


@pytest.mark.heavy
async def test_a_killed_writer_loses_nothing_that_it_had_flushed(tmp_path: Path) -> None:
    for _ in range(5):
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        told = [writer.stdout.readline() for _ in range(random.randint(5, 40))]
        writer.kill()
        flushed = int((told + writer.stdout.read().split())[-1])
        writer.wait()
        writer.stdout.close()
        ledger = Ledger()

        async with opened(tmp_path) as (spool, _):
            await Shipper(spool, ledger).ship(GO())

        assert ledger.rows[:flushed] == lines(flushed)
        assert len(ledger.rows) == len(set(ledger.rows))


async def test_a_torn_tail_is_cut_counted_and_said_at_every_byte(tmp_path: Path) -> None:
    origin = tmp_path / "origin"
    async with opened(origin) as (spool, _):
        for n in range(3):
            spool.append("check_result", b"[%d]\n" % n)
            await spool.flush()
        await spool.seal()
    segment = next(origin.glob("*.seg"))
    whole, lock = segment.read_bytes(), next(origin.glob("*.lock")).name
    frame = len(whole) // 3

    for size in range(len(whole)):
        folder = tmp_path / str(size)
        folder.mkdir()
        (folder / segment.name).write_bytes(whole[:size])
        (folder / lock).touch()
        ledger = Ledger()
        async with opened(folder) as (spool, said):
            await Shipper(spool, ledger).ship(GO())

            assert ledger.rows == [b"[%d]" % n for n in range(size // frame)]
            torn = [Trouble("torn", size % frame)] if size % frame else []
            assert said == torn
            assert spool.counts.torn_bytes == size % frame


async def test_rot_in_the_middle_costs_one_frame_and_is_said_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as (spool, _):
        for n in range(3):
            spool.append("check_result", b"[%d]\n" % n)
            await spool.seal()
    segment = next(tmp_path.glob("*.seg"))
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.write_bytes(data)
    ledger = Ledger()
    ledger.lose_answers = 1

    async with opened(tmp_path) as (spool, said):
        with pytest.raises(LakeAway):
            await Shipper(spool, ledger).ship(GO())
        await Shipper(spool, ledger).ship(GO())

    assert ledger.rows == [b"[0]", b"[2]"]
    assert said == [Trouble("torn", len(data) // 3)]


async def test_over_the_cap_the_oldest_go_and_it_is_said(tmp_path: Path) -> None:
    async with opened(tmp_path, cap_bytes=0, segment_bytes=2000) as (spool, said):
        for n in range(100):
            spool.append("check_result", b'[%d,"%s"]\n' % (n, b"x" * 100))
            await spool.seal()
        ledger = Ledger()
        backlog = spool.backlog_bytes
        await Shipper(spool, ledger).ship(GO())

        kept = [int(row[1:].split(b",")[0]) for row in ledger.rows]
        assert kept == list(range(kept[0], 100))
        assert 0 < kept[0] < 100
        assert backlog <= 4000
        assert {trouble.kind for trouble in said} == {"dropped"}
        assert sum(t.lost_bytes for t in said) == spool.counts.dropped_bytes > 0


async def test_segments_turn_over_so_that_a_restart_repeats_little(tmp_path: Path) -> None:
    async with opened(tmp_path) as (spool, _):
        for n in range(SEGMENT_GROUPS + 1):
            spool.append("check_result", b"[%d]\n" % n)
            await spool.seal()

        assert len(list(tmp_path.glob("*.seg"))) == 2


async def test_a_group_never_spans_two_segments(tmp_path: Path) -> None:
    async with opened(tmp_path, segment_bytes=1000) as (spool, _):
        for n in range(10):
            spool.append("check_result", b'[%d,"%s"]\n' % (n, b"x" * 200))
            await spool.flush()
        await spool.seal()
        ledger = Ledger()
        await Shipper(spool, ledger).ship(GO())

    assert [int(row[1:2]) for row in ledger.rows] == list(range(10))
    assert len(ledger.tokens) == len(set(ledger.tokens)) > 1


async def test_a_full_disk_keeps_rows_in_memory_and_says_so_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write

    def short(descriptor: int, data: bytes) -> int:
        if len(data) > 20:
            return real(descriptor, data[:20])  # the disk takes a little more, then nothing
        raise OSError(errno.ENOSPC, "No space left on device")

    async with opened(tmp_path) as (spool, said):
        spool.append("check_result", b"[0]\n")
        await spool.flush()
        monkeypatch.setattr("bongsu.lake.segments.os.write", short)
        for n in range(1, 4):
            spool.append("check_result", b"[%d]\n" % n)
            await spool.flush()
        monkeypatch.setattr("bongsu.lake.segments.os.write", real)
        spool.append("check_result", b"[4]\n")
        await spool.seal()
        ledger = Ledger()
        await Shipper(spool, ledger).ship(GO())

        assert ledger.rows == [b"[%d]" % n for n in range(5)]
        assert said == [Trouble("disk_full"), Trouble("disk_back", 0)]


async def test_memory_is_bounded_while_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    async with opened(tmp_path) as (spool, said):
        monkeypatch.setattr("bongsu.lake.segments.os.write", full)
        for _ in range(3 * spool_module.BUFFER_BYTES // 1024):
            spool.append("check_result", b"x" * 1023 + b"\n")
        await spool.flush()

        assert spool.backlog_bytes <= spool_module.BUFFER_BYTES
        assert spool.counts.full_bytes >= spool_module.BUFFER_BYTES
        monkeypatch.undo()
        await spool.flush()
        assert [t.kind for t in said] == ["disk_full", "disk_back"]
        assert said[-1].lost_bytes == spool.counts.full_bytes


async def test_a_bad_row_is_set_aside_alone(tmp_path: Path) -> None:
    ledger = Ledger()
    async with opened(tmp_path) as (spool, said):
        for line in [*lines(5), b"[bad]", *lines(5, start=5)]:
            spool.append("check_result", line + b"\n")
        await spool.seal()
        await Shipper(spool, ledger).ship(GO())

    assert ledger.rows == lines(10)
    assert said == [Trouble("refused", 6, "row 1")]
    assert (tmp_path / "refused.rows").read_bytes().endswith(b"[bad]\n")


async def test_rows_for_a_table_we_do_not_know_block_nobody(tmp_path: Path) -> None:
    class Picky(Ledger):
        async def insert(self, table: str, rows: bytes, token: str, *, version: int) -> None:
            if table != "check_result":
                raise LakeRefused(0, "no table")
            await super().insert(table, rows, token, version=version)

    ledger = Picky()
    async with opened(tmp_path) as (spool, said):
        spool.append("tomorrow", b"[1]\n[2]\n")
        spool.append("check_result", b"[3]\n")
        await spool.seal()
        await Shipper(spool, ledger).ship(GO())

    assert ledger.rows == [b"[3]"]
    assert said == [Trouble("refused", 8, "no table")]


async def test_a_schema_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    class Young(Ledger):
        async def insert(self, table: str, rows: bytes, token: str, *, version: int) -> None:
            raise LakeRefused(60, "Code: 60. UNKNOWN_TABLE")

    async with opened(tmp_path) as (spool, said):
        spool.append("check_result", b"[1]\n")
        await spool.seal()
        with pytest.raises(LakeAway):
            await Shipper(spool, Young()).ship(GO())

        assert spool.has_sealed
        assert said == []


async def test_a_stop_ends_shipping_between_two_groups(tmp_path: Path) -> None:
    stop = asyncio.Event()

    class Last(Ledger):
        async def insert(self, table: str, rows: bytes, token: str, *, version: int) -> None:
            await super().insert(table, rows, token, version=version)
            stop.set()

    ledger = Last()
    async with opened(tmp_path) as (spool, _):
        for n in range(3):
            spool.append("check_result", b"[%d]\n" % n)
            await spool.seal()
        await Shipper(spool, ledger).run(stop)
        await Shipper(spool, ledger).ship(stop)

    assert ledger.rows == [b"[0]"]
    assert len(list(tmp_path.glob("*.seg"))) == 1


async def test_lock_files_of_killed_writers_without_segments_go_away(tmp_path: Path) -> None:
    (tmp_path / "01890000-0000-7000-8000-000000000000.lock").touch()

    async with opened(tmp_path):
        pass

    assert list(tmp_path.iterdir()) == []


async def test_a_segment_that_rotted_whole_is_counted_and_let_go(tmp_path: Path) -> None:
    async with opened(tmp_path) as (spool, said):
        spool.append("check_result", b"[1]\n")
        await spool.seal()
        segment = next(tmp_path.glob("*.seg"))
        size = segment.stat().st_size
        segment.write_bytes(bytes(size))
        await Shipper(spool, Ledger()).ship(GO())

        assert not spool.has_sealed
        assert said == [Trouble("torn", size)]


async def test_rot_at_the_end_does_not_hold_up_what_comes_later(tmp_path: Path) -> None:
    ledger = Ledger()
    async with opened(tmp_path) as (spool, said):
        for n in range(2):
            spool.append("check_result", b"[%d]\n" % n)
            await spool.seal()
        segment = next(tmp_path.glob("*.seg"))
        data = segment.read_bytes()
        segment.write_bytes(data[:-1] + b"x")
        await Shipper(spool, ledger).ship(GO())
        spool.append("check_result", b"[2]\n")
        await spool.seal()
        await Shipper(spool, ledger).ship(GO())

    assert ledger.rows == [b"[0]", b"[2]"]
    assert said == [Trouble("torn", len(data) // 2)]


async def test_a_segment_that_somebody_removed_is_let_go(tmp_path: Path) -> None:
    ledger = Ledger()
    async with opened(tmp_path) as (spool, _):
        spool.append("check_result", b"[1]\n")
        await spool.seal()
        next(tmp_path.glob("*.seg")).unlink()
        await Shipper(spool, ledger).ship(GO())

        assert not spool.has_sealed
    assert ledger.rows == []


async def test_what_is_kept_aside_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool_module, "_REFUSED_BYTES", 100)
    async with opened(tmp_path) as (spool, _):
        for n in range(20):
            spool.append("check_result", b'["bad %d"]\n' % n)
            await spool.seal()
        await Shipper(spool, Ledger()).ship(GO())

    kept = [(tmp_path / name).stat().st_size for name in ("refused.rows", "refused.old")]
    assert all(size < 300 for size in kept)


async def test_a_disk_that_cannot_be_read_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, stop = Ledger(), asyncio.Event()
    async with opened(tmp_path) as (spool, said):
        spool.append("check_result", b"[1]\n")
        await spool.seal()
        monkeypatch.setattr(Path, "open", _broken)
        shipper = Shipper(spool, ledger, said.append, jitter=lambda: 1.0)
        running = asyncio.create_task(shipper.run(stop))
        async with asyncio.timeout(10):
            while not said:
                await asyncio.sleep(0.01)
            monkeypatch.undo()
            while not ledger.rows:
                await asyncio.sleep(0.01)
        stop.set()
        await running

    assert [(t.kind, "Input/output" in t.why) for t in said] == [("away", True), ("back", False)]


def _broken(*_arguments: Any, **_options: Any) -> Any:
    raise OSError(errno.EIO, "Input/output error")
