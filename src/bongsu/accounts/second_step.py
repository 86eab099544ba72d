"""The second step of signing in: a code, given to a half-opened session or in the same request."""

from dataclasses import replace
from datetime import datetime

from bongsu.accounts import codes, policy, store, store_factors
from bongsu.accounts.entry import HOW_TO_ENROL
from bongsu.accounts.inputs_factors import SecondStep, SignInAtOnce
from bongsu.accounts.keys import HalfSession
from bongsu.accounts.model import User, as_actor
from bongsu.accounts.passwords import PASSWORDS, Passwords
from bongsu.accounts.sessions import (
    begin_session,
    check_password,
    password_was_right,
    still_the_same,
)
from bongsu.accounts.vault import Vault
from bongsu.accounts.visit import Visit
from bongsu.db.session import Database, Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import CodeNeeded, FactorRequired, NotSignedIn
from bongsu.kit.i18n import say
from bongsu.kit.ids import token_hash


async def waiting(db: Database, half: str, now: datetime) -> User | None:
    """Whose code is asked for; None when it took too long, or was used, or the person was disabled."""
    async with db.read() as tx:
        found = await _half(tx, half, now)
    return found[1] if found else None


async def _half(tx: Tx, half: str, now: datetime) -> tuple[HalfSession, User] | None:
    found = await store_factors.half(tx, token_hash(half)) if half else None
    if found is None or not found.lives(now):
        return None
    user = await store.user_by_id(tx, found.user_id)
    return None if user is None or not user.active else (found, user)


async def finish(
    db: Database, half: str, form: SecondStep, visit: Visit, clock: Clock, vault: Vault
) -> str:
    """The cookie of a whole session. Raises NotSignedIn with the tries left, TooMany with the wait, and
    CodeNeeded when the half-opened session is gone: then the password comes first again."""
    typed = form.code.get_secret_value()
    ring = await codes.ring_for(vault, typed)
    user = await waiting(db, half, clock.now())
    if user is None:
        raise _too_late()
    actor = as_actor(user)
    left = await codes.count_try(db, actor, visit, clock)
    async with db.write() as tx:
        way = await codes.take(tx, actor, typed, ring, visit, clock)
        if way:
            return await _whole(tx, half, way, visit, clock)
    raise NotSignedIn(await codes.refused(db, actor, left, visit, clock))


async def _whole(tx: Tx, half: str, way: str, visit: Visit, clock: Clock) -> str:
    """Looks again, as the person may have been disabled or reset while the code was looked at."""
    found = await _half(tx, half, clock.now())
    if found is None or not await store_factors.end_half(tx, token_hash(half)):
        raise _too_late()
    return await begin_session(tx, found[1], visit, clock, f"{found[0].opened_by} {way}")


def _too_late() -> CodeNeeded:
    return CodeNeeded(
        say(
            "The code came too late: five minutes after the password. Sign in again from the start."
        )
    )


async def give_up(db: Database, half: str) -> None:
    """Somebody else wants to sign in here."""
    async with db.write() as tx:
        await store_factors.end_half(tx, token_hash(half))


async def sign_in_at_once(
    db: Database,
    form: SignInAtOnce,
    visit: Visit,
    clock: Clock,
    vault: Vault,
    passwords: Passwords = PASSWORDS,
) -> str:
    """Both steps in one request; the cookie of a whole session. No half-opened one is left behind.

    Raises NotSignedIn, TooMany, CodeNeeded when the password was right and a code is wanted, and
    FactorRequired when one is compulsory and the person has none: that is set up on the pages.
    """
    typed = form.code.get_secret_value()
    ring = await codes.ring_for(vault, typed)
    email, known, renewed = await check_password(db, form, visit, clock, passwords)
    async with db.write() as tx:
        user = await password_was_right(tx, email, known, renewed, visit, clock)
        has_codes = await store_factors.is_on(tx, user.id)
        required = (await policy.load(tx)).mfa_required
        if not has_codes and not required:
            return await begin_session(tx, user, visit, clock)
    if not has_codes:
        raise FactorRequired(HOW_TO_ENROL)
    if not typed:
        raise CodeNeeded(say("The password is right. Send the code of your authenticator with it."))
    left = await codes.count_try(db, as_actor(user), visit, clock)
    async with db.write() as tx:
        way = await codes.take(tx, as_actor(user), typed, ring, visit, clock)
        if way:
            now_known = replace(known, password_hash=renewed or known.password_hash)
            again = await still_the_same(tx, email, now_known)
            return await begin_session(tx, again, visit, clock, f"password {way}")
    raise NotSignedIn(await codes.refused(db, as_actor(user), left, visit, clock))
