"""A mail address is its owner's once a link sent there was followed, and the password of the account was given.

The password, because a link can be followed by the wrong person: whoever signs up with somebody else's address
hopes that they click, and an address with a slip of the pen belongs to a stranger.
"""

from bongsu.accounts import mails, policy, store, store_keys, tries
from bongsu.accounts.audit import audit
from bongsu.accounts.doors import Doorway, closed, look, look_in, make_door, use
from bongsu.accounts.inputs import Confirmed, NewAddress
from bongsu.accounts.keys import SignedIn, limits_for_mail
from bongsu.accounts.model import Actor, User, require
from bongsu.accounts.passwords import PASSWORDS, Passwords
from bongsu.accounts.policy import Policy
from bongsu.accounts.sessions import come_in, prove
from bongsu.accounts.visit import Visit
from bongsu.db.session import Database, Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import Conflict, Invalid, NotFound, Problem
from bongsu.kit.i18n import say

PURPOSES = frozenset({"verify", "email"})


async def confirm(
    db: Database,
    token: str,
    form: Confirmed,
    visit: Visit,
    clock: Clock,
    passwords: Passwords = PASSWORDS,
) -> str:
    """Uses the link up and gives a new cookie, half a one to who has a second factor.

    Raises NotFound for a closed link, Invalid for a wrong password, TooMany with the wait, Conflict when
    the address has been taken meanwhile.
    """
    user = _of_an_address(await look(db, token, clock))
    await prove(db, user.email, form.password.get_secret_value(), visit, clock, passwords)
    async with db.write() as tx:
        seen = await look_in(tx, token, clock.now())
        before = _of_an_address(seen)
        await use(tx, token, clock.now())
        after = await _settle(tx, before, seen.email or before.email, clock)
        await store_keys.close_doors(tx, user_id=after.id)
        if seen.email is not None:
            letter = mails.moved(mails.place_of(visit), after.email)
            await mails.send(tx, letter, before.email, after.id, visit, after.language, clock)
        return await come_in(tx, after, visit, clock)


def _of_an_address(seen: Doorway) -> User:
    if seen.user is None or seen.purpose not in PURPOSES:
        raise NotFound(closed())  # a link for something else: nothing is told
    return seen.user


async def _settle(tx: Tx, before: User, email: str, clock: Clock) -> User:
    if not await store.change_email(tx, before.id, email, clock.now()):
        raise Conflict(
            say(
                "There is another account with the address {email} by now. Use another one.",
                email=email,
            )
        )
    after = await store.user_by_id(tx, before.id)
    if after is None:
        raise NotFound(closed())
    actor = Actor("user", after.id, after.name, after.email, after.role)
    audit(
        tx,
        actor,
        "user.verified" if email == before.email else "user.updated",
        f"user/{after.id}",
        clock,
        before=before.shown(),
        after=after.shown(),
    )
    return after


# --- another address


async def ask_change(
    db: Database,
    signed_in: SignedIn,
    form: NewAddress,
    visit: Visit,
    clock: Clock,
    passwords: Passwords = PASSWORDS,
) -> None:
    """Mails a link to the new address; until it is used, the old one counts.

    Raises Invalid for a wrong password or a domain that is not taken, Conflict for the address that one
    has, TooMany with the wait. Whether the new one is somebody's already, only the mail tells.
    """
    actor = signed_in.actor
    require(actor, "profile.own")
    if form.email == actor.email:
        raise Conflict(say("{email} is your address already.", email=form.email))
    await prove(db, actor.email, form.password.get_secret_value(), visit, clock, passwords)
    async with db.write() as tx:
        _require_taken(await policy.load(tx), actor, form.email)
        await tries.count(tx, limits_for_mail(form.email, visit.address), clock.now())
        await _post(tx, actor, form.email, visit, clock)


def _require_taken(rules: Policy, actor: Actor, email: str) -> None:
    """Else the domains would hold for the first day only. An administrator sets them and is not held."""
    if actor.role != "admin" and not rules.takes(email):
        what = say("Addresses here are at {domains}.", domains=", ".join(rules.domains))
        raise Invalid(say("Nothing was changed."), (Problem("email", what),))


async def _post(tx: Tx, actor: Actor, email: str, visit: Visit, clock: Clock) -> None:
    place = mails.place_of(visit)
    if await store.user_by_email(tx, email) is not None:
        letter, token = mails.taken_address(place, actor.email), ""
    else:
        letter = mails.new_address(place, actor.email)
        token = await make_door(tx, "email", actor.id, clock.now(), email)
    more = {"purpose": "email"}
    cause = audit(tx, actor, "user.link_made", f"user/{actor.id}", clock, more=more)
    await mails.send(
        tx, letter, email, actor.id, visit, actor.language, clock, token=token, cause=cause
    )
