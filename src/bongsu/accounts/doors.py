"""One-time links: the first administrator, an invitation, a new password. Kept hashed, open for a day."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bongsu.accounts import store, store_keys
from bongsu.accounts.audit import audit
from bongsu.accounts.inputs import FirstAdmin, Invited, ResetPassword
from bongsu.accounts.keys import DOOR_LENGTH, Door
from bongsu.accounts.model import SYSTEM, Actor, User
from bongsu.accounts.passwords import PASSWORDS, Passwords
from bongsu.accounts.sessions import Visit, begin_session
from bongsu.db.session import Database, Tx
from bongsu.kit.clock import SYSTEM_CLOCK, Clock
from bongsu.kit.errors import Conflict, NotFound
from bongsu.kit.i18n import Said, say
from bongsu.kit.ids import new_token, token_hash

DoorForm = FirstAdmin | Invited | ResetPassword


@dataclass(frozen=True, slots=True)
class Doorway:
    """What stands behind a link: `user` is who it is for, None for the first administrator."""

    purpose: str
    user: User | None


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


async def make_door(tx: Tx, purpose: str, user_id: int | None, now: datetime) -> str:
    """The token, shown once: only its hash is kept."""
    token = new_token("door")
    made = Door(token_hash(token), purpose, user_id, now + DOOR_LENGTH, None)
    await store_keys.insert_door(tx, made, now)
    return token


async def look(db: Database, token: str, clock: Clock) -> Doorway:
    """Raises NotFound for a link that is unknown, used or too old: which of them is not told."""
    async with db.read() as tx:
        return await _look(tx, token, clock.now())


async def _look(tx: Tx, token: str, now: datetime) -> Doorway:
    door = await store_keys.door_by_hash(tx, token_hash(token))
    user = (
        None if door is None or door.user_id is None else await store.user_by_id(tx, door.user_id)
    )
    if door is None or not door.opens(now) or (user is not None and not user.active):
        raise NotFound(_closed())
    return Doorway(door.purpose, user)


def _closed() -> Said:
    return say(
        "This link has been used or is too old. Ask an administrator for a new one; "
        "for the first administrator, start Bongsu again."
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

    Gives the new cookie. Raises NotFound for a closed link, Conflict when the address is taken.
    """
    await look(
        db, token, clock
    )  # before the work of hashing, which strangers must not be able to order
    hashed = await passwords.hash(form.password.get_secret_value())
    async with db.write() as tx:
        seen = await _look(tx, token, clock.now())
        if not await store_keys.use_door(tx, token_hash(token), clock.now()):
            raise NotFound(_closed())
        user = await _settle(tx, seen, form, hashed, clock)
        await store_keys.delete_sessions_of(tx, user.id)
        await store_keys.close_doors(tx, user_id=user.id)
        return await begin_session(tx, user, visit, clock)


async def _settle(tx: Tx, seen: Doorway, form: DoorForm, hashed: str, clock: Clock) -> User:
    if isinstance(form, FirstAdmin) and seen.user is None:
        return await _first_admin(tx, form, hashed, clock)
    if seen.user is None or isinstance(form, FirstAdmin):
        raise NotFound(_closed())  # the wrong form for this link: nothing is told
    values: dict[str, Any] = {"password_hash": hashed}
    if (
        seen.user.verified_at is None
    ):  # the link came by mail, or from an administrator who knows them
        values["verified_at"] = clock.now()
    if isinstance(form, Invited):
        values["name"] = form.name
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
        raise NotFound(_closed())
    values = {
        "email": form.email,
        "name": form.name,
        "role": "admin",
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
        raise NotFound(_closed())
    return found


def _as_actor(user: User) -> Actor:
    return Actor("user", user.id, user.name, user.email, user.role)
