"""Use cases of incidents by people. One transaction each, the caller's; authorisation inside.

What rules do to incidents is `apply`, kept in apply.py.
"""

from bongsu.accounts import store as accounts
from bongsu.accounts.model import Actor, User, require
from bongsu.db.session import Tx
from bongsu.incidents import message, store, words
from bongsu.incidents.apply import apply, end_calm
from bongsu.incidents.gate import FAMILY, GATE, there
from bongsu.incidents.model import Incident
from bongsu.incidents.news import tell_log
from bongsu.incidents.store import Entry
from bongsu.kit.clock import SYSTEM_CLOCK, Clock
from bongsu.kit.errors import Conflict, Invalid, Problem
from bongsu.kit.i18n import say
from bongsu.notes import service as notes
from bongsu.tell.model import Defaults, Deliver, Listener
from bongsu.tell.service import carry_out

TEXT_LIMIT = 4000
__all__ = ["acknowledge", "apply", "comment", "end_calm", "get", "hand_over", "resolve"]


async def get(tx: Tx, actor: Actor, incident_id: int) -> Incident:
    """Raises NotAllowed, NotFound."""
    require(actor, "incident.read")
    return await _get(tx, incident_id)


async def _get(tx: Tx, incident_id: int) -> Incident:
    return there(await store.get(tx, incident_id), incident_id)


async def _held_open(tx: Tx, incident_id: int) -> Incident:
    """For a change by a person. Raises NotFound, Conflict when it is over."""
    found = await store.held(tx, incident_id)
    if found is None:
        return await _get(tx, incident_id)
    if found.resolved_at is not None:
        raise Conflict(
            say("{incident} is resolved already. Nothing was changed.", incident=found.name)
        )
    return found


async def acknowledge(
    tx: Tx, actor: Actor, incident_id: int, clock: Clock = SYSTEM_CLOCK
) -> Incident:
    """Takes the incident: from now on only the holder hears of what comes. Taking it twice changes nothing.

    Raises NotAllowed, NotFound, Conflict when it is resolved.
    """
    require(actor, "incident.acknowledge")
    before = await _held_open(tx, incident_id)
    if before.holder_id == actor.id and before.state == "acknowledged":
        return before
    said = say("{person} has it", person=actor.name)
    if before.holder_id is not None:
        other = await _name(tx, before.holder_id)
        said = say("{person} took it over from {other}", person=actor.name, other=other)
    await _take(tx, before, actor.id or None, clock)
    entry = Entry(at=clock.now(), kind="acknowledged", said=said, actor=actor.ref)
    await store.add(tx, incident_id, entry)
    after = await _get(tx, incident_id)
    tell_log(tx, "acknowledged", after, clock, actor=actor, before=before, reason=said)
    return after


async def _take(tx: Tx, before: Incident, holder_id: int | None, clock: Clock) -> None:
    now = clock.now()
    await store.update_open(
        tx,
        before.id,
        state="acknowledged",
        acknowledged_at=now,
        holder_id=holder_id,
        changed_at=now,
        next_plan_at=now,
    )


async def hand_over(
    tx: Tx, actor: Actor, incident_id: int, user_id: int, defaults: Defaults, clock: Clock
) -> Incident:
    """Gives the incident to another person, who is told at once.

    Raises NotAllowed, NotFound, Conflict when it is resolved, Invalid for a disabled account.
    """
    require(actor, "incident.acknowledge")
    before = await _held_open(tx, incident_id)
    person = await _active(tx, user_id)
    await _take(tx, before, person.id, clock)
    said = say("{person} handed it over to {other}", person=actor.name, other=person.name)
    entry = Entry(at=clock.now(), kind="handed", said=said, actor=actor.ref)
    await store.add(tx, incident_id, entry)
    after = await _get(tx, incident_id)
    tell_log(tx, "handed", after, clock, actor=actor, before=before, reason=said)
    if person.id != actor.id:
        await _tell_holder(tx, after, person, actor, defaults, clock)
    return after


async def _tell_holder(
    tx: Tx, incident: Incident, person: User, actor: Actor, defaults: Defaults, clock: Clock
) -> None:
    why = say("handed over by {person}", person=actor.name)
    listener = Listener(
        key=f"user/{person.id}",
        person=person.name,
        user_id=person.id,
        kind="mail",
        options={"to": [person.email]},
        recipient=person.email,
        language=person.language or defaults.language,
        time_zone=person.time_zone or defaults.time_zone,
        reason=why,
    )
    turn = clock.now().strftime("%Y%m%dT%H%M%S")
    decision = Deliver(listener, "handed", incident.severity, why, turn)
    subject = await message.load(tx, incident, defaults, clock)
    compose = message.composer(subject)
    await carry_out(
        tx, [decision], subject=incident.subject, compose=compose, event_id=None, clock=clock
    )


async def _active(tx: Tx, user_id: int) -> User:
    person = await accounts.user_by_id(tx, user_id)
    if person is None or not person.active:
        problem = Problem(
            "user",
            say("There is no enabled account {id}.", id=user_id),
            say("Choose somebody from the list of people."),
        )
        raise Invalid(say("The incident cannot be handed over."), (problem,))
    return person


async def comment(
    tx: Tx, actor: Actor, incident_id: int, text: str, clock: Clock = SYSTEM_CLOCK
) -> None:
    """A note like those that are written on its page; also on a resolved incident.

    Raises NotAllowed, NotFound, Invalid for no text or too much.
    """
    require(actor, "incident.comment")
    incident = await _get(tx, incident_id)
    kept = _text(text, "text")
    await notes.add(tx, {FAMILY: GATE}, actor, incident.subject, kept, clock)


async def resolve(
    tx: Tx, actor: Actor, incident_id: int, why: str, clock: Clock = SYSTEM_CLOCK
) -> Incident:
    """Ends it by hand. Raises NotAllowed, NotFound, Conflict when it is over, Invalid without a reason."""
    require(actor, "incident.resolve")
    before = await _held_open(tx, incident_id)
    because, now = words.own(_text(why, "why")), clock.now()
    await store.update_open(
        tx, incident_id, state="resolved", resolved_at=now, changed_at=now, next_plan_at=now
    )
    said = say("{person} resolved it", person=actor.name)
    entry = Entry(at=now, kind="resolved", said=said, because=because, actor=actor.ref)
    await store.add(tx, incident_id, entry)
    after = await _get(tx, incident_id)
    tell_log(tx, "resolved", after, clock, actor=actor, before=before, reason=because)
    return after


def _text(text: str, where: str) -> str:
    kept = text.strip()
    if not kept or len(kept) > TEXT_LIMIT:
        what = say("Write 1 to {limit} characters.", limit=TEXT_LIMIT)
        raise Invalid(say("Nothing was written down."), (Problem(where, what),))
    return kept


async def _name(tx: Tx, user_id: int) -> str:
    person = await accounts.user_by_id(tx, user_id)
    return person.name if person else "–"
