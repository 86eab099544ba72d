"""Which senders of this machine live: each holds the lock of a file that is named after it.

The kernel frees the lock with its process, whatever ended it, so a successor on the same machine knows at once
what was left under way and need not wait for the lease. Senders of other machines are not seen here.
"""

from pathlib import Path

from bongsu.kit.locks import FileLock

_TAKEN_FOR_DEAD_S = 1.0  # somebody may look in between our file and its lock


class Presence:
    """Of one sender, from now until `close` or the end of this process."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock.take(folder / f"{name}.lock", _TAKEN_FOR_DEAD_S)
        if lock is None:
            raise ValueError(f"the sender {name} is present already")
        self.name = name
        self._folder, self._lock = folder, lock
        self._gone: dict[str, FileLock] = {}

    def gone(self) -> list[str]:
        """Names of senders that ended without a word; nobody else hears of them until `forget`."""
        for path in self._folder.glob("*.lock"):
            if path.stem == self.name or path.stem in self._gone:
                continue
            lock = FileLock.take(path)
            if lock is not None:
                self._gone[path.stem] = lock
        return list(self._gone)

    def forget(self) -> None:
        """What the gone had under way is somebody's again."""
        for lock in self._gone.values():
            lock.release(remove=True)
        self._gone = {}

    def close(self) -> None:
        """A clean end leaves nothing behind. Idempotent."""
        for lock in self._gone.values():
            lock.release()
        self._gone = {}
        self._lock.release(remove=True)
