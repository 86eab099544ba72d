"""What a check is and what one probe of it saw. Frozen values; the decisions live in verdict and combine."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, NewType

from bongsu.kit.i18n import Said
from bongsu.net.model import Certificate, Phases

CheckId = NewType("CheckId", int)
ServiceId = NewType("ServiceId", int)

State = Literal["up", "degraded", "down", "unknown"]
Overlay = Literal["paused", "maintenance"]
STATES: tuple[State, ...] = ("up", "degraded", "down", "unknown")
WORST_FIRST: tuple[State, ...] = ("down", "degraded", "unknown", "up")

BODY_LIMIT_BYTES = 1 << 20  # what conditions may read
HEAD_LIMIT_BYTES = 2048  # what evidence keeps


@dataclass(frozen=True, slots=True)
class Check:
    """One check as the engine needs it: resolved options, nothing to look up."""

    id: CheckId
    name: str
    service_id: ServiceId
    service: str
    kind: str
    options: dict[str, Any]
    every_s: float
    timeout_s: float
    confirm: int = 2
    recover: int = 1
    expect: tuple[str, ...] = ()  # any of these false: the check fails
    warn: tuple[str, ...] = ()  # any of these false: the check is degraded
    paused: bool = False
    locations: tuple[str, ...] = ()  # empty: every location
    quorum: int = 1  # how many locations must agree on trouble

    @property
    def title(self) -> str:
        return f"{self.service}/{self.name}"

    @property
    def voters(self) -> tuple[tuple[str, ...], int]:
        """On whom its state hangs: the locations, and how many of them must agree."""
        return self.locations, self.quorum

    def is_looked_at_from(self, location: str) -> bool:
        return not self.locations or location in self.locations


@dataclass(frozen=True, slots=True)
class Fault:
    """Why no good answer came. `kind` is one of FAULT_KINDS, `text` the library's words, cleaned."""

    kind: str
    text: str


# name: the name's own fault (NXDOMAIN, SERVFAIL) · resolver: ours · guard: refused by the egress guard
# own: descriptors, memory, ports or network of this machine
FAULT_KINDS = (
    "name",
    "resolver",
    "connect_refused",
    "connect_timeout",
    "connect_reset",
    "unreachable",
    "tls",
    "certificate",
    "timeout",
    "protocol",
    "too_large",
    "redirects",
    "guard",
    "options",
    "own",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One condition after evaluation; `text` shows the values seen, e.g. `[STATUS] (500) == 200`."""

    condition: str
    ok: bool
    text: str


@dataclass(frozen=True, slots=True)
class Observation:
    """What one probe saw. Faults are data: a probe never raises for the outside world."""

    ok: bool
    level: State  # up, degraded (a `warn` condition failed), down; unknown when `own`
    at: datetime
    connected: bool = False
    status: int | None = None
    phases_us: Phases = field(default_factory=Phases)
    address: str | None = None  # "192.0.2.7:443", "[2001:db8::1]:443"
    http_version: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    body_truncated: bool = False
    certificate: Certificate | None = None
    redirects: tuple[str, ...] = ()
    fault: Fault | None = None
    own: str | None = (
        None  # why this says nothing about the target: "loop_late", "clock_jump", "EMFILE" …
    )
    conditions: tuple[Outcome, ...] = ()
    reason: Said | None = None  # one sentence for people; None when up

    @property
    def total_us(self) -> int:
        return self.phases_us.total

    def as_own(self, why: str) -> "Observation":
        return replace(self, ok=False, level="unknown", own=why)
