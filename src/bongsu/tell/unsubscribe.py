"""One click in a mail, without a session: who holds the link may stop what it was sent for, and take that back.

The link is signed with a key of the person (links.py). Who forwards a mail gives that away with it, and no more.
"""

from dataclasses import dataclass, replace

from bongsu.accounts import store as accounts
from bongsu.accounts.model import Actor, User
from bongsu.db.session import Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import NotFound
from bongsu.kit.i18n import Said, say
from bongsu.tell import choices, links, store_choices
from bongsu.tell.links import WayOut
from bongsu.tell.model import Defaults
from bongsu.tell.preferences import KINDS

_NO_MAC = "0" * 64  # so that an unknown person takes as long to refuse as a known one


@dataclass(frozen=True, slots=True)
class Found:
    """What a link is for; `done`: it was followed."""

    way_out: WayOut
    user: User
    what: Said
    done: bool


async def find(tx: Tx, token: str) -> Found:
    """Raises NotFound for a link that nobody signed, or of a person who is gone."""
    one = links.claimed(token)
    secret = await store_choices.key_of(tx, one.user_id) if one else None
    signed = links.is_signed(token, secret or _NO_MAC)
    user = await accounts.user_by_id(tx, one.user_id) if one and secret and signed else None
    if one is None or user is None:
        raise NotFound(
            say("This link is not valid. Choose what you get on your own page (/me/telling).")
        )
    what, done = await _standing(tx, one)
    return Found(one, user, what, done)


async def _standing(tx: Tx, one: WayOut) -> tuple[Said, bool]:
    choice = await store_choices.preferences(tx, one.user_id)
    if one.scope == "thing":
        thread = await store_choices.thread_of(tx, one.target)
        what = say("Mails about {thing}", thing=thread[0] if thread else one.target)
        return what, await store_choices.is_muted(tx, one.user_id, one.target)
    if one.scope == "project":
        known = await store_choices.choices_about(tx, [one.user_id], one.target)
        project = known.get(one.user_id)
        title = project.title if project else one.target
        what = say("Mails about the project {project}", project=title)
        return what, project is not None and project.choice == "mute"
    if one.scope == "kind":
        kind = KINDS.get(one.target, one.target)
        return say("Mails of the kind “{what}”", what=kind), not choice.wants(one.target)
    return say("All mails about tasks"), choice.off


async def act(tx: Tx, token: str, wanted: bool, defaults: Defaults, clock: Clock) -> Found:
    """`wanted` False: no more of it; True takes that back. Doing it twice changes nothing."""
    found = await find(tx, token)
    one, user = found.way_out, found.user
    actor = Actor("user", user.id, user.name, user.email, user.role)
    zone = user.time_zone or defaults.time_zone
    before = await store_choices.preferences(tx, user.id)
    if one.scope == "thing":
        await _mute(tx, actor, one.target, wanted, clock)
    elif one.scope == "project":
        title = await store_choices.title_of(tx, user.id, one.target) or one.target
        choice: choices.Choice = "" if wanted else "mute"
        await choices.follow_project(tx, actor, one.target, title, choice, clock)
    elif one.scope == "kind":
        await choices.put(tx, actor, before.switched(one.target, wanted), zone, clock)
    else:
        await choices.put(tx, actor, replace(before, off=not wanted), zone, clock)
    return await find(tx, token)


async def _mute(tx: Tx, actor: Actor, subject: str, wanted: bool, clock: Clock) -> None:
    """No gate is asked: whoever was told may stop that, also when they may no longer see it."""
    if wanted == (not await store_choices.is_muted(tx, actor.id, subject)):
        return
    if wanted:
        await choices.unmute(tx, actor, subject, clock)
        return
    heading, path = await store_choices.thread_of(tx, subject) or (subject, "")
    await store_choices.mute(tx, actor.id, subject, heading, path, clock.now())
    choices.say_changed(tx, actor, {"muted": []}, {"muted": [subject]}, clock)
