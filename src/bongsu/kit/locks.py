"""One owner of a thing on disk: a file with an exclusive `flock`, which ends with its process."""

import fcntl
import os
import time
from pathlib import Path

_RETRY_S = 0.05


class FileLock:
    """Held from `take` until `release` or the end of this process. Not inherited by children."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    @classmethod
    def take(cls, path: Path, wait_s: float = 0.0) -> "FileLock | None":
        """None when another process still holds it after `wait_s` seconds (0: one try)."""
        for last in [False] * int(wait_s / _RETRY_S) + [True]:
            descriptor = _try(path)
            if descriptor is not None:
                return cls(path, descriptor)
            if not last:
                time.sleep(_RETRY_S)
        return None

    def release(self, remove: bool = False) -> None:
        """Idempotent. `remove` deletes the file while it is still held, so that nobody can be in between."""
        if self._descriptor < 0:
            return
        if remove:
            self.path.unlink(missing_ok=True)
        os.close(self._descriptor)
        self._descriptor = -1


def _try(path: Path) -> int | None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _still_there(path, descriptor):
            return descriptor
    except BlockingIOError:
        pass
    os.close(descriptor)
    return None


def _still_there(path: Path, descriptor: int) -> bool:
    """The last owner may have removed the file between our opening and our locking: that lock locks nothing."""
    try:
        return path.stat().st_ino == os.fstat(descriptor).st_ino
    except FileNotFoundError:
        return False
