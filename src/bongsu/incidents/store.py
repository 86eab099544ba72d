"""All SQL of incidents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bongsu.db.dialect import claimable, insert_ignore, upsert
from bongsu.db.session import Tx
from bongsu.events import log
from bongsu.events.envelope import Event
from bongsu.events.tables import event
from bongsu.incidents.model import WELL, Incident, Touched
from bongsu.incidents.tables import incident, incident_entry, incident_object
from bongsu.kit.i18n import Said

LIST_LIMIT = 200
ENTRIES_LIMIT = 5000
TOUCHED_LIMIT = 1000
EVENTS_LIMIT = 50
_OPEN = incident.c.resolved_at.is_(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a timeline."""

    at: datetime
    kind: str
    said: Said
    because: Said | None = None
    actor: str = "system"
    event_id: str | None = None
    evidence: str | None = None
    note_id: int | None = None  # whose words these are, in the room notes


# --- the incident


async def get(tx: Tx, incident_id: int) -> Incident | None:
    return _incident(await tx.row(sa.select(incident).where(incident.c.id == incident_id)))


async def open_by_key(tx: Tx, key: str) -> Incident | None:
    """The open one of this key, held until the transaction ends (uq_incident_open_dedup_key)."""
    query = sa.select(incident).where(incident.c.dedup_key == key, _OPEN)
    return _incident(await tx.row(_held(tx, query)))


async def held(tx: Tx, incident_id: int) -> Incident | None:
    """By number, held until the transaction ends."""
    return _incident(
        await tx.row(_held(tx, sa.select(incident).where(incident.c.id == incident_id)))
    )


def _held(tx: Tx, query: sa.Select[Any]) -> sa.Select[Any]:
    return query.with_for_update() if tx.dialect == "postgresql" else query


async def insert(tx: Tx, values: Mapping[str, Any]) -> int | None:
    """None when one of the same key is open."""
    done = await tx.execute(insert_ignore(tx, incident, values).returning(incident.c.id))
    made = done.scalar_one_or_none()
    return None if made is None else int(made)


async def update_open(tx: Tx, incident_id: int, **values: Any) -> bool:
    """False when it is resolved already."""
    this = sa.update(incident).where(incident.c.id == incident_id, _OPEN)
    return (await tx.execute(this.values(**values))).rowcount == 1


async def previous(tx: Tx, service_id: int, key: str, since: datetime) -> Incident | None:
    """The newest resolved one of the same key and service (ix_incident_service)."""
    query = (
        sa.select(incident)
        .where(incident.c.service_id == service_id, incident.c.opened_at >= since)
        .where(incident.c.dedup_key == key, incident.c.resolved_at.is_not(None))
        .order_by(incident.c.opened_at.desc())
        .limit(1)
    )
    return _incident(await tx.row(query))


async def listed(
    tx: Tx,
    *,
    open_only: bool | None = None,
    service_id: int | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> list[Incident]:
    """Newest first (primary key, ix_incident_service); at most 200."""
    query = sa.select(incident).order_by(incident.c.id.desc()).limit(min(limit, LIST_LIMIT))
    if open_only is not None:
        query = query.where(_OPEN if open_only else incident.c.resolved_at.is_not(None))
    if service_id is not None:
        query = query.where(incident.c.service_id == service_id)
    if before_id is not None:
        query = query.where(incident.c.id < before_id)
    found = [_incident(row) for row in await tx.rows(query)]
    return [one for one in found if one is not None]


def _incident(row: sa.Row[Any] | None) -> Incident | None:
    if row is None:
        return None
    values = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public name for it
    values["title"] = Said.load(values["title"])
    values["audience"] = tuple(values["audience"])
    return Incident(**values)


# --- its plan


async def is_due(tx: Tx, now: datetime) -> bool:
    """Whether anything is to be planned (ix_incident_next_plan_at)."""
    due = sa.select(incident.c.id).where(incident.c.next_plan_at <= now).limit(1)
    return await tx.scalar(due) is not None


async def claim_due(tx: Tx, now: datetime, limit: int) -> list[Incident]:
    """Takes what is due; each goes to one planner only, and `next_plan_at` is empty afterwards."""
    query = sa.select(incident).where(incident.c.next_plan_at <= now)
    query = query.order_by(incident.c.next_plan_at, incident.c.id).limit(limit)
    claimed = []
    for row in await tx.rows(claimable(tx, query)):
        mine = (incident.c.id == row.id, incident.c.next_plan_at == row.next_plan_at)
        done = await tx.execute(sa.update(incident).where(*mine).values(next_plan_at=None))
        if done.rowcount == 1:
            found = _incident(row)
            claimed += [found] if found else []
    return claimed


async def plan_again(tx: Tx, incident_id: int, at: datetime) -> None:
    this = sa.update(incident).where(incident.c.id == incident_id)
    await tx.execute(this.values(next_plan_at=at))


async def pull_forward(tx: Tx, now: datetime) -> None:
    """After the clock was set back: what would be planned later is planned now, and decides again when
    to look (ix_incident_next_plan_at)."""
    later = sa.update(incident).where(incident.c.next_plan_at > now)
    await tx.execute(later.values(next_plan_at=now))


# --- what it touches


async def touched(tx: Tx, incident_id: int) -> list[Touched]:
    """What is wrong before what is well, then by name; at most 1,000, so that one of many more than that
    never looks as if all were well (primary key)."""
    return (await touched_by(tx, [incident_id])).get(incident_id, [])


async def touched_with(tx: Tx, incident_id: int, subject: str) -> list[Touched]:
    """The same, `subject` among them however many there are, when it is touched at all."""
    found = await touched(tx, incident_id)
    if len(found) < TOUCHED_LIMIT or any(one.subject == subject for one in found):
        return found
    this = (incident_object.c.incident_id == incident_id, incident_object.c.subject == subject)
    row = await tx.row(sa.select(incident_object).where(*this))
    return found if row is None else [*found, _touched(row)]


async def touched_by(tx: Tx, ids: Sequence[int]) -> dict[int, list[Touched]]:
    query = sa.select(incident_object).where(incident_object.c.incident_id.in_(ids))
    well = incident_object.c.state == WELL
    query = query.order_by(well, incident_object.c.incident_id, incident_object.c.subject)
    found: dict[int, list[Touched]] = {}
    for row in await tx.rows(query.limit(TOUCHED_LIMIT)) if ids else ():
        found.setdefault(row.incident_id, []).append(_touched(row))
    return found


def _touched(row: sa.Row[Any]) -> Touched:
    reason = Said.load(row.reason) if row.reason else None
    return Touched(row.subject, row.title, row.state, row.since, reason, row.evidence)


async def put_touched(tx: Tx, incident_id: int, one: Touched) -> None:
    values = {
        "incident_id": incident_id,
        "subject": one.subject,
        "title": one.title,
        "state": one.state,
        "since": one.since,
        "reason": one.reason.stored() if one.reason else None,
        "evidence": one.evidence,
    }
    changing = ("title", "state", "since", "reason", "evidence")
    keys = ("incident_id", "subject")
    await tx.execute(upsert(tx, incident_object, values, keys, changing))


# --- its timeline


async def add(tx: Tx, incident_id: int, *entries: Entry) -> None:
    rows = [_values(incident_id, one) for one in entries]
    if rows:
        await tx.execute(sa.insert(incident_entry), rows)


async def put_comment(tx: Tx, incident_id: int, entry: Entry) -> None:
    """The one line of a comment: what it says now, at the place where it has been (ix_incident_entry_note)."""
    known = sa.update(incident_entry).where(incident_entry.c.note_id == entry.note_id)
    now = {"kind": entry.kind, "said": entry.said.stored()}
    if (await tx.execute(known.values(**now))).rowcount == 0:
        await add(tx, incident_id, entry)


def _values(incident_id: int, one: Entry) -> dict[str, Any]:
    return {
        "incident_id": incident_id,
        "at": one.at,
        "kind": one.kind,
        "said": one.said.stored(),
        "because": one.because.stored() if one.because else None,
        "actor": one.actor,
        "event_id": one.event_id,
        "evidence": one.evidence,
        "note_id": one.note_id,
    }


async def entries(tx: Tx, incident_id: int) -> list[Entry]:
    """Oldest first (ix_incident_entry_incident); at most 5,000."""
    query = sa.select(incident_entry).where(incident_entry.c.incident_id == incident_id)
    order = (incident_entry.c.at, incident_entry.c.id)
    return [_entry(row) for row in await tx.rows(query.order_by(*order).limit(ENTRIES_LIMIT))]


async def first_title(tx: Tx, incident_id: int) -> Said | None:
    """The title it was opened with: the subject of its mails, which must not change."""
    query = (
        sa.select(incident_entry.c.said)
        .where(incident_entry.c.incident_id == incident_id, incident_entry.c.kind == "opened")
        .limit(1)
    )
    found = await tx.scalar(query)
    title = Said.load(found).args.get("title") if found else None
    return title if isinstance(title, Said) else None


async def ended_by_hand(tx: Tx, incident_id: int) -> bool:
    query = sa.select(incident_entry.c.id).where(
        incident_entry.c.incident_id == incident_id,
        incident_entry.c.kind == "resolved",
        incident_entry.c.actor != "system",
    )
    return await tx.scalar(query.limit(1)) is not None


async def sightings(tx: Tx, incident_id: int) -> list[Event]:
    """The newest event about each thing that was wrong, newest first; at most 50 are looked at."""
    kinds = ("changed", "raised", "opened")
    query = (
        sa.select(event)
        .join(incident_entry, incident_entry.c.event_id == event.c.id)
        .where(incident_entry.c.incident_id == incident_id, incident_entry.c.kind.in_(kinds))
        .order_by(event.c.seq.desc())
        .limit(EVENTS_LIMIT)
    )
    newest: dict[str, Event] = {}
    for row in await tx.rows(query):
        newest.setdefault(row.subject, log.load(row))
    return list(newest.values())


def _entry(row: sa.Row[Any]) -> Entry:
    return Entry(
        at=row.at,
        kind=row.kind,
        said=Said.load(row.said),
        because=Said.load(row.because) if row.because else None,
        actor=row.actor,
        event_id=row.event_id,
        evidence=row.evidence,
        note_id=row.note_id,
    )
