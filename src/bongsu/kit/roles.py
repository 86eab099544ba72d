"""What every role shares: one stop event, set by signals or by the loss of the supervisor."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import NoReturn

from bongsu.kit.lifeline import watch_lifeline
from bongsu.kit.settings import Settings

Role = Callable[[Settings, asyncio.Event], Awaitable[None]]
GIVES_WAY = 10  # niceness of pages and history: probes and messages come first, docs/adr/0016
READY_VARIABLE = "BONGSU_READY_FD"


def run_role(name: str, role: Role, settings: Settings, *, niceness: int = 0) -> NoReturn:
    """Runs one role until it is told to stop, then ends the process: status 0 for a clean stop."""
    configure_logging(name)
    os.nice(niceness)
    with _runner() as runner:
        code = runner.run(_until_stopped(role, settings))
    # Everything is closed. Taking the interpreter apart would only cost seconds of a stop of two.
    logging.shutdown()
    sys.stdout.flush()
    os._exit(code)


async def _until_stopped(role: Role, settings: Settings) -> int:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    watch_lifeline(lambda: _stop_soon(loop, stop))
    await role(settings, stop)
    return 0


def _stop_soon(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    loop.call_soon_threadsafe(stop.set)


def _runner() -> asyncio.Runner:
    with contextlib.suppress(ImportError):
        import uvloop

        return asyncio.Runner(loop_factory=uvloop.new_event_loop)
    return asyncio.Runner()


def configure_logging(name: str) -> None:
    """One line an entry on standard error; the supervisor passes it through."""
    logging.basicConfig(
        level=os.environ.get("BONGSU_LOG_LEVEL", "INFO"),
        format=f"%(asctime)s {name:<6} %(levelname)-7s %(name)s: %(message)s",
        stream=sys.stderr,
        force=True,
    )
    for noisy in ("aiosqlite", "botocore", "urllib3"):  # they log parameters
        logging.getLogger(noisy).setLevel(logging.WARNING)


def say_ready() -> None:
    """Tells the supervisor that this role does its work now; without one, nothing happens."""
    fd_text = os.environ.pop(READY_VARIABLE, "")
    if fd_text:
        fd = int(fd_text)
        os.write(fd, b"1")
        os.close(fd)


async def together(stop: asyncio.Event, *tasks: Awaitable[None]) -> None:
    """Runs the parts of a role; when one ends or raises, the others are stopped and the fault is raised."""
    running = [asyncio.ensure_future(task) for task in tasks]
    try:
        done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        await asyncio.wait(running, timeout=2.0)
        for task in done:
            task.result()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
