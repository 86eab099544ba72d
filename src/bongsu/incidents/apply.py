"""What events do to incidents: the rows that `model.decide` asks for, in the caller's transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bongsu.db.session import Tx
from bongsu.events.envelope import Event
from bongsu.incidents import store, words
from bongsu.incidents.model import WELL, Decision, Incident, Sighting, decide, read
from bongsu.incidents.news import tell_log
from bongsu.incidents.store import Entry
from bongsu.kit.clock import Clock
from bongsu.kit.errors import Conflict
from bongsu.kit.i18n import Said, say
from bongsu.services import store as services

KEY_LIMIT = 255
AGAIN_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Rule:
    """The one that matched, whom it tells, and its own reason."""

    name: str
    tell: tuple[str, ...]
    because: Said | None


async def apply(
    tx: Tx,
    event: Event,
    *,
    severity: int,
    tell: tuple[str, ...],
    rule: str,
    clock: Clock,
    may_open: bool = True,
    because: Said | None = None,
) -> int | None:
    """Opens, appends to, raises or resolves the incident of the event's dedup key; its number, if any.

    `because` is the rule's own reason, for the timeline.
    """
    seen, key = read(event), (event.dedup_key or event.subject)[:KEY_LIMIT]
    by = _Rule(rule, tell, because)
    for _ in range(2):  # once more when somebody opened one of this key at the same moment
        incident = await store.open_by_key(tx, key)
        touched = await store.touched_with(tx, incident.id, seen.subject) if incident else []
        decision = decide(incident, touched, seen, severity, may_open)
        if incident is not None:
            await _change(tx, event, incident, seen, decision, by, clock)
            return incident.id
        if decision.verb != "open":
            return None
        opened = await _open(tx, event, seen, decision, key, by, clock)
        if opened is not None:
            return opened
    raise Conflict(say("An incident of the key {key} is being opened elsewhere.", key=key))


async def _open(
    tx: Tx,
    event: Event,
    seen: Sighting,
    decision: Decision,
    key: str,
    by: _Rule,
    clock: Clock,
) -> int | None:
    """None where somebody opened one of this key at the same moment."""
    service_id, now = await _service_id(tx, seen), clock.now()
    values = {
        "title": seen.heading.stored(),
        "severity": decision.severity,
        "state": "open",
        "dedup_key": key,
        "service_id": service_id,
        "rule": by.name,
        "audience": list(by.tell),
        "opened_at": min(seen.since, now),
        "changed_at": now,
        "next_plan_at": now,
        "correlation": event.correlation or event.id,
    }
    incident_id = await store.insert(tx, values)
    if incident_id is None:
        return None
    await store.put_touched(tx, incident_id, seen.touched)
    before = await store.previous(tx, service_id, key, now - AGAIN_WITHIN) if service_id else None
    opened = _opened(event, seen, decision, by, now)
    await store.add(tx, incident_id, _seen(event, seen), opened, *_again(before, clock))
    tell_log(tx, "opened", await _kept(tx, incident_id), clock, cause=event, reason=decision.reason)
    return incident_id


async def _service_id(tx: Tx, seen: Sighting) -> int | None:
    """The service may have been deleted since the event."""
    if seen.service_id is None or await services.by_id(tx, seen.service_id) is None:
        return None
    return seen.service_id


def _opened(event: Event, seen: Sighting, decision: Decision, by: _Rule, now: datetime) -> Entry:
    said = say(
        "Rule {rule} matched: “{title}” opened with severity {severity}",
        rule=by.name,
        title=seen.heading,
        severity=decision.severity,
    )
    return Entry(at=now, kind="opened", said=said, because=by.because, event_id=event.id)


def _again(before: Incident | None, clock: Clock) -> tuple[Entry, ...]:
    if before is None or before.resolved_at is None:
        return ()
    ago = words.length(before.resolved_at, clock.now())
    said = say("The same as {incident}, which ended {ago} ago", incident=before.name, ago=ago)
    return (Entry(at=clock.now(), kind="again", said=said),)


def _seen(event: Event, seen: Sighting) -> Entry:
    kind = "well" if seen.state == WELL else "changed"
    return Entry(
        at=event.time,
        kind=kind,
        said=words.change(seen),
        because=seen.reason,
        event_id=event.id,
        evidence=seen.evidence,
    )


async def _change(
    tx: Tx,
    event: Event,
    incident: Incident,
    seen: Sighting,
    decision: Decision,
    by: _Rule,
    clock: Clock,
) -> None:
    audience = tuple(dict.fromkeys((*incident.audience, *by.tell)))
    wider = audience != incident.audience and seen.state != WELL
    if decision.verb == "ignore" and not wider:
        return
    now = clock.now()
    values: dict[str, Any] = {"changed_at": now, "next_plan_at": now}
    values |= {"audience": list(audience)} if wider else {}
    if decision.verb == "ignore":
        await store.update_open(tx, incident.id, **values)
        return
    await store.put_touched(tx, incident.id, seen.touched)
    entries = [_seen(event, seen)]
    if decision.verb == "raise":
        values |= {"severity": decision.severity, "title": seen.heading.stored()}
        said = say("Rule {rule}: {reason}", rule=by.name, reason=decision.reason)
        entries.append(Entry(at=now, kind="raised", said=said, event_id=event.id))
    if decision.verb == "resolve":
        values |= {"state": "resolved", "resolved_at": now}
        entries.append(_resolved(incident, decision.reason, now))
    await store.update_open(tx, incident.id, **values)
    await store.add(tx, incident.id, *entries)
    what = "resolved" if decision.verb == "resolve" else "changed"
    tell_log(tx, what, await _kept(tx, incident.id), clock, cause=event, reason=decision.reason)


async def end_calm(tx: Tx, incident: Incident, clock: Clock) -> None:
    """Resolves what only happened and did not happen again (plan.calm)."""
    now = clock.now()
    why = say("nothing more came for an hour")
    values = {"state": "resolved", "resolved_at": now, "changed_at": now, "next_plan_at": now}
    if not await store.update_open(tx, incident.id, **values):
        return
    await store.add(tx, incident.id, _resolved(incident, why, now))
    tell_log(tx, "resolved", await _kept(tx, incident.id), clock, reason=why)


def _resolved(incident: Incident, why: Said, now: datetime) -> Entry:
    said = say("Resolved by itself after {length}", length=words.length(incident.opened_at, now))
    return Entry(at=now, kind="resolved", said=said, because=why)


async def _kept(tx: Tx, incident_id: int) -> Incident:
    """As it is after the change; it was held, so it is there."""
    found = await store.get(tx, incident_id)
    if found is None:
        raise Conflict(say("INC-{id} was deleted at the same moment.", id=incident_id))
    return found
