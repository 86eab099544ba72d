"""Sends the event itself to a named channel: a webhook gets it as CloudEvents, mail and SNS as words."""

from pydantic import BaseModel, ConfigDict, Field

from bongsu.db.session import Tx
from bongsu.deliver import store_channels
from bongsu.deliver.model import Message
from bongsu.deliver.outbox import enqueue
from bongsu.events.envelope import Event
from bongsu.kit.clock import Clock, iso
from bongsu.kit.errors import NotFound
from bongsu.kit.i18n import Said, say
from bongsu.kit.kind import Kind


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid")

    channel: str = Field(title="Channel", description="The name of a channel", max_length=63)


SPEC = Kind(
    id="deliver",
    label=say("Send the event to a channel"),
    icon="i-bell",
    options=Options,
    examples=({"channel": "ops-slack"},),
)


async def act(tx: Tx, event: Event, options: Options, rule: str, clock: Clock) -> None:
    """Raises NotFound for a channel that is gone: the event is then set aside with that reason."""
    channel = await store_channels.by_name(tx, options.channel)
    if channel is None:
        raise NotFound(
            say(
                "Rule {rule} sends to the channel {channel}, which does not exist. Change the rule.",
                rule=rule,
                channel=options.channel,
            )
        )
    if channel.enabled:
        await enqueue(
            tx,
            key=f"event/{event.id}/{rule}/{channel.name}",
            kind=channel.kind,
            options=channel.options,
            recipient=channel.name,
            message=message_of(event, rule),
            subject=event.subject,
            event_id=event.id,
            channel=channel.name,
            clock=clock,
        )


def message_of(event: Event, rule: str) -> Message:
    """In English: a channel has no language of its own."""
    stored = event.data.get("reason")
    reason = str(Said.load(stored)) if isinstance(stored, dict) and "text" in stored else ""
    after = event.data.get("after")
    state = str(after.get("state", "")) if isinstance(after, dict) else ""
    return Message(
        key=f"event-{event.id}-{rule}",
        thread=event.subject,
        list_id="events",
        subject=f"{event.type} {event.subject}",
        lead=reason or f"{event.type} {event.subject}",
        word=state,
        facts=(("time", iso(event.time)), ("source", event.source), ("actor", event.actor)),
        because=f"rule {rule}",
        severity=event.severity,
        state=state or "unknown",
        event=event.cloudevent(),
    )
