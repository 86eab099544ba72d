import os
from pathlib import Path

from bongsu.kit.locks import FileLock


def test_a_lock_has_one_owner(tmp_path: Path) -> None:
    first = FileLock.take(tmp_path / "a.lock")

    second = FileLock.take(tmp_path / "a.lock", wait_s=0.06)

    assert first is not None
    assert second is None


def test_a_released_lock_can_be_taken_again(tmp_path: Path) -> None:
    first = FileLock.take(tmp_path / "a.lock")
    assert first is not None

    first.release()
    first.release()

    assert FileLock.take(tmp_path / "a.lock") is not None


def test_a_removed_lock_leaves_no_file(tmp_path: Path) -> None:
    first = FileLock.take(tmp_path / "a.lock")
    assert first is not None

    first.release(remove=True)

    assert list(tmp_path.iterdir()) == []


def test_a_lock_on_a_removed_file_is_not_taken_for_one(tmp_path: Path, monkeypatch: object) -> None:
    """Two openers; the owner removes the file: whoever locks the old inode must not believe it owns the name."""
    path = tmp_path / "a.lock"
    stale = os.open(path, os.O_RDWR | os.O_CREAT)
    path.unlink()

    fresh = FileLock.take(path)

    assert fresh is not None
    assert path.stat().st_ino != os.fstat(stale).st_ino
    os.close(stale)


def test_the_lock_ends_with_its_process(tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        FileLock.take(tmp_path / "a.lock")
        os._exit(0)

    os.waitpid(child, 0)

    assert FileLock.take(tmp_path / "a.lock") is not None
