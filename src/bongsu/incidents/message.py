"""What a message about an incident says, in the listener's language. `load` reads, `compose` is pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bongsu.accounts import store as accounts
from bongsu.db.session import Tx
from bongsu.deliver.model import Message
from bongsu.events.envelope import Event
from bongsu.incidents import store, words
from bongsu.incidents.model import HELD, STATE_WORDS, WELL, Incident, Touched
from bongsu.kit.clock import Clock, iso
from bongsu.kit.i18n import Said, say
from bongsu.services import store as services
from bongsu.tell.model import Defaults, Deliver, stamp, zone_of

TOUCHED_SHOWN = 5
CONDITIONS_SHOWN = 5
_WORST = ("down", "degraded", "unknown", "happened", "maintenance", "paused", WELL)

_LEADS = {
    "opened": say("{title}. It began {since}."),
    "worse": say("It got worse: {title}. It began {since}."),
    "handed": say("{title}. It began {since}. Now you have it."),
    "resolved": say("Resolved after {length}. “{title}” lasted from {since} to {until}."),
    "passed": say("Over already, after {length}. “{title}” lasted from {since} to {until}."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Everything a message about one incident may need, read once for all listeners."""

    incident: Incident
    first_title: Said
    service: str
    service_name: str
    touched: tuple[Touched, ...]
    failed: tuple[str, ...]  # conditions with the values seen
    holder: str
    public_url: str
    now: datetime
    event_id: str | None = None  # the newest event about it, the cause of what is delivered


async def load(tx: Tx, incident: Incident, defaults: Defaults, clock: Clock) -> Subject:
    service = await services.by_id(tx, incident.service_id) if incident.service_id else None
    holder = await accounts.user_by_id(tx, incident.holder_id) if incident.holder_id else None
    events = await store.sightings(tx, incident.id)
    return Subject(
        incident=incident,
        first_title=await store.first_title(tx, incident.id) or incident.title,
        service=service.title if service else "",
        service_name=service.name if service else "",
        touched=tuple(sorted_worst(await store.touched(tx, incident.id))),
        failed=failed_conditions(events),
        holder=holder.name if holder else "",
        public_url=defaults.public_url,
        now=clock.now(),
        event_id=events[0].id if events else None,
    )


def sorted_worst(touched: Sequence[Touched]) -> list[Touched]:
    return sorted(touched, key=lambda one: (_WORST.index(one.state), one.since, one.title))


def failed_conditions(events: Sequence[Event]) -> tuple[str, ...]:
    """What the newest sightings say of conditions, with the values seen; without repetition."""
    found: dict[str, None] = {}
    for event in events:
        seen = event.data.get("observation")
        outcomes = seen.get("conditions") if isinstance(seen, dict) else None
        for outcome in outcomes if isinstance(outcomes, list) else ():
            if isinstance(outcome, Mapping) and not outcome.get("ok"):
                found[str(outcome.get("text") or outcome.get("condition"))] = None
    return tuple(found)[:CONDITIONS_SHOWN]


def composer(subject: Subject) -> Callable[[Deliver, str], Message]:
    """For tell.service.carry_out."""
    return lambda decision, key: compose(subject, decision, key)


def compose(subject: Subject, decision: Deliver, key: str) -> Message:
    incident, listener = subject.incident, decision.listener
    language = listener.language
    over = incident.resolved_at is not None
    state = WELL if over else worst_state(subject.touched)
    word = say("Resolved") if over else say("Severity {n} of 5", n=incident.severity)
    title = subject.first_title.to(language)
    return Message(
        key=key,
        thread=incident.subject,
        list_id=subject.service_name or "bongsu",
        subject=f"[{incident.name}] {title}",
        lead=_lead(subject, decision).to(language),
        word=word.to(language),
        facts=tuple(_facts(subject, decision)),
        reasons=tuple(_reasons(subject, language)),
        because=say("You get this because: {reason}.", reason=listener.reason).to(language),
        link=f"{subject.public_url}/incidents/{incident.id}",
        severity=incident.severity,
        state=state,
        language=language,
        event=cloudevent(subject, decision, key),
    )


def worst_state(touched: Sequence[Touched]) -> str:
    """For colour: a state of the fixed four; what only happened is drawn as down."""
    states = [one.state for one in touched]
    worst = min(states, key=_WORST.index, default="unknown")
    return {"happened": "down"}.get(worst, "unknown" if worst in HELD else worst)


def _lead(subject: Subject, decision: Deliver) -> Said:
    incident = subject.incident
    until = incident.resolved_at or subject.now
    values = {
        "title": incident.title,
        "since": _when(incident.opened_at, subject, decision),
        "until": _when(until, subject, decision),
        "length": words.length(incident.opened_at, until),
    }
    return replace(_LEADS[decision.occasion], args=values)


def _when(at: datetime, subject: Subject, decision: Deliver) -> str:
    listener = decision.listener
    return stamp(at, subject.now, zone_of(listener.time_zone), listener.language)


def _facts(subject: Subject, decision: Deliver) -> list[tuple[str, str]]:
    language, incident = decision.listener.language, subject.incident
    facts: list[tuple[Said, str]] = []
    if subject.service:
        facts.append((say("Service"), subject.service))
    facts.append((say("Touched"), _touched(subject.touched, language)))
    severity = say("{n} of 5", n=incident.severity).to(language)
    facts.append((say("Severity"), severity))
    facts.append((say("Since"), _when(incident.opened_at, subject, decision)))
    if incident.resolved_at is not None:
        facts.append((say("Ended"), _when(incident.resolved_at, subject, decision)))
    if subject.holder:
        facts.append((say("Who has it"), subject.holder))
    return [(name.to(language), value) for name, value in facts if value]


def _touched(touched: Sequence[Touched], language: str) -> str:
    shown = [f"{t.title} ({STATE_WORDS[t.state].to(language)})" for t in touched[:TOUCHED_SHOWN]]
    rest = len(touched) - len(shown)
    return ", ".join(shown) + (f" +{rest}" if rest else "")


def _reasons(subject: Subject, language: str) -> list[str]:
    """The reasons of what is wrong, and the conditions that failed. Nothing for what is over."""
    if subject.incident.resolved_at is not None:
        return []
    reasons = [
        say("{thing}: {reason}", thing=one.title, reason=one.reason).to(language)
        for one in subject.touched[:TOUCHED_SHOWN]
        if one.reason is not None and one.state != WELL
    ]
    return [*reasons, *subject.failed]


def facts_of(incident: Incident) -> dict[str, Any]:
    """What events and the API say of an incident; allow-listed."""
    return {
        "object": incident.subject,
        "number": incident.id,
        "name": incident.name,
        "title": str(incident.title),
        "severity": incident.severity,
        "state": incident.state,
        "service": {"id": incident.service_id} if incident.service_id else None,
        "rule": incident.rule,
        "key": incident.dedup_key,
        "opened_at": iso(incident.opened_at),
        "acknowledged_at": iso(incident.acknowledged_at) if incident.acknowledged_at else None,
        "resolved_at": iso(incident.resolved_at) if incident.resolved_at else None,
    }


def cloudevent(subject: Subject, decision: Deliver, key: str) -> dict[str, Any]:
    """The same message for machines; `id` is the same for every attempt."""
    incident = subject.incident
    things = [
        {
            "object": one.subject,
            "title": one.title,
            "state": one.state,
            "since": iso(one.since),
            "reason": str(one.reason) if one.reason else None,
        }
        for one in subject.touched
    ]
    return {
        "specversion": "1.0",
        "id": key,
        "source": "bongsu.incidents",
        "type": f"incident.{decision.occasion}",
        "subject": incident.subject,
        "time": iso(subject.now),
        "datacontenttype": "application/json",
        "data": facts_of(incident)
        | {
            "touched": things,
            "failed": list(subject.failed),
            "service": {"name": subject.service_name, "title": subject.service}
            if subject.service_name
            else None,
            "holder": subject.holder or None,
            "link": f"{subject.public_url}/incidents/{incident.id}",
            "because": str(decision.reason),
        },
        "severitynumber": incident.severity,
        "correlationid": incident.correlation,
    }
