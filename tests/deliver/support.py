"""Real counterparts for the tests of deliver: an SMTP server with moods, messages, a context."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from bongsu.deliver.context import Context, MailOut, mail_out
from bongsu.deliver.model import Message
from bongsu.kit.clock import SYSTEM_CLOCK, Clock
from bongsu.kit.secretref import Secrets
from bongsu.net.model import Request, Response

_opened: list[MailOut] = []
PUBLIC = "https://bongsu.example.com"


def message(key: str = "incident/12/opened/user/1", **values: Any) -> Message:
    given: dict[str, Any] = {
        "key": key,
        "thread": "incident/12",
        "list_id": "shop",
        "subject": "[INC-12] Shop is down",
        "lead": "Shop has been down since 09:41.",
        "word": "Down",
        "facts": (("Service", "Shop"), ("Since", "09:41")),
        "reasons": ("[STATUS] (503) == 200",),
        "because": "You are a member of shop-team, which owns Shop.",
        "link": f"{PUBLIC}/incidents/12",
        "severity": 4,
        "state": "down",
        "event": {"specversion": "1.0", "id": key, "source": "bongsu", "type": "incident.opened"},
    }
    return Message(**(given | values))


@dataclass
class Mailbox:
    """What an aiosmtpd server took, and how it behaves; each mood may be changed while it runs."""

    mails: list[bytes] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    mail_answer: str = ""
    rcpt_answers: dict[str, str] = field(default_factory=dict)
    data_answers: list[str] = field(default_factory=list)
    hang: bool = False
    cut_after_data: int = 0
    connections: int = 0
    logins: list[str] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _hanging: asyncio.Event = field(default_factory=asyncio.Event)

    def parsed(self) -> list[Any]:
        return [message_from_bytes(mail, policy=default) for mail in self.mails]

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.hang:
            await self._hanging.wait()
        if self.mail_answer:
            return self.mail_answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.rcpt_answers:
            return self.rcpt_answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.data_answers:
            return self.data_answers.pop(0)
        self.mails.append(bytes(envelope.original_content or b""))
        self.recipients.append(list(envelope.rcpt_tos))
        self.arrived.set()
        if self.cut_after_data:
            self.cut_after_data -= 1
            server.transport.abort()
            await self._hanging.wait()
        return "250 Queued as 4711"

    def authenticate(self, server, session, envelope, mechanism, auth_data) -> AuthResult:
        login = auth_data.login.decode()
        self.logins.append(f"{mechanism} {login}")
        return AuthResult(success=auth_data.password == b"hunter 2@:", handled=False)


@contextlib.asynccontextmanager
async def smtp_server(
    box: Mailbox, port: int = 0, ssl_context: Any = None, **options: Any
) -> AsyncIterator[int]:
    """Runs in the test's own loop, gives the port."""
    loop = asyncio.get_running_loop()

    def factory() -> SMTP:
        return SMTP(box, enable_SMTPUTF8=True, ident="test", loop=loop, **options)

    server = await loop.create_server(factory, "127.0.0.1", port, ssl=ssl_context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        box._hanging.set()
        while _opened:  # what the pools of the test kept open
            await _opened.pop().close()
        server.close()
        await asyncio.sleep(0.02)


def context(
    mail_url: str,
    *,
    clock: Clock = SYSTEM_CLOCK,
    fetch: Callable[[Request], Any] | None = None,
    secrets: Secrets | None = None,
) -> Context:
    async def no_network(request: Request) -> Response:
        raise AssertionError(f"{request.url} was not expected")

    mail = mail_out(mail_url, PUBLIC, clock)
    _opened.append(mail)
    return Context(
        public_url=PUBLIC,
        mail=mail,
        fetch=fetch or no_network,
        secrets=secrets or Secrets(clock),
        clock=clock,
    )


async def until(condition: Callable[[], Any], timeout_s: float = 30.0) -> None:
    """Waits for a condition, not for time."""
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.005)
