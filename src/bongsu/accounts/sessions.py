"""Signing in and out. Every entry makes a new session; every change of password ends all of them."""

import secrets

from bongsu.accounts import policy, store, store_factors, store_keys, tries
from bongsu.accounts.audit import audit
from bongsu.accounts.inputs import PasswordChange, SignIn
from bongsu.accounts.keys import (
    HALF_LENGTH,
    SESSION_IDLE,
    SESSION_LENGTH,
    HalfSession,
    Session,
    has_second_factor,
    limits_for,
)
from bongsu.accounts.model import Actor, User, as_actor, require
from bongsu.accounts.passwords import PASSWORDS, Passwords
from bongsu.accounts.store import Login
from bongsu.accounts.visit import Visit, note_refused
from bongsu.db.session import Database, Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import (
    Conflict,
    Invalid,
    NotFound,
    NotSignedIn,
    NotVerified,
    Problem,
)
from bongsu.kit.i18n import Said, say, say_n
from bongsu.kit.ids import new_token, token_hash
from bongsu.kit.text import head, one_line

__all__ = [
    "HalfCookie",
    "Visit",
    "begin_session",
    "change_password",
    "check_password",
    "come_in",
    "end_others",
    "end_session",
    "own_sessions",
    "password_was_right",
    "prove",
    "sign_in",
    "sign_out",
    "still_the_same",
]


class HalfCookie(str):
    """Of a half-opened session: opens nothing but the question for the code (second_step.py)."""

    __slots__ = ()


async def sign_in(
    db: Database, form: SignIn, visit: Visit, clock: Clock, passwords: Passwords = PASSWORDS
) -> str:
    """Gives the new cookie, or a HalfCookie when a code is still needed. Raises NotSignedIn with the
    tries left, TooMany with the wait."""
    email, known, renewed = await check_password(db, form, visit, clock, passwords)
    async with db.write() as tx:
        user = await password_was_right(tx, email, known, renewed, visit, clock)
        return await come_in(tx, user, visit, clock)


async def check_password(
    db: Database, form: SignIn, visit: Visit, clock: Clock, passwords: Passwords = PASSWORDS
) -> tuple[str, Login, str | None]:
    """The address, what is known of it, and a newer hash. Raises as `sign_in`.

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
    return email, known, await _renewed(known, secret, passwords)


async def password_was_right(
    tx: Tx, email: str, known: Login, renewed: str | None, visit: Visit, clock: Clock
) -> User:
    """The person, held until the session is there; their tries are forgiven."""
    user = await still_the_same(tx, email, known)
    if renewed is not None:
        await store.update_user(tx, user.id, password_hash=renewed)
    await tries.forgive(tx, limits_for(email, visit.address), clock.now())
    return user


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
    while we hashed, and must not be until the session is there. Raises Conflict."""
    again = await store.login(tx, email, hold=True)
    user = await store.user_by_id(tx, known.user_id)
    if user is None or again != known:
        raise Conflict(say("The account was changed at this very moment. Sign in again."))
    return user


# --- tries


async def _let_try(
    db: Database, email: str, visit: Visit, clock: Clock
) -> tuple[Login | None, int]:
    """Counts the try before the password is looked at. Raises TooMany while a wait lasts."""
    async with db.write() as tx:
        left = await tries.count(tx, limits_for(email, visit.address), clock.now())
        return await store.login(tx, email), left


async def _refused(
    db: Database, known: Login | None, left: int, visit: Visit, clock: Clock
) -> None:
    subject = "user/unknown" if known is None else f"user/{known.user_id}"
    reason = "password" if known is not None and known.active else "account"
    async with db.write() as tx:
        note_refused(tx, subject, reason, left, visit, clock)


# --- sessions


async def come_in(tx: Tx, user: User, visit: Visit, clock: Clock, first: str = "password") -> str:
    """After the first step `first` (`password`, `link`, `oidc` or `oidc mfa`): a session, or a HalfCookie
    for whoever has a second factor and has not shown it yet."""
    if not await store_factors.is_on(tx, user.id):
        return await begin_session(tx, user, visit, clock, first)
    if has_second_factor(first, (await policy.load(tx)).oidc_trusted):
        return await begin_session(tx, user, visit, clock, first)
    cookie = new_token("half")
    ends_at = clock.now() + HALF_LENGTH
    await store_factors.insert_half(tx, HalfSession(token_hash(cookie), user.id, first, ends_at))
    return HalfCookie(cookie)


async def begin_session(
    tx: Tx, user: User, visit: Visit, clock: Clock, opened_by: str = "password"
) -> str:
    """The new cookie. A session that came along is ended: nobody can be made to sign in into one.

    Whoever calls this has seen to a second factor; the others call `come_in`.
    """
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
        opened_by=opened_by,
    )
    if visit.cookie:
        await store_keys.end_cookie(tx, token_hash(visit.cookie))
    await store_keys.delete_dead_sessions(tx, user.id, now - SESSION_IDLE, now)
    await store_keys.insert_session(tx, made)
    seen = {"address": visit.address, "opened_by": opened_by.split()}
    audit(tx, as_actor(user), "session.signed_in", f"user/{user.id}", clock, more=seen)
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


async def end_others(tx: Tx, actor: Actor, session: Session, clock: Clock) -> int:
    """All of the actor's own but this one; how many there were."""
    require(actor, "session.own")
    ended = await store_keys.delete_sessions_of(tx, actor.id, but=session.token_hash)
    if ended:
        audit(tx, actor, "session.revoked", f"user/{actor.id}", clock, more={"others": ended})
    return ended


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
        opened_by = await _opened_by(tx, user, visit)
        await store_keys.delete_sessions_of(tx, user.id)
        await store_keys.close_doors(tx, user_id=user.id)
        audit(tx, actor, "user.password_changed", f"user/{user.id}", clock)
        return await begin_session(tx, user, visit, clock, opened_by)


async def _opened_by(tx: Tx, user: User, visit: Visit) -> str:
    """A renewed session counts as much as the one it takes the place of, and no more."""
    hashed = token_hash(visit.cookie)
    own = [one for one in await store_keys.sessions_of(tx, user.id) if one.token_hash == hashed]
    return own[0].opened_by if own else "password"


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
        await tries.forgive(tx, limits_for(email, visit.address), clock.now())
    return known


def _tries_left(left: int) -> Said:
    return say_n("{n} try left.", "{n} tries left.", left)
