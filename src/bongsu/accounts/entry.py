"""Who is it: from a cookie or a token to a person, as they are at this moment."""

import contextlib
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bongsu.accounts import store_keys
from bongsu.accounts.keys import SignedIn
from bongsu.accounts.model import Actor
from bongsu.db.session import Database
from bongsu.kit.errors import StateBusy
from bongsu.kit.ids import token_hash


async def signed_in(db: Database, cookie: str, now: datetime) -> SignedIn | None:
    """None for a session that is unknown, too old, idle too long, or of a disabled person."""
    async with db.read() as tx:
        row = await store_keys.session_and_person(tx, token_hash(cookie))
    if row is None or row.disabled_at is not None:
        return None
    session = store_keys.session_from(row)
    if not session.lives(now):
        return None
    return SignedIn(session, _actor(row, "user", ("*",), None))


async def token_actor(db: Database, token: str, now: datetime) -> Actor | None:
    """None for a token that is unknown, expired, revoked, or of a disabled person."""
    async with db.read() as tx:
        row = await store_keys.token_and_person(tx, token_hash(token))
    if row is None or row.disabled_at is not None:
        return None
    found = store_keys.token_from(row)
    if not found.lives(now):
        return None
    return _actor(row, "token", found.scopes, found.id)


def _actor(row: sa.Row[Any], kind: Any, scopes: tuple[str, ...], token_id: int | None) -> Actor:
    return Actor(
        kind=kind,
        id=row.user_id,
        name=row.person_name,
        email=row.email,
        role=row.role,
        scopes=scopes,
        language=row.language,
        time_zone=row.time_zone,
        token_id=token_id,
    )


async def note_session_seen(db: Database, hashed: str, now: datetime) -> None:
    """After the answer, and let go when the state is busy: nobody waits for a time stamp."""
    with contextlib.suppress(StateBusy):
        async with db.write() as tx:
            await store_keys.touch_session(tx, hashed, now)


async def note_token_used(db: Database, token_id: int, now: datetime) -> None:
    with contextlib.suppress(StateBusy):
        async with db.write() as tx:
            await store_keys.touch_token(tx, token_id, now)
