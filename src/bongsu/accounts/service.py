"""Use cases of people and teams. Each runs inside the caller's transaction and asks `require` first."""

from collections.abc import Collection

from bongsu.accounts import mails, policy, store, store_keys
from bongsu.accounts.audit import audit
from bongsu.accounts.doors import first_door, make_door
from bongsu.accounts.inputs import NewPerson, NewTeam, PersonChange, ProfileChange, TeamChange
from bongsu.accounts.model import Actor, Team, User, require
from bongsu.accounts.visit import Visit
from bongsu.db.session import Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import Conflict, Invalid, NotFound, Problem
from bongsu.kit.i18n import say

__all__ = [
    "add_person",
    "change_profile",
    "create_team",
    "delete_team",
    "first_door",
    "get_present",
    "get_team",
    "get_user",
    "invite",
    "list_teams",
    "list_users",
    "nobody",
    "reset_link",
    "update_team",
    "update_user",
]


# --- people


async def list_users(
    tx: Tx, actor: Actor, after_id: int = 0, limit: int = store.PAGE
) -> list[User]:
    require(actor, "user.read")
    return await store.users(tx, after_id, limit)


async def get_user(tx: Tx, actor: Actor, user_id: int) -> User:
    """The deleted too, as what they did is still shown. Raises NotFound."""
    require(actor, "user.read")
    found = await store.user_by_id(tx, user_id)
    if found is None:
        raise nobody(user_id)
    return found


async def get_present(tx: Tx, actor: Actor, user_id: int) -> User:
    """Somebody who can still be changed. Raises NotFound for who is deleted, too."""
    found = await get_user(tx, actor, user_id)
    if found.deleted_at is not None:
        raise nobody(user_id)
    return found


def nobody(user_id: int) -> NotFound:
    return NotFound(say("There is no person with the number {id}.", id=user_id))


async def invite(
    tx: Tx, actor: Actor, form: NewPerson, visit: Visit, clock: Clock
) -> tuple[User, str]:
    """The person, and the token of their link, which is mailed to them too. Raises as `add_person`."""
    made, cause = await add_person(tx, actor, form, clock)
    token = await make_door(tx, "invite", made.id, clock.now())
    await _mail_invitation(tx, actor, made, token, cause, visit, clock)
    return made, token


async def add_person(tx: Tx, actor: Actor, form: NewPerson, clock: Clock) -> tuple[User, str]:
    """Somebody who may be told things, and comes in once they have a link: an administrator makes one, or
    they have one sent by “Forgot your password?”. With the event's id.

    Raises Conflict for a taken address, and where nobody new may join.
    """
    require(actor, "user.create")
    if (await policy.load(tx)).join == "closed":
        raise Conflict(
            say("Nobody new can join here now. Change that on the page of joining first.")
        )
    values = {
        "email": form.email,
        "name": form.name,
        "role": form.role,
        "language": form.language,
        "created_at": clock.now(),
    }
    user_id = await store.insert_user(tx, values)
    if user_id is None:
        raise Conflict(
            say("{email} is already among the people. Change their role there.", email=form.email)
        )
    made = await get_user(tx, actor, user_id)
    return made, audit(tx, actor, "user.created", f"user/{user_id}", clock, after=made.shown())


async def _mail_invitation(
    tx: Tx, actor: Actor, user: User, token: str, cause: str, visit: Visit, clock: Clock
) -> None:
    letter = mails.invite(mails.place_of(visit), actor.name)
    await mails.send(
        tx, letter, user.email, user.id, visit, user.language, clock, token=token, cause=cause
    )


async def reset_link(
    tx: Tx, actor: Actor, user_id: int, visit: Visit, clock: Clock
) -> tuple[User, str]:
    """A link that sets a new password, or repeats an invitation and mails it. Older links close.

    One for a password is not mailed: it is for whoever cannot read their mail. Raises NotAllowed, NotFound,
    Conflict for somebody who is disabled.
    """
    require(actor, "user.reset")
    found = await get_present(tx, actor, user_id)
    if found.disabled:
        raise Conflict(
            say("{name} is disabled. Enable them first, then make a link.", name=found.name)
        )
    await store_keys.close_doors(tx, user_id=user_id)
    purpose = "invite" if found.invited else "reset"
    token = await make_door(tx, purpose, user_id, clock.now())
    more = {"purpose": purpose}
    cause = audit(tx, actor, "user.link_made", f"user/{user_id}", clock, more=more)
    if found.invited:
        await _mail_invitation(tx, actor, found, token, cause, visit, clock)
    return found, token


async def update_user(tx: Tx, actor: Actor, user_id: int, form: PersonChange, clock: Clock) -> User:
    """Name, role and whether they may come in. A role counts from their next request on.

    Raises Conflict when nobody would be left who can administrate.
    """
    require(actor, "user.update")
    if form.disabled is not None:
        require(actor, "user.disable")
    admins = await store.lock_admins(tx)
    before = await get_present(tx, actor, user_id)
    values = form.model_dump(exclude={"disabled"}, exclude_none=True)
    if form.disabled is not None and form.disabled != before.disabled:
        values["disabled_at"] = clock.now() if form.disabled else None
    if admins == [user_id] and (
        values.get("role", "admin") != "admin" or values.get("disabled_at")
    ):
        raise Conflict(
            say("{name} is the last administrator. Make somebody else one first.", name=before.name)
        )
    if not values:
        return before
    await store.update_user(tx, user_id, **values)
    if values.get("disabled_at"):
        await _close_every_way(tx, user_id, clock)
    after = await get_user(tx, actor, user_id)
    audit(
        tx,
        actor,
        _what(values),
        f"user/{user_id}",
        clock,
        before=before.shown(),
        after=after.shown(),
    )
    return after


def _what(values: dict[str, object]) -> str:
    if "disabled_at" not in values:
        return "user.updated"
    return "user.disabled" if values["disabled_at"] else "user.enabled"


async def _close_every_way(tx: Tx, user_id: int, clock: Clock) -> None:
    """Enabling gives none of them back."""
    await store_keys.delete_sessions_of(tx, user_id)
    await store_keys.revoke_tokens_of(tx, user_id, clock.now())
    await store_keys.close_doors(tx, user_id=user_id)


async def change_profile(tx: Tx, actor: Actor, form: ProfileChange, clock: Clock) -> User:
    """One's own name, language and time zone; an empty language or zone is whatever the browser says."""
    require(actor, "profile.own")
    before = await get_user(tx, actor, actor.id)
    given = form.model_dump(exclude_unset=True)
    values = {name: value for name, value in given.items() if value is not None or name != "name"}
    if values:
        await store.update_user(tx, actor.id, **values)
    after = await get_user(tx, actor, actor.id)
    if after != before:
        audit(
            tx,
            actor,
            "user.updated",
            f"user/{actor.id}",
            clock,
            before=before.shown(),
            after=after.shown(),
        )
    return after


# --- teams


async def list_teams(
    tx: Tx, actor: Actor, after_id: int = 0, limit: int = store.PAGE
) -> list[Team]:
    require(actor, "team.read")
    return await store.teams(tx, after_id, limit)


async def get_team(tx: Tx, actor: Actor, team_id: int) -> Team:
    """Raises NotFound."""
    require(actor, "team.read")
    found = await store.team_by_id(tx, team_id)
    if found is None:
        raise NotFound(say("There is no team with the number {id}.", id=team_id))
    return found


async def create_team(tx: Tx, actor: Actor, form: NewTeam, clock: Clock) -> Team:
    """Raises Conflict for a taken name, Invalid for members that do not exist."""
    require(actor, "team.create")
    await _must_exist(tx, form.members)
    team_id = await store.insert_team(tx, form.name, form.title or form.name, clock.now())
    if team_id is None:
        raise Conflict(
            say("A team named {name} exists already. Choose another name.", name=form.name)
        )
    await store.set_members(tx, team_id, form.members)
    made = await get_team(tx, actor, team_id)
    audit(tx, actor, "team.created", f"team/{team_id}", clock, after=made.shown())
    return made


async def update_team(tx: Tx, actor: Actor, team_id: int, form: TeamChange, clock: Clock) -> Team:
    """Title and members; the name stays, as files and services use it."""
    require(actor, "team.update")
    before = await get_team(tx, actor, team_id)
    if form.title is not None:
        await store.update_team(tx, team_id, form.title)
    if form.members is not None:
        await _must_exist(tx, form.members)
        await store.set_members(tx, team_id, form.members)
    after = await get_team(tx, actor, team_id)
    if after != before:
        audit(
            tx,
            actor,
            "team.updated",
            f"team/{team_id}",
            clock,
            before=before.shown(),
            after=after.shown(),
        )
    return after


async def delete_team(tx: Tx, actor: Actor, team_id: int, clock: Clock) -> Team:
    """Its people stay; services that it owned lose this owner."""
    require(actor, "team.delete")
    before = await get_team(tx, actor, team_id)
    await store.delete_team(tx, team_id)
    audit(tx, actor, "team.deleted", f"team/{team_id}", clock, before=before.shown())
    return before


async def _must_exist(tx: Tx, ids: Collection[int]) -> None:
    known = {user.id for user in await store.users_by_ids(tx, set(ids))}
    unknown = sorted(set(ids) - known)
    if unknown:
        problem = Problem("members", say("There is no person with the number {id}.", id=unknown[0]))
        raise Invalid(say("The members of the team are not right."), (problem,))
