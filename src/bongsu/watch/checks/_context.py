"""What a kind gets beside its options, and how what the network gave becomes an Observation."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from bongsu.kit.clock import Clock
from bongsu.kit.i18n import Said
from bongsu.kit.redact import redact_text
from bongsu.kit.secretref import Secrets
from bongsu.net import model as net
from bongsu.net.fetch import Fetcher
from bongsu.net.guard import EgressPolicy
from bongsu.net.place import Place, find_place
from bongsu.watch.checks._reasons import fault_reason
from bongsu.watch.model import Fault, Observation, State


@dataclass(frozen=True, slots=True)
class ProbeContext:
    """One for each check, from look to look. `timeout_s` is for the whole probe, from the look-up to the
    last byte. `needs` are the inputs that the check's conditions read ("body", …): what is not in it need
    not be kept. `kept` is for what a kind makes of its options alone and wants again next time."""

    fetcher: Fetcher
    policy: EgressPolicy
    clock: Clock
    secrets: Secrets
    timeout_s: float
    needs: frozenset[str] = frozenset()
    kept: dict[str, Any] = field(default_factory=dict)

    async def place(self, host: str, port: int, family: net.Family) -> Place:
        return await find_place(
            host,
            port,
            family,
            self.timeout_s,
            resolver=self.fetcher.resolver,
            policy=self.policy,
            clock=self.clock,
        )


class Ending(NamedTuple):
    """How a probe ended, before any condition is asked."""

    level: State
    fault: Fault | None = None
    own: str | None = None
    reason: Said | None = None

    @property
    def ok(self) -> bool:
        return self.level == "up"


_WELL = Ending("up")


def ending(fault: net.Fault | None, target: str, took: net.Phases) -> Ending:
    """A fault of this machine's own says nothing about the target."""
    if fault is None:
        return _WELL
    seen = Fault(fault.kind, redact_text(fault.text))
    reason = fault_reason(fault, target, took.total / 1e6)
    if fault.kind == "own":
        return Ending("unknown", seen, fault.errno or "own", reason)
    return Ending("down", seen, None, reason)


def not_ready(at: datetime, code: str, reason: Said) -> Observation:
    """The probe could not begin because of how things are set up here."""
    return Observation(
        ok=False,
        level="unknown",
        at=at,
        fault=Fault("options", str(reason)),
        own=code,
        reason=reason,
    )
