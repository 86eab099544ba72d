"""Objects in a folder: `file:///path`."""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from bongsu.kit.errors import NotFound, ObjectsAway
from bongsu.kit.i18n import say
from bongsu.objects.files import walk, write_whole
from bongsu.objects.model import BINARY, LIMIT_S, LIST_LIMIT, Stored, check_key, check_prefix

T = TypeVar("T")
_THREADS = 4


class FolderObjects:
    """Threads of its own: a network drive that hangs must not take those of everybody else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._threads = ThreadPoolExecutor(_THREADS, "objects")

    def __repr__(self) -> str:
        return f"FolderObjects({self._folder})"

    async def put(
        self,
        key: str,
        body: bytes,
        content_type: str = BINARY,  # noqa: ARG002 (of the protocol)
        timeout_s: float = LIMIT_S,
    ) -> None:
        """A folder keeps no content types; whoever serves the file knows it by its name."""
        path = self._folder / check_key(key)
        await self._in_time(lambda: write_whole(path, body), timeout_s)

    async def get(self, key: str, timeout_s: float = LIMIT_S) -> bytes:
        path = self._folder / check_key(key)
        try:
            return await self._in_time(path.read_bytes, timeout_s)
        except FileNotFoundError as error:
            raise NotFound(say("There is no object {key}.", key=key)) from error

    async def list(self, prefix: str = "", limit: int = LIST_LIMIT) -> Sequence[Stored]:
        folder = self._folder / check_prefix(prefix)
        return await self._in_time(lambda: self._list(folder, limit), LIMIT_S)

    async def delete(self, key: str) -> None:
        path = self._folder / check_key(key)
        await self._in_time(lambda: path.unlink(missing_ok=True), LIMIT_S)

    def _list(self, folder: Path, limit: int) -> Sequence[Stored]:
        found = itertools.islice(walk(self._folder, folder), limit)
        return [
            Stored(key, stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC))
            for key, stat in found
        ]

    async def _in_time(self, work: Callable[[], T], timeout_s: float) -> T:
        running = asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            return await asyncio.wait_for(running, timeout_s)
        except TimeoutError as error:
            raise ObjectsAway(f"the folder did not answer within {timeout_s:g} s") from error
        except FileNotFoundError:
            raise
        except OSError as error:
            raise ObjectsAway(str(error)) from error
