"""SMTP on asyncio: one conversation, and a small pool so that a burst shares its connections.

Deadlines are the caller's (`asyncio.timeout`); a cancelled conversation is dropped, never reused.
"""

import asyncio
import base64
import contextlib
from dataclasses import dataclass, field

from bongsu.deliver.mail_server import MailServer
from bongsu.kit.text import head, one_line

LINE_LIMIT_BYTES = 8192
REPLY_LINES_LIMIT = 100
IDLE_S = 20.0  # servers commonly close after 60 s to 5 min
MAILS_A_CONNECTION = 100  # some servers count


class SmtpRefusal(Exception):
    """The server said no. `code` 4xx: perhaps later; 5xx: not this. `about_mail`: it is about this mail,
    not about us or the server."""

    def __init__(self, code: int, text: str, *, about_mail: bool) -> None:
        super().__init__(f"{code} {text}")
        self.code, self.text, self.about_mail = code, text, about_mail

    @property
    def permanent(self) -> bool:
        return self.about_mail and 500 <= self.code < 600 and self.code != 521


class SmtpLost(Exception):
    """The conversation broke. `unsure`: the mail was out already, so it may have been taken."""

    def __init__(self, text: str, *, unsure: bool = False) -> None:
        super().__init__(text)
        self.unsure = unsure


@dataclass(slots=True)
class Conversation:
    """One connection after EHLO, STARTTLS and AUTH."""

    server: MailServer
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    offers: dict[str, str] = field(default_factory=dict)
    mails: int = 0
    under_way: bool = False  # a transaction was begun and not ended by the server's acceptance

    @classmethod
    async def open(cls, server: MailServer) -> "Conversation":
        """Raises SmtpRefusal, SmtpLost, OSError (ssl.SSLError among them)."""
        tls = server.tls_context() if server.tls else None
        streams = await asyncio.open_connection(
            server.host, server.port, ssl=tls, limit=LINE_LIMIT_BYTES
        )
        made = cls(server, *streams)
        try:
            await made._greet()
        except BaseException:
            made.drop()
            raise
        return made

    async def _greet(self) -> None:
        await self._expect(220)
        await self._hello()
        if not self.server.tls and self.server.starttls != "none":
            await self._starttls()
        if self.server.user:
            await self._auth()

    async def _hello(self) -> None:
        name = self.server.sender.rpartition("@")[2]
        lines = (await self._command(f"EHLO {name}", 250)).splitlines()
        pairs = (line.partition(" ") for line in lines[1:])
        self.offers = {key.upper(): value for key, _, value in pairs}

    async def _starttls(self) -> None:
        if "STARTTLS" not in self.offers:
            if self.server.starttls == "required":
                text = "the server offers no STARTTLS, and it is required"
                raise SmtpRefusal(454, text, about_mail=False)
            return
        await self._command("STARTTLS", 220)
        if not self.reader.at_eof() and self.reader._buffer:  # type: ignore[attr-defined]  # noqa: SLF001
            # Bytes sent before the handshake would be taken for the server's own (CVE-2011-0411).
            raise SmtpLost("the server spoke in clear after STARTTLS")
        await self.writer.start_tls(self.server.tls_context(), server_hostname=self.server.host)
        await self._hello()

    async def _auth(self) -> None:
        mechanisms = self.offers.get("AUTH", "").upper().split()
        user, password = self.server.user, self.server.password.reveal()
        if "PLAIN" in mechanisms:
            await self._command(f"AUTH PLAIN {_base64(f'{chr(0)}{user}{chr(0)}{password}')}", 235)
        elif "LOGIN" in mechanisms:
            await self._command("AUTH LOGIN", 334)
            await self._command(_base64(user), 334)
            await self._command(_base64(password), 235)
        else:
            text = "the server offers neither AUTH PLAIN nor AUTH LOGIN"
            raise SmtpRefusal(504, text, about_mail=False)

    async def send(self, sender: str, recipients: tuple[str, ...], mail: bytes) -> str:
        """The server's words of acceptance. Raises SmtpRefusal when no recipient is accepted.

        With several recipients those that are refused are named in the answer; the others have it.
        """
        self.mails += 1
        extra = "" if _ascii(sender, *recipients) else " SMTPUTF8"
        if extra and "SMTPUTF8" not in self.offers:
            raise SmtpRefusal(553, "the server takes no address outside ASCII", about_mail=True)
        if self.under_way:
            await self._command("RSET", 250)
        self.under_way = True
        # A refused sender is a fault of our settings, not of this mail.
        await self._command(f"MAIL FROM:<{sender}>{extra}", 250)
        refused = await self._recipients(recipients)
        await self._command("DATA", 354, about_mail=True)
        answer = await self._data(mail)
        self.under_way = False
        return f"{answer}; refused: {', '.join(refused)}" if refused else answer

    async def _recipients(self, recipients: tuple[str, ...]) -> list[str]:
        refusals: list[tuple[str, SmtpRefusal]] = []
        for recipient in recipients:
            try:
                await self._command(f"RCPT TO:<{recipient}>", 250, 251, about_mail=True)
            except SmtpRefusal as refusal:
                if refusal.code == 421:
                    raise
                refusals.append((recipient, refusal))
        if len(refusals) == len(recipients):
            # One that may do better later keeps the whole mail alive.
            raise min((refusal for _, refusal in refusals), key=lambda refusal: refusal.code)
        return [f"{recipient} ({refusal})" for recipient, refusal in refusals]

    async def _data(self, mail: bytes) -> str:
        try:
            self.writer.write(stuffed(mail))
            await self.writer.drain()
            return await self._expect(250, about_mail=True)
        except SmtpLost as lost:
            raise SmtpLost(str(lost), unsure=True) from lost
        except OSError as error:
            raise SmtpLost(type(error).__name__, unsure=True) from error

    async def _command(self, line: str, *wanted: int, about_mail: bool = False) -> str:
        if any(c in line for c in "\r\n\0"):
            raise SmtpRefusal(553, "a line break stands in an address", about_mail=True)
        self.writer.write(line.encode() + b"\r\n")
        await self.writer.drain()
        return await self._expect(*wanted, about_mail=about_mail)

    async def _expect(self, *wanted: int, about_mail: bool = False) -> str:
        code, lines = await self._reply()
        if code not in wanted:
            text = head(one_line(" ".join(lines)), 300)
            # 421 is the server's farewell, whatever it was asked.
            raise SmtpRefusal(code, text, about_mail=about_mail and code != 421)
        return "\n".join(lines)

    async def _reply(self) -> tuple[int, list[str]]:
        lines: list[str] = []
        while len(lines) < REPLY_LINES_LIMIT:
            try:
                raw = await self.reader.readuntil(b"\n")
            except asyncio.IncompleteReadError as error:
                raise SmtpLost("the server closed the connection") from error
            except asyncio.LimitOverrunError as error:
                raise SmtpLost("the server sent a line without end") from error
            text = raw.decode("utf-8", "replace").rstrip("\r\n")
            if len(text) < 3 or not text[:3].isdecimal():
                raise SmtpLost("the server does not speak SMTP")
            lines.append(text[4:])
            if text[3:4] != "-":
                return int(text[:3]), lines
        raise SmtpLost("the server sent a reply without end")

    async def close(self) -> None:
        """Says goodbye if the other side still listens."""
        with contextlib.suppress(OSError, SmtpLost, SmtpRefusal, TimeoutError):
            async with asyncio.timeout(0.3):
                await self._command("QUIT", 221)
        self.drop()

    def drop(self) -> None:
        self.writer.close()


class SmtpPool:
    """Keeps idle conversations for IDLE_S; at most `server.connections` at once, further sends wait."""

    def __init__(self, server: MailServer) -> None:
        self.server = server
        self._free = asyncio.Semaphore(server.connections)
        self._idle: list[tuple[Conversation, asyncio.TimerHandle]] = []

    async def send(self, sender: str, recipients: tuple[str, ...], mail: bytes) -> str:
        """See Conversation.send. A kept connection that has gone stale is replaced silently, as long as
        the mail was not out."""
        async with self._free:
            return await self._send(sender, recipients, mail)

    async def _send(self, sender: str, recipients: tuple[str, ...], mail: bytes) -> str:
        while self._idle:
            conversation, timer = self._idle.pop()
            timer.cancel()
            try:
                return await self._use(conversation, sender, recipients, mail)
            except (SmtpLost, SmtpRefusal, OSError) as error:
                if getattr(error, "unsure", False) or getattr(error, "about_mail", False):
                    raise
        return await self._use(await Conversation.open(self.server), sender, recipients, mail)

    async def _use(
        self, conversation: Conversation, sender: str, recipients: tuple[str, ...], mail: bytes
    ) -> str:
        try:
            answer = await conversation.send(sender, recipients, mail)
        except SmtpRefusal as refusal:
            self._keep(conversation, usable=refusal.about_mail)
            raise
        except BaseException:
            conversation.drop()
            raise
        self._keep(conversation, usable=True)
        return answer

    def _keep(self, conversation: Conversation, *, usable: bool) -> None:
        if not usable or conversation.mails >= MAILS_A_CONNECTION:
            conversation.drop()
            return
        loop = asyncio.get_running_loop()
        self._idle.append((conversation, loop.call_later(IDLE_S, self._expire, conversation)))

    def _expire(self, conversation: Conversation) -> None:
        self._idle = [kept for kept in self._idle if kept[0] is not conversation]
        conversation.drop()

    async def close(self) -> None:
        idle, self._idle = self._idle, []
        for _, timer in idle:
            timer.cancel()
        await asyncio.gather(*(conversation.close() for conversation, _ in idle))


def stuffed(mail: bytes) -> bytes:
    """CRLF line ends, dots at the start of a line doubled, and the closing dot."""
    lines = mail.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    return (
        b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines)
        + b".\r\n"
    )


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _ascii(*texts: str) -> bool:
    return all(text.isascii() for text in texts)
