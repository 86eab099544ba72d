"""What the tables of this room know about everybody whom one thing concerns: one statement for all of them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from bongsu.accounts.tables import user
from bongsu.db.session import Tx
from bongsu.tell.preferences import Preferences
from bongsu.tell.store_choices import NOTHING_CHOSEN, Project, preferences_in
from bongsu.tell.tables import key, muted, notice, preference, project_choice

FOLLOWERS = 500  # of one project


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one person stands to one thing."""

    preferences: Preferences
    project: Project | None  # None: they never heard of it
    muted: bool
    unaware: bool  # that it was created waits to be told to them
    secret: str | None  # None: they were never mailed


async def standings(
    tx: Tx, user_ids: Collection[int], subject: str, project: str
) -> dict[int, Standing]:
    """Of these people, and of those who follow the whole project (primary keys, ix_telling_project_project,
    ix_notice_user_id_subject)."""
    following = (
        sa.select(project_choice.c.user_id)
        .where(project_choice.c.project == project, project_choice.c.choice == "all")
        .limit(FOLLOWERS)
    )
    waits = sa.exists().where(
        notice.c.user_id == user.c.id, notice.c.subject == subject, notice.c.kind == "created"
    )
    query = (
        sa.select(
            user.c.id.label("person"),
            preference,
            project_choice.c.project,
            project_choice.c.title,
            project_choice.c.choice,
            muted.c.subject.label("muted"),
            key.c.secret,
            waits.label("unaware"),
        )
        .select_from(user)
        .outerjoin(preference, preference.c.user_id == user.c.id)
        .outerjoin(project_choice, _of(project_choice, project_choice.c.project == project))
        .outerjoin(muted, _of(muted, muted.c.subject == subject))
        .outerjoin(key, key.c.user_id == user.c.id)
        .where(sa.or_(user.c.id.in_(user_ids), user.c.id.in_(following)))
    )
    return {row.person: _standing(row) for row in await tx.rows(query)}


def _of(table: sa.Table, which: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.user_id == user.c.id, which)


def _standing(row: sa.Row[Any]) -> Standing:
    chosen = row.updated_at is not None
    return Standing(
        preferences=preferences_in(row) if chosen else NOTHING_CHOSEN,
        project=Project(row.project, row.title, row.choice) if row.project else None,
        muted=row.muted is not None,
        unaware=bool(row.unaware),
        secret=row.secret,
    )
