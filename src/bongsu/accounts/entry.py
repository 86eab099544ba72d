"""Who is it: from a cookie or a token to a person, as they are at this moment."""

import contextlib
from datetime import datetime

from bongsu.accounts import store_keys
from bongsu.accounts.keys import SignedIn
from bongsu.accounts.model import WHOLE_ROLE, Actor
from bongsu.accounts.store_keys import Holder
from bongsu.db.session import Database
from bongsu.kit.errors import StateBusy
from bongsu.kit.ids import token_hash


async def signed_in(db: Database, cookie: str, now: datetime) -> SignedIn | None:
    """None for a session that is unknown, too old, idle too long, or of a disabled person."""
    async with db.read() as tx:
        found = await store_keys.session_and_holder(tx, token_hash(cookie))
    if found is None or not found[0].lives(now) or not found[1].active:
        return None
    return SignedIn(found[0], _actor(found[1], None, WHOLE_ROLE))


async def token_actor(db: Database, token: str, now: datetime) -> Actor | None:
    """None for a token that is unknown, expired, revoked, or of a disabled person."""
    async with db.read() as tx:
        found = await store_keys.token_and_holder(tx, token_hash(token))
    if found is None or not found[0].lives(now) or not found[1].active:
        return None
    return _actor(found[1], found[0].id, found[0].scopes)


def _actor(holder: Holder, token_id: int | None, scopes: tuple[str, ...]) -> Actor:
    return Actor(
        kind="user" if token_id is None else "token",
        id=holder.user_id,
        name=holder.name,
        email=holder.email,
        role=holder.role,
        scopes=scopes,
        language=holder.language,
        time_zone=holder.time_zone,
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
