"""`make demo`: the small site, a Bongsu that watches it, five groups, teams, people and ninety days of history.

Everything lives in one folder (`demo-data`, or --folder) and ends with Ctrl-C. Starting again goes on.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import history
import site_services

from bongsu.accounts.doors import enter, first_door
from bongsu.accounts.inputs import FirstAdmin
from bongsu.accounts.sessions import Visit
from bongsu.db.session import Database
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.settings import Settings
from bongsu.lake.client import LakeClient
from bongsu.up import prepare
from bongsu.watch import store

HERE = Path(__file__).resolve().parent
EMAIL, PASSWORD = "dana@example.com", "five-beacon-fires"


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("demo-data"))
    parser.add_argument("--listen", default="127.0.0.1:8080")
    parser.add_argument("--site-port", type=int, default=8090)
    given = parser.parse_args()
    folder = given.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings.load(data_dir=str(folder / "bongsu"), listen=given.listen)
    file = folder / "bongsu.yaml"
    file.write_text(site_services.configuration(given.site_port), encoding="utf-8")
    await prepare(settings)
    await _first_admin(settings)
    site = (str(HERE / "site.py"), "--port", str(given.site_port), "--folder", str(folder))
    up = ("-m", "bongsu", "up", str(file))
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with _running(settings, site), _running(settings, up) as bongsu:
        parts = [bongsu.wait(), stop.wait(), _tell(settings, given.site_port)]
        running = [asyncio.ensure_future(part) for part in parts]
        await asyncio.wait(running[:2], return_when=asyncio.FIRST_COMPLETED)
        for part in running:
            part.cancel()
        return bongsu.returncode or 0


async def _first_admin(settings: Settings) -> None:
    db = Database.open(settings.database)
    try:
        token = await first_door(db, SYSTEM_CLOCK)
        if token:
            form = FirstAdmin(email=EMAIL, name="Kim Dana", password=PASSWORD)  # type: ignore[arg-type]
            await enter(db, token, form, Visit("127.0.0.1", "make demo"), SYSTEM_CLOCK)
    finally:
        await db.close()


@contextlib.asynccontextmanager
async def _running(settings: Settings, argv: tuple[str, ...]):
    process = await asyncio.create_subprocess_exec(
        sys.executable, *argv, env=os.environ | settings.environment(), start_new_session=True
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _tell(settings: Settings, site_port: int) -> None:
    """Waits for the pages, writes the history once, prints the links."""
    for _ in range(600):
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(settings.host, settings.port)
            writer.close()
            break
        await asyncio.sleep(0.05)
    rows = await _history(settings)
    mail = settings.mail.removeprefix("folder://")
    print(
        f"\n  Pages            {settings.public}/   sign in: {EMAIL} / {PASSWORD}"
        f"\n  Fault switches   http://127.0.0.1:{site_port}/   break a service, watch the wall"
        f"\n  Mails            {mail}"
        f"\n  History          {rows:,} results of the last 90 days\n",
        flush=True,
    )


async def _history(settings: Settings) -> int:
    mark = settings.data / "history.written"
    db = Database.open(settings.database)
    try:
        async with db.read() as tx:
            checks = [(check.id, check.title) for check in await store.checks(tx)]
    finally:
        await db.close()
    if mark.exists():
        return int(mark.read_text(encoding="utf-8"))
    async with LakeClient(settings.lake) as lake:
        rows = await history.write_history(lake, checks, SYSTEM_CLOCK.now())
    mark.write_text(str(rows), encoding="utf-8")
    return rows


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(asyncio.run(main()))
