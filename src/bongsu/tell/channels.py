"""Use cases of named channels. Only an admin makes, changes or deletes one; secrets are references."""

from collections.abc import Mapping
from typing import Any

from bongsu.accounts.model import Actor, require
from bongsu.db.session import Tx
from bongsu.deliver import outbox, store_channels
from bongsu.deliver.kinds import problems_of
from bongsu.deliver.model import Message
from bongsu.deliver.store_channels import Channel
from bongsu.events.envelope import Draft
from bongsu.events.log import record
from bongsu.kit.clock import Clock, iso
from bongsu.kit.errors import Conflict, Invalid, NotFound, Problem
from bongsu.kit.i18n import say
from bongsu.kit.text import is_slug
from bongsu.tell.model import Defaults


async def get(tx: Tx, name: str) -> Channel:
    """Raises NotFound."""
    found = await store_channels.by_name(tx, name)
    if found is None:
        raise NotFound(say("There is no channel {name}. It may have been deleted.", name=name))
    return found


async def create(
    tx: Tx,
    actor: Actor,
    name: str,
    values: Mapping[str, Any],
    clock: Clock,
    *,
    defined_in: str | None = None,
) -> Channel:
    """`values`: kind and options. Raises NotAllowed, Invalid, Conflict when the name is taken."""
    require(actor, "channel.create")
    _check(name, values)
    now = clock.now()
    row = {
        "name": name,
        "kind": values["kind"],
        "options": values["options"],
        "enabled": True,
        "defined_in": defined_in,
        "created_at": now,
        "updated_at": now,
    }
    if await store_channels.insert(tx, row) is None:
        raise Conflict(
            say("A channel named {name} already exists. Choose another name.", name=name)
        )
    made = await get(tx, name)
    _record(tx, actor, "created", None, made, clock)
    return made


async def update(
    tx: Tx,
    actor: Actor,
    name: str,
    values: Mapping[str, Any],
    clock: Clock,
    *,
    defined_in: str | None = None,
) -> Channel:
    """Also switches a channel on again that its peer had switched off. Raises NotAllowed, Invalid, NotFound."""
    require(actor, "channel.update")
    _check(name, values)
    before = await get(tx, name)
    row = {
        "kind": values["kind"],
        "options": values["options"],
        "enabled": True,
        "disabled_because": None,
        "updated_at": clock.now(),
    }
    if defined_in is not None:
        row["defined_in"] = defined_in
    await store_channels.update(tx, name, row)
    after = await get(tx, name)
    if before.shown() != after.shown() or before.options != after.options:
        _record(tx, actor, "updated", before, after, clock)
    return after


async def delete(tx: Tx, actor: Actor, name: str, clock: Clock) -> None:
    """Raises NotAllowed, NotFound. What waits for it is still sent."""
    require(actor, "channel.delete")
    before = await get(tx, name)
    await store_channels.delete(tx, name)
    _record(tx, actor, "deleted", before, None, clock)


async def send_test(tx: Tx, actor: Actor, name: str, defaults: Defaults, clock: Clock) -> int:
    """Queues a message that says it is a test, also to a channel that is off; gives the delivery's id.

    Raises NotAllowed, NotFound, Conflict for a second one within the same second.
    """
    require(actor, "channel.test")
    channel, now = await get(tx, name), clock.now()
    key = f"channel/{name}/test/{int(now.timestamp())}"
    delivery_id = await outbox.enqueue(
        tx,
        key=key,
        kind=channel.kind,
        options=channel.options,
        recipient=name,
        message=_test_message(key, name, actor, defaults, clock),
        subject=f"channel/{name}",
        event_id=None,
        channel=name,
        clock=clock,
    )
    if delivery_id is None:
        raise Conflict(say("The channel {name} was tested a moment ago. Look at it.", name=name))
    data = {"object": f"channel/{name}", "delivery": delivery_id, "actor": actor.email}
    draft = Draft(
        type="channel.tested",
        source="bongsu.tell",
        subject=f"channel/{name}",
        data=data,
        actor=actor.ref,
    )
    record(tx, draft, clock)
    return delivery_id


def _test_message(key: str, name: str, actor: Actor, defaults: Defaults, clock: Clock) -> Message:
    language, link = defaults.language, f"{defaults.public_url}/channels/{name}"
    lead = say("If you can read this, messages to the channel {name} arrive.", name=name)
    because = say(
        "You get this because: {reason}.",
        reason=say("{person} tested the channel", person=actor.name),
    )
    return Message(
        key=key,
        thread=f"channel/{name}",
        list_id="bongsu",
        subject=say("Test of the channel {name}", name=name).to(language),
        lead=lead.to(language),
        because=because.to(language),
        link=link,
        state="up",
        language=language,
        event={
            "specversion": "1.0",
            "id": key,
            "source": "bongsu.tell",
            "type": "channel.tested",
            "subject": f"channel/{name}",
            "time": iso(clock.now()),
            "datacontenttype": "application/json",
            "data": {"object": f"channel/{name}", "link": link, "text": str(lead)},
        },
    )


def _check(name: str, values: Mapping[str, Any]) -> None:
    problems = problems_of(str(values.get("kind", "")), values.get("options"))
    if not is_slug(name):
        what = say("{name} is not a name.", name=name)
        problems = (Problem("name", what, say("Use a-z, 0-9 and inner hyphens.")), *problems)
    if problems:
        raise Invalid(say("The channel {name} cannot be saved.", name=name), problems)


def _record(
    tx: Tx, actor: Actor, what: str, before: Channel | None, after: Channel | None, clock: Clock
) -> None:
    """`shown` hides what looks like a secret, so the event may hold it."""
    old, new = before.shown() if before else None, after.shown() if after else None
    one = after or before
    subject = f"channel/{one.name}" if one else "channel"
    data = {
        "object": subject,
        "before": old,
        "after": new,
        "changed": [key for key in new if old[key] != new[key]] if old and new else [],
        "actor": actor.email or actor.name,
    }
    draft = Draft(
        type=f"channel.{what}", source="bongsu.tell", subject=subject, data=data, actor=actor.ref
    )
    record(tx, draft, clock)
