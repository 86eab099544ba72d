"""What the log hears of incidents."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from bongsu.accounts.model import Actor
from bongsu.db.session import Tx
from bongsu.events.envelope import Draft, Event
from bongsu.events.log import record
from bongsu.incidents.message import facts_of
from bongsu.incidents.model import Incident
from bongsu.kit.clock import Clock
from bongsu.kit.i18n import Said

SOURCE = "bongsu.incidents"


def tell_log(
    tx: Tx,
    what: str,
    after: Incident,
    clock: Clock,
    *,
    cause: Event | None = None,
    actor: Actor | None = None,
    before: Incident | None = None,
    reason: Said | None = None,
    more: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """`incident.<what>` with the state before and after and what is in `more`, as effect of `cause` or act of
    `actor`."""
    data = facts_of(after) | {
        "before": {"state": before.state, "holder": before.holder_id} if before else None,
        "after": {"state": after.state, "severity": after.severity, "holder": after.holder_id},
        "reason": reason.stored() if reason else None,
        "actor": actor.email or actor.name if actor else "system",
        **more,
    }
    draft = Draft(
        type=f"incident.{what}",
        source=SOURCE,
        subject=after.subject,
        resources=(f"service/{after.service_id}",) if after.service_id else (),
        data=data,
        severity=after.severity if what != "resolved" else 1,
        actor=actor.ref if actor else "system",
        correlation=after.correlation,
    )
    record(tx, draft.caused_by(cause) if cause else draft, clock)
