"""Every failed check's record, kept by service and hour: `failed/<service>/2026/11/21/09-<writer>-<n>.jsonl.gz`.

    append → memory → (100 ms) a plain file of JSON lines → (hour over, 8 MiB, or stop) gzip → outbox → store

A record counts as recorded once its line is in the file. Files of writers that died are finished by the next.
"""

import asyncio
import contextlib
import functools
import gzip
import logging
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec

from bongsu.kit.clock import SYSTEM_CLOCK, Clock
from bongsu.kit.errors import ObjectsAway
from bongsu.kit.ids import uuid7
from bongsu.kit.locks import FileLock
from bongsu.kit.text import slugify
from bongsu.kit.wait import pause

T = TypeVar("T")
_LOG = logging.getLogger(__name__)
FLUSH_S = 0.1
FILE_BYTES = 8 << 20
BUFFER_BYTES = 4 << 20  # in memory, while the disk takes nothing
CONTENT_TYPE = "application/gzip"
_ENCODER = msgspec.json.Encoder(enc_hook=str, decimal_format="number")


class PutsLater(Protocol):
    async def put_later(self, key: str, body: bytes, content_type: str) -> None:
        """Raises ObjectsAway when the local disk refuses."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A file of one service, hour and writer; its name says all of them."""

    service: str
    hour: str  # 2026-11-21-09
    writer: str
    number: int

    @property
    def name(self) -> str:
        return f"{self.service}@{self.hour}@{self.writer}@{self.number}.jsonl"

    @property
    def key(self) -> str:
        day, _, hour = self.hour.rpartition("-")
        return f"failed/{self.service}/{day.replace('-', '/')}/{hour}-{self.writer}-{self.number}.jsonl.gz"

    @classmethod
    def of(cls, path: Path) -> "_Part":
        service, hour, writer, number = path.stem.split("@")
        return cls(service, hour, writer, int(number))


class Archive:
    """One per process. `append` never waits and never raises; all file work happens in one thread."""

    def __init__(self, folder: Path, outbox: PutsLater, clock: Clock = SYSTEM_CLOCK) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder, self._outbox, self._clock = folder, outbox, clock
        self._writer = uuid7()
        lock = FileLock.take(folder / f"{self._writer}.lock")
        if lock is None:
            raise ValueError(f"the writer id {self._writer} is in use")
        self._lock = lock
        self._disk = ThreadPoolExecutor(1, "archive")
        self._lines: dict[str, list[bytes]] = {}
        self._buffered_bytes = 0
        self._number = 0
        self._current: dict[str, _Part] = {}
        self._finished: list[Path] = []
        self._adopted: list[FileLock] = []
        self.lost_records = 0
        self._adopt()

    def append(self, service: str, record: dict[str, Any]) -> None:
        """`record` is anything JSON can say; what it cannot is written as text."""
        line = _ENCODER.encode(record) + b"\n"
        self._lines.setdefault(slugify(service, "service"), []).append(line)
        self._buffered_bytes += len(line)
        if self._buffered_bytes > BUFFER_BYTES:
            self._drop_oldest()

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`, and then everything written so far goes to the outbox."""
        while not await pause(stop, FLUSH_S):
            await self.flush()
            await self.ship()
        await self.close()

    async def flush(self) -> None:
        """What was appended before is in its file when this returns, unless the disk refuses."""
        if not self._lines and not self._current:
            return
        lines, self._lines, self._buffered_bytes = self._lines, {}, 0
        now = self._clock.now()
        left = await self._in_thread(lambda: self._write(lines, now))
        for service, rest in left.items():
            self._lines[service] = rest + self._lines.get(service, [])
            self._buffered_bytes += sum(map(len, rest))

    async def ship(self) -> None:
        """Brings finished files to the outbox. The same file twice becomes the same object."""
        for path in list(self._finished):
            body = await self._in_thread(functools.partial(_compressed, path))
            try:
                if body:
                    await self._outbox.put_later(_Part.of(path).key, body, CONTENT_TYPE)
            except ObjectsAway as error:
                _LOG.warning("archive: %s stays here: %s", path.name, error.why)
                return
            await self._in_thread(functools.partial(path.unlink, missing_ok=True))
            self._finished.remove(path)
        while self._adopted:
            self._adopted.pop().release(remove=True)

    async def close(self) -> None:
        await self.flush()
        self._finish(list(self._current))
        await self.ship()
        for lock in [*self._adopted, self._lock]:
            lock.release(remove=not self._finished)

    def _drop_oldest(self) -> None:
        for lines in self._lines.values():
            half = len(lines) // 2 + 1
            self._buffered_bytes -= sum(map(len, lines[:half]))
            self.lost_records += half
            del lines[:half]

    def _write(self, lines: dict[str, list[bytes]], now: datetime) -> dict[str, list[bytes]]:
        """What could not be written comes back."""
        hour = f"{now:%Y-%m-%d-%H}"
        self._finish([s for s, part in self._current.items() if part.hour != hour])
        left = {}
        for service, some in lines.items():
            path = self._folder / self._part(service, hour).name
            size = _append(path, b"".join(some))
            if size is None:
                left[service] = some
            elif size >= FILE_BYTES:
                self._finish([service])
        return left

    def _part(self, service: str, hour: str) -> _Part:
        if service not in self._current:
            self._number += 1
            self._current[service] = _Part(service, hour, self._writer, self._number)
        return self._current[service]

    def _finish(self, services: Iterable[str]) -> None:
        self._finished += [self._folder / self._current.pop(service).name for service in services]

    def _adopt(self) -> None:
        for lock_path in sorted(self._folder.glob("*.lock")):
            lock = None if lock_path == self._lock.path else FileLock.take(lock_path)
            if lock is None:
                continue  # alive
            self._adopted.append(lock)
            self._finished += sorted(self._folder.glob(f"*@{lock_path.stem}@*.jsonl"))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._disk, work)


def _append(path: Path, block: bytes) -> int | None:
    """The file's new size; None when the disk refuses, and then the file is as it was."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    except OSError:
        return None
    before = os.fstat(descriptor).st_size
    try:
        written = 0
        while written < len(block):
            written += os.write(descriptor, block[written:])
    except OSError:
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, before)
        return None
    finally:
        os.close(descriptor)
    return before + len(block)


def _compressed(path: Path) -> bytes:
    """Whole lines only: a torn last one is cut. Empty when there is nothing; the same bytes every time."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return b""
    whole = data[: data.rfind(b"\n") + 1]
    if len(whole) < len(data):
        _LOG.warning(
            "archive: %d bytes of a torn line were cut from %s", len(data) - len(whole), path.name
        )
    return gzip.compress(whole, mtime=0) if whole else b""
