"""All SQL of tellings."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bongsu.accounts.tables import user
from bongsu.db.session import Tx
from bongsu.deliver.tables import delivery
from bongsu.kit.i18n import Said
from bongsu.tell.model import PERSON_CHANNEL, Decision, Defaults, Deliver, Listener, Told
from bongsu.tell.tables import telling

LIMIT = 2000  # of one subject; a team of 200 on ten occasions


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One decision as it was kept, with how its delivery went."""

    id: int
    told: Told
    person: str
    channel: str
    delivery_id: int | None
    delivery_state: str | None
    attempts: int
    finished_at: datetime | None
    receipt: dict[str, Any] | None
    event_id: str | None = None


async def insert(
    tx: Tx,
    subject: str,
    decision: Decision,
    delivery_id: int | None,
    now: datetime,
    event_id: str | None = None,
) -> int:
    """The number of the telling."""
    values = _values(subject, decision, delivery_id, now, event_id)
    made = await tx.execute(sa.insert(telling).values(values).returning(telling.c.id))
    return int(made.scalar_one())


async def insert_all(
    tx: Tx,
    subject: str,
    decided: Sequence[tuple[Decision, int | None]],
    now: datetime,
    event_id: str | None,
) -> None:
    """Decisions, each with the delivery that it led to."""
    rows = [_values(subject, one, delivery_id, now, event_id) for one, delivery_id in decided]
    if rows:
        await tx.execute(sa.insert(telling), rows)


def _values(
    subject: str, decision: Decision, delivery_id: int | None, now: datetime, event_id: str | None
) -> dict[str, Any]:
    listener = decision.listener
    return {
        "subject": subject,
        "occasion": decision.occasion,
        "severity": decision.severity,
        "person": listener.person[:254],
        "user_id": listener.user_id,
        "channel": listener.channel or (PERSON_CHANNEL if listener.user_id else ""),
        "told": isinstance(decision, Deliver),
        "reason": decision.reason.stored(),
        "until": None if isinstance(decision, Deliver) else decision.until,
        "delivery_id": delivery_id,
        "at": now,
        "event_id": event_id,
    }


async def settle(
    tx: Tx,
    telling_ids: Collection[int],
    *,
    told: bool,
    reason: Said | None = None,
    delivery_id: int | None = None,
    now: datetime,
) -> None:
    """What had to wait was told, or will not be; `reason` None keeps the one it has."""
    values: dict[str, Any] = {"told": told, "until": None, "delivery_id": delivery_id, "at": now}
    if reason is not None:
        values["reason"] = reason.stored()
    this = sa.update(telling).where(telling.c.id.in_(telling_ids))
    if telling_ids:
        await tx.execute(this.values(**values))


async def withdraw(tx: Tx, delivery_id: int, reason: Said) -> None:
    """It was to be told, and at the moment of sending it was not theirs to read (ix_telling_delivery_id)."""
    this = sa.update(telling).where(telling.c.delivery_id == delivery_id)
    await tx.execute(this.values(told=False, reason=reason.stored()))


async def leave_out(tx: Tx, delivery_id: int, subject: str, reason: Said) -> None:
    """One thing of a digest was not theirs to read when it was sent: it is told by no message."""
    this = (telling.c.delivery_id == delivery_id, telling.c.subject == subject)
    values = {"told": False, "reason": reason.stored(), "delivery_id": None}
    await tx.execute(sa.update(telling).where(*this).values(**values))


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a delivery goes to, and one of the things it is about."""

    delivery_id: int
    user_id: int
    subject: str
    active: bool


async def addressees(
    tx: Tx, delivery_ids: Collection[int], occasions: Collection[str]
) -> list[Addressee]:
    """Of these deliveries those to people on such occasions (ix_telling_delivery_id)."""
    query = (
        sa.select(telling.c.delivery_id, telling.c.user_id, telling.c.subject, user.c.disabled_at)
        .join(user, user.c.id == telling.c.user_id)
        .where(telling.c.delivery_id.in_(delivery_ids), telling.c.occasion.in_(occasions))
        .order_by(telling.c.id)
        .limit(LIMIT)
    )
    return [
        Addressee(row.delivery_id, row.user_id, row.subject, row.disabled_at is None)
        for row in (await tx.rows(query) if delivery_ids else [])
    ]


_COLUMNS = (
    telling,
    delivery.c.state.label("delivery_state"),
    delivery.c.attempts,
    delivery.c.finished_at,
    delivery.c.receipt,
)


async def of_subject(tx: Tx, subject: str) -> list[Telling]:
    """Oldest first (ix_telling_subject); at most 2,000."""
    return await of_subjects(tx, [subject])


async def of_subjects(tx: Tx, subjects: Sequence[str]) -> list[Telling]:
    query = (
        sa.select(*_COLUMNS)
        .outerjoin(delivery, delivery.c.id == telling.c.delivery_id)
        .where(telling.c.subject.in_(subjects))
        .order_by(telling.c.at, telling.c.id)
        .limit(LIMIT)
    )
    return [_telling(row) for row in await tx.rows(query)] if subjects else []


async def newest_of(tx: Tx, subject: str, limit: int = 200) -> list[Telling]:
    """Newest first (ix_telling_subject)."""
    query = (
        sa.select(*_COLUMNS)
        .outerjoin(delivery, delivery.c.id == telling.c.delivery_id)
        .where(telling.c.subject == subject)
        .order_by(telling.c.at.desc(), telling.c.id.desc())
        .limit(limit)
    )
    return [_telling(row) for row in await tx.rows(query)]


async def was_skipped(tx: Tx, subject: str, channel: str) -> bool:
    """Whether the newest decision about this channel was not to tell (ix_telling_subject)."""
    query = sa.select(telling.c.told).where(
        telling.c.subject == subject, telling.c.channel == channel
    )
    newest = await tx.scalar(query.order_by(telling.c.at.desc(), telling.c.id.desc()).limit(1))
    return newest is False


async def listeners_told(tx: Tx, subject: str, defaults: Defaults) -> tuple[Listener, ...]:
    """Everybody who was told something about the subject, at the address that was used then."""
    query = (
        sa.select(
            telling.c.user_id,
            telling.c.channel,
            telling.c.person,
            telling.c.reason,
            delivery.c.kind,
            delivery.c.options,
            delivery.c.recipient,
            user.c.language,
            user.c.time_zone,
        )
        .join(delivery, delivery.c.id == telling.c.delivery_id)
        .outerjoin(user, user.c.id == telling.c.user_id)
        .where(telling.c.subject == subject, telling.c.told.is_(True))
        .order_by(telling.c.at, telling.c.id)
        .limit(LIMIT)
    )
    found: dict[str, Listener] = {}
    for row in await tx.rows(query):
        key = key_of(row.user_id, row.channel, row.person)
        found[key] = Listener(
            key=key,
            person=row.person,
            user_id=row.user_id,
            channel=row.channel if row.channel != PERSON_CHANNEL else None,
            kind=row.kind,
            options=row.options,
            recipient=row.recipient,
            language=row.language or defaults.language,
            time_zone=row.time_zone or defaults.time_zone,
            reason=Said.load(row.reason),
        )
    return tuple(found.values())


def key_of(user_id: int | None, channel: str, person: str) -> str:
    """The listener's identity; a person whose account is gone is known by name."""
    if user_id is not None:
        return f"user/{user_id}"
    if channel and channel != PERSON_CHANNEL:
        return f"channel/{channel}"
    return f"nobody/{person}"


def _telling(row: sa.Row[Any]) -> Telling:
    told = Told(
        key=key_of(row.user_id, row.channel, row.person),
        occasion=row.occasion,
        severity=row.severity,
        told=row.told,
        at=row.at,
        reason=Said.load(row.reason),
        until=row.until,
    )
    return Telling(
        id=row.id,
        told=told,
        person=row.person,
        channel=row.channel,
        delivery_id=row.delivery_id,
        delivery_state=row.delivery_state,
        attempts=row.attempts or 0,
        finished_at=row.finished_at,
        receipt=row.receipt,
        event_id=row.event_id,
    )
