"""The `store` role: owns the lake's folder and answers ClickHouse's HTTP on a Unix socket in the data folder.

1. Own the folder (waits for the previous owner). 2. Open the engine, bring the schema up to date.
3. Listen, mode 0600. 4. On a signal, or when the supervisor is gone: end within a second.
"""

import asyncio
import logging
import os
import socket
import sys
from pathlib import Path

from bongsu.kit.errors import Conflict, Invalid
from bongsu.kit.i18n import say
from bongsu.kit.locks import FileLock
from bongsu.kit.roles import GIVES_WAY, run_role, say_ready
from bongsu.kit.settings import Settings
from bongsu.lake.engine import Engine
from bongsu.lake.http1 import HEAD_LIMIT_BYTES
from bongsu.lake.server import LakeServer

_LOG = logging.getLogger(__name__)
_OWNER_WAIT_S = 10.0
_GRACE_S = 0.6
_SOCKET_PATH_LIMIT_BYTES = 107  # of the kernel


def main(settings: Settings) -> int:
    """Runs until SIGTERM, SIGINT or the loss of the supervisor. Raises Conflict or Invalid at the start."""
    return run_role("store", run, settings, niceness=GIVES_WAY)


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Owns the history until `stop`. Raises Conflict while another process owns it."""
    folder = settings.data / "lake"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    owner = await asyncio.to_thread(FileLock.take, settings.data / "lake.lock", _OWNER_WAIT_S)
    if owner is None:
        raise Conflict(
            say(
                "Another process owns the history in {folder}. Stop it, or choose another data folder.",
                folder=str(folder),
            )
        )
    await _serve(await asyncio.to_thread(Engine, folder), settings.lake_socket, stop)
    owner.release()


async def _serve(engine: Engine, path: Path, stop: asyncio.Event) -> None:
    lake = LakeServer(engine)
    listening = await asyncio.start_unix_server(
        lake.connected, sock=_bind(path), limit=HEAD_LIMIT_BYTES
    )
    _LOG.info("history answers on %s", path)
    say_ready()
    await stop.wait()
    listening.close()
    path.unlink(missing_ok=True)
    await lake.stop(_GRACE_S)
    if engine.pending:
        # A thread sits in native code and would be waited for. What was acknowledged is on disk.
        os._exit(0)
    engine.close()


def _bind(path: Path) -> socket.socket:
    """Nobody can connect before `listen`, so the mode is right before the door opens."""
    if len(os.fsencode(path)) > _SOCKET_PATH_LIMIT_BYTES:
        raise Invalid(
            say(
                "The path {path} is too long for a socket: {limit} bytes at most. Choose a shorter data folder.",
                path=str(path),
                limit=_SOCKET_PATH_LIMIT_BYTES,
            )
        )
    path.unlink(missing_ok=True)  # left by a killed owner; the folder's lock is ours
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    door.bind(str(path))
    path.chmod(0o600)
    return door


if __name__ == "__main__":
    sys.exit(main(Settings.load()))
