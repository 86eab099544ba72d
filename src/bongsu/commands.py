"""`up`, the single roles and `config show`. Server code is imported inside, when it is needed."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Any

import cyclopts

from bongsu.kit.i18n import say
from bongsu.kit.settings import Settings

config = cyclopts.App(name="config", help="The settings in force.")
Flag = Annotated[str, cyclopts.Parameter(show_default=False)]


def up(
    *files: Path, data: Flag = "", listen: Flag = "", tls_cert: Flag = "", tls_key: Flag = ""
) -> int:
    """Everything on this machine under one supervisor.

    Parameters
    ----------
    files
        Applied before anything starts; a wrong file starts nothing.
    data
        Folder of state, history and objects (default ./data).
    listen
        Address of the pages (default 127.0.0.1:8080).
    tls_cert
        Certificate file, for HTTPS on a name of its own.
    tls_key
        Its key file.
    """
    from bongsu.start import start

    settings = Settings.load(
        data_dir=data,
        listen=listen,
        tls_cert=_absolute(tls_cert),
        tls_key=_absolute(tls_key),
    )
    return asyncio.run(start(settings, files))


def _absolute(path: str) -> str:
    return str(Path(path).resolve()) if path else ""


def store() -> int:
    """The lake's own process."""
    from bongsu.lake.store_process import main

    return main(Settings.load())


def watch() -> int:
    """Probes what is registered."""
    from bongsu.kit.roles import run_role
    from bongsu.watch.role import run

    return run_role("watch", run, Settings.load())


def alarm() -> int:
    """Follows the log: rules, incidents, deliveries."""
    from bongsu.alarm import run
    from bongsu.kit.roles import run_role

    return run_role("alarm", run, Settings.load())


def serve(listen: Flag = "") -> int:
    """Pages and API."""
    from bongsu.kit.roles import GIVES_WAY, run_role
    from bongsu.serve import run

    return run_role("serve", run, Settings.load(listen=listen), niceness=GIVES_WAY)


@config.command
def show(*, json: bool = False) -> None:
    """Each setting with its value; passwords hidden."""
    values: dict[str, Any] = Settings.load().shown()
    if json:
        import json as codec

        print(codec.dumps(values, indent=2))
        return
    print(say("Settings come from flags, then BONGSU_* variables, then defaults."), file=sys.stderr)
    for name, value in values.items():
        print(f"{name:16} {value}")
