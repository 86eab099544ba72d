"""Sends the event itself to a named channel: a webhook gets it as CloudEvents, mail and SNS as words."""

from pydantic import BaseModel, ConfigDict, Field

from bongsu.kit.i18n import say
from bongsu.kit.kind import Kind
from bongsu.rules.call import Call
from bongsu.tell.event_message import about_event
from bongsu.tell.service import to_channel


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid")

    channel: str = Field(title="Channel", description="The name of a channel", max_length=63)


SPEC = Kind(
    id="deliver",
    label=say("Send the event to a channel"),
    options=Options,
    examples=({"channel": "ops-slack"},),
)


async def act(options: Options, call: Call) -> None:
    """A channel that is off or gone is said once for each subject, with the reason."""
    event = call.event
    if event.type.startswith("delivery.") and event.data.get("channel") == options.channel:
        return  # each delivery would be the cause of the next one
    await to_channel(
        call.tx,
        options.channel,
        subject=event.subject,
        severity=event.severity,
        turn=f"{event.id}-{call.rule}",
        reason=say("rule {rule}: {because}", rule=call.rule, because=call.because),
        compose=about_event(event, call.defaults),
        event_id=event.id,
        defaults=call.defaults,
        clock=call.clock,
    )
