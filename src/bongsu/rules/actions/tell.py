"""Tells everybody whom a change concerns, each as they want to be told: see bongsu/tell."""

from pydantic import BaseModel, ConfigDict

from bongsu.kit.i18n import say
from bongsu.kit.kind import Kind
from bongsu.rules.call import Call
from bongsu.tell.hear import Hearing


class Options(BaseModel):
    """There is nothing to say: whom it concerns is in the event, how they are told is theirs to choose."""

    model_config = ConfigDict(extra="forbid")


SPEC = Kind(
    id="tell",
    label=say("Tell whom it concerns"),
    options=Options,
    examples=({},),
)


async def act(options: Options, call: Call) -> None:  # noqa: ARG001  every action has the same shape
    """Events that are no news about a task, nor mention anybody, tell nobody."""
    await Hearing(call.tx, call.gates, call.defaults, call.clock).hear(call.event)
