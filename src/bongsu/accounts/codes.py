"""One code of a second factor: from the authenticator or a recovery code. Each is taken once."""

from bongsu.accounts import store_factors, totp, tries
from bongsu.accounts.audit import audit
from bongsu.accounts.keys import limits_for_code
from bongsu.accounts.model import Actor
from bongsu.accounts.notices import tell_person
from bongsu.accounts.vault import Keyring, Vault
from bongsu.accounts.visit import Visit, note_refused
from bongsu.db.session import Database, Tx
from bongsu.kit.clock import Clock
from bongsu.kit.i18n import Said, say, say_n


async def ring_for(vault: Vault, typed: str) -> Keyring | None:
    """Only a code of the authenticator needs the key: when it is away, recovery codes still open.

    Raises SecretAway, KeyAway.
    """
    return await vault.keyring() if totp.is_code(typed) else None


async def count_try(db: Database, actor: Actor, visit: Visit, clock: Clock) -> int:
    """Before the code is looked at. Raises TooMany."""
    async with db.write() as tx:
        limits = limits_for_code(actor.email, visit.address)
        return await tries.count(tx, limits, clock.now())


async def take(
    tx: Tx, actor: Actor, typed: str, ring: Keyring | None, visit: Visit, clock: Clock
) -> str:
    """`totp` or `recovery`, and then the code is used up; empty when it is none of this person's."""
    if ring is None:
        right = await _take_code(tx, actor, typed, visit, clock)
    else:
        right = await _take_step(tx, actor, typed, ring, clock)
    if not right:
        return ""
    await forgive(tx, actor, visit, clock)
    return "totp" if ring else "recovery"


async def forgive(tx: Tx, actor: Actor, visit: Visit, clock: Clock) -> None:
    await tries.forgive(tx, limits_for_code(actor.email, visit.address), clock.now())


async def _take_step(tx: Tx, actor: Actor, typed: str, ring: Keyring, clock: Clock) -> bool:
    found = await store_factors.factor(tx, actor.id, hold=True)
    if found is None or found.secret is None:
        return False
    secret = ring.open(actor.id, found.secret)
    step = totp.matching_step(secret, totp.plain(typed), clock.now())
    return step is not None and await store_factors.use_step(tx, actor.id, step)


async def _take_code(tx: Tx, actor: Actor, typed: str, visit: Visit, clock: Clock) -> bool:
    if not await store_factors.use_code(tx, actor.id, totp.recovery_hash(typed), clock.now()):
        return False
    left = await store_factors.codes_left(tx, actor.id)
    subject = f"user/{actor.id}"
    audit(tx, actor, "user.recovery_code_used", subject, clock, severity=2, more={"left": left})
    await tell_person(tx, actor, _used(left), visit, clock)
    return True


def _used(left: int) -> Said:
    return say_n(
        "A recovery code of yours was used; {n} is left. If it was not you, change your password at once.",
        "A recovery code of yours was used; {n} are left. If it was not you, change your password at once.",
        left,
    )


async def refused(db: Database, actor: Actor, left: int, visit: Visit, clock: Clock) -> Said:
    """Records it, and gives the sentence for whoever tried."""
    async with db.write() as tx:
        note_refused(tx, f"user/{actor.id}", "second_factor", left, visit, clock)
    return mismatch(left)


def mismatch(left: int) -> Said:
    if left == 0:
        return say(
            "This code is not right or was used before. The next try is possible in one minute."
        )
    return say_n(
        "This code is not right or was used before. {n} try left, then a wait of one minute.",
        "This code is not right or was used before. {n} tries left, then a wait of one minute.",
        left,
    )
