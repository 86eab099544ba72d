"""The spool's files: who owns them, what is appended, what is dropped. Blocking; used from one thread only.

`<writer>-<number>.seg` hold frames; `<writer>.lock` is held while that writer lives. A segment whose
writer is dead is adopted by the first who can take its lock, so two processes never ship the same one.
"""

import contextlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bongsu.kit.locks import FileLock
from bongsu.lake.frames import Scan, scan

SEGMENT_BYTES = 8 << 20


@dataclass(slots=True)
class Segment:
    """`sealed_bytes`: up to where groups are complete; `acked_bytes`: up to where the lake has them."""

    path: Path
    size_bytes: int = 0
    sealed_bytes: int = 0
    acked_bytes: int = 0
    descriptor: int = -1  # open while it is being written
    damage_counted: bool = False

    @property
    def is_open(self) -> bool:
        return self.descriptor >= 0

    @property
    def is_done(self) -> bool:
        return not self.is_open and self.acked_bytes >= self.sealed_bytes

    def read_sealed(self) -> Scan:
        """The frames behind what is acknowledged; offsets count from there. Empty if it was dropped."""
        try:
            with self.path.open("rb") as file:
                file.seek(self.acked_bytes)
                return scan(file.read(self.sealed_bytes - self.acked_bytes))
        except FileNotFoundError:
            return Scan((), 0, 0)


class Segments:
    """All segments this process answers for, oldest first; the last one may be open."""

    def __init__(self, folder: Path, writer: str, cap_bytes: int, segment_bytes: int) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder, self._writer = folder, writer
        self._segment_bytes = segment_bytes
        self._cap_bytes = max(cap_bytes, 2 * segment_bytes)
        self._number = 0
        self._adopted: dict[str, FileLock] = {}
        lock = FileLock.take(folder / f"{writer}.lock")
        if lock is None:
            raise ValueError(f"the writer id {writer} is in use")
        self._lock = lock
        self.all: list[Segment] = []
        self.torn_bytes = 0
        self._adopt()

    @property
    def size_bytes(self) -> int:
        return sum(segment.size_bytes - segment.acked_bytes for segment in self.all)

    @property
    def open_bytes(self) -> int:
        return self.all[-1].size_bytes if self.all and self.all[-1].is_open else 0

    def first_sealed(self) -> Segment | None:
        """The oldest with groups that are complete and not yet acknowledged."""
        return next((s for s in self.all if s.acked_bytes < s.sealed_bytes), None)

    def append(self, block: bytes) -> bool:
        """True when the block is in the file; False when the disk refuses, and then nothing of it is there."""
        try:
            segment = self._open()
            written = 0
            while written < len(block):
                written += os.write(segment.descriptor, block[written:])
        except OSError:
            self._cut_open()
            return False
        segment.size_bytes += len(block)
        return True

    def seal(self) -> None:
        """Everything written so far is complete groups: it may be shipped."""
        if self.all and self.all[-1].is_open:
            self.all[-1].sealed_bytes = self.all[-1].size_bytes

    def rotate(self) -> None:
        """Ends the open segment; the next append begins a new one. Seals."""
        if self.all and self.all[-1].is_open:
            self.seal()
            with contextlib.suppress(OSError):
                os.close(self.all[-1].descriptor)
            self.all[-1].descriptor = -1

    def drop_over_cap(self) -> int:
        """Deletes the oldest until the rest fits; the bytes nobody will see again."""
        dropped = 0
        while self.size_bytes > self._cap_bytes and len(self.all) > 1:
            dropped += self.all[0].size_bytes - self.all[0].acked_bytes
            self._delete(self.all[0])
        return dropped

    def delete_done(self) -> None:
        for segment in [segment for segment in self.all if segment.is_done]:
            self._delete(segment)

    def close(self) -> None:
        """What is left waits for the next process. Idempotent."""
        self.rotate()
        self.delete_done()
        for lock in self._adopted.values():
            lock.release()
        mine = any(_writer_of(segment.path) == self._writer for segment in self.all)
        self._lock.release(remove=not mine)

    def _open(self) -> Segment:
        if not self.all or not self.all[-1].is_open:
            self._number += 1
            path = self._folder / f"{self._writer}-{self._number:08}.seg"
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
            self.all.append(Segment(path, descriptor=os.open(path, flags, 0o600)))
        return self.all[-1]

    def _cut_open(self) -> None:
        """A half-written frame would hide the ones behind it."""
        if self.all and self.all[-1].is_open:
            with contextlib.suppress(OSError):
                os.ftruncate(self.all[-1].descriptor, self.all[-1].size_bytes)

    def _delete(self, segment: Segment) -> None:
        self.all.remove(segment)
        with contextlib.suppress(
            OSError
        ):  # if it stays, the next process repeats it under its old tokens
            segment.path.unlink()
        writer = _writer_of(segment.path)
        if writer in self._adopted and all(_writer_of(s.path) != writer for s in self.all):
            self._adopted.pop(writer).release(remove=True)

    def _adopt(self) -> None:
        """Segments of dead writers become ours; locks they left behind without any go away."""
        for lock_path in sorted(self._folder.glob("*.lock")):
            lock = None if lock_path == self._lock.path else FileLock.take(lock_path)
            if lock is None:
                continue  # alive
            self._take_over(sorted(self._folder.glob(f"{lock_path.stem}-*.seg")))
            if any(_writer_of(segment.path) == lock_path.stem for segment in self.all):
                self._adopted[lock_path.stem] = lock
            else:
                lock.release(remove=True)
        self.delete_done()

    def _take_over(self, paths: Iterable[Path]) -> None:
        for path in paths:
            good, size = scan(path.read_bytes()).good_bytes, path.stat().st_size
            if good < size:
                os.truncate(path, good)
                self.torn_bytes += size - good
            self.all.append(Segment(path, size_bytes=good, sealed_bytes=good))


def _writer_of(path: Path) -> str:
    return path.name.rpartition("-")[0]
