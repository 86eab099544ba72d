"""Objects wait here, on this machine's disk, until the store has them. Nobody waits for the store.

`put_later` writes one file and returns; `run` uploads and deletes after success; `get` looks here first, so a
link works at once. All processes on one data folder share an outbox; one of them uploads (the holder of a lock).
"""

import asyncio
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Literal, TypeVar

from bongsu.kit.backoff import exponential_s
from bongsu.kit.errors import ObjectsAway
from bongsu.kit.locks import FileLock
from bongsu.kit.wait import pause
from bongsu.objects.files import walk, write_whole
from bongsu.objects.model import (
    BINARY,
    LIMIT_S,
    LIST_LIMIT,
    ObjectStore,
    Stored,
    check_key,
    check_prefix,
)

T = TypeVar("T")
_LOOK_S = 0.25
_AWAY_FIRST_S, _AWAY_CAP_S = 0.5, 30.0
_AT_ONCE = 8
_BYTES_AT_ONCE = 32 << 20
_SLOW_BYTES_S = 256 << 10  # an upload may be this slow and is not yet taken for a dead store
_UPLOAD_S = 10.0
_SLASH = "~"  # in no key, so a key without slashes is one file name

Report = Callable[[Literal["away", "back"], str], None]


def _silent(_kind: Literal["away", "back"], _why: str) -> None:
    """For callers who look at `waiting` instead."""


class Outbox:
    """An ObjectStore whose `put` is never kept waiting. `report` is told "away" and "back" once each."""

    def __init__(
        self,
        folder: Path,
        store: ObjectStore,
        report: Report = _silent,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._folder, self._store = folder, store
        self._report, self._jitter = report, jitter
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._disk = ThreadPoolExecutor(1, "outbox")
        self._attempt = 0
        self._late: set[str] = set()  # failed while others went through: tried last

    def __repr__(self) -> str:
        return f"Outbox({self._folder}, {self._store!r})"

    async def put_later(self, key: str, body: bytes, content_type: str = BINARY) -> None:
        """Durable here when this returns. Raises Invalid for a wrong key, ObjectsAway when this disk refuses."""
        path = self._path(check_key(key))
        whole = json.dumps({"content_type": content_type}).encode() + b"\n" + body
        try:
            await self._in_thread(lambda: write_whole(path, whole))
        except OSError as error:
            raise ObjectsAway(f"the outbox: {error}") from error

    async def put_file_later(self, key: str, file: BinaryIO, content_type: str = BINARY) -> None:
        """The same for a file that is open, read from its beginning piece by piece. Raises ObjectsAway."""
        path = self._path(check_key(key))
        head = json.dumps({"content_type": content_type}).encode() + b"\n"
        try:
            await self._in_thread(lambda: write_whole(path, head, file))
        except OSError as error:
            raise ObjectsAway(f"the outbox: {error}") from error

    async def put(
        self,
        key: str,
        body: bytes,
        content_type: str = BINARY,
        timeout_s: float = LIMIT_S,  # noqa: ARG002 (of the protocol; a disk is not waited for)
    ) -> None:
        await self.put_later(key, body, content_type)

    async def get(self, key: str, timeout_s: float = LIMIT_S) -> bytes:
        path = self._path(check_key(key))
        try:
            return (await self._in_thread(path.read_bytes)).partition(b"\n")[2]
        except FileNotFoundError:
            return await self._store.get(key, timeout_s)

    async def list(self, prefix: str = "", limit: int = LIST_LIMIT) -> Sequence[Stored]:
        """What waits here and what is in the store."""
        under = check_prefix(prefix)
        waiting = await self._in_thread(lambda: _waiting(self._folder, under))
        stored = await self._store.list(prefix, limit)
        both = {one.key: one for one in [*stored, *waiting]}
        return [both[key] for key in sorted(both)][:limit]

    async def delete(self, key: str) -> None:
        path = self._path(check_key(key))
        await self._in_thread(lambda: path.unlink(missing_ok=True))
        await self._store.delete(key)

    async def waiting(self) -> int:
        """How many objects the store does not have yet."""
        return len(await self._in_thread(lambda: _sizes(self._folder)))

    async def run(self, stop: asyncio.Event) -> None:
        """Uploads until `stop`; what is left then goes with the next process. Any number may run at once."""
        lock: FileLock | None = None
        wait_s = 0.0
        while not await pause(stop, wait_s):
            lock = lock or FileLock.take(self._folder / ".uploader.lock")
            wait_s = await self._round(stop) if lock else 4 * _LOOK_S
        if lock:
            lock.release()

    async def _round(self, stop: asyncio.Event) -> float:
        """One look at everything that waits; how long until the next."""
        sizes = await self._in_thread(lambda: _sizes(self._folder))
        self._late &= set(sizes)
        names = sorted(sizes, key=lambda name: (name in self._late, name))
        for some in _batches(names, sizes):
            if stop.is_set():
                break
            faults = await asyncio.gather(*(self._upload(name) for name in some))
            if all(fault is not None for fault in faults):
                return self._away(str(faults[0]))
            self._late |= {name for name, fault in zip(some, faults, strict=True) if fault}
            self._back()
        return _AWAY_CAP_S if self._late and len(self._late) == len(names) else _LOOK_S

    async def _upload(self, name: str) -> str | None:
        """None when the store has it, or somebody else was faster; otherwise why not."""
        path = self._folder / name
        try:
            inode, whole = await self._in_thread(lambda: (path.stat().st_ino, path.read_bytes()))
        except FileNotFoundError:
            return None
        header, _, body = whole.partition(b"\n")
        timeout_s = _UPLOAD_S + len(body) / _SLOW_BYTES_S
        try:
            await self._store.put(_key(name), body, json.loads(header)["content_type"], timeout_s)
        except ObjectsAway as error:
            return error.why or str(error)
        await self._in_thread(lambda: _remove_if_same(path, inode))
        return None

    def _away(self, why: str) -> float:
        if self._attempt == 0:
            self._report("away", why)
        self._attempt += 1
        return exponential_s(self._attempt - 1, _AWAY_FIRST_S, _AWAY_CAP_S, self._jitter())

    def _back(self) -> None:
        if self._attempt:
            self._attempt = 0
            self._report("back", "")

    def _path(self, key: str) -> Path:
        return self._folder / key.replace("/", _SLASH)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """One thread: a file is not replaced between our looking and our removing it."""
        return await asyncio.get_running_loop().run_in_executor(self._disk, work)


def _sizes(folder: Path) -> dict[str, int]:
    """What waits, in order."""
    return {name: stat.st_size for name, stat in walk(folder, folder)}


def _batches(names: Sequence[str], sizes: Mapping[str, int]) -> Iterator[list[str]]:
    """What is in memory at the same time: a few objects, and fewer of large ones."""
    some: list[str] = []
    size_bytes = 0
    for name in names:
        if some and (len(some) == _AT_ONCE or size_bytes + sizes[name] > _BYTES_AT_ONCE):
            yield some
            some, size_bytes = [], 0
        some.append(name)
        size_bytes += sizes[name]
    if some:
        yield some


def _waiting(folder: Path, under: str) -> list[Stored]:
    return [
        Stored(_key(name), stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC))
        for name, stat in walk(folder, folder)
        if not under or f"{_key(name)}/".startswith(f"{under}/")
    ]


def _key(name: str) -> str:
    return name.replace(_SLASH, "/")


def _remove_if_same(path: Path, inode: int) -> None:
    """It may have been replaced while it was uploaded; then the new one waits."""
    try:
        if path.stat().st_ino == inode:
            path.unlink()
    except FileNotFoundError:
        pass
