"""Where mail leaves: one address in the settings.

    smtp://user:password@host:587?from=bongsu@example.com&starttls=required|opportunistic|none
    smtps://user:password@host:465?from=…                 TLS from the first byte
    folder:///path                                        .eml files instead

`cafile=/path` adds a private authority, `connections=4` is how many are held at once.
"""

import ssl
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from bongsu.kit.errors import Invalid, Problem
from bongsu.kit.i18n import Said, say
from bongsu.kit.redact import Secret

StartTls = Literal["required", "opportunistic", "none"]
_STARTTLS: tuple[StartTls, ...] = ("required", "opportunistic", "none")
_KNOWN = {"from", "starttls", "cafile", "connections"}
CONNECTIONS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    host: str
    port: int
    sender: str
    tls: bool = False  # from the first byte
    starttls: StartTls = "opportunistic"
    user: str = ""
    password: Secret = Secret()  # noqa: RUF009  immutable
    cafile: str = ""
    connections: int = CONNECTIONS

    def tls_context(self) -> ssl.SSLContext:
        return _tls_context(self.cafile)


@dataclass(frozen=True, slots=True)
class MailFolder:
    path: Path
    sender: str


@lru_cache(maxsize=8)
def _tls_context(cafile: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=cafile or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def parse_mail_url(url: str, public_url: str) -> MailServer | MailFolder:
    """Raises Invalid that names the part that is wrong and never shows the password."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    unknown = sorted(set(query) - _KNOWN)
    if unknown:
        raise _wrong(say("The option {name} is unknown.", name=unknown[0]))
    sender = query.get("from") or f"bongsu@{urlsplit(public_url).hostname or 'localhost'}"
    if "@" not in sender.strip("@") or not sender.isprintable():
        raise _wrong(say("The sender {sender} is not a mail address.", sender=sender))
    if parts.scheme == "folder":
        return MailFolder(Path(unquote(parts.path)), sender)
    return _server(parts, query, sender)


def _server(parts: SplitResult, query: dict[str, str], sender: str) -> MailServer:
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise _wrong(say("It must begin with smtp://host, smtps://host or folder:///path."))
    tls = parts.scheme == "smtps"
    usual = "none" if tls else "required" if parts.password else "opportunistic"
    starttls = query.get("starttls") or usual
    connections = query.get("connections") or str(CONNECTIONS)
    if starttls not in _STARTTLS:
        raise _wrong(
            say("starttls is required, opportunistic or none, not {value}.", value=starttls)
        )
    if not connections.isdecimal() or not 1 <= int(connections) <= 64:
        raise _wrong(say("connections is a number from 1 to 64, not {value}.", value=connections))
    return MailServer(
        host=parts.hostname,
        port=_port(parts) or (465 if tls else 587 if parts.username else 25),
        sender=sender,
        tls=tls,
        starttls=starttls,
        user=unquote(parts.username or ""),
        password=Secret(unquote(parts.password or "")),
        cafile=query.get("cafile", ""),
        connections=int(connections),
    )


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError as error:
        raise _wrong(say("The port is not a number from 1 to 65535.")) from error


def _wrong(what: Said) -> Invalid:
    problem = Problem(
        "mail_url", what, say("See BONGSU_MAIL_URL in the documentation of settings.")
    )
    return Invalid(say("The address of the mail server cannot be used."), (problem,))
