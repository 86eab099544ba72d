"""Who is it: from a cookie or a token to a person, as they are at this moment."""

import contextlib
from datetime import datetime

from bongsu.accounts import store_keys
from bongsu.accounts.keys import SignedIn, has_second_factor
from bongsu.accounts.model import WHOLE_ROLE, Actor
from bongsu.accounts.store_keys import Holder
from bongsu.db.session import Database
from bongsu.kit.errors import FactorRequired, StateBusy
from bongsu.kit.i18n import say
from bongsu.kit.ids import token_hash

ENROL_PAGE = "/me/second-factor"
HOW_TO_ENROL = say(
    "A second factor is compulsory here, and you have none yet. Sign in at {page} and set one up; "
    "nothing else is open before.",
    page=ENROL_PAGE,
)


async def signed_in(db: Database, cookie: str, now: datetime) -> SignedIn | None:
    """None for a session that is unknown, too old, idle too long, or of a disabled person; and for one
    of a single factor whose person has set up a second since."""
    async with db.read() as tx:
        found = await store_keys.session_and_holder(tx, token_hash(cookie))
    if found is None or not found[0].lives(now) or not found[1].active:
        return None
    session, holder = found
    strong = has_second_factor(session.opened_by, holder.oidc_trusted)
    if holder.has_codes and not strong:
        return None
    must_enrol = holder.mfa_required and not strong
    return SignedIn(session, _actor(holder, None, WHOLE_ROLE), must_enrol)


async def token_actor(db: Database, token: str, now: datetime) -> Actor | None:
    """None for a token that is unknown, expired, revoked, or of a disabled person.

    Raises FactorRequired for a person without second factor where one is compulsory.
    """
    async with db.read() as tx:
        found = await store_keys.token_and_holder(tx, token_hash(token))
    if found is None or not found[0].lives(now) or not found[1].active:
        return None
    key, holder, has_factor = found
    if holder.mfa_required and not has_factor:
        raise FactorRequired(
            say(
                "A second factor is compulsory here, and the owner of this token has none. "
                "Sign in at {page} and set one up; then the token works again.",
                page=ENROL_PAGE,
            )
        )
    return _actor(holder, key.id, key.scopes)


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
