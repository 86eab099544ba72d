"""What a channel gets beside its options and the message: ways out, secrets, the clock."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bongsu.deliver.eml import write_eml
from bongsu.deliver.mail_server import MailFolder, MailServer, parse_mail_url
from bongsu.deliver.smtp import SmtpPool
from bongsu.kit.clock import Clock
from bongsu.kit.secretref import Secrets
from bongsu.kit.settings import Settings
from bongsu.net.fetch import Fetcher
from bongsu.net.guard import EgressPolicy
from bongsu.net.model import Request, Response
from bongsu.net.resolver import Resolver

Fetch = Callable[[Request], Awaitable[Response]]


class MailOut(Protocol):
    """Where mail leaves."""

    @property
    def sender(self) -> str:
        """The address that mails come from."""

    async def send(self, recipients: tuple[str, ...], key: str, mail: bytes) -> str:
        """The other side's words of acceptance. Raises SmtpRefusal, SmtpLost, OSError."""

    async def close(self) -> None:
        """Ends what is kept open."""


class ServerOut:
    def __init__(self, server: MailServer) -> None:
        self._server, self._pool = server, SmtpPool(server)

    @property
    def sender(self) -> str:
        return self._server.sender

    async def send(self, recipients: tuple[str, ...], key: str, mail: bytes) -> str:  # noqa: ARG002
        return await self._pool.send(self.sender, recipients, mail)

    async def close(self) -> None:
        await self._pool.close()


class FolderOut:
    def __init__(self, folder: MailFolder, clock: Clock) -> None:
        self._folder, self._clock = folder, clock

    @property
    def sender(self) -> str:
        return self._folder.sender

    async def send(self, recipients: tuple[str, ...], key: str, mail: bytes) -> str:
        written = await asyncio.to_thread(
            write_eml, self._folder.path, self._clock.now(), ",".join(recipients), key, mail
        )
        return f"written to {Path(written).name}"

    async def close(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Context:
    public_url: str
    mail: MailOut
    fetch: Fetch
    secrets: Secrets
    clock: Clock


def mail_out(mail_url: str, public_url: str, clock: Clock) -> MailOut:
    """Raises Invalid for an address of a mail server that cannot be."""
    place = parse_mail_url(mail_url, public_url)
    return ServerOut(place) if isinstance(place, MailServer) else FolderOut(place, clock)


@asynccontextmanager
async def open_context(settings: Settings, clock: Clock) -> AsyncIterator[Context]:
    """The real ways out, closed at the end. Raises Invalid for settings that cannot be.

    The egress guard holds for webhooks, whose addresses people type into pages; the mail server is the
    operator's own setting and may stand anywhere.
    """
    policy = EgressPolicy.parse(settings.outward_may_reach)
    mail = mail_out(settings.mail, settings.public, clock)
    resolver = Resolver.from_settings(settings, clock)
    fetcher = Fetcher(resolver, clock=clock)

    async def fetch(request: Request) -> Response:
        return await fetcher.fetch(request, policy)

    try:
        yield Context(settings.public, mail, fetch, Secrets(clock), clock)
    finally:
        await mail.close()
        await fetcher.close()
        await resolver.close()
