"""From one location's change of mind to the event about the check: pure."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bongsu.events.envelope import Draft
from bongsu.kit.clock import iso
from bongsu.kit.i18n import Said
from bongsu.kit.redact import redact_text
from bongsu.kit.text import head
from bongsu.net.model import Certificate
from bongsu.watch.combine import Combined, Seen, combine
from bongsu.watch.model import Check, Observation, Overlay, State
from bongsu.watch.store_states import Known
from bongsu.watch.target import target_of
from bongsu.watch.verdict import Transition

SEVERITY: dict[State, int] = {"down": 4, "degraded": 3, "unknown": 3, "up": 1}
_TEXT_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Change:
    """One location's transition, waiting for its transaction. `evidence` is where what it saw is kept."""

    check: Check
    location: str
    transition: Transition
    observation: dict[str, Any]
    certificate: dict[str, Any] | None
    event_id: str
    evidence: str | None

    @property
    def check_id(self) -> int:
        return self.check.id

    @property
    def is_first_good(self) -> bool:
        """News that nobody waits for."""
        return self.transition.before is None and self.transition.after == "up"


def brief(seen: Observation) -> dict[str, Any]:
    """What an event and an answer to "check now" say of one look."""
    fault = seen.fault
    return {
        "status": seen.status,
        "total_us": seen.total_us,
        "address": seen.address,
        "fault": {"kind": fault.kind, "text": head(redact_text(fault.text), _TEXT_LIMIT)}
        if fault
        else None,
        "conditions": [
            {"condition": one.condition, "ok": one.ok, "text": head(one.text, _TEXT_LIMIT)}
            for one in seen.conditions
        ],
    }


def certificate_of(seen: Certificate) -> dict[str, Any]:
    return {
        "subject": seen.subject,
        "issuer": seen.issuer,
        "names": list(seen.names[:100]),
        "not_before": iso(seen.not_before),
        "not_after": iso(seen.not_after),
        "chain_length": seen.chain_length,
        "protocol": seen.protocol,
        "problem": seen.problem,
    }


def overlay_of(known: Known) -> Overlay | None:
    return "paused" if known.paused else None


def settle(known: Known, change: Change, now: datetime) -> Draft | None:
    """Takes the change into what is known of the check; gives the event when the check's state changes by it.

    The first verdict about a new check that says nothing (`unknown`) is kept without an event.
    """
    move = change.transition
    known.seen[change.location] = Seen(change.location, move.after, move.since, now, move.reason)
    known.certificate = change.certificate or known.certificate
    seen = list(known.seen.values())
    combined = combine(seen, known.quorum, change.check.every_s, overlay_of(known), now)
    if combined.state == known.state:
        return None
    known.changed = True
    before: dict[str, Any] = {
        "state": known.state or "unknown",
        "since": iso(known.since) if known.since else None,
    }
    known.state, known.since = combined.state, combined.since
    known.reason, known.evidence = combined.reason.stored(), change.evidence
    known.event_id = change.event_id
    if before["state"] == combined.state:
        return None
    return _draft(known, change, before, combined)


def _draft(known: Known, change: Change, before: dict[str, Any], combined: Combined) -> Draft:
    data = event_data(known, before, combined.state, combined.since, combined.reason)
    data |= {
        "evidence": change.evidence,
        "overlay": combined.overlay,
        "locations": combined.locations,
        "observation": change.observation,
    }
    return Draft(
        type="check.state_changed",
        source="bongsu.watch",
        subject=f"check/{known.check.id}",
        resources=(f"service/{known.service['id']}",),
        severity=SEVERITY[combined.state],
        actor=f"location/{change.location}",
        dedup_key=f"service/{known.service['name']}",
        data=data,
        time=change.transition.at,
        site=change.location,
        id=change.event_id,
    )


def event_data(
    known: Known, before: dict[str, Any], state: State, since: datetime, reason: Said
) -> dict[str, Any]:
    check = known.check
    return {
        "object": f"check/{check.id}",
        "service": known.service,
        "check": {
            "id": check.id,
            "name": check.name,
            "kind": check.kind,
            "target": target_of(check.options),
        },
        "before": before,
        "after": {"state": state, "since": iso(since)},
        "changed": ["state"],
        "reason": reason.stored(),
        "evidence": None,
        "overlay": overlay_of(known),
        "locations": {},
        "observation": None,
    }


class Pending:
    """Changes in order of check, bounded: over the limit, middle changes of flapping checks are merged away.

    The newest and the one before it are always kept, so an outage that was confirmed while the database
    was away is still told once.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._of: dict[int, deque[Change]] = {}
        self._size = 0
        self.merged = 0

    def __len__(self) -> int:
        return self._size

    def __contains__(self, check_id: int) -> bool:
        return check_id in self._of

    def add(self, change: Change) -> None:
        waiting = self._of.setdefault(change.check_id, deque())
        waiting.append(change)
        self._size += 1
        while self._size > self._limit and len(waiting) > 2:
            waiting.popleft()
            self._size -= 1
            self.merged += 1

    def take(self, limit: int) -> list[Change]:
        """At most `limit` changes, all of a check together unless they alone are more."""
        taken: list[Change] = []
        while self._of and len(taken) < limit:
            check_id = next(iter(self._of))
            waiting = self._of[check_id]
            while waiting and len(taken) < limit:
                taken.append(waiting.popleft())
            if not waiting:
                del self._of[check_id]
        self._size -= len(taken)
        return taken

    def discard(self, check_id: int) -> None:
        self._size -= len(self._of.pop(check_id, ()))

    def put_back(self, changes: Iterable[Change]) -> None:
        """In front of what came meanwhile."""
        for change in reversed(list(changes)):
            self._of.setdefault(change.check_id, deque()).appendleft(change)
            self._size += 1
