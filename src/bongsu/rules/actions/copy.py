"""Copies the event whole to a named channel that machines read: a table, a bucket, a bus, a webhook.

`deliver` says something to somebody: it composes a message for each rule that fits and keeps that it was told.
A copy is made once for an event and a channel, however many rules ask for it, and leaves no trace on the pages of
the thing that the event is about. See docs/adr/0059-copies-of-the-log.md.
"""

from pydantic import BaseModel, ConfigDict, Field

from bongsu.deliver import outbox
from bongsu.deliver.model import Message
from bongsu.events.envelope import Event
from bongsu.kit.i18n import say
from bongsu.kit.kind import Kind
from bongsu.rules.call import Call
from bongsu.tell.audience import channel_listener
from bongsu.tell.event_message import about_event, headline
from bongsu.tell.service import to_channel


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid")

    channel: str = Field(title="Channel", description="The name of a channel", max_length=63)


SPEC = Kind(
    id="copy",
    label=say("Copy the event"),
    options=Options,
    examples=({"channel": "log-table"},),
)


async def act(options: Options, call: Call) -> None:
    """A channel that is off or gone is said once for each subject, with the reason."""
    event = call.event
    if is_echo(event):
        return
    listener = await channel_listener(call.tx, options.channel, call.defaults)
    if listener.barred is not None:
        await _say_why_not(options, call)
        return
    key = outbox.copy_key(event.id, options.channel)
    await outbox.enqueue(
        call.tx,
        key=key,
        kind=listener.kind,
        options=listener.options,
        recipient=listener.recipient,
        message=whole(event, key),
        subject=event.subject,
        event_id=event.id,
        channel=options.channel,
        clock=call.clock,
    )


def is_echo(event: Event) -> bool:
    """What is sent to a named channel is news itself; copied, each copy would be the cause of the next,
    and of two channels each would copy what went to the other."""
    return event.type.startswith("delivery.") and event.data.get("channel") is not None


def whole(event: Event, key: str) -> Message:
    """Machines read `event`; the words are for the page of deliveries."""
    words = str(headline(event))
    return Message(
        key=key,
        thread=event.subject,
        list_id=event.source,
        subject=words,
        lead=words,
        severity=event.severity,
        event=event.cloudevent(),
    )


async def _say_why_not(options: Options, call: Call) -> None:
    await to_channel(
        call.tx,
        options.channel,
        subject=call.event.subject,
        severity=call.event.severity,
        turn=call.event.id,
        reason=say("rule {rule}: {because}", rule=call.rule, because=call.because),
        compose=about_event(call.event, call.defaults),
        event_id=call.event.id,
        defaults=call.defaults,
        clock=call.clock,
    )
