"""All SQL of people and teams. What lets them in is in store_keys.py."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bongsu.accounts.model import Team, User
from bongsu.accounts.tables import team, team_member, user
from bongsu.db.dialect import insert_ignore
from bongsu.db.session import Tx

PAGE = 100
PAGE_LIMIT = 1000
_SHOWN = (
    user.c.id,
    user.c.email,
    user.c.name,
    user.c.role,
    user.c.language,
    user.c.time_zone,
    user.c.created_at,
    user.c.disabled_at,
    user.c.password_hash.is_not(None).label("has_password"),
    user.c.verified_at,
    user.c.deleted_at,
)
# `User.active` as SQL: an invited person has no password yet, one who signed up has shown their address.
ACTIVE = sa.and_(
    user.c.disabled_at.is_(None),
    sa.or_(user.c.verified_at.is_not(None), user.c.password_hash.is_(None)),
)
_ACTIVE_ADMIN = (user.c.role == "admin", ACTIVE, user.c.password_hash.is_not(None))


@dataclass(frozen=True, slots=True)
class Login:
    """The only thing that carries a password's hash."""

    user_id: int
    password_hash: str | None
    active: bool
    verified: bool = True


# --- people


async def insert_user(tx: Tx, values: dict[str, Any]) -> int | None:
    """None when the mail address is taken."""
    done = await tx.execute(insert_ignore(tx, user, values).returning(user.c.id))
    made = done.scalar_one_or_none()
    return None if made is None else int(made)


async def user_by_id(tx: Tx, user_id: int) -> User | None:
    return _user(await tx.row(sa.select(*_SHOWN).where(user.c.id == user_id)))


async def user_by_email(tx: Tx, email: str) -> User | None:
    return _user(await tx.row(sa.select(*_SHOWN).where(user.c.email == email)))


async def hold_user(tx: Tx, email: str) -> User | None:
    """Held until the transaction ends: two who sign up with one address take turns."""
    return _user(await tx.row(sa.select(*_SHOWN).where(user.c.email == email).with_for_update()))


async def users(tx: Tx, after_id: int = 0, limit: int = PAGE) -> list[User]:
    """In the order of their numbers (primary key), without the deleted; at most 1,000."""
    here = (user.c.id > after_id, user.c.deleted_at.is_(None))
    query = sa.select(*_SHOWN).where(*here).order_by(user.c.id)
    return _users(await tx.rows(query.limit(min(limit, PAGE_LIMIT))))


async def users_by_ids(tx: Tx, ids: Collection[int]) -> list[User]:
    """By primary key; at most 1,000."""
    query = sa.select(*_SHOWN).where(user.c.id.in_(ids)).order_by(user.c.id).limit(PAGE_LIMIT)
    return _users(await tx.rows(query)) if ids else []


async def login(tx: Tx, email: str, hold: bool = False) -> Login | None:
    """`hold` keeps the row until the transaction ends: a session that begins while the password is
    being changed would else outlive the change."""
    columns = (user.c.id, user.c.password_hash, user.c.disabled_at, user.c.verified_at)
    query = sa.select(*columns).where(user.c.email == email)
    row = await tx.row(query.with_for_update() if hold else query)
    if row is None:
        return None
    verified = row.verified_at is not None
    return Login(row.id, row.password_hash, row.disabled_at is None, verified)


async def update_user(tx: Tx, user_id: int, **values: Any) -> bool:
    done = await tx.execute(sa.update(user).where(user.c.id == user_id).values(**values))
    return done.rowcount == 1


async def change_email(tx: Tx, user_id: int, email: str, now: datetime) -> bool:
    """False when the address is taken, in the last instant perhaps. It counts as verified."""
    values = {"email": email, "verified_at": now}
    try:
        async with tx.savepoint():
            return await update_user(tx, user_id, **values)
    except sa.exc.IntegrityError:
        return False


async def forget_unverified(tx: Tx, before: datetime) -> int:
    """Accounts whose address was never shown: they could do nothing. The table is small; no index."""
    never = (user.c.verified_at.is_(None), user.c.password_hash.is_not(None))
    old = sa.delete(user).where(*never, user.c.created_at < before, user.c.disabled_at.is_(None))
    return int((await tx.execute(old)).rowcount)


async def lock_admins(tx: Tx) -> list[int]:
    """Who could still administrate, held until the transaction ends: two admins who take each
    other's role at once must not both succeed. The table is small; no index."""
    query = sa.select(user.c.id).where(*_ACTIVE_ADMIN).order_by(user.c.id).with_for_update()
    return [row.id for row in await tx.rows(query)]


async def has_admin(tx: Tx) -> bool:
    return await tx.scalar(sa.select(user.c.id).where(*_ACTIVE_ADMIN).limit(1)) is not None


async def admins(tx: Tx) -> list[User]:
    """Active ones; for what is told to whoever runs the place."""
    query = sa.select(*_SHOWN).where(*_ACTIVE_ADMIN).order_by(user.c.id).limit(PAGE_LIMIT)
    return _users(await tx.rows(query))


def _users(rows: Sequence[sa.Row[Any]]) -> list[User]:
    return [User(**row._mapping) for row in rows]  # noqa: SLF001  SQLAlchemy's public name for it


def _user(row: sa.Row[Any] | None) -> User | None:
    return None if row is None else _users([row])[0]


# --- teams


async def insert_team(tx: Tx, name: str, title: str, now: datetime) -> int | None:
    """None when the name is taken."""
    values = {"name": name, "title": title, "created_at": now}
    done = await tx.execute(insert_ignore(tx, team, values).returning(team.c.id))
    made = done.scalar_one_or_none()
    return None if made is None else int(made)


async def team_by_id(tx: Tx, team_id: int) -> Team | None:
    found = await _teams(tx, sa.select(team).where(team.c.id == team_id))
    return found[0] if found else None


async def team_by_name(tx: Tx, name: str) -> Team | None:
    found = await _teams(tx, sa.select(team).where(team.c.name == name))
    return found[0] if found else None


async def teams(tx: Tx, after_id: int = 0, limit: int = PAGE) -> list[Team]:
    """In the order of their numbers (primary key), members with them: two queries; at most 1,000."""
    query = sa.select(team).where(team.c.id > after_id).order_by(team.c.id)
    return await _teams(tx, query.limit(min(limit, PAGE_LIMIT)))


async def teams_of(tx: Tx, user_id: int) -> list[Team]:
    """Those that the person is in (ix_team_member_user); at most 1,000."""
    inside = sa.select(team_member.c.team_id).where(team_member.c.user_id == user_id)
    query = sa.select(team).where(team.c.id.in_(inside)).order_by(team.c.id)
    return await _teams(tx, query.limit(PAGE_LIMIT))


async def _teams(tx: Tx, query: sa.Select[Any]) -> list[Team]:
    rows = await tx.rows(query)
    members = await _member_ids(tx, [row.id for row in rows])
    return [Team(row.id, row.name, row.title, members.get(row.id, ())) for row in rows]


async def _member_ids(tx: Tx, team_ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """By the primary key of team_member."""
    columns = (team_member.c.team_id, team_member.c.user_id)
    query = sa.select(*columns).where(team_member.c.team_id.in_(team_ids)).order_by(*columns)
    found: dict[int, tuple[int, ...]] = {}
    rows = await tx.rows(query) if team_ids else []
    for row in rows:
        found[row.team_id] = (*found.get(row.team_id, ()), row.user_id)
    return found


async def update_team(tx: Tx, team_id: int, title: str) -> bool:
    done = await tx.execute(sa.update(team).where(team.c.id == team_id).values(title=title))
    return done.rowcount == 1


async def delete_team(tx: Tx, team_id: int) -> bool:
    return (await tx.execute(sa.delete(team).where(team.c.id == team_id))).rowcount == 1


async def set_members(tx: Tx, team_id: int, user_ids: Collection[int]) -> None:
    await tx.execute(sa.delete(team_member).where(team_member.c.team_id == team_id))
    if user_ids:
        rows = [{"team_id": team_id, "user_id": user_id} for user_id in sorted(set(user_ids))]
        await tx.execute(sa.insert(team_member), rows)


async def members_of(tx: Tx, team_names: Collection[str]) -> list[User]:
    """Active people of these teams, each once; for whoever must be told."""
    inside = (
        sa.select(team_member.c.user_id)
        .join(team, team.c.id == team_member.c.team_id)
        .where(team.c.name.in_(team_names))
    )
    query = sa.select(*_SHOWN).where(user.c.id.in_(inside), ACTIVE).order_by(user.c.id)
    return _users(await tx.rows(query.limit(PAGE_LIMIT))) if team_names else []
