"""One-time links: the first administrator, an invitation, a new password, an address. Kept hashed, open for a day.

Those that set a password are entered here; those that verify an address in addresses.py.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bongsu.accounts import store, store_keys
from bongsu.accounts.audit import audit
from bongsu.accounts.inputs import FirstAdmin, Invited, ResetPassword
from bongsu.accounts.keys import DOOR_LENGTH, Door
from bongsu.accounts.model import SYSTEM, Actor, User
from bongsu.accounts.passwords import PASSWORDS, Passwords
from bongsu.accounts.sessions import Visit, come_in
from bongsu.db.session import Database, Tx
from bongsu.kit.clock import SYSTEM_CLOCK, Clock
from bongsu.kit.errors import Conflict, NotFound
from bongsu.kit.i18n import Said, say
from bongsu.kit.ids import new_token, token_hash

DoorForm = FirstAdmin | Invited | ResetPassword
FORMS: dict[str, type[DoorForm]] = {
    "admin": FirstAdmin,
    "invite": Invited,
    "reset": ResetPassword,
}
NEW = ("admin", "invite")  # behind which somebody comes in for the first time


@dataclass(frozen=True, slots=True)
class Doorway:
    """What stands behind a link: `user` is who it is for, None for the first administrator.

    `email` is the address that the link verifies, where it is not the person's already.
    """

    purpose: str
    user: User | None
    email: str | None = None


async def first_door(db: Database, clock: Clock = SYSTEM_CLOCK) -> str | None:
    """A link's token for the first administrator, or None while somebody can administrate.

    Each start makes a new one and closes the older: only the newest terminal line opens.
    """
    async with db.write() as tx:
        if await store.has_admin(tx):
            return None
        await store_keys.close_doors(tx, purpose="admin")
        audit(tx, SYSTEM, "user.link_made", "user/first", clock, more={"purpose": "admin"})
        return await make_door(tx, "admin", None, clock.now())


async def admin_door(db: Database, email: str, clock: Clock) -> str:
    """For whoever has the machine itself: a new password for an administrator, or the first one's link.

    Raises NotFound when `email` is none of the administrators'.
    """
    first = await first_door(db, clock)
    if first is not None:
        return first
    async with db.write() as tx:
        found = [one for one in await store.admins(tx) if one.email == email.strip().lower()]
        if not found:
            raise NotFound(
                say(
                    "No administrator has the address “{email}”. Administrators: {known}.",
                    email=email,
                    known=", ".join(one.email for one in await store.admins(tx)),
                )
            )
        await store_keys.close_doors(tx, user_id=found[0].id)
        more = {"purpose": "reset"}
        audit(tx, SYSTEM, "user.link_made", f"user/{found[0].id}", clock, more=more)
        return await make_door(tx, "reset", found[0].id, clock.now())


async def make_door(
    tx: Tx, purpose: str, user_id: int | None, now: datetime, email: str | None = None
) -> str:
    """The token, shown once: only its hash is kept."""
    token = new_token("door")
    await store_keys.forget_old_doors(tx, now)
    made = Door(token_hash(token), purpose, user_id, now + DOOR_LENGTH, None, email)
    await store_keys.insert_door(tx, made, now)
    return token


async def look(db: Database, token: str, clock: Clock) -> Doorway:
    """Raises NotFound for a link that is unknown, used or too old: which of them is not told."""
    async with db.read() as tx:
        return await look_in(tx, token, clock.now())


async def look_in(tx: Tx, token: str, now: datetime) -> Doorway:
    """What the link opens, before its use. Raises NotFound where it is used, old, or of somebody disabled."""
    door = await store_keys.door_by_hash(tx, token_hash(token))
    user = (
        None if door is None or door.user_id is None else await store.user_by_id(tx, door.user_id)
    )
    if door is None or not door.opens(now) or (user is not None and user.disabled):
        raise NotFound(closed())
    return Doorway(door.purpose, user, door.email)


async def use(tx: Tx, token: str, now: datetime) -> None:
    """For one caller only, however many come at once. Raises NotFound for the others."""
    if not await store_keys.use_door(tx, token_hash(token), now):
        raise NotFound(closed())


def closed() -> Said:
    return say(
        "This link has been used or is too old. Have a new one sent from the page of signing in, or ask "
        "an administrator; for the first administrator, start Bongsu again."
    )


async def enter(
    db: Database,
    token: str,
    form: DoorForm,
    visit: Visit,
    clock: Clock,
    passwords: Passwords = PASSWORDS,
) -> str:
    """Uses the link up, sets the password, ends every older session and begins one.

    Gives the new cookie; half a one to who has a second factor, which a new password leaves as it is.
    Raises NotFound for a closed link, Conflict when the address is taken.
    """
    await look(
        db, token, clock
    )  # before the work of hashing, which strangers must not be able to order
    hashed = await passwords.hash(form.password.get_secret_value())
    async with db.write() as tx:
        seen = await look_in(tx, token, clock.now())
        await use(tx, token, clock.now())
        user = await _settle(tx, seen, form, hashed, clock)
        await store_keys.delete_sessions_of(tx, user.id)
        await store_keys.close_doors(tx, user_id=user.id)
        return await come_in(tx, user, visit, clock, "link")


async def _settle(tx: Tx, seen: Doorway, form: DoorForm, hashed: str, clock: Clock) -> User:
    if not isinstance(form, FORMS.get(seen.purpose, ())):
        raise NotFound(closed())  # the wrong form for this link: nothing is told
    if isinstance(form, FirstAdmin):
        return await _first_admin(tx, form, hashed, clock)
    if seen.user is None:
        raise NotFound(closed())
    values: dict[str, Any] = {"password_hash": hashed}
    if seen.user.verified_at is None:
        # the link came by mail, or from an administrator who knows them
        values["verified_at"] = clock.now()
    if isinstance(form, Invited):
        values["name"] = form.name
        values["language"] = seen.user.language or form.language
        values["time_zone"] = seen.user.time_zone or form.time_zone
    await store.update_user(tx, seen.user.id, **values)
    after = await _user(tx, seen.user.id)
    what = "user.joined" if isinstance(form, Invited) else "user.password_changed"
    audit(
        tx,
        _as_actor(after),
        what,
        f"user/{after.id}",
        clock,
        before=seen.user.shown(),
        after=after.shown(),
    )
    return after


async def _first_admin(tx: Tx, form: FirstAdmin, hashed: str, clock: Clock) -> User:
    """Closes every other link of this kind, so that two at once make one administrator."""
    await store_keys.close_doors(tx, purpose="admin")
    if await store.has_admin(tx):
        raise NotFound(closed())
    values = {
        "email": form.email,
        "name": form.name,
        "role": "admin",
        "language": form.language,
        "time_zone": form.time_zone,
        "password_hash": hashed,
        "created_at": clock.now(),
        "verified_at": clock.now(),  # whoever has the machine itself needs no proof
    }
    user_id = await store.insert_user(tx, values)
    if user_id is None:
        raise Conflict(
            say(
                "Somebody with the address {email} is known already. Use another one.",
                email=form.email,
            )
        )
    after = await _user(tx, user_id)
    audit(tx, SYSTEM, "user.created", f"user/{user_id}", clock, after=after.shown())
    return after


async def _user(tx: Tx, user_id: int) -> User:
    found = await store.user_by_id(tx, user_id)
    if found is None:
        raise NotFound(closed())
    return found


def _as_actor(user: User) -> Actor:
    return Actor("user", user.id, user.name, user.email, user.role)
