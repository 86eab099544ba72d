"""All SQL of what waits to be told to one person: edits that may go on, quiet hours, digests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bongsu.db.dialect import claimable
from bongsu.db.session import Tx
from bongsu.tell.tables import notice

RUN, DIGEST = "run", "digest"
EVENTS_LIMIT = 200  # of one run; a longer one is told in two
PEOPLE_LIMIT = 20  # of one round
EACH_LIMIT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    id: int
    user_id: int
    subject: str
    by_id: int | None
    run: str
    mode: str
    kind: str
    events: tuple[str, ...]
    telling_id: int | None
    due_at: datetime
    tries: int


async def insert(
    tx: Tx,
    *,
    user_id: int,
    subject: str,
    by_id: int | None,
    run: str,
    mode: str,
    kind: str,
    event_id: str,
    telling_id: int,
    due_at: datetime,
    now: datetime,
) -> None:
    values = {
        "user_id": user_id,
        "subject": subject,
        "by_id": by_id,
        "run": run,
        "mode": mode,
        "kind": kind,
        "events": [event_id],
        "telling_id": telling_id,
        "due_at": due_at,
        "tries": 0,
        "created_at": now,
    }
    await tx.execute(sa.insert(notice).values(**values))


async def go_on(
    tx: Tx, user_id: int, subject: str, by_id: int | None, run: str, event_id: str, due_at: datetime
) -> bool:
    """Adds an edit to the run that is open for this person; False when there is none, or it was just taken
    (ix_notice_user_id_subject)."""
    mine = (
        notice.c.user_id == user_id,
        notice.c.subject == subject,
        notice.c.run == run,
        notice.c.by_id == by_id,
    )
    row = await tx.row(sa.select(notice).where(*mine).limit(1).with_for_update())
    if row is None or len(row.events) >= EVENTS_LIMIT:
        return False
    until = due_at if row.mode == RUN else row.due_at
    same = (notice.c.id == row.id, notice.c.due_at == row.due_at)
    changed = sa.update(notice).where(*same).values(events=[*row.events, event_id], due_at=until)
    return (await tx.execute(changed)).rowcount == 1


async def end_runs(tx: Tx, subject: str, run: str, by_id: int | None, now: datetime) -> None:
    """Somebody else edited the same text: what was written before is told as it was (ix_notice_subject_run)."""
    others = (notice.c.subject == subject, notice.c.run == run, notice.c.by_id != by_id)
    waiting = sa.update(notice).where(*others)
    await tx.execute(waiting.where(notice.c.mode == RUN).values(run="", due_at=now))
    await tx.execute(waiting.values(run=""))


async def take_creation(tx: Tx, user_id: int, subject: str) -> list[Notice]:
    """The waiting news that the thing was created: nothing about it may be told before
    (ix_notice_user_id_subject)."""
    this = (notice.c.user_id == user_id, notice.c.subject == subject, notice.c.kind == "created")
    rows = (await tx.execute(sa.delete(notice).where(*this).returning(notice))).all()
    return sorted((_notice(row) for row in rows), key=lambda one: one.id)


# --- what is due


async def is_due(tx: Tx, now: datetime) -> bool:
    """ix_notice_due_at."""
    return (
        await tx.scalar(sa.select(notice.c.id).where(notice.c.due_at <= now).limit(1)) is not None
    )


async def due_people(tx: Tx, now: datetime) -> list[int]:
    """Whose turn has come, who has waited longest first; at most 20 (ix_notice_due_at)."""
    first = sa.func.min(notice.c.due_at)
    query = sa.select(notice.c.user_id).where(notice.c.due_at <= now).group_by(notice.c.user_id)
    return [row.user_id for row in await tx.rows(query.order_by(first).limit(PEOPLE_LIMIT))]


async def claim(tx: Tx, user_id: int, now: datetime, until: datetime) -> list[Notice]:
    """Takes all that is due for one person, oldest first; nobody else takes it before `until`."""
    query = sa.select(notice.c.id).where(notice.c.user_id == user_id, notice.c.due_at <= now)
    rows = await tx.rows(claimable(tx, query.order_by(notice.c.id).limit(EACH_LIMIT)))
    ids = [row.id for row in rows]
    taken = sa.update(notice).where(notice.c.id.in_(ids), notice.c.due_at <= now)
    values = {"due_at": until, "run": "", "tries": notice.c.tries + 1}
    found = (await tx.execute(taken.values(**values).returning(notice))).all() if ids else []
    return sorted((_notice(row) for row in found), key=lambda one: one.id)


async def done(tx: Tx, ids: Sequence[int]) -> None:
    if ids:
        await tx.execute(sa.delete(notice).where(notice.c.id.in_(ids)))


async def move_digest(tx: Tx, user_id: int, due_at: datetime) -> int:
    """Quiet hours or digest were chosen anew."""
    mine = (notice.c.user_id == user_id, notice.c.mode == DIGEST)
    return int((await tx.execute(sa.update(notice).where(*mine).values(due_at=due_at))).rowcount)


async def pull_forward(tx: Tx, now: datetime, longest: datetime) -> None:
    """After the clock was set back: no run waits longer than runs do."""
    late = (notice.c.mode == RUN, notice.c.due_at > longest)
    await tx.execute(sa.update(notice).where(*late).values(due_at=now))


def _notice(row: sa.Row[Any]) -> Notice:
    names = (
        "id",
        "user_id",
        "subject",
        "by_id",
        "run",
        "mode",
        "kind",
        "telling_id",
        "due_at",
        "tries",
    )
    return Notice(events=tuple(row.events), **{name: getattr(row, name) for name in names})
