"""`bongsu doctor`: what is well here and what is not, each with what to do. Changes nothing."""

import asyncio
import json as codec
import resource
import shutil
import ssl
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import cyclopts

from bongsu.kit.errors import BongsuError
from bongsu.kit.i18n import Said, say
from bongsu.kit.settings import Settings

DISK_LOW_BYTES = 1 << 30
FILES_LOW = 4096


@dataclass(frozen=True, slots=True)
class Finding:
    """`ok` None: could not be told, with the reason."""

    part: str
    ok: bool | None
    what: Said
    todo: Said | None = None


def doctor(
    *, data: Annotated[str, cyclopts.Parameter(show_default=False)] = "", json: bool = False
) -> int:
    """Looks at state, history, objects, mail, limits, certificates, sign-in. Exit status 1: something is wrong."""
    findings = asyncio.run(examine(Settings.load(data_dir=data)))
    for finding in findings:
        print(_as_json(finding) if json else _as_line(finding))
    return 1 if any(finding.ok is False for finding in findings) else 0


def _as_line(finding: Finding) -> str:
    mark = {True: "well ", False: "WRONG", None: "?    "}[finding.ok]
    return f"{mark} {finding.part:8} {finding.what}{f' {finding.todo}' if finding.todo else ''}"


def _as_json(finding: Finding) -> str:
    todo = str(finding.todo) if finding.todo else None
    return codec.dumps(
        {"part": finding.part, "ok": finding.ok, "what": str(finding.what), "todo": todo}
    )


async def examine(settings: Settings) -> list[Finding]:
    """Every part, one after the other; a part that is away does not hide the next."""
    parts: tuple[tuple[str, Callable[[Settings], Awaitable[Finding]]], ...] = (
        ("python", _python),
        ("limits", _limits),
        ("disk", _disk),
        ("state", _state),
        ("history", _history),
        ("objects", _objects),
        ("mail", _mail),
        ("https", _https),
        ("key", _key),
        ("oidc", _oidc),
    )
    return [await _guarded(part, look, settings) for part, look in parts]


async def _guarded(
    part: str, look: Callable[[Settings], Awaitable[Finding]], settings: Settings
) -> Finding:
    try:
        return await look(settings)
    except BongsuError as error:
        return Finding(part, ok=False, what=error.said)
    except (OSError, ValueError) as error:
        return Finding(part, ok=False, what=say("It cannot be used: {why}.", why=str(error)))


async def _python(_settings: Settings) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("python", sys.version_info >= (3, 11), say("Python {version}.", version=version))


async def _limits(_settings: Settings) -> Finding:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    ok = hard == resource.RLIM_INFINITY or hard >= FILES_LOW
    todo = None if ok else say("Raise it (ulimit -Hn) before watching thousands of checks.")
    return Finding("limits", ok, say("At most {n} open files.", n=hard), todo)


async def _disk(settings: Settings) -> Finding:
    folder = next(p for p in (settings.data, *settings.data.parents) if p.exists())
    free_bytes = shutil.disk_usage(folder).free
    ok = free_bytes > DISK_LOW_BYTES
    what = say("{gb} GB free under {folder}.", gb=round(free_bytes / 1e9, 1), folder=str(folder))
    return Finding("disk", ok, what, None if ok else say("Make room; history is dropped first."))


async def _state(settings: Settings) -> Finding:
    from bongsu.db.session import Database
    from bongsu.health_store import set_aside_count

    if not _has_state(settings):
        return Finding("state", None, say("There is no state yet."), say("Start with: bongsu up"))
    database = Database.open(settings.database, lock_timeout_s=2.0)
    try:
        async with database.read() as tx:
            aside = await set_aside_count(tx)
    finally:
        await database.close()
    ok = aside == 0
    todo = None if ok else say("Open Events and look for own.rule_failed.")
    return Finding("state", ok, say("The state answers; {n} events set aside.", n=aside), todo)


def _has_state(settings: Settings) -> bool:
    path = settings.database.removeprefix("sqlite:///")
    return path == settings.database or Path(path).exists()


async def _history(settings: Settings) -> Finding:
    from bongsu.lake.client import LakeClient

    if not settings.lake_url and not settings.lake_socket.exists():
        return Finding(
            "history", None, say("The store does not run."), say("Start with: bongsu up")
        )
    lake = LakeClient(settings.lake)
    try:
        await lake.query("SELECT 1", timeout_s=2.0)
    finally:
        await lake.close()
    return Finding("history", ok=True, what=say("The lake answers."))


async def _objects(settings: Settings) -> Finding:
    from bongsu.objects.store import open_objects

    await open_objects(settings.objects).list("evidence/doctor/")
    return Finding("objects", ok=True, what=say("The object store answers."))


async def _mail(settings: Settings) -> Finding:
    if settings.mail.startswith("folder:"):
        what = say(
            "Mails are only written to {place}.", place=settings.mail.removeprefix("folder://")
        )
        return Finding(
            "mail", None, what, say("Set BONGSU_MAIL_URL=smtp://… so that people are told.")
        )
    return Finding("mail", ok=True, what=say("A mail server is set."))


async def _https(settings: Settings) -> Finding:
    if not settings.tls_cert:
        what = say("Pages are served without HTTPS at {url}.", url=settings.public)
        return Finding(
            "https", None, what, say("Put a proxy in front, or give --tls-cert and --tls-key.")
        )
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(
        settings.tls_cert, settings.tls_key or None
    )
    return Finding("https", ok=True, what=say("The certificate and its key fit."))


async def _key(settings: Settings) -> Finding:
    """Reads the key as `Vault` does, but makes none."""
    from bongsu.accounts.vault import KEY_FILE, Keyring, Vault
    from bongsu.kit.clock import SYSTEM_CLOCK
    from bongsu.kit.secretref import Secrets

    path, sealed = settings.data / KEY_FILE, await _sealed(settings)
    here = bool(settings.secret_key) or path.exists()
    if not here and not sealed:
        what = say("There is no key of second factors yet.")
        return Finding("key", None, what, say("It is made when somebody sets one up."))
    if not settings.secret_key and here and path.stat().st_mode & 0o077:
        what = say("Others on this machine may read the key file {path}.", path=str(path))
        return Finding("key", ok=False, what=what, todo=say("chmod 600 {path}", path=str(path)))
    ring = await Vault(settings, Secrets(SYSTEM_CLOCK)).keyring() if here else Keyring(())
    shut = sum(not ring.opens(user_id, one) for user_id, one in sealed)
    if shut:
        what = say("{n} of {all} second factors cannot be opened.", n=shut, all=len(sealed))
        return Finding(
            "key",
            ok=False,
            what=what,
            todo=say("Put back {path} or secret_key as they were.", path=str(path)),
        )
    what = say("The key opens every second factor that is set up: {n}.", n=len(sealed))
    return Finding("key", ok=True, what=what)


async def _sealed(settings: Settings) -> list[tuple[int, str]]:
    from bongsu.accounts import store_factors
    from bongsu.db.session import Database

    if not _has_state(settings):
        return []
    database = Database.open(settings.database, lock_timeout_s=2.0)
    try:
        async with database.read() as tx:
            return await store_factors.sealed(tx)
    finally:
        await database.close()


async def _oidc(settings: Settings) -> Finding:
    from bongsu.accounts.oidc_client import OidcClient
    from bongsu.accounts.oidc_model import Provider
    from bongsu.kit.clock import SYSTEM_CLOCK
    from bongsu.kit.secretref import Secrets
    from bongsu.net.outward import Outward

    provider = Provider.of(settings)
    if provider is None:
        return Finding("oidc", ok=True, what=say("No OIDC provider is set; passwords sign in."))
    secrets, outward = Secrets(SYSTEM_CLOCK), Outward(settings, SYSTEM_CLOCK)
    try:
        if provider.secret:
            await secrets.reveal(provider.secret)
        keys = await OidcClient(provider, outward, secrets, SYSTEM_CLOCK).count_keys()
    finally:
        await outward.close()
    said = {"provider": provider.title, "n": keys}
    if not keys:
        what = say("{provider} publishes no key that signatures can be checked with.", **said)
        return Finding("oidc", ok=False, what=what, todo=say("Ask whoever runs it."))
    return Finding(
        "oidc",
        ok=True,
        what=say("{provider} answers as an OIDC provider. Keys that can be used: {n}.", **said),
    )
