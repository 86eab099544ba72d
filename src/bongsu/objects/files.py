"""Files as objects are kept in them: written whole or not at all, listed in order. Blocking."""

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_TRIES = 3
_PIECE_BYTES = 1 << 20


def write_whole(path: Path, body: bytes, rest: BinaryIO | None = None) -> None:
    """A reader sees the old file or the new one, also after a power cut. Raises OSError.

    What `rest` has from its beginning follows `body`, piece by piece: a large file is never in memory whole.
    """
    for left in reversed(range(_TRIES)):
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _replace(path, body, rest)
        except FileNotFoundError:  # the folder was removed, empty, between the two lines
            if not left:
                raise
        else:
            return


def _replace(path: Path, body: bytes, rest: BinaryIO | None) -> None:
    draft = path.parent / f".{secrets.token_hex(8)}.draft"
    try:
        with open(draft, "xb", opener=_private) as file:
            file.write(body)
            if rest is not None:
                rest.seek(0)
                shutil.copyfileobj(rest, file, _PIECE_BYTES)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)


def sync_folder(folder: Path) -> None:
    """Makes names in it durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def walk(root: Path, folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Every file at or under `folder`, as its path below `root`, in order of that path; no dot files."""
    if folder.is_file():
        yield folder.relative_to(root).as_posix(), folder.stat()
        return
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        entries = [entry for entry in os.scandir(folder) if not entry.name.startswith(".")]
        # With its slash a folder sorts where its files do: `a-b` comes before `a/c`, as S3 has it.
        for entry in sorted(entries, key=lambda e: e.name + "/" * e.is_dir()):
            yield from walk(root, Path(entry.path))
