"""Signing in and out. Every entry makes a new session; every change of password ends all of them."""

import secrets
from dataclasses import dataclass

from bongsu.accounts import store, store_keys
from bongsu.accounts.audit import audit
from bongsu.accounts.inputs import PasswordChange, SignIn
from bongsu.accounts.keys import SESSION_IDLE, SESSION_LENGTH, Session, Tries, limits_for
from bongsu.accounts.model import SYSTEM, Actor, User, require
from bongsu.accounts.passwords import PASSWORDS, Passwords
from bongsu.accounts.store import Login
from bongsu.db.session import Database, Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import (
    Conflict,
    Invalid,
    NotFound,
    NotSignedIn,
    NotVerified,
    Problem,
    TooMany,
)
from bongsu.kit.i18n import Said, say, say_n
from bongsu.kit.ids import new_token, token_hash
from bongsu.kit.text import head, one_line


@dataclass(frozen=True, slots=True)
class Visit:
    """Where a request comes from. `cookie` is the session it brought along, if any."""

    address: str
    agent: str = ""
    cookie: str = ""


async def sign_in(
    db: Database, form: SignIn, visit: Visit, clock: Clock, passwords: Passwords = PASSWORDS
) -> str:
    """Gives the new cookie. Raises NotSignedIn with the tries left, TooMany with the wait.

    The same steps are taken, in the same order, whether the account exists or not.
    """
    email = one_line(form.email).lower()
    known, left = await _let_try(db, email, visit, clock)
    secret = form.password.get_secret_value()
    right = await passwords.verify(_usable_hash(known), secret)
    if not right or known is None:
        await _refused(db, known, left, visit, clock)
        raise NotSignedIn(_mismatch(left))
    if not known.verified:
        raise NotVerified(say("Your mail address is not verified yet. Open the link in the mail."))
    renewed = await _renewed(known, secret, passwords)
    async with db.write() as tx:
        user = await still_the_same(tx, email, known)
        if renewed is not None:
            await store.update_user(tx, user.id, password_hash=renewed)
        await _forgive(tx, email, visit, clock)
        return await begin_session(tx, user, visit, clock)


def _usable_hash(known: Login | None) -> str | None:
    return known.password_hash if known is not None and known.active else None


def _mismatch(left: int) -> Said:
    if left == 0:
        return say("Mail and password do not match. The next try is possible in one minute.")
    return say_n(
        "Mail and password do not match. {n} try left, then a wait of one minute.",
        "Mail and password do not match. {n} tries left, then a wait of one minute.",
        left,
    )


async def _renewed(known: Login, secret: str, passwords: Passwords) -> str | None:
    """A hash with today's parameters, where the stored one is older than they are."""
    if known.password_hash is None or not passwords.outdated(known.password_hash):
        return None
    return await passwords.hash(secret)


async def still_the_same(tx: Tx, email: str, known: Login) -> User:
    """Looks again and holds the row: the person may have been disabled, or given a new password,
    while we hashed, and must not be until the session is there."""
    again = await store.login(tx, email, hold=True)
    user = await store.user_by_id(tx, known.user_id)
    if user is None or again != known:
        raise Conflict(say("The account was changed at this very moment. Sign in again."))
    return user


# --- tries


async def _let_try(
    db: Database, email: str, visit: Visit, clock: Clock
) -> tuple[Login | None, int]:
    """Counts the try before the password is looked at. Raises TooMany while a wait lasts; nothing is
    written then, so that hammering fills neither log nor table."""
    now = clock.now()
    limits = limits_for(email, visit.address)
    async with db.write() as tx:
        held = await store_keys.hold_tries(tx, [limit.key for limit in limits], now)
        wait_s = max(limit.wait_s(held[limit.key], now) for limit in limits)
        if wait_s > 0:
            raise TooMany(_wait(wait_s), wait_s)
        counted = {limit.key: limit.count(held[limit.key], now) for limit in limits}
        for key, tries in counted.items():
            await store_keys.keep_tries(tx, key, tries)
        if counted[limits[0].key].count == 1:
            await store_keys.forget_old_tries(tx, now)
        known = await store.login(tx, email)
    return known, limits[0].left(counted[limits[0].key])


def _wait(wait_s: float) -> Said:
    minutes = max(1, round(wait_s / 60))
    return say_n(
        "Too many tries. Wait {n} minute, then try again; a new password link comes from an administrator.",
        "Too many tries. Wait {n} minutes, then try again; a new password link comes from an administrator.",
        minutes,
    )


async def _forgive(tx: Tx, email: str, visit: Visit, clock: Clock) -> None:
    """A right password clears the account's own counters and takes back the address's last one."""
    now = clock.now()
    pair, place, account = limits_for(email, visit.address)
    held = await store_keys.hold_tries(tx, [pair.key, place.key, account.key], now)
    await store_keys.keep_tries(tx, pair.key, Tries(0, now))
    await store_keys.keep_tries(tx, account.key, Tries(0, now))
    await store_keys.keep_tries(tx, place.key, place.forgive(held[place.key], now))


async def _refused(
    db: Database, known: Login | None, left: int, visit: Visit, clock: Clock
) -> None:
    """What was typed is not kept: people type their password into the wrong field."""
    subject = "user/unknown" if known is None else f"user/{known.user_id}"
    reason = "password" if known is not None and known.active else "account"
    seen = {"address": visit.address, "reason": reason, "tries_left": left}
    async with db.write() as tx:
        audit(tx, SYSTEM, "session.refused", subject, clock, severity=2, more=seen)


# --- sessions


async def begin_session(tx: Tx, user: User, visit: Visit, clock: Clock) -> str:
    """The new cookie. A session that came along is ended: nobody can be made to sign in into one."""
    now = clock.now()
    cookie = new_token("session")
    made = Session(
        token_hash=token_hash(cookie),
        user_id=user.id,
        csrf=secrets.token_urlsafe(32),
        created_at=now,
        seen_at=now,
        expires_at=now + SESSION_LENGTH,
        address=visit.address[:64],
        agent=head(one_line(visit.agent), 256),
    )
    if visit.cookie:
        await store_keys.end_cookie(tx, token_hash(visit.cookie))
    await store_keys.delete_dead_sessions(tx, user.id, now - SESSION_IDLE, now)
    await store_keys.insert_session(tx, made)
    actor = Actor("user", user.id, user.name, user.email, user.role)
    audit(tx, actor, "session.signed_in", f"user/{user.id}", clock, more={"address": visit.address})
    return cookie


async def sign_out(tx: Tx, actor: Actor, session: Session, clock: Clock) -> None:
    require(actor, "session.own")
    if await store_keys.delete_session(tx, actor.id, session.token_hash):
        audit(tx, actor, "session.signed_out", f"user/{actor.id}", clock)


async def own_sessions(tx: Tx, actor: Actor, clock: Clock) -> list[Session]:
    """Those that live, the latest first; at most 50."""
    require(actor, "session.own")
    return [one for one in await store_keys.sessions_of(tx, actor.id) if one.lives(clock.now())]


async def end_session(tx: Tx, actor: Actor, session_id: str, clock: Clock) -> None:
    """One of the actor's own. Raises NotFound for anybody else's, as for one that never was."""
    for one in await own_sessions(tx, actor, clock):
        if one.id == session_id and await store_keys.delete_session(tx, actor.id, one.token_hash):
            audit(
                tx,
                actor,
                "session.revoked",
                f"user/{actor.id}",
                clock,
                more={"address": one.address},
            )
            return
    raise NotFound(
        say("There is no session {id} of yours. It may have ended already.", id=session_id)
    )


async def change_password(
    db: Database,
    actor: Actor,
    form: PasswordChange,
    visit: Visit,
    clock: Clock,
    passwords: Passwords = PASSWORDS,
) -> str:
    """Ends every session, this one too, and gives the cookie of a new one. The old password is asked
    for and its tries are counted: a stolen session must not be able to guess it."""
    require(actor, "profile.own")
    old = form.old.get_secret_value()
    known = await prove(db, actor.email, old, visit, clock, passwords, field="old")
    new_hash = await passwords.hash(form.new.get_secret_value())
    async with db.write() as tx:
        user = await still_the_same(tx, actor.email, known)
        await store.update_user(tx, user.id, password_hash=new_hash)
        await store_keys.delete_sessions_of(tx, user.id)
        await store_keys.close_doors(tx, user_id=user.id)
        audit(tx, actor, "user.password_changed", f"user/{user.id}", clock)
        return await begin_session(tx, user, visit, clock)


async def prove(
    db: Database,
    email: str,
    secret: str,
    visit: Visit,
    clock: Clock,
    passwords: Passwords = PASSWORDS,
    *,
    field: str = "password",
) -> Login:
    """For what a stolen session or a link alone must not do: the password is asked for again, and its
    tries are counted like those of signing in. Raises Invalid at `field`, TooMany with the wait."""
    known, left = await _let_try(db, email, visit, clock)
    if known is None or not await passwords.verify(_usable_hash(known), secret):
        await _refused(db, known, left, visit, clock)
        wrong = Problem(field, say("This is not your password now."), _tries_left(left))
        raise Invalid(say("Nothing was changed."), (wrong,))
    async with db.write() as tx:
        await _forgive(tx, email, visit, clock)
    return known


def _tries_left(left: int) -> Said:
    return say_n("{n} try left.", "{n} tries left.", left)
