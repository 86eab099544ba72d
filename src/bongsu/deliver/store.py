"""All SQL of the outbox. Channels are in store_channels.py."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bongsu.db.dialect import claimable, insert_ignore
from bongsu.db.session import Tx
from bongsu.deliver.model import Delivery, Fate, Message, Sent
from bongsu.deliver.tables import delivery, delivery_attempt
from bongsu.events import log
from bongsu.events.envelope import Event
from bongsu.events.tables import event
from bongsu.kit.i18n import Said

LIST_LIMIT = 200
INSERTED_AT_ONCE = 200  # PostgreSQL takes 32,767 values in one statement
LANES_LIMIT = 64  # looked at in one round; the rest has its turn in the next
WAITING, SENDING, DELIVERED, DEAD = "waiting", "sending", "delivered", "dead"
WITHDRAWN = "withdrawn"  # at the moment of sending it was no longer the recipient's to read


@dataclass(frozen=True, slots=True)
class Attempt:
    delivery_id: int
    number: int
    at: datetime
    duration_ms: int
    ok: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A delivery for people."""

    delivery: Delivery
    state: str
    next_attempt_at: datetime | None
    created_at: datetime
    finished_at: datetime | None
    receipt: dict[str, Any] | None


async def insert_all(tx: Tx, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Ids by key, in the order given; a key that is taken is passed over."""
    made: dict[str, int] = {}
    for start in range(0, len(rows), INSERTED_AT_ONCE):
        some = rows[start : start + INSERTED_AT_ONCE]
        query = insert_ignore(tx, delivery, some).returning(delivery.c.id, delivery.c.key)
        made |= {row.key: int(row.id) for row in (await tx.execute(query)).all()}
    return made


# --- claiming


def _ready(now: datetime) -> sa.ColumnElement[bool]:
    """Due, and nothing older for the same recipient about the same subject is still on its way:
    "resolved" never overtakes "opened" (ix_delivery_subject)."""
    older = delivery.alias("older")
    overtakes = sa.exists().where(
        older.c.subject == delivery.c.subject,
        older.c.id < delivery.c.id,
        older.c.recipient == delivery.c.recipient,
        older.c.lane == delivery.c.lane,
        older.c.state.in_((WAITING, SENDING)),
    )
    return sa.and_(delivery.c.state == WAITING, delivery.c.next_attempt_at <= now, ~overtakes)


async def due_lanes(tx: Tx, now: datetime) -> list[str]:
    """Lanes with something ready; one index look-up a lane, however many rows wait (ix_delivery_lane)."""
    waiting = delivery.c.state == WAITING
    first = sa.select(sa.func.min(delivery.c.lane).label("lane")).where(waiting)
    lanes = first.cte("lanes", recursive=True)
    following = sa.select(sa.func.min(delivery.c.lane)).where(
        waiting, delivery.c.lane > lanes.c.lane
    )
    lanes = lanes.union_all(sa.select(following.scalar_subquery()).where(lanes.c.lane.is_not(None)))
    ready = sa.exists().where(delivery.c.lane == lanes.c.lane, _ready(now))
    query = sa.select(lanes.c.lane).where(lanes.c.lane.is_not(None), ready).limit(LANES_LIMIT)
    return [row.lane for row in await tx.rows(query)]


async def has_lapsed(tx: Tx, now: datetime) -> bool:
    """Whether a sender ended without saying how it went (ix_delivery_due; few rows are sending)."""
    return await tx.scalar(sa.select(delivery.c.id).where(_left(now)).limit(1)) is not None


def _left(now: datetime, gone: Sequence[str] = ()) -> sa.ColumnElement[bool]:
    """Its lease ran out, or its sender is known to be dead."""
    nobodys = sa.or_(delivery.c.claimed_until <= now, delivery.c.claimed_by.in_(gone))
    return sa.and_(delivery.c.state == SENDING, nobodys)


async def claim(
    tx: Tx, lane: str, *, worker: str, now: datetime, lease_s: float, limit: int
) -> list[Delivery]:
    """Takes up to `limit` ready deliveries of a lane, secret links with them; each goes to one worker only."""
    query = sa.select(delivery.c.id).where(delivery.c.lane == lane, _ready(now))
    query = query.order_by(delivery.c.next_attempt_at, delivery.c.id).limit(limit)
    ids = [row.id for row in await tx.rows(claimable(tx, query))]
    if not ids:
        return []
    taken = (
        sa.update(delivery)
        .where(delivery.c.id.in_(ids), delivery.c.state == WAITING)
        .values(
            state=SENDING,
            claimed_by=worker,
            claimed_until=now + timedelta(seconds=lease_s),
            attempts=delivery.c.attempts + 1,
        )
        .returning(delivery)
    )
    rows = (await tx.execute(taken)).all()
    return [_whole(row) for row in sorted(rows, key=lambda row: int(row.id))]


async def revive(tx: Tx, now: datetime, gone: Sequence[str] = ()) -> int:
    """What a dead sender had under way is due again: rather twice than never. The peer sees the same ids."""
    late = _left(now, gone)
    ids = claimable(tx, sa.select(delivery.c.id, delivery.c.attempts).where(late).limit(100))
    rows = await tx.rows(ids)
    for row in rows:
        text = "The sender ended before it could say how it went; sent again with the same id."
        await _note(tx, Attempt(row.id, row.attempts, now, 0, ok=False, text=text))
    again = sa.update(delivery).where(delivery.c.id.in_([row.id for row in rows]), late)
    values = {"state": WAITING, "next_attempt_at": now, "claimed_by": None, "claimed_until": None}
    return int((await tx.execute(again.values(**values))).rowcount) if rows else 0


async def pull_forward(tx: Tx, now: datetime, lease_s: float) -> None:
    """After the clock was set back: what waits is tried now, and no lease is longer than a lease
    (ix_delivery_due; both only shorten waits)."""
    waiting = sa.update(delivery).where(delivery.c.state == WAITING)
    await tx.execute(waiting.where(delivery.c.next_attempt_at > now).values(next_attempt_at=now))
    until = now + timedelta(seconds=lease_s)
    sending = sa.update(delivery).where(delivery.c.state == SENDING)
    await tx.execute(sending.where(delivery.c.claimed_until > until).values(claimed_until=until))


async def release(tx: Tx, worker: str, now: datetime) -> int:
    """At a clean stop: what this worker had under way is at once due for the next one."""
    mine = sa.and_(delivery.c.state == SENDING, delivery.c.claimed_by == worker)
    values = {"state": WAITING, "next_attempt_at": now, "claimed_by": None, "claimed_until": None}
    return int((await tx.execute(sa.update(delivery).where(mine).values(**values))).rowcount)


async def withdraw(tx: Tx, delivery_id: int, worker: str, why: Said, now: datetime) -> bool:
    """What was claimed is not sent at all; False when another worker has it now."""
    mine = (
        delivery.c.id == delivery_id,
        delivery.c.state == SENDING,
        delivery.c.claimed_by == worker,
    )
    values = {
        "state": WITHDRAWN,
        "next_attempt_at": None,
        "claimed_by": None,
        "claimed_until": None,
        "finished_at": now,
        "receipt": {"error": why.stored()},
        "secret_link": sa.null(),
    }
    return (await tx.execute(sa.update(delivery).where(*mine).values(**values))).rowcount == 1


async def rewrite(tx: Tx, delivery_id: int, message: Message) -> None:
    """What is left of it is what its page shows, and what another attempt sends."""
    this = sa.update(delivery).where(delivery.c.id == delivery_id)
    await tx.execute(this.values(message=message.stored()))


async def finish(tx: Tx, sent: Sent, become: Fate, worker: str, words: str) -> bool:
    """Records an attempt and its fate; False when the lease ran out and another worker has it now."""
    ok = sent.error is None
    number = sent.delivery.attempts
    await _note(tx, Attempt(sent.delivery.id, number, sent.at, sent.duration_ms, ok, words))
    receipt = sent.receipt.stored() if sent.receipt else None
    if sent.error is not None:
        receipt = {"error": sent.error.said.stored()}
    over = become.state in {DELIVERED, DEAD}
    mine = (
        delivery.c.id == sent.delivery.id,
        delivery.c.state == SENDING,
        delivery.c.claimed_by == worker,
    )
    values = {
        "state": become.state,
        "next_attempt_at": become.again_at,
        "claimed_by": None,
        "claimed_until": None,
        "finished_at": sent.at if over else None,
        "receipt": receipt,
        "secret_link": sa.null() if over else delivery.c.secret_link,
    }
    return (await tx.execute(sa.update(delivery).where(*mine).values(**values))).rowcount == 1


async def _note(tx: Tx, attempt: Attempt) -> None:
    names = ("delivery_id", "number", "at", "duration_ms", "ok", "text")
    values = {name: getattr(attempt, name) for name in names}
    await tx.execute(sa.insert(delivery_attempt).values(**values))


async def again(tx: Tx, delivery_id: int, now: datetime) -> bool:
    """A dead or waiting delivery is due now with its ladder from the start; False for any other."""
    this = (delivery.c.id == delivery_id, delivery.c.state.in_((DEAD, WAITING)))
    values = {"state": WAITING, "attempts": 0, "next_attempt_at": now, "finished_at": None}
    return (await tx.execute(sa.update(delivery).where(*this).values(**values))).rowcount == 1


async def causes(tx: Tx, ids: Collection[str]) -> dict[str, Event]:
    """The events behind deliveries, by id (unique key)."""
    rows = await tx.rows(sa.select(event).where(event.c.id.in_(ids))) if ids else []
    return {row.id: log.load(row) for row in rows}


async def troubled_lanes(tx: Tx) -> list[str]:
    """Lanes whose last word in the log is that they fail (ix_event_type_seq; such events are rare)."""
    types = ("own.lane_failing", "own.lane_works")
    newest = (
        sa.select(sa.func.max(event.c.seq).label("seq"))
        .where(event.c.type.in_(types))
        .group_by(event.c.subject)
    ).subquery()
    query = sa.select(event.c.subject).join(newest, newest.c.seq == event.c.seq)
    rows = await tx.rows(query.where(event.c.type == types[0]).limit(500))
    return [row.subject.removeprefix("lane/") for row in rows]


# --- reading


async def get(tx: Tx, delivery_id: int) -> Row | None:
    row = await tx.row(sa.select(delivery).where(delivery.c.id == delivery_id))
    return None if row is None else row_of(row)


async def attempts_of(tx: Tx, ids: Sequence[int]) -> list[Attempt]:
    """Oldest first (ix_delivery_attempt_delivery); at most 40 a delivery by the length of the ladders."""
    query = sa.select(delivery_attempt).where(delivery_attempt.c.delivery_id.in_(ids))
    rows = await tx.rows(query.order_by(delivery_attempt.c.id).limit(2000)) if ids else []
    return [
        Attempt(row.delivery_id, row.number, row.at, row.duration_ms, row.ok, row.text)
        for row in rows
    ]


def _whole(row: sa.Row[Any]) -> Delivery:
    """For sending only."""
    found = _delivery(row)
    return replace(found, message=replace(found.message, secret_link=row.secret_link or ""))


def _delivery(row: sa.Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        key=row.key,
        kind=row.kind,
        channel=row.channel,
        lane=row.lane,
        options=row.options,
        recipient=row.recipient,
        message=Message.load(row.message),
        subject=row.subject,
        event_id=row.event_id,
        attempts=row.attempts,
    )


def row_of(row: sa.Row[Any]) -> Row:
    return Row(
        delivery=_delivery(row),
        state=row.state,
        next_attempt_at=row.next_attempt_at,
        created_at=row.created_at,
        finished_at=row.finished_at,
        receipt=row.receipt,
    )
