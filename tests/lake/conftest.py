"""The real store process on a folder of its own, one for the session, and a lake of rows to ask about."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.errors import LakeAway
from bongsu.lake.client import LakeClient


class Store:
    """A `store` role that tests start, kill and start again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http+unix://{self.folder / 'lake.sock'}"

    def client(self) -> LakeClient:
        return LakeClient(self.url)

    def start(self, **environment: str) -> "Store":
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bongsu.lake.store_process"],
            env=os.environ | {"BONGSU_DATA_DIR": str(self.folder)} | environment,
        )
        return self

    def ready(self) -> "Store":
        asyncio.run(self.answers())
        return self

    async def answers(self) -> None:
        async with self.client() as client, asyncio.timeout(30):
            while True:
                with contextlib.suppress(LakeAway):
                    await client.query("SELECT 1")
                    return
                await asyncio.sleep(0.02)

    def end(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(timeout=15)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    running = Store(tmp_path_factory.mktemp("lake")).start().ready()
    yield running
    running.end()


@pytest.fixture
def new_store(tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Stores that belong to one test; whatever is left of them is killed."""
    made: list[Store] = []

    def make() -> Store:
        made.append(Store(tmp_path))
        return made[-1]

    yield make
    for one in made:
        if one.process is not None and one.process.poll() is None:
            one.end(signal.SIGKILL)


@pytest.fixture
def now() -> datetime:
    """Real time, whole seconds: the lake drops what is older than its days to live."""
    return SYSTEM_CLOCK.now().replace(microsecond=0)


@pytest.fixture
def noon(now: datetime) -> datetime:
    """Noon of yesterday: hours and days around it lie where a test expects them."""
    return (now - timedelta(days=1)).replace(hour=12, minute=0, second=0, tzinfo=UTC)
