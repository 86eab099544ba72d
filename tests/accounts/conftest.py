"""A small application of this room alone, on either database."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from fastapi import FastAPI

from bongsu.accounts import api, factor_api, pages, passwords, session_api
from bongsu.accounts.vault import Vault
from bongsu.db.session import Database
from bongsu.deliver.tables import delivery
from bongsu.events import log
from bongsu.events.envelope import Event
from bongsu.kit.clock import ManualClock
from bongsu.kit.secretref import Secrets
from bongsu.net.outward import Outward
from tests import people
from tests.accounts.provider import CLIENT, running_liar, running_provider

ROUTERS = (pages.router, api.router, session_api.router, factor_api.router)


@dataclass(frozen=True)
class Mail:
    to: str
    subject: str
    lead: str
    token: str  # of the one-time link; empty when there is none
    about: str
    text: str  # as it is stored, which is what pages show

    @classmethod
    def of(cls, row: Any) -> "Mail":
        token = (row.secret_link or "").rpartition("/door/")[2]
        said = row.message
        about, text = row.subject, json.dumps(said)
        return cls(row.recipient, said["subject"], said["lead"], token, about, text)


@dataclass
class House:
    """A database with an application on it and a clock that a test moves."""

    db: Database
    app: FastAPI
    clock: ManualClock
    vault: Vault

    async def events(self, prefix: str = "") -> list[Event]:
        """Oldest first."""
        async with self.db.read() as tx:
            return list(reversed(await log.search(tx, type_prefix=prefix or None, limit=1000)))

    async def mails(self) -> list[Mail]:
        """What is queued, oldest first, with the links that only the recipients get to see."""
        query = sa.select(delivery).order_by(delivery.c.id)
        async with self.db.read() as tx:
            return [Mail.of(row) for row in await tx.rows(query)]

    def statements(self) -> list[str]:
        """Fills up with every statement that is sent from now on."""
        seen: list[str] = []
        for engine in (self.db._writer, self.db._reader):
            sa.event.listen(
                engine.sync_engine, "before_cursor_execute", lambda *args: seen.append(args[2])
            )
        return seen

    async def types(self, prefix: str = "") -> list[str]:
        return [event.type for event in await self.events(prefix)]


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """argon2 itself, with parameters for tests; its real ones are looked at in test_passwords.py."""
    monkeypatch.setattr(
        passwords.PASSWORDS, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    )
    monkeypatch.setattr(passwords.PASSWORDS, "_nobody", "")


@pytest.fixture
def house(db: Callable[[], Any], tmp_path: Path) -> Callable[..., Any]:
    @asynccontextmanager
    async def opened(**settings: str) -> AsyncIterator[House]:
        clock = ManualClock()
        async with db() as database:
            known = {"public_url": people.BASE, "data_dir": str(tmp_path / "data")}
            own = people.Settings(**(known | settings))
            secrets = Secrets(clock)
            vault, outward = Vault(own, secrets), Outward(own, clock)
            app = people.app_with(
                database,
                *ROUTERS,
                clock=clock,
                settings=own,
                vault=vault,
                outward=outward,
                secrets=secrets,
            )
            yield House(database, app, clock, vault)
            await outward.close()

    return opened


@pytest.fixture(scope="module")
def provider():
    with running_provider() as issuer:
        yield issuer


@pytest.fixture
def liar():
    with running_liar() as made:
        yield made


@pytest.fixture
def at(house, monkeypatch):
    """`async with at(issuer) as h`: a house that knows this provider, with the clock of the day."""

    monkeypatch.setenv("A2_SECRET", "s3cret:of+ours")

    @asynccontextmanager
    async def opened(issuer, **settings):
        known = {
            "oidc_issuer": issuer,
            "oidc_client_id": CLIENT,
            "oidc_client_secret": "env:A2_SECRET",
            "oidc_title": "Example Login",
            "outward_may_reach": "loopback",
        }
        async with house(**(known | settings)) as h:
            h.clock._now = datetime.now(UTC)
            yield h

    return opened
