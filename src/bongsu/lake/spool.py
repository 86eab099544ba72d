"""Rows wait here, on this machine's disk, until the lake has them. Nothing upstream ever waits for the lake.

    append → memory → (100 ms) frame in a segment → (2 s or 1 MiB) group sealed → insert under its token → deleted

A row counts as recorded once its frame is in the file, which outlives the death of the process (a power
cut can take what the kernel had not written yet). Delivery is at least once; the token makes it once.
"""

import asyncio
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TypeVar

from bongsu.kit.backoff import exponential_s
from bongsu.kit.clock import SYSTEM_CLOCK, Clock
from bongsu.kit.errors import LakeAway
from bongsu.kit.ids import uuid7
from bongsu.kit.wait import pause
from bongsu.lake.buffer import Buffer
from bongsu.lake.client import LakeRefused
from bongsu.lake.frames import Batch, Frame, encode, groups
from bongsu.lake.schema import SCHEMA_VERSION
from bongsu.lake.segments import SEGMENT_BYTES, Segment, Segments
from bongsu.lake.trouble import Counts, Report, Trouble, silent

T = TypeVar("T")
FLUSH_S = 0.1
SEAL_S = 2.0  # an insert costs 30 ms of CPU however small it is, most of it for the roll-ups
GROUP_BYTES = 1 << 20
SEGMENT_GROUPS = 64  # what a restart may send again; far below the lake's window of 10,000 tokens
BUFFER_BYTES = 4 << 20  # in memory, while the disk takes nothing
_FRAME_ROOM_BYTES = 256
_REFUSED_BYTES = 8 << 20
_SHIP_S, _AWAY_FIRST_S, _AWAY_CAP_S = 0.25, 0.5, 15.0


class Spool:
    """One per process and folder. All file work happens in one thread of its own, in order."""

    def __init__(
        self,
        folder: Path,
        cap_bytes: int,
        report: Report = silent,
        *,
        clock: Clock = SYSTEM_CLOCK,
        segment_bytes: int = SEGMENT_BYTES,
    ) -> None:
        """Adopts what dead writers left in `folder`. `cap_bytes`: two segments are kept in any case."""
        self.writer = uuid7()
        self.counts = Counts()
        self._report, self._clock = report, clock
        self._segment_bytes = segment_bytes
        self._segments = Segments(folder, self.writer, cap_bytes, segment_bytes)
        self._refused = folder / "refused.rows"
        self._io = ThreadPoolExecutor(1, "spool")
        self._buffer = Buffer()
        self._group = self._group_bytes = self._groups_in_segment = 0
        self._sealed_at_s = clock.monotonic_s()
        self._refusing = False
        self._lost_in_memory_bytes = 0
        self._count_torn(self._segments.torn_bytes)

    @property
    def backlog_bytes(self) -> int:
        return self._segments.size_bytes + self._buffer.size_bytes

    @property
    def has_sealed(self) -> bool:
        return self._segments.first_sealed() is not None

    def append(self, table: str, rows: bytes) -> None:
        """Cheap, never waits, never raises. `rows`: one or more lines of JSONCompactEachRow."""
        self._buffer.rows.setdefault(table, []).append(rows)
        self._buffer.size_bytes += len(rows)
        if self._buffer.size_bytes > BUFFER_BYTES:
            lost = self._buffer.drop_oldest_half()
            self.counts.full_bytes += lost
            self._lost_in_memory_bytes += lost
            self._disk_takes(nothing=True)

    async def run(self, stop: asyncio.Event) -> None:
        """Flushes every 100 ms until `stop`, and once more at the end."""
        while not await pause(stop, FLUSH_S):
            await self.flush()
        await self.flush()

    async def flush(self) -> None:
        """What was appended before is in the file when this returns, unless the disk takes nothing."""
        taken, self._buffer = self._buffer, Buffer()
        if not taken.rows and not self._group_bytes:
            return
        left, dropped = await self.in_thread(lambda: self._write(taken))
        self._buffer.put_back(left)
        if taken.rows:
            self._disk_takes(nothing=bool(left.rows))
        if dropped:
            self.counts.dropped_bytes += dropped
            self._report(Trouble("dropped", dropped))

    async def seal(self) -> None:
        """Ends the group now instead of after its time."""
        await self.flush()
        await self.in_thread(self._seal)

    async def close(self) -> None:
        """What is left is adopted by the next spool on this folder."""
        await self.flush()
        await self.in_thread(self._segments.close)
        self._io.shutdown()

    async def in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._io, work)

    async def next_groups(self) -> tuple[Segment, list[tuple[list[Batch], int]]] | None:
        """The oldest segment with something to ship: its groups, each with the offset that acknowledges it."""
        found = await self.in_thread(self._read_next)
        if found is None:
            return None
        segment, ready, damaged = found
        self._count_torn(damaged)
        return segment, ready

    async def acknowledge(self, segment: Segment, offset: int) -> None:
        def note() -> None:
            segment.acked_bytes = offset
            self._segments.delete_done()

        await self.in_thread(note)
        self.counts.acked_groups += 1

    async def set_aside(self, batch: Batch, why: str) -> None:
        """Rows that no lake will ever take are kept for a person, out of the way."""
        await self.in_thread(lambda: self._append_refused(batch, why))
        self.counts.refused_bytes += len(batch.rows)
        self._report(Trouble("refused", len(batch.rows), why))

    def _disk_takes(self, *, nothing: bool) -> None:
        if nothing and not self._refusing:
            self._report(Trouble("disk_full"))
        if self._refusing and not nothing:
            self._report(Trouble("disk_back", self._lost_in_memory_bytes))
            self._lost_in_memory_bytes = 0
        self._refusing = nothing

    def _count_torn(self, damaged_bytes: int) -> None:
        if damaged_bytes:
            self.counts.torn_bytes += damaged_bytes
            self._report(Trouble("torn", damaged_bytes))

    def _write(self, taken: Buffer) -> tuple[Buffer, int]:
        left = Buffer()
        for table, rows in taken.rows.items():
            if not self._write_frame(table, b"".join(rows)):
                left.rows[table] = rows
                left.size_bytes += sum(map(len, rows))
        aged = self._clock.monotonic_s() - self._sealed_at_s >= SEAL_S
        if self._group_bytes >= GROUP_BYTES or (aged and self._group_bytes):
            self._seal()
        return left, self._segments.drop_over_cap()

    def _write_frame(self, table: str, rows: bytes) -> bool:
        size = len(rows) + _FRAME_ROOM_BYTES
        if self._segments.open_bytes and self._segments.open_bytes + size > self._segment_bytes:
            self._seal()  # a group never spans two segments
            self._rotate()
        if not self._group_bytes:
            self._sealed_at_s = self._clock.monotonic_s()
        block = encode(Frame(table, SCHEMA_VERSION, self.writer, self._group, rows))
        if not self._segments.append(block):
            return False
        self._group_bytes += len(block)
        self.counts.frames += 1
        return True

    def _seal(self) -> None:
        """From here on nothing is added to the group: every replay finds it as it is now."""
        if not self._group_bytes:
            return
        self._segments.seal()
        self._group += 1
        self._group_bytes = 0
        self._groups_in_segment += 1
        if self._groups_in_segment >= SEGMENT_GROUPS:
            self._rotate()

    def _rotate(self) -> None:
        self._segments.rotate()
        self._segments.delete_done()
        self._groups_in_segment = 0

    def _read_next(self) -> tuple[Segment, list[tuple[list[Batch], int]], int] | None:
        segment = self._segments.first_sealed()
        if segment is None:
            return None
        base, found = segment.acked_bytes, segment.read_sealed()
        ready = [(batches, base + end) for batches, end in groups(found.frames)]
        damaged = segment.sealed_bytes - base - found.good_bytes + found.damaged_bytes
        damaged, segment.damage_counted = 0 if segment.damage_counted else damaged, True
        if not ready:  # nothing readable: over with it, counted
            segment.acked_bytes = segment.sealed_bytes
            self._segments.delete_done()
        elif found.good_bytes < segment.sealed_bytes - base:
            ready[-1] = (ready[-1][0], segment.sealed_bytes)
        return segment, ready, damaged

    def _append_refused(self, batch: Batch, why: str) -> None:
        if self._refused.exists() and self._refused.stat().st_size > _REFUSED_BYTES:
            self._refused.replace(self._refused.with_suffix(".old"))
        with self._refused.open("ab") as file:
            file.write(f"# {batch.table} {batch.token} {why!r}\n".encode() + batch.rows)


class _Inserts(Protocol):
    async def insert(self, table: str, rows: bytes, token: str, *, version: int) -> None:
        """Raises LakeAway, or LakeRefused when the lake said no."""


class Shipper:
    """Brings sealed groups to the lake, oldest first, each until it is acknowledged."""

    def __init__(
        self,
        spool: Spool,
        client: _Inserts,
        report: Report = silent,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._spool, self._client = spool, client
        self._report, self._jitter = report, jitter
        self._attempt = 0

    async def run(self, stop: asyncio.Event) -> None:
        wait_s = 0.0
        while not await pause(stop, wait_s):
            wait_s = _SHIP_S
            try:
                await self.ship(stop)
            except LakeAway as error:
                wait_s = self._away(error.why)
            except OSError as error:  # our own disk, while reading a segment back
                wait_s = self._away(str(error))

    async def ship(self, stop: asyncio.Event) -> None:
        """Everything sealed. Raises LakeAway."""
        while not stop.is_set() and self._spool.has_sealed:
            found = await self._spool.next_groups()
            if found is None:
                return
            segment, ready = found
            for batches, offset in ready:
                for batch in batches:
                    await self._send(batch)
                await self._spool.acknowledge(segment, offset)
                self._back()
                if stop.is_set():
                    return

    async def _send(self, batch: Batch) -> None:
        """A row that does not parse is searched by halving, so that it alone is set aside.

        The halves' tokens follow from the batch's, so a replay of the search repeats them too.
        """
        try:
            await self._client.insert(batch.table, batch.rows, batch.token, version=batch.version)
        except LakeRefused as error:
            if not error.rows_are_wrong:
                raise
            lines = batch.rows.splitlines(keepends=True)
            if len(lines) == 1 or error.whole_batch:
                await self._spool.set_aside(batch, error.why)
                return
            middle = len(lines) // 2
            for number, half in enumerate((lines[:middle], lines[middle:])):
                token = f"{batch.token}.{number}"
                await self._send(replace(batch, token=token, rows=b"".join(half)))

    def _away(self, why: str) -> float:
        if self._attempt == 0:
            self._report(Trouble("away", why=why))
        self._attempt += 1
        return exponential_s(self._attempt - 1, _AWAY_FIRST_S, _AWAY_CAP_S, self._jitter())

    def _back(self) -> None:
        if self._attempt:
            self._attempt = 0
            self._report(Trouble("back"))
