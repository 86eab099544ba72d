"""All SQL of sessions, tokens, doors and tries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bongsu.accounts.keys import FORGET_AFTER, ApiToken, Door, Session, Tries
from bongsu.accounts.tables import (
    api_token,
    attempt,
    door,
    entry_policy,
    half_session,
    login_identity,
    second_factor,
    session,
    user,
)
from bongsu.db.dialect import insert_ignore
from bongsu.db.session import Tx

SESSIONS_A_PERSON = 50
TOKENS_A_PERSON = 100
FORGET_DOORS_AFTER = timedelta(days=1)


def _policy(column: sa.Column[bool]) -> sa.Label[bool]:
    row = sa.select(column).where(entry_policy.c.id == 1).scalar_subquery()
    return sa.func.coalesce(row, sa.false()).label(column.name)


_HOLDER = (
    user.c.name.label("holder_name"),
    user.c.email,
    user.c.role,
    user.c.language,
    user.c.time_zone,
    user.c.disabled_at,
    # by primary keys, so that who asks is still one statement
    sa.exists()
    .where(second_factor.c.user_id == user.c.id, second_factor.c.confirmed_at.is_not(None))
    .label("has_codes"),
    _policy(entry_policy.c.mfa_required),
    _policy(entry_policy.c.oidc_trusted),
)
# What a token needs to know beside: it was opened by nothing.
_BY_PROVIDER = (
    sa.exists().where(login_identity.c.user_id == user.c.id).label("has_identity"),
    sa.exists()
    .where(login_identity.c.user_id == user.c.id, login_identity.c.strong)
    .label("has_strong_identity"),
)


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose key it is, as they are at this moment."""

    user_id: int
    name: str
    email: str
    role: str
    language: str | None
    time_zone: str | None
    active: bool
    has_codes: bool  # a second factor of our own
    mfa_required: bool
    oidc_trusted: bool


def _holder(row: sa.Row[Any]) -> Holder:
    return Holder(
        user_id=row.user_id,
        name=row.holder_name,
        email=row.email,
        role=row.role,
        language=row.language,
        time_zone=row.time_zone,
        active=row.disabled_at is None,
        has_codes=bool(row.has_codes),
        mfa_required=bool(row.mfa_required),
        oidc_trusted=bool(row.oidc_trusted),
    )


# --- sessions


async def insert_session(tx: Tx, made: Session) -> None:
    values = {name: getattr(made, name) for name in Session.__slots__}
    await tx.execute(sa.insert(session).values(**values))


async def session_and_holder(tx: Tx, token_hash: str) -> tuple[Session, Holder] | None:
    """One row by primary key, with the person as they are now."""
    query = sa.select(session, *_HOLDER).join(user, user.c.id == session.c.user_id)
    row = await tx.row(query.where(session.c.token_hash == token_hash))
    return None if row is None else (_session(row), _holder(row))


async def touch_session(tx: Tx, token_hash: str, now: datetime) -> None:
    this = session.c.token_hash == token_hash
    await tx.execute(sa.update(session).where(this, session.c.seen_at < now).values(seen_at=now))


async def sessions_of(tx: Tx, user_id: int) -> list[Session]:
    """Newest first (ix_session_user)."""
    query = sa.select(session).where(session.c.user_id == user_id)
    rows = await tx.rows(query.order_by(session.c.seen_at.desc()).limit(SESSIONS_A_PERSON))
    return [_session(row) for row in rows]


async def delete_session(tx: Tx, user_id: int, token_hash: str) -> bool:
    this = (session.c.token_hash == token_hash, session.c.user_id == user_id)
    done = await tx.execute(sa.delete(session).where(*this))
    return done.rowcount == 1


async def end_cookie(tx: Tx, token_hash: str) -> None:
    """Whose ever it is: somebody else signs in where it was kept."""
    await tx.execute(sa.delete(session).where(session.c.token_hash == token_hash))


async def delete_sessions_of(tx: Tx, user_id: int, but: str = "") -> int:
    """Half-opened ones too; `but` is the hash of one that stays. Gives how many whole ones ended."""
    await tx.execute(sa.delete(half_session).where(half_session.c.user_id == user_id))
    others = (session.c.user_id == user_id, session.c.token_hash != but)
    return (await tx.execute(sa.delete(session).where(*others))).rowcount


async def delete_dead_sessions(tx: Tx, user_id: int, idle_since: datetime, now: datetime) -> None:
    dead = sa.or_(session.c.expires_at <= now, session.c.seen_at <= idle_since)
    await tx.execute(sa.delete(session).where(session.c.user_id == user_id, dead))


def _session(row: sa.Row[Any]) -> Session:
    return Session(**{name: getattr(row, name) for name in Session.__slots__})


# --- tokens


async def insert_token(tx: Tx, values: dict[str, Any]) -> int:
    done = await tx.execute(sa.insert(api_token).values(**values).returning(api_token.c.id))
    return int(done.scalar_one())


async def token_and_holder(tx: Tx, token_hash: str) -> tuple[ApiToken, Holder, bool] | None:
    """One row by the unique key, the person as they are now, and whether they have a second factor."""
    columns = (api_token, *_HOLDER, *_BY_PROVIDER)
    query = sa.select(*columns).join(user, user.c.id == api_token.c.user_id)
    row = await tx.row(query.where(api_token.c.token_hash == token_hash))
    if row is None:
        return None
    holder = _holder(row)
    elsewhere = row.has_strong_identity or (holder.oidc_trusted and row.has_identity)
    return _token(row), holder, bool(holder.has_codes or elsewhere)


async def touch_token(tx: Tx, token_id: int, now: datetime) -> None:
    await tx.execute(sa.update(api_token).where(api_token.c.id == token_id).values(used_at=now))


async def tokens_of(tx: Tx, user_id: int) -> list[ApiToken]:
    """Those that are not revoked, newest first; at most 100, which is also how many one may have."""
    this = (api_token.c.user_id == user_id, api_token.c.revoked_at.is_(None))
    query = sa.select(api_token).where(*this).order_by(api_token.c.id.desc())
    return [_token(row) for row in await tx.rows(query.limit(TOKENS_A_PERSON))]


async def token_ids_of(tx: Tx, user_id: int) -> list[int]:
    """The revoked ones too: what they did was done by this person. The newest 1,000."""
    query = sa.select(api_token.c.id).where(api_token.c.user_id == user_id)
    rows = await tx.rows(query.order_by(api_token.c.id.desc()).limit(1000))
    return [int(row.id) for row in rows]


async def revoke_token(tx: Tx, user_id: int, token_id: int, now: datetime) -> bool:
    this = (
        api_token.c.id == token_id,
        api_token.c.user_id == user_id,
        api_token.c.revoked_at.is_(None),
    )
    done = await tx.execute(sa.update(api_token).where(*this).values(revoked_at=now))
    return done.rowcount == 1


async def revoke_tokens_of(tx: Tx, user_id: int, now: datetime) -> int:
    this = (api_token.c.user_id == user_id, api_token.c.revoked_at.is_(None))
    return (await tx.execute(sa.update(api_token).where(*this).values(revoked_at=now))).rowcount


def _token(row: sa.Row[Any]) -> ApiToken:
    values = {name: getattr(row, name) for name in ApiToken.__slots__}
    return ApiToken(**values | {"scopes": tuple(row.scopes)})


# --- doors


async def insert_door(tx: Tx, made: Door, now: datetime) -> None:
    values = {name: getattr(made, name) for name in Door.__slots__}
    await tx.execute(sa.insert(door).values(**values, created_at=now))


async def door_by_hash(tx: Tx, token_hash: str) -> Door | None:
    row = await tx.row(sa.select(door).where(door.c.token_hash == token_hash))
    return None if row is None else Door(**{name: getattr(row, name) for name in Door.__slots__})


async def use_door(tx: Tx, token_hash: str, now: datetime) -> bool:
    """True for exactly one caller, however many come at once."""
    this = (door.c.token_hash == token_hash, door.c.used_at.is_(None), door.c.expires_at > now)
    done = await tx.execute(sa.update(door).where(*this).values(used_at=now))
    return done.rowcount == 1


async def forget_old_doors(tx: Tx, now: datetime) -> None:
    """Nobody asks for them any more. The table stays small; no index."""
    await tx.execute(sa.delete(door).where(door.c.expires_at < now - FORGET_DOORS_AFTER))


async def close_doors(tx: Tx, *, user_id: int | None = None, purpose: str | None = None) -> None:
    """Deletes what is still open: of one person, or of one purpose."""
    query = sa.delete(door).where(door.c.used_at.is_(None))
    if user_id is not None:
        query = query.where(door.c.user_id == user_id)
    if purpose is not None:
        query = query.where(door.c.purpose == purpose)
    await tx.execute(query)


# --- tries


async def hold_tries(tx: Tx, keys: Sequence[str], now: datetime) -> dict[str, Tries]:
    """Reads the counters and holds them until the transaction ends, in one order, so that nobody
    deadlocks and no try is counted twice or not at all."""
    held = {}
    for key in sorted(keys):
        fresh = {"key": key, "count": 0, "window_ends_at": now}
        await tx.execute(insert_ignore(tx, attempt, fresh))
        columns = (attempt.c.count.label("tries"), attempt.c.window_ends_at)
        row = await tx.row(sa.select(*columns).where(attempt.c.key == key).with_for_update())
        held[key] = Tries(0, now) if row is None else Tries(row.tries, row.window_ends_at)
    return held


async def keep_tries(tx: Tx, key: str, tries: Tries) -> None:
    values = {"count": tries.count, "window_ends_at": tries.window_ends_at}
    await tx.execute(sa.update(attempt).where(attempt.c.key == key).values(**values))


async def forget_old_tries(tx: Tx, now: datetime) -> None:
    await tx.execute(sa.delete(attempt).where(attempt.c.window_ends_at < now - FORGET_AFTER))
