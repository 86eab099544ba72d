"""Opens an incident, adds to it, raises it, or settles it, by the event's dedup key."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from bongsu.incidents.service import apply
from bongsu.kit.i18n import say
from bongsu.kit.kind import Kind
from bongsu.rules.call import Call

_AUDIENCE = re.compile(r"owners|admins|(team|channel):[a-z0-9][a-z0-9-]{0,62}")


def _audience(text: str) -> str:
    if _AUDIENCE.fullmatch(text) is None:
        raise ValueError(say("Say owners, admins, team:NAME or channel:NAME."))
    return text


def _one_or_more(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Audience = Annotated[
    tuple[Annotated[str, AfterValidator(_audience)], ...], BeforeValidator(_one_or_more)
]


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid")

    severity: int | None = Field(
        None, ge=1, le=5, title="Severity", description="1 to 5; empty: as severe as the event"
    )
    tell: Audience = Field(
        ("owners",),
        title="Who is told",
        description="owners, admins, team:NAME or channel:NAME; one or several",
        max_length=20,
    )
    open: bool = Field(
        True, title="May open one", description="Off: only changes and settles what is open"
    )


SPEC = Kind(
    id="incident",
    label=say("Open an incident"),
    options=Options,
    examples=({"severity": 4, "tell": "owners"}, {"severity": 5, "tell": "channel:ops-slack"}),
)


async def act(options: Options, call: Call) -> None:
    """Without `open` nobody new is told: what is open has its audience."""
    await apply(
        call.tx,
        call.event,
        severity=options.severity or call.event.severity,
        tell=options.tell if options.open else (),
        rule=call.rule,
        clock=call.clock,
        may_open=options.open,
        because=call.because,
    )
