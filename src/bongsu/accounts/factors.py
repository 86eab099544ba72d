"""One’s own second factor: set up, move, recovery codes, switch off; and an administrator’s reset."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bongsu.accounts import codes, policy, store, store_factors, store_keys, totp
from bongsu.accounts.audit import audit
from bongsu.accounts.inputs_factors import ConfirmFactor, FactorOff, NewCodes, NewFactor
from bongsu.accounts.keys import Session
from bongsu.accounts.model import SYSTEM, Actor, User, require
from bongsu.accounts.notices import tell_person
from bongsu.accounts.passwords import PASSWORDS, Passwords
from bongsu.accounts.sessions import begin_session, prove
from bongsu.accounts.vault import Vault
from bongsu.accounts.visit import Visit
from bongsu.db.session import Database, Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import Conflict, Invalid, NotFound, Problem
from bongsu.kit.i18n import Said, say

SHOWN_FOR = timedelta(hours=1)  # a secret that was shown and not confirmed


@dataclass(frozen=True, slots=True)
class Standing:
    """`pending`: one was shown and waits for its first code."""

    on_since: datetime | None
    pending: bool
    codes_left: int
    required: bool
    has_password: bool

    @property
    def on(self) -> bool:
        return self.on_since is not None


async def standing(tx: Tx, actor: Actor, clock: Clock) -> Standing:
    require(actor, "factor.own")
    found = await store_factors.factor(tx, actor.id)
    user = await _user(tx, actor.id)
    return Standing(
        on_since=found.confirmed_at if found else None,
        pending=_pending(found, clock) is not None,
        codes_left=await store_factors.codes_left(tx, actor.id),
        required=(await policy.load(tx)).mfa_required,
        has_password=user.has_password,
    )


def _pending(found: store_factors.Factor | None, clock: Clock) -> str | None:
    if found is None or found.pending_at is None or clock.now() >= found.pending_at + SHOWN_FOR:
        return None
    return found.pending


# --- setting up


async def begin(
    db: Database,
    actor: Actor,
    form: NewFactor,
    visit: Visit,
    clock: Clock,
    vault: Vault,
    passwords: Passwords = PASSWORDS,
) -> None:
    """A new secret, to be shown and confirmed. Where one is on already, this is a move to another device:
    password and code are asked for, and the old one counts until the new one is confirmed."""
    require(actor, "factor.own")
    ring = await vault.keyring()
    async with db.read() as tx:
        now_on = await store_factors.is_on(tx, actor.id)
    if now_on:
        await _prove_password(db, actor, form.password.get_secret_value(), visit, clock, passwords)
        await _prove_code(db, actor, form.code.get_secret_value(), visit, clock, vault)
    sealed = ring.seal(actor.id, totp.new_secret())
    async with db.write() as tx:
        await store_factors.keep_pending(tx, actor.id, sealed, clock.now())


async def shown_secret(db: Database, actor: Actor, clock: Clock, vault: Vault) -> str | None:
    """What waits for its first code, for that hour only; None when there is nothing."""
    require(actor, "factor.own")
    async with db.read() as tx:
        sealed = _pending(await store_factors.factor(tx, actor.id), clock)
    return None if sealed is None else (await vault.keyring()).open(actor.id, sealed)


async def confirm(
    db: Database,
    actor: Actor,
    session: Session,
    form: ConfirmFactor,
    visit: Visit,
    clock: Clock,
    vault: Vault,
    passwords: Passwords = PASSWORDS,
) -> tuple[str, tuple[str, ...]]:
    """Switches it on: a new cookie, every other session ended, and the recovery codes for the only time.

    A session that is not fresh gives the password too: a stolen one must not shut its owner out.
    Raises Invalid for a wrong code or password, TooMany, Conflict where there is nothing to switch on.
    """
    require(actor, "factor.own")
    if not session.is_fresh(clock.now()):
        await _prove_password(db, actor, form.password.get_secret_value(), visit, clock, passwords)
    async with db.read() as tx:
        sealed = _pending(await store_factors.factor(tx, actor.id), clock)
    if sealed is None:
        raise Conflict(
            say("There is no second factor to confirm. Begin anew and scan the new code.")
        )
    secret = (await vault.keyring()).open(actor.id, sealed)
    left = await codes.count_try(db, actor, visit, clock)
    typed = form.code.get_secret_value()
    step = (
        totp.matching_step(secret, totp.plain(typed), clock.now()) if totp.is_code(typed) else None
    )
    if step is None:
        raise _wrong(await codes.refused(db, actor, left, visit, clock))
    async with db.write() as tx:
        return await _switch_on(tx, actor, session, sealed, step, visit, clock)


async def _switch_on(
    tx: Tx, actor: Actor, session: Session, sealed: str, step: int, visit: Visit, clock: Clock
) -> tuple[str, tuple[str, ...]]:
    moved = await store_factors.is_on(tx, actor.id)
    if not await store_factors.confirm(tx, actor.id, sealed, step, clock.now()):
        raise Conflict(
            say("There is no second factor to confirm. Begin anew and scan the new code.")
        )
    await codes.forgive(tx, actor, visit, clock)
    made = await _new_codes(tx, actor.id)
    await store_keys.delete_sessions_of(tx, actor.id)
    what = "user.second_factor_moved" if moved else "user.second_factor_on"
    audit(tx, actor, what, f"user/{actor.id}", clock, severity=2)
    first = session.opened_by.split()[0]
    cookie = await begin_session(tx, await _user(tx, actor.id), visit, clock, f"{first} totp")
    return cookie, made


async def _new_codes(tx: Tx, user_id: int) -> tuple[str, ...]:
    made = totp.new_recovery_codes()
    await store_factors.replace_codes(tx, user_id, [totp.recovery_hash(one) for one in made])
    return made


# --- while it is on


async def renew_codes(
    db: Database, actor: Actor, form: NewCodes, visit: Visit, clock: Clock, vault: Vault
) -> tuple[str, ...]:
    """Ten new recovery codes for the only time; the old ones open nothing any more.

    Raises Invalid for a wrong code, TooMany, Conflict where no second factor is on.
    """
    require(actor, "factor.own")
    await _prove_code(db, actor, form.code.get_secret_value(), visit, clock, vault)
    async with db.write() as tx:
        if not await store_factors.is_on(tx, actor.id):
            raise Conflict(_nothing_on())
        made = await _new_codes(tx, actor.id)
        audit(tx, actor, "user.recovery_codes_made", f"user/{actor.id}", clock, severity=2)
    return made


async def switch_off(
    db: Database,
    actor: Actor,
    form: FactorOff,
    visit: Visit,
    clock: Clock,
    vault: Vault,
    passwords: Passwords = PASSWORDS,
) -> None:
    """Asks for the password and a code. Raises Conflict where a second factor is compulsory."""
    require(actor, "factor.own")
    async with db.read() as tx:
        if (await policy.load(tx)).mfa_required:
            raise Conflict(
                say(
                    "A second factor is compulsory here, so it stays on. "
                    "Move it to another device instead, or ask an administrator."
                )
            )
    await _prove_password(db, actor, form.password.get_secret_value(), visit, clock, passwords)
    await _prove_code(db, actor, form.code.get_secret_value(), visit, clock, vault)
    async with db.write() as tx:
        if await store_factors.delete_factor(tx, actor.id):
            audit(tx, actor, "user.second_factor_off", f"user/{actor.id}", clock, severity=2)
            await tell_person(tx, actor, say("Your second factor was switched off."), visit, clock)


async def _prove_password(
    db: Database, actor: Actor, secret: str, visit: Visit, clock: Clock, passwords: Passwords
) -> None:
    """Nothing to ask of people who have no password: they sign in through the provider."""
    async with db.read() as tx:
        has_password = (await _user(tx, actor.id)).has_password
    if has_password:
        await prove(db, actor.email, secret, visit, clock, passwords)


async def _prove_code(
    db: Database, actor: Actor, typed: str, visit: Visit, clock: Clock, vault: Vault
) -> None:
    """Raises Invalid at `code`, TooMany, Conflict when there is none to give a code of."""
    ring = await codes.ring_for(vault, typed)
    async with db.read() as tx:
        if not await store_factors.is_on(tx, actor.id):
            raise Conflict(_nothing_on())
    left = await codes.count_try(db, actor, visit, clock)
    async with db.write() as tx:
        way = await codes.take(tx, actor, typed, ring, visit, clock)
    if not way:
        raise _wrong(await codes.refused(db, actor, left, visit, clock))


def _nothing_on() -> Said:
    return say("You have no second factor. Set one up first.")


def _wrong(said: Said) -> Invalid:
    return Invalid(say("Nothing was changed."), (Problem("code", said),))


# --- an administrator's


async def of_person(tx: Tx, actor: Actor, user_id: int) -> bool:
    """Whether that person has one. Raises NotFound."""
    require(actor, "factor.reset")
    await _user(tx, user_id)
    return await store_factors.is_on(tx, user_id)


async def reset(tx: Tx, actor: Actor, user_id: int, visit: Visit, clock: Clock) -> User:
    """For who lost device and recovery codes: takes it away, ends every session, tells them by mail.

    Raises NotFound; Conflict when there is none, and for one's own, which asks for password and code.
    """
    require(actor, "factor.reset")
    user = await _user(tx, user_id)
    if user_id == actor.id:
        raise Conflict(
            say("Your own second factor is switched off on your own page, with password and code.")
        )
    if not await store_factors.delete_factor(tx, user_id):
        raise Conflict(say("{name} has no second factor.", name=user.name))
    await store_keys.delete_sessions_of(tx, user_id)
    audit(tx, actor, "user.second_factor_reset", f"user/{user_id}", clock, severity=3)
    await tell_person(tx, user, _taken_away(actor), visit, clock)
    return user


def _taken_away(actor: Actor) -> Said:
    if actor.kind == "system":
        return say(
            "Your second factor was taken away on the server itself, and every session of yours ended. "
            "Sign in with your password and set up a new one."
        )
    return say(
        "{person} took away your second factor, and every session of yours ended. "
        "Sign in with your password and set up a new one.",
        person=actor.name,
    )


async def reset_here(tx: Tx, email: str, visit: Visit, clock: Clock) -> User:
    """For whoever has the machine itself, as when the only administrator lost the device. Raises NotFound,
    Conflict when there is none."""
    user = await store.user_by_email(tx, email.strip().lower())
    if user is None:
        raise NotFound(say("Nobody here has the address {email}.", email=email))
    return await reset(tx, SYSTEM, user.id, visit, clock)


async def _user(tx: Tx, user_id: int) -> User:
    found = await store.user_by_id(tx, user_id)
    if found is None:
        raise NotFound(say("There is no person with the number {id}.", id=user_id))
    return found
