"""What an incident is, and what an event does to it: frozen values, pure decisions, each with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from bongsu.events.envelope import Event
from bongsu.kit.clock import parse_iso
from bongsu.kit.i18n import Said, say
from bongsu.kit.text import head

WELL = "up"
HELD = frozenset({"paused", "maintenance"})  # the trouble may go on underneath; nobody is told
HAPPENED = "happened"  # an event without a state: nothing will say that it is well again
_STATES = frozenset({"up", "degraded", "down", "unknown"})
TITLE_LIMIT = 200

STATE_WORDS = {
    "up": say("up"),
    "degraded": say("degraded"),
    "down": say("down"),
    "unknown": say("unknown"),
    "paused": say("paused"),
    "maintenance": say("under maintenance"),
    HAPPENED: say("happened"),
}
_HEADINGS = {
    "down": say("{service} is down"),
    "degraded": say("{service} is degraded"),
    "unknown": say("{service} cannot be judged"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    id: int
    title: Said
    severity: int
    state: str  # open | acknowledged | resolved
    dedup_key: str
    service_id: int | None
    rule: str
    audience: tuple[str, ...]
    opened_at: datetime
    acknowledged_at: datetime | None
    holder_id: int | None
    resolved_at: datetime | None
    changed_at: datetime
    next_plan_at: datetime | None
    correlation: str

    @property
    def name(self) -> str:
        return f"INC-{self.id}"

    @property
    def subject(self) -> str:
        return f"incident/{self.id}"


@dataclass(frozen=True, slots=True)
class Touched:
    """One thing that an incident is about, as it is now."""

    subject: str
    title: str
    state: str
    since: datetime
    reason: Said | None = None
    evidence: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What one event says of one thing."""

    subject: str
    title: str
    state: str
    since: datetime
    before: str | None
    heading: Said
    reason: Said | None
    evidence: str | None
    service_id: int | None
    service: str

    @property
    def touched(self) -> Touched:
        return Touched(self.subject, self.title, self.state, self.since, self.reason, self.evidence)


Verb = Literal["ignore", "open", "append", "raise", "well", "resolve"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What an event does. `severity` is that of the incident afterwards."""

    verb: Verb
    reason: Said
    severity: int = 0


def read(event: Event) -> Sighting:
    """Any event can be read; one with `detail.after.state` says when the thing is well again."""
    data = event.data
    service, check = _dict(data.get("service")), _dict(data.get("check"))
    after, before = _dict(data.get("after")), _dict(data.get("before"))
    title = str(check.get("name") or event.subject)
    service_title = str(service.get("title") or service.get("name") or "")
    state = _state(after, data)
    return Sighting(
        subject=event.subject,
        title=head(title, TITLE_LIMIT),
        state=state,
        since=_time(after.get("since"), event.time),
        before=before.get("state") if before.get("state") in _STATES else None,
        heading=_heading(event, state, service_title),
        reason=_said(data.get("reason")),
        evidence=_text(data.get("evidence")),
        service_id=service.get("id") if isinstance(service.get("id"), int) else None,
        service=service_title,
    )


def _state(after: dict[str, Any], data: dict[str, Any]) -> str:
    state = after.get("state")
    if state not in _STATES:
        return HAPPENED
    return data["overlay"] if state != WELL and data.get("overlay") in HELD else str(state)


def _heading(event: Event, state: str, service: str) -> Said:
    """The title of the incident that this event would open."""
    title = _said(event.data.get("title"))
    if title is not None:
        return title
    if service and state in _HEADINGS:
        return replace(_HEADINGS[state], args={"service": service})
    return say("{type} of {subject}", type=event.type, subject=service or event.subject)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _said(value: Any) -> Said | None:
    """A stored sentence, or the plain words of somebody else's event."""
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        return Said.load(value)
    return say("{words}", words=head(value, 500)) if isinstance(value, str) and value else None


def _time(value: Any, otherwise: datetime) -> datetime:
    try:
        return parse_iso(value)
    except (TypeError, ValueError):
        return otherwise


def decide(
    incident: Incident | None,
    touched: Sequence[Touched],
    seen: Sighting,
    severity: int,
    may_open: bool = True,
) -> Decision:
    """What this sighting does to the open incident of its key, or to there being none.

    Without `may_open` it only changes things that an incident touches already.
    """
    if incident is None:
        return _without(seen, severity, may_open)
    known = next((one for one in touched if one.subject == seen.subject), None)
    if known is None and (seen.state == WELL or seen.state in HELD or not may_open):
        why = say("{thing} is not part of {incident}", thing=seen.title, incident=incident.name)
        return Decision("ignore", why, incident.severity)
    if known is not None and (known.state, known.since) == (seen.state, seen.since):
        return _again(incident, seen, severity)
    if seen.state == WELL:
        return _well(incident, touched, seen)
    return _trouble(incident, seen, severity)


def _without(seen: Sighting, severity: int, may_open: bool) -> Decision:
    if seen.state == WELL:
        return Decision("ignore", say("{thing} is well and nothing is open", thing=seen.title))
    if seen.state in HELD:
        word = STATE_WORDS[seen.state]
        return Decision("ignore", say("{thing} is {state}", thing=seen.title, state=word))
    if not may_open:
        return Decision("ignore", say("this rule opens no incident"))
    return Decision("open", seen.reason or seen.heading, severity)


def _again(incident: Incident, seen: Sighting, severity: int) -> Decision:
    """The same sighting by another rule; only its severity may be news."""
    if seen.state != WELL and severity > incident.severity:
        return _trouble(incident, seen, severity)
    return Decision(
        "ignore", say("{thing} was known to be so", thing=seen.title), incident.severity
    )


def _well(incident: Incident, touched: Sequence[Touched], seen: Sighting) -> Decision:
    wrong = [t.title for t in touched if t.subject != seen.subject and t.state != WELL]
    if wrong:
        rest = ", ".join(wrong)
        why = say("{thing} is well again; still wrong: {rest}", thing=seen.title, rest=rest)
        return Decision("well", why, incident.severity)
    return Decision("resolve", say("all that it touched is well again"), incident.severity)


def _trouble(incident: Incident, seen: Sighting, severity: int) -> Decision:
    if seen.state in HELD:
        why = say("telling stops while {thing} is {state}", thing=seen.title,
                  state=STATE_WORDS[seen.state])  # fmt: skip
        return Decision("append", why, incident.severity)
    if severity > incident.severity:
        why = say(
            "severity rises from {before} to {after}", before=incident.severity, after=severity
        )
        return Decision("raise", why, severity)
    why = say("the same key: {key}", key=incident.dedup_key)
    return Decision("append", why, incident.severity)
