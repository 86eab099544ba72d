"""All SQL of what people want to be told: choices, projects, muted things, keys, headings of threads."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

import sqlalchemy as sa

from bongsu.db.dialect import insert_ignore, upsert
from bongsu.db.session import Tx
from bongsu.tell.preferences import Preferences
from bongsu.tell.tables import key, muted, notice, preference, project_choice, telling, thread

LISTED = 500
_COLUMNS = (
    "off", "own", "never", "at_once", "digest", "digest_hour", "quiet_from", "quiet_until",
    "quiet_weekends", "updated_at",
)  # fmt: skip
NOTHING_CHOSEN = Preferences()


@dataclass(frozen=True, slots=True)
class Project:
    """One that a person has heard of."""

    project: str  # project/1
    title: str
    choice: str


@dataclass(frozen=True, slots=True)
class Muted:
    subject: str
    heading: str
    path: str
    at: datetime


# --- choices


async def preferences(tx: Tx, user_id: int) -> Preferences:
    row = await tx.row(sa.select(preference).where(preference.c.user_id == user_id))
    return NOTHING_CHOSEN if row is None else preferences_in(row)


async def save(tx: Tx, user_id: int, choice: Preferences, now: datetime) -> None:
    values: dict[str, Any] = {
        "user_id": user_id,
        "off": choice.off,
        "own": choice.own,
        "never": {channel: sorted(kinds) for channel, kinds in choice.never.items() if kinds},
        "at_once": sorted(choice.at_once),
        "digest": choice.digest,
        "digest_hour": choice.digest_hour,
        "quiet_from": f"{choice.quiet_from:%H:%M}" if choice.quiet_from else None,
        "quiet_until": f"{choice.quiet_until:%H:%M}" if choice.quiet_until else None,
        "quiet_weekends": choice.quiet_weekends,
        "updated_at": now,
    }
    await tx.execute(upsert(tx, preference, values, ("user_id",), _COLUMNS))


def preferences_in(row: sa.Row[Any]) -> Preferences:
    return Preferences(
        off=row.off,
        own=row.own,
        never={channel: frozenset(kinds) for channel, kinds in row.never.items()},
        at_once=frozenset(row.at_once),
        digest=row.digest,
        digest_hour=row.digest_hour,
        quiet_from=time.fromisoformat(row.quiet_from) if row.quiet_from else None,
        quiet_until=time.fromisoformat(row.quiet_until) if row.quiet_until else None,
        quiet_weekends=row.quiet_weekends,
    )


# --- projects


async def projects_of(tx: Tx, user_id: int) -> list[Project]:
    """By title; at most 500 (primary key)."""
    query = sa.select(project_choice).where(project_choice.c.user_id == user_id)
    rows = await tx.rows(query.order_by(project_choice.c.title).limit(LISTED))
    return [Project(row.project, row.title, row.choice) for row in rows]


async def choices_about(tx: Tx, user_ids: Collection[int], project: str) -> dict[int, Project]:
    """What these people want of one project (primary key)."""
    query = sa.select(project_choice).where(
        project_choice.c.user_id.in_(user_ids), project_choice.c.project == project
    )
    rows = await tx.rows(query) if user_ids else []
    return {row.user_id: Project(row.project, row.title, row.choice) for row in rows}


async def heard_of(tx: Tx, user_id: int, project: str, title: str) -> None:
    """So that the person can choose about it; the title as it is called now."""
    values = {"user_id": user_id, "project": project, "title": title[:254], "choice": ""}
    keys = ("user_id", "project")
    await tx.execute(upsert(tx, project_choice, values, keys, ("title",)))


async def choose_project(tx: Tx, user_id: int, project: str, choice: str) -> bool:
    """False for a project that the person has not heard of."""
    mine = (project_choice.c.user_id == user_id, project_choice.c.project == project)
    done = await tx.execute(sa.update(project_choice).where(*mine).values(choice=choice))
    return done.rowcount == 1


# --- muted things


async def mute(tx: Tx, user_id: int, subject: str, heading: str, path: str, now: datetime) -> bool:
    """False when it was muted already."""
    values = {"user_id": user_id, "subject": subject, "at": now}
    values |= {"heading": heading[:254], "path": path[:254]}
    return (await tx.execute(insert_ignore(tx, muted, values))).rowcount == 1


async def unmute(tx: Tx, user_id: int, subject: str) -> bool:
    mine = (muted.c.user_id == user_id, muted.c.subject == subject)
    return (await tx.execute(sa.delete(muted).where(*mine))).rowcount == 1


async def is_muted(tx: Tx, user_id: int, subject: str) -> bool:
    mine = (muted.c.user_id == user_id, muted.c.subject == subject)
    return await tx.scalar(sa.select(muted.c.user_id).where(*mine)) is not None


async def which_muted(
    tx: Tx, user_ids: Collection[int], subjects: Collection[str]
) -> frozenset[tuple[int, str]]:
    """Pairs of a person and a thing (primary key)."""
    query = sa.select(muted.c.user_id, muted.c.subject).where(
        muted.c.user_id.in_(user_ids), muted.c.subject.in_(subjects)
    )
    rows = await tx.rows(query) if user_ids and subjects else []
    return frozenset((row.user_id, row.subject) for row in rows)


async def muted_by(tx: Tx, user_id: int) -> list[Muted]:
    """Newest first, at most 500 (primary key)."""
    query = sa.select(muted).where(muted.c.user_id == user_id)
    rows = await tx.rows(query.order_by(muted.c.at.desc(), muted.c.subject).limit(LISTED))
    return [Muted(row.subject, row.heading, row.path, row.at) for row in rows]


# --- threads and keys


async def thread_of(tx: Tx, subject: str) -> tuple[str, str] | None:
    """Heading and page of what mails are written about (primary key)."""
    row = await tx.row(
        sa.select(thread.c.heading, thread.c.path).where(thread.c.subject == subject)
    )
    return None if row is None else (row.heading, row.path)


async def first_heading(tx: Tx, subject: str, heading: str, path: str) -> str:
    """The heading under which the thread began: this one, when it begins now."""
    known = await thread_of(tx, subject)
    if known is not None:
        return known[0]
    values = {"subject": subject, "heading": heading[:254], "path": path[:254]}
    await tx.execute(insert_ignore(tx, thread, values))
    kept = await thread_of(tx, subject)
    return kept[0] if kept else heading


async def make_key(tx: Tx, user_id: int, secret: str) -> str:
    """The person's key: this one, unless somebody else was faster."""
    await tx.execute(insert_ignore(tx, key, {"user_id": user_id, "secret": secret}))
    return await key_of(tx, user_id) or secret


async def key_of(tx: Tx, user_id: int) -> str | None:
    found: str | None = await tx.scalar(sa.select(key.c.secret).where(key.c.user_id == user_id))
    return found


async def title_of(tx: Tx, user_id: int, project: str) -> str | None:
    """As the person last heard of it."""
    mine = (project_choice.c.user_id == user_id, project_choice.c.project == project)
    found: str | None = await tx.scalar(sa.select(project_choice.c.title).where(*mine))
    return found


async def forget(tx: Tx, user_id: int) -> None:
    """Of somebody who leaves for good; what waits for them is never sent."""
    for table in (preference, project_choice, muted, key, notice):
        await tx.execute(sa.delete(table).where(table.c.user_id == user_id))
    gone = sa.update(telling).where(telling.c.user_id == user_id)
    await tx.execute(gone.values(person="", user_id=None))
