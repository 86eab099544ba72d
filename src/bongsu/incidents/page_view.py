"""One incident as its page shows it: what is broken, since when, why we think so, who has it, what next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bongsu.accounts.model import User
from bongsu.db.session import Tx
from bongsu.events import log
from bongsu.events.envelope import Event
from bongsu.incidents import store, words
from bongsu.incidents.message import failed_conditions
from bongsu.incidents.model import STATE_WORDS, WELL, Incident, Touched
from bongsu.incidents.store import Entry
from bongsu.kit.i18n import Said, say
from bongsu.kit.text import head
from bongsu.notes.markdown import as_words
from bongsu.services import store as services
from bongsu.services.model import Service
from bongsu.tell import store as tellings
from bongsu.tell.store import Telling

BEFORE = timedelta(hours=6)  # what changed shortly before is worth a look
REASONS = 3  # of what changed before, and of what an incident that is over was about
LINES = 200  # of the timeline that a page shows; the rest is in the log
LINES_OPEN = 20  # the rest of them is folded
WORDS = 240  # of a comment; the whole stands above
_RANK = {"down": 0, "degraded": 1, "unknown": 2, "happened": 3}
_CHANGES = ("service.updated", "check.updated", "check.created", "deployment.finished")
ICONS = {
    "opened": "i-rule",
    "acknowledged": "i-check",
    "handed": "i-hand",
    "comment": "i-note",
    "uncommented": "i-note",
    "attached": "i-clip",
    "detached": "i-clip",
    "told": "i-bell",
    "not_told": "i-belloff",
    "resolved": "i-check",
    "raised": "i-incident",
    "again": "i-undo",
}
_SHAPES = {words.text: state for state, words in STATE_WORDS.items() if state != "happened"}


@dataclass(frozen=True, slots=True)
class Why:
    """One reason; `seen` are the conditions that failed with their values, `evidence` the key of it all."""

    said: Said
    seen: tuple[str, ...] = ()
    evidence: str | None = None
    href: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline; `shape` is the state that its glyph shows, if it tells of one. `words` are a
    comment's without its marks, the beginning of them."""

    entry: Entry
    shape: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class IncidentView:
    incident: Incident
    service: Service | None
    holder: User | None
    touched: tuple[Touched, ...]  # worst and oldest first
    why: tuple[Why, ...]
    told: tuple[Telling, ...]
    lines: tuple[Line, ...]  # newest first, at most LINES
    left_out: int  # older lines, which only the log shows
    actors: Mapping[str, str]  # user/3 → a name
    people: tuple[User, ...]  # who it can be handed to

    @property
    def state(self) -> str:
        """For the glyph: the worst of what it touches; up once it is over."""
        if self.incident.state == "resolved":
            return WELL
        bad = [one.state for one in self.touched if one.state in _RANK]
        return min(bad, key=_RANK.__getitem__) if bad and bad[0] != "happened" else "unknown"

    @property
    def counts(self) -> tuple[int, int]:
        told = sum(one.told.told for one in self.told)
        return told, len(self.told) - told


async def read(tx: Tx, incident: Incident, people: Sequence[User]) -> IncidentView:
    """Nine queries, whatever the incident's length."""
    touched = sorted(
        await store.touched(tx, incident.id),
        key=lambda t: (_RANK.get(t.state, 9), t.since, t.subject),
    )
    service = await services.by_id(tx, incident.service_id) if incident.service_id else None
    entries = await store.entries(tx, incident.id)
    changes = await _changes_before(tx, incident)
    seen = await store.sightings(tx, incident.id)
    names = {f"user/{person.id}": person.name for person in people}
    holder = next((p for p in people if p.id == incident.holder_id), None)
    return IncidentView(
        incident=incident,
        service=service,
        holder=holder,
        touched=tuple(touched),
        why=(*(_trouble(touched, seen) or _was(entries, seen)), *_changed(changes, incident)),
        told=tuple(await tellings.of_subject(tx, incident.subject)),
        lines=tuple(line_of(entry) for entry in reversed(entries[-LINES:])),
        left_out=max(0, len(entries) - LINES),
        actors=names,
        people=tuple(p for p in people if p.active),
    )


def line_of(entry: Entry) -> Line:
    """What became of a thing stands in its sentence: `home: up → down`."""
    found = entry.said.args.get("after") or entry.said.args.get("state")
    known = _SHAPES.get(found.text, "") if isinstance(found, Said) else ""
    if entry.note_id and entry.kind == "comment":
        return Line(entry, words=head(as_words(head(str(entry.said), 2 * WORDS)), WORDS))
    return Line(entry, known if entry.kind in {"changed", "well"} else "")


def _trouble(touched: Sequence[Touched], events: Sequence[Event]) -> list[Why]:
    """What is wrong now."""
    newest: dict[str, Event] = {}
    for event in events:
        newest.setdefault(event.subject, event)
    return [
        Why(
            say(
                "{thing}: {reason}", thing=one.title, reason=one.reason or say("no reason is known")
            ),
            failed_conditions([newest[one.subject]]) if one.subject in newest else (),
            one.evidence,
        )
        for one in touched
        if one.state != WELL
    ]


def _was(entries: Sequence[Entry], events: Sequence[Event]) -> list[Why]:
    """What was wrong, once all is well again: how it began."""
    of = {event.id: event for event in events}
    bad = [entry for entry in entries if entry.kind == "changed" and entry.because]
    return [
        Why(
            say("{what}. {reason}", what=entry.said, reason=entry.because),
            failed_conditions([of[entry.event_id]]) if entry.event_id in of else (),
            evidence=entry.evidence,
            href=f"/events/{entry.event_id}" if entry.event_id else "",
        )
        for entry in bad[:REASONS]
    ]


async def _changes_before(tx: Tx, incident: Incident) -> list[Event]:
    if incident.service_id is None:
        return []
    found: list[Event] = []
    for kind in _CHANGES:
        found += await log.search(tx, type_prefix=kind, limit=50)
    mine = f"service/{incident.service_id}"
    since = incident.opened_at - BEFORE
    near = [e for e in found if since <= e.time <= incident.opened_at]
    return [e for e in near if mine in (e.subject, *e.resources)]


def _changed(events: Sequence[Event], incident: Incident) -> list[Why]:
    """Files register many checks in one go: each kind of change by one actor in one minute is said once."""
    once = {(e.type, e.actor, e.time.replace(second=0, microsecond=0)): e for e in events}
    newest = sorted(once.values(), key=lambda event: event.time, reverse=True)[:REASONS]
    return [Why(_what(event, incident.opened_at), href=f"/events/{event.id}") for event in newest]


def _what(event: Event, opened_at: datetime) -> Said:
    """Who changed what, how long before. Not said: that it was the cause."""
    after = event.data.get("after") or event.data.get("before") or {}
    actor = str(event.data.get("actor") or event.actor)
    who = say("a file that was applied") if actor == "system" else actor
    ago, name = words.length(event.time, opened_at), str(after.get("name") or event.subject)
    fields = ", ".join(map(str, event.data.get("changed") or ()))
    if event.type == "check.created":
        return say("{ago} before, {who} registered the check {name}.", ago=ago, who=who, name=name)
    if event.type == "check.updated":
        return say(
            "{ago} before, {who} changed the check {name}: {fields}.",
            ago=ago,
            who=who,
            name=name,
            fields=fields or "–",
        )
    if event.type == "service.updated":
        return say(
            "{ago} before, {who} changed the service: {fields}.",
            ago=ago,
            who=who,
            fields=fields or "–",
        )
    return say("{ago} before: {type} by {who}.", ago=ago, type=event.type, who=who)


def headline_time(incident: Incident, now: datetime) -> float:
    """Seconds it has lasted, or lasted."""
    return ((incident.resolved_at or now) - incident.opened_at).total_seconds()
