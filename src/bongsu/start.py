"""What `bongsu up` does before and while the roles run: lock, migrate, apply files, open the door, supervise."""

import asyncio
import contextlib
import logging
import signal
import ssl
import sys
from collections.abc import Sequence
from pathlib import Path

from bongsu.accounts.service import first_door
from bongsu.config.service import apply_files
from bongsu.db.session import Database
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say
from bongsu.kit.roles import configure_logging
from bongsu.kit.settings import Settings
from bongsu.preflight import check_settings, in_words
from bongsu.requests.builtin import install_builtin as install_triggers
from bongsu.rules.builtin import install_builtin
from bongsu.up import Supervisor, locked, prepare, role_names


async def start(settings: Settings, files: Sequence[Path]) -> int:
    """Raises Conflict when the folder is in use and Invalid for a wrong file; nothing runs then."""
    configure_logging("up")
    _check_certificate(settings)
    with contextlib.ExitStack() as held:
        with in_words(settings):
            held.enter_context(locked(settings.data))
            check_settings(settings)
            await prepare(settings)
            door = await _set_up(settings, files)
        supervisor = Supervisor(settings, role_names(settings))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, supervisor.stop.set)
        greeting = asyncio.create_task(_greet(supervisor, settings, door))
        await supervisor.run()
        greeting.cancel()
    return 0


def _check_certificate(settings: Settings) -> None:
    """Better said before anything runs than by a role that dies again and again. Raises Invalid."""
    if not settings.tls_cert:
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
            settings.tls_cert, settings.tls_key or None
        )
    except OSError as error:
        said = say(
            "The certificate {certificate} and the key {key} cannot be used: {why}. Check both files.",
            certificate=settings.tls_cert,
            key=settings.tls_key or settings.tls_cert,
            why=error.strerror or str(error),
        )
        raise Invalid(said) from error


async def _set_up(settings: Settings, files: Sequence[Path]) -> str | None:
    db = Database.open(settings.database)
    try:
        async with db.write() as tx:
            await install_builtin(tx, SYSTEM_CLOCK)
            await install_triggers(tx, SYSTEM_CLOCK)
        if files:
            await apply_files(db, files, SYSTEM_CLOCK)
        return await first_door(db, SYSTEM_CLOCK)
    finally:
        await db.close()


async def _greet(supervisor: Supervisor, settings: Settings, door: str | None) -> None:
    """Says where the pages are once they answer; standard output, so that a script can wait for it."""
    await asyncio.gather(*(role.ready.wait() for role in supervisor.roles if role.name == "serve"))
    print(say("Bongsu is at {url}", url=settings.public))
    if door:
        link = f"{settings.public}/door/{door}"
        print(
            say("Make yourself the first administrator, once, within 24 hours: {link}", link=link)
        )
    sys.stdout.flush()
    logging.getLogger("bongsu.up").info("all roles are started")
