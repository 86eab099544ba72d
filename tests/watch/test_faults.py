"""The whole watch role, real parts, and something of ours that fails: no target is ever blamed for it.

Each story ends with the site really breaking, so that a role that has stopped looking does not pass.
"""

import asyncio
import contextlib
import dataclasses
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bongsu.db.session import Database
from bongsu.kit.clock import SystemClock
from bongsu.kit.settings import Settings
from bongsu.lake.frames import scan
from bongsu.watch import absence, worker
from bongsu.watch.worker import Watch, opened
from tests.net.servers import Zone, name_server
from tests.watch.world import events, register

pytestmark = pytest.mark.heavy
CHECKS = 6


class Site:
    """Answers what it is told to; counts."""

    def __init__(self) -> None:
        self.status, self.asked = 200, 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            self.asked += 1
            head = f"HTTP/1.1 {self.status} X\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
            writer.write(head.encode())
            await writer.drain()
        writer.close()


class MovableClock(SystemClock):
    """The system's clock, set forward or back."""

    shift = timedelta()

    def now(self) -> datetime:
        return super().now() + self.shift


class Story:
    """A site, a state, a running role."""

    def __init__(self, folder: Path, template: Path) -> None:
        self.site, self.clock = Site(), MovableClock()
        self.settings = Settings(data_dir=str(folder))
        folder.mkdir(exist_ok=True)
        shutil.copy(template, folder / "state.db")
        self.database = Database.open(self.settings.database)
        self.watch: Watch | None = None

    async def checks(self, host: str, port: int) -> None:
        for number in range(CHECKS):
            values = {"http": f"http://{host}:{port}/{number}", "every": "1s", "timeout": "900ms"}
            await register(self.database, f"check-{number}", values)

    @contextlib.asynccontextmanager
    async def running(self, **changed: str) -> AsyncIterator["Story"]:
        """The role in this process, until the end of the block."""
        settings, stop = dataclasses.replace(self.settings, **changed), asyncio.Event()
        async with opened(settings, self.clock, lock_timeout_s=0.3) as self.watch:
            await self.watch.start()
            running = asyncio.create_task(self.watch.run(stop))
            try:
                yield self
            finally:
                stop.set()
                await running

    async def states(self) -> list[str]:
        return [
            one.data["after"]["state"] for one in await events(self.database, "check.state_changed")
        ]

    async def seen(self) -> set[str]:
        """Without `unknown`, which a machine that stands still again and again rightly says of itself."""
        return set(await self.states()) - {"unknown"}

    async def own(self) -> set[str]:
        """What was wrong with ourselves. A busy machine may hold the loop for a second more than once."""
        return {one.type for one in await events(self.database, "own.")}

    async def own_but_a_busy_machine(self) -> set[str]:
        return await self.own() - {"own.stalled"}

    async def until(self, condition, seconds: float = 60.0) -> None:
        deadline = time.monotonic() + seconds
        while not await condition():
            assert time.monotonic() < deadline, (await self.states(), await self.own())
            await asyncio.sleep(0.1)

    async def all_up(self) -> None:
        async def up() -> bool:
            return (await self.states()).count("up") >= CHECKS

        await self.until(up)

    async def really_breaks(self) -> None:
        """A true outage is still seen, by every check."""
        self.site.status = 503

        async def down() -> bool:
            return (await self.states()).count("down") == CHECKS

        await self.until(down)


@contextlib.asynccontextmanager
async def story(folder: Path, template: Path, host: str = "127.0.0.1") -> AsyncIterator[Story]:
    told = Story(folder, template)
    server = await asyncio.start_server(told.site.serve, "127.0.0.1", 0)
    try:
        await told.checks(host, server.sockets[0].getsockname()[1])
        yield told
    finally:
        server.close()
        await told.database.close()


@pytest.mark.parametrize("hours", [1, -1])
async def test_a_clock_that_jumps_an_hour(tmp_path, sqlite_template, hours):
    async with story(tmp_path, sqlite_template) as told, told.running():
        await told.all_up()
        told.clock.shift = timedelta(hours=hours)
        await asyncio.sleep(3)
        assert await told.seen() == {"up"}
        await told.really_breaks()

        assert await told.own_but_a_busy_machine() == {"own.clock_jump"}


async def test_a_loop_that_stands_still(tmp_path, sqlite_template):
    async with story(tmp_path, sqlite_template) as told, told.running():
        await told.all_up()
        time.sleep(1.5)
        await asyncio.sleep(3)
        assert await told.seen() == {"up"}
        await told.really_breaks()

        assert await told.own() == {"own.stalled"}


@pytest.mark.timing
async def test_a_name_server_that_dies(tmp_path, sqlite_template):
    async with story(tmp_path, sqlite_template, host="site.example") as told:
        with contextlib.ExitStack() as names:
            server = names.enter_context(
                name_server(Zone({"site.example": ["127.0.0.1"]}, ttl_s=1))
            )
            async with told.running(nameservers=server, canary_name="site.example"):
                await told.all_up()
                names.close()

                async def unknown() -> bool:
                    return (await told.states()).count("unknown") == CHECKS

                await told.until(unknown, 30)
                assert "down" not in await told.states()
                assert await told.own() == {"own.resolver_away"}


async def test_a_database_that_is_locked(tmp_path, sqlite_template):
    """Three seconds here, with a short patience; sixty in the bench."""
    async with story(tmp_path, sqlite_template) as told, told.running():
        await told.all_up()
        lock = sqlite3.connect(tmp_path / "state.db")
        lock.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(1)
        told.site.status = 503  # an outage that begins and ends while nothing can be written
        asked = told.site.asked
        await asyncio.sleep(3)
        told.site.status = 200
        await asyncio.sleep(2)
        assert told.site.asked - asked > 2 * CHECKS  # looking goes on
        lock.rollback()
        lock.close()

        async def both() -> bool:
            states = await told.states()
            return (states.count("down"), states.count("up")) == (CHECKS, 2 * CHECKS)

        await told.until(both)
        assert await told.own_but_a_busy_machine() == {"own.state_busy"}


@pytest.mark.skipif(os.getuid() != 0, reason="a small disk of its own needs root")
async def test_a_disk_that_is_full(tmp_path, sqlite_template):
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(disk)], check=True)
    try:
        async with story(disk / "data", sqlite_template) as told, told.running():
            await told.all_up()
            filler = disk / "filler"
            with contextlib.suppress(OSError), filler.open("wb") as file:
                while True:
                    file.write(b"x" * 65_536)
                    file.flush()
            told.site.status = 503
            await asyncio.sleep(3)
            told.site.status = 200
            await asyncio.sleep(2)
            filler.unlink()

            async def both() -> bool:
                states = await told.states()
                return (states.count("down"), states.count("up")) == (CHECKS, 2 * CHECKS)

            await told.until(both)
            await told.until(told.own_but_a_busy_machine)
            assert await told.own_but_a_busy_machine() == {"own.disk_full"}
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


async def test_a_lake_and_an_object_store_that_are_gone(tmp_path, sqlite_template, monkeypatch):
    monkeypatch.setattr(absence, "PATIENCE_S", 1.0)
    monkeypatch.setattr(worker, "SNAPSHOT_S", 0.3)
    (tmp_path / "nowhere").write_text("a file where a folder is wanted")
    objects = {"objects_url": f"file://{tmp_path}/nowhere/objects"}
    async with story(tmp_path / "data", sqlite_template) as told, told.running(**objects):
        await told.all_up()
        await told.really_breaks()  # evidence and archive now have something to bring away

        async def noticed() -> bool:
            return len(await told.own_but_a_busy_machine()) == 2

        await told.until(noticed)
        told.site.status = 200
        await asyncio.sleep(2)

        assert await told.own_but_a_busy_machine() == {"own.lake_away", "own.objects_away"}
        assert (await told.states()).count("up") == 2 * CHECKS
        assert told.watch.engine.figures.skipped == {}


async def watch_process(told: Story) -> asyncio.subprocess.Process:
    """The role as a process of its own, as the supervisor starts it."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bongsu", "watch"),
        env=os.environ | told.settings.environment(),
        stderr=subprocess.DEVNULL,
    )


async def test_a_process_that_was_suspended(tmp_path, sqlite_template):
    async with story(tmp_path, sqlite_template) as told:
        process = await watch_process(told)
        try:
            await told.all_up()
            process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(4)
            process.send_signal(signal.SIGCONT)
            await asyncio.sleep(3)
            assert await told.seen() == {"up"}
            await told.really_breaks()
            assert await told.own() == {"own.stalled"}
        finally:
            process.kill()
            await process.wait()


async def test_a_process_that_was_killed_loses_no_recorded_result_and_tells_each_outage_once(
    tmp_path, sqlite_template
):
    async with story(tmp_path, sqlite_template) as told:
        process = await watch_process(told)
        try:
            await told.all_up()
            for round_ in range(3):
                asked = told.site.asked
                told.site.status = 503
                await asyncio.sleep(0.5 * round_)
                process.kill()
                await process.wait()
                assert rows_in(tmp_path / "spool") >= asked - CHECKS

                process = await watch_process(told)
                downs = (round_ + 1) * CHECKS

                async def told_down(downs: int = downs) -> bool:
                    return (await told.states()).count("down") >= downs

                await told.until(told_down)
                told.site.status = 200

                async def told_up(ups: int = downs + CHECKS) -> bool:
                    return (await told.states()).count("up") >= ups

                await told.until(told_up)
                states = await told.states()
                assert (states.count("down"), states.count("up")) == (downs, downs + CHECKS)
        finally:
            process.kill()
            await process.wait()


def rows_in(spool: Path) -> int:
    """Rows in all segments; those of the killed writer are still there, whole frames only."""
    frames = [frame for path in spool.glob("*.seg") for frame, _ in scan(path.read_bytes()).frames]
    return sum(frame.rows.count(b"\n") for frame in frames)
