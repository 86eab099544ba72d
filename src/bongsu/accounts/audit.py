"""Every change of people, teams, sessions and tokens as an event; never a secret in it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from bongsu.accounts.model import Actor, changed
from bongsu.db.session import Tx
from bongsu.events.envelope import Draft
from bongsu.events.log import record
from bongsu.kit.clock import Clock

SOURCE = "bongsu.accounts"


def audit(
    tx: Tx,
    actor: Actor,
    what: str,
    subject: str,
    clock: Clock,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    resources: tuple[str, ...] = (),
    severity: int = 1,
    more: Mapping[str, Any] = MappingProxyType({}),
) -> str:
    """The event's id. `before` and `after` are what `shown()` gives: allow-listed fields."""
    both = before is not None and after is not None
    data = {
        "object": subject,
        "before": dict(before) if before is not None else None,
        "after": dict(after) if after is not None else None,
        "changed": changed(dict(before or {}), dict(after or {})) if both else [],
        "actor": actor.email or actor.name,
    }
    draft = Draft(
        type=what,
        source=SOURCE,
        subject=subject,
        resources=resources,
        data=data | dict(more),
        actor=actor.ref,
        severity=severity,
    )
    return record(tx, draft, clock)
