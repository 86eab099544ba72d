"""What goes out and what comes back, for every room that speaks to the network. Frozen values only."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bongsu.kit.i18n import Said

Family = Literal["any", "4", "6"]

BODY_LIMIT_BYTES = 1 << 20
MAX_REDIRECTS = 10


@dataclass(frozen=True, slots=True)
class Fault:
    """Why no good answer came: a value, never an exception.

    `kind`: name · resolver · connect_refused · connect_timeout · connect_reset · unreachable · tls ·
    certificate · timeout · protocol · too_large · redirects · guard · options · own.
    `errno` names the operating system's error where there was one, such as "EMFILE"; `said` is the
    sentence for people where we have one of our own.
    """

    kind: str
    text: str
    errno: str = ""
    said: Said | None = None


@dataclass(frozen=True, slots=True)
class Phases:
    """Microseconds, each phase alone (not cumulative), 0 where there was none; over redirects they are summed."""

    name: int = 0
    connect: int = 0
    tls: int = 0
    first_byte: int = 0
    transfer: int = 0

    @property
    def total(self) -> int:
        return self.name + self.connect + self.tls + self.first_byte + self.transfer

    def __add__(self, other: "Phases") -> "Phases":
        return Phases(
            self.name + other.name,
            self.connect + other.connect,
            self.tls + other.tls,
            self.first_byte + other.first_byte,
            self.transfer + other.transfer,
        )


@dataclass(frozen=True, slots=True)
class Certificate:
    """The leaf that the server showed. `problem` says why it is not trusted; None when it is."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    chain_length: int
    protocol: str = ""
    problem: str | None = None

    def expires_in_ms(self, now: datetime) -> int:
        """Less than nothing once it has expired."""
        return int((self.not_after - now).total_seconds() * 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. `follow` is how many redirects are followed, each checked by the egress guard.

    `timeout_s` bounds everything from the look-up of the name to the last byte, over all redirects.
    Of the body (after decompression) at most `body_limit_bytes` are kept; reading stops there, or
    goes on to `read_limit_bytes` when that is larger.
    """

    url: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    timeout_s: float = 10.0
    verify: bool = True
    family: Family = "any"
    follow: int = 0
    body_limit_bytes: int = BODY_LIMIT_BYTES
    read_limit_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Response:
    """What came back. With a `fault`, the rest says how far it got."""

    url: str
    connected: bool = False  # a TCP connection stood, whatever came after
    status: int | None = None
    header_lines: tuple[bytes, ...] = ()  # as read; `headers` takes them apart when asked
    body: bytes = b""
    body_truncated: bool = False
    phases_us: Phases = field(default_factory=Phases)
    address: str | None = None
    http_version: str | None = None
    certificate: Certificate | None = None
    redirects: tuple[str, ...] = ()
    fault: Fault | None = None

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Names as sent; UTF-8 where all of it is that, else Latin-1. Interim answers are left out."""
        lines = self.header_lines
        starts = [n for n, line in enumerate(lines) if line.startswith(b"HTTP/")]
        block = b"".join(lines[starts[-1] + 1 :] if starts else lines)
        try:
            text = block.decode()
        except UnicodeDecodeError:
            text = block.decode("latin-1")
        split = [line.partition(":") for line in text.split("\n")]
        return tuple([(name.strip(), value.strip()) for name, colon, value in split if colon])

    def header(self, name: str) -> str | None:
        """The first value, by name in any case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)
