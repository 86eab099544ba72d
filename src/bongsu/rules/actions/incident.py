"""Opens an incident, adds to it, raises it, or settles it, by the event's dedup key."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from bongsu.db.session import Tx
from bongsu.events.envelope import Event
from bongsu.incidents import service
from bongsu.kit.clock import Clock
from bongsu.kit.i18n import say
from bongsu.kit.kind import Kind

_AUDIENCE = re.compile(r"owners|admins|(team|channel):[a-z0-9][a-z0-9-]{0,62}")


def _audience(text: str) -> str:
    if _AUDIENCE.fullmatch(text) is None:
        raise ValueError("Say owners, admins, team:NAME or channel:NAME.")
    return text


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid")

    severity: int = Field(
        4, ge=1, le=5, title="Severity", description="1 a note … 5 everybody is told"
    )
    tell: Annotated[str, AfterValidator(_audience)] = Field(
        "owners", title="Who is told", description="owners, admins, team:NAME or channel:NAME"
    )


SPEC = Kind(
    id="incident",
    label=say("Open an incident"),
    icon="i-incident",
    options=Options,
    examples=({"severity": 4, "tell": "owners"}, {"severity": 5, "tell": "channel:ops-slack"}),
)


async def act(tx: Tx, event: Event, options: Options, rule: str, clock: Clock) -> None:
    await service.apply(
        tx, event, severity=options.severity, tell=options.tell, rule=rule, clock=clock
    )
