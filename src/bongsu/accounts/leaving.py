"""Leaving for good: one's own account, or one that an administrator had disabled before.

The row stays as “Deleted person”, so that what they did keeps its shape; what points to who they were goes.
"""

from collections.abc import Awaitable, Callable, Mapping

from bongsu.accounts import service, store, store_leaving
from bongsu.accounts.audit import audit
from bongsu.accounts.inputs import Confirmed
from bongsu.accounts.keys import SignedIn
from bongsu.accounts.model import Actor, User, require
from bongsu.accounts.passwords import PASSWORDS, Passwords
from bongsu.accounts.sessions import prove
from bongsu.accounts.visit import Visit
from bongsu.db.session import Database, Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import Conflict, Invalid, Problem
from bongsu.kit.i18n import say

# What a room drops of its own of somebody who leaves, by the room's name; app.py fills `app.state.partings`.
Parting = Callable[[Tx, int], Awaitable[None]]


async def leave(
    db: Database,
    signed_in: SignedIn,
    form: Confirmed,
    partings: Mapping[str, Parting],
    visit: Visit,
    clock: Clock,
    passwords: Passwords = PASSWORDS,
) -> None:
    """One's own account. Raises Invalid for a wrong password, Conflict for the last administrator."""
    actor = signed_in.actor
    require(actor, "profile.own")
    async with db.read() as tx:
        user = await service.get_user(tx, actor, actor.id)
    if user.has_password:
        await prove(db, actor.email, form.password.get_secret_value(), visit, clock, passwords)
    elif not signed_in.session.is_fresh(clock.now()):
        what = say("You have no password here, and it is a while since you signed in.")
        todo = say("Sign out, sign in again and repeat it.")
        raise Invalid(say("Nothing was changed."), (Problem("password", what, todo),))
    async with db.write() as tx:
        if await store.lock_admins(tx) == [actor.id]:
            raise Conflict(
                say(
                    "{name} is the last administrator. Make somebody else one first.",
                    name=user.name,
                )
            )
        await _erase(tx, user, "own", actor, partings, clock)


async def delete_person(
    tx: Tx, actor: Actor, user_id: int, partings: Mapping[str, Parting], clock: Clock
) -> None:
    """Somebody who is disabled: there is time to think again. Raises NotFound, Conflict."""
    require(actor, "user.delete")
    found = await service.get_present(tx, actor, user_id)
    if not found.disabled:
        raise Conflict(
            say("{name} is not disabled. Disable them first, then delete them.", name=found.name)
        )
    await _erase(tx, found, "admin", actor, partings, clock)


async def _erase(
    tx: Tx, user: User, by: str, actor: Actor, partings: Mapping[str, Parting], clock: Clock
) -> None:
    """The event says that somebody left, not who it was."""
    for part in partings.values():
        await part(tx, user.id)
    if not await store_leaving.erase(tx, user.id, clock.now()):
        raise service.nobody(user.id)
    nameless = Actor("user", user.id, store_leaving.NAME, "", user.role)
    who = nameless if by == "own" else actor
    audit(tx, who, "user.deleted", f"user/{user.id}", clock, severity=2, more={"by": by})
