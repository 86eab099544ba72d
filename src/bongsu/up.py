"""`bongsu up`: every role of this machine under one supervisor.

1. Lock the data folder (a second `up` is refused). 2. Migrate the state. 3. Start the roles, each with a
lifeline. 4. Restart what dies, with back-off, and say so in an event. 5. On a signal stop all, 2 s at most.
"""

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import sqlalchemy as sa  # house: sql only its errors are named here

from bongsu.db.migrate import migrate
from bongsu.db.session import Database
from bongsu.events import log
from bongsu.events.envelope import Draft
from bongsu.kit.backoff import exponential_s
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.errors import BongsuError, Conflict
from bongsu.kit.i18n import say
from bongsu.kit.lifeline import FD_VARIABLE
from bongsu.kit.roles import READY_VARIABLE
from bongsu.kit.settings import Settings
from bongsu.rooms import rooms_on

STOP_S = 2.0
CALM_S = 30.0  # a role that ran this long starts again at once
_logger = logging.getLogger("bongsu.up")


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds the data folder for this process. Raises Conflict when another `up` has it."""
    folder.mkdir(parents=True, exist_ok=True)
    handle: IO[str]
    with (folder / "up.lock").open("a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            handle.seek(0)
            raise Conflict(
                say(
                    "Bongsu already runs on {folder} (process {pid}). "
                    "Stop that one, or give another folder with --data.",
                    folder=str(folder),
                    pid=handle.read().strip() or "?",
                )
            ) from error
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


@dataclass(slots=True)
class RoleProcess:
    """One role and how often it died in a row."""

    name: str
    process: asyncio.subprocess.Process | None = None
    lifeline: int = -1
    started_s: float = 0.0
    deaths: int = 0
    ready: asyncio.Event = field(default_factory=asyncio.Event)


class Supervisor:
    def __init__(self, settings: Settings, names: tuple[str, ...]) -> None:
        self.settings = settings
        self.roles = [RoleProcess(name) for name in names]
        self.stop = asyncio.Event()

    async def run(self) -> None:
        """Keeps every role running until `stop`, then ends them all, 2 s at most."""
        keeping = [asyncio.create_task(self._keep(role)) for role in self.roles]
        try:
            await self.stop.wait()
        finally:
            await self._stop_all()
            await asyncio.gather(*keeping)

    async def _keep(self, role: RoleProcess) -> None:
        while not self.stop.is_set():
            code = await self._once(role)
            if self.stop.is_set():
                return
            role.deaths = 0 if self._ran_s(role) > CALM_S else role.deaths + 1
            wait_s = exponential_s(role.deaths, 0.25, 15.0, 0.0)
            _logger.warning("role %s ended with %s; again in %.1f s", role.name, code, wait_s)
            await self._say_died(role, code, wait_s)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stop.wait(), wait_s)

    async def _once(self, role: RoleProcess) -> int:
        """Its exit status. A machine that cannot start another process now may be able to later."""
        try:
            await self._start(role)
            return await self._ended(role)
        except OSError:
            _logger.exception("role %s could not be started", role.name)
            return -1

    def _ran_s(self, role: RoleProcess) -> float:
        return SYSTEM_CLOCK.monotonic_s() - role.started_s

    async def _start(self, role: RoleProcess) -> None:
        lifeline_read, role.lifeline = os.pipe()
        ready_read, ready_write = os.pipe()
        environment = os.environ | self.settings.environment()
        environment |= {FD_VARIABLE: str(lifeline_read), READY_VARIABLE: str(ready_write)}
        role.started_s = SYSTEM_CLOCK.monotonic_s()
        role.ready.clear()
        role.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bongsu", role.name),
            env=environment,
            pass_fds=(lifeline_read, ready_write),
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches the supervisor, which stops roles in order
        )
        os.close(lifeline_read)
        os.close(ready_write)
        asyncio.get_running_loop().add_reader(ready_read, self._became_ready, role, ready_read)

    def _became_ready(self, role: RoleProcess, fd: int) -> None:
        asyncio.get_running_loop().remove_reader(fd)
        if os.read(fd, 1):
            role.ready.set()
        os.close(fd)

    async def _ended(self, role: RoleProcess) -> int:
        code = await role.process.wait() if role.process else 0
        os.close(role.lifeline)
        return code

    async def _say_died(self, role: RoleProcess, code: int, wait_s: float) -> None:
        draft = Draft(
            type="own.role_died",
            source="bongsu.up",
            subject=f"role/{role.name}",
            severity=3 if role.deaths < 3 else 4,
            data={"role": role.name, "exit": code, "deaths": role.deaths, "again_in_s": wait_s},
        )
        database = Database.open(self.settings.database, lock_timeout_s=2.0)
        try:
            async with database.write() as tx:
                log.record(tx, draft)
        except (BongsuError, OSError, sa.exc.SQLAlchemyError):
            # A full disk is one reason why roles die: it must not end the one who starts them again.
            _logger.warning("could not record that %s died", role.name, exc_info=True)
        finally:
            await database.close()

    async def _stop_all(self) -> None:
        living = [r.process for r in self.roles if r.process and r.process.returncode is None]
        for process in living:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        waits = [asyncio.ensure_future(process.wait()) for process in living]
        if waits:
            await asyncio.wait(waits, timeout=STOP_S)
        for process in living:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
        await asyncio.gather(*waits)


def role_names(settings: Settings) -> tuple[str, ...]:
    """`store` is ours only where the lake is in this machine, `watch` where that room is on."""
    own_lake = () if settings.lake_url else ("store",)
    probes = ("watch",) if "watch" in rooms_on(settings) else ()
    return (*own_lake, *probes, "alarm", "serve")


async def prepare(settings: Settings) -> None:
    """Folders and schema, before any role looks at them."""
    settings.data.mkdir(parents=True, exist_ok=True)
    await migrate(settings.database)
