"""Functions (AWS Lambda) and what starts them."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from bongsu.infra.model.base import Access, Block, Name, shaped
from bongsu.infra.schedules import wrong_schedule
from bongsu.kit.i18n import say


def _taken(text: str) -> str:
    if wrong := wrong_schedule(text):
        raise ValueError(wrong)
    return text


Schedule = Annotated[str, StringConstraints(max_length=256), AfterValidator(_taken)]
# As Lambda takes them: a letter first, two characters at least.
LambdaVariable = Annotated[str, shaped(r"^[A-Za-z][A-Za-z0-9_]{1,127}$", "TABLE_NAME")]
# Counted in the pattern, letters of all alphabets would cost a tenth of a second at each start.
Handler = Annotated[str, shaped(r"^[A-Za-z_][\w.]*\.\w+$", "thumbnail.handler", max_length=128)]
Change = Literal["insert", "modify", "remove"]


class Trigger(Block):
    """One thing that starts a function. `prefix`: of the keys in the bucket; `changes`: of the table's items."""

    bucket: Name | None = None
    prefix: str = ""
    table: Name | None = None
    queue: Name | None = None
    stream: Name | None = None
    topic: Name | None = None
    changes: Annotated[tuple[Change, ...], Field(min_length=1)] = ("insert",)
    schedule: Schedule | None = None  # as EventBridge writes it, in UTC
    pattern: Annotated[dict[str, Any], Field(min_length=1)] | None = None  # as EventBridge's
    bus: Name | None = None  # None: the account's own, where services of AWS tell
    filter: Annotated[dict[str, Any], Field(min_length=1)] | None = None  # of a topic's messages

    @model_validator(mode="after")
    def _one(self) -> "Trigger":
        named = (
            self.bucket,
            self.table,
            self.queue,
            self.stream,
            self.topic,
            self.schedule,
            self.pattern,
        )
        if sum(one is not None for one in named) != 1:
            raise ValueError(
                say(
                    "Name exactly one of bucket, table, queue, stream, topic, schedule and pattern."
                )
            )
        if self.filter and not self.topic:
            raise ValueError(say("A filter is for a topic's messages."))
        if self.bus and not self.pattern:
            raise ValueError(say("A bus needs a pattern: which of its events?"))
        return self

    @property
    def source(self) -> str | None:
        """The part that it hears; none for a schedule, and for what services of AWS tell."""
        return self.bucket or self.table or self.bus or self.queue or self.stream or self.topic


class Function(Block):
    """Code from a folder of this repository. What fails is tried again, then kept as a letter.

    `build`: the folder that a package begins with; `requirements`: a file with hashes, of what comes beside it.
    `network`: where it reaches databases and caches; without it, it stands in none. `secrets`: Lambda gives a
    program no secret, so the variable holds the reference (`secretsmanager:name`, `ssm:/name`) and the role the
    right to read exactly that one.
    """

    build: str = "."
    requirements: str | None = None
    handler: Handler
    runtime: Literal["python3.11", "python3.12", "python3.13"] = "python3.13"
    architecture: Literal["x86", "arm"] = "arm"
    memory_mib: Annotated[int, Field(ge=128, le=10_240)] = 512
    timeout_s: Annotated[int, Field(ge=1, le=900)] = 30
    on: tuple[Trigger, ...] = ()
    uses: dict[Name, Access] = Field(default_factory=dict)
    grants: dict[Name, Access] | None = None  # None: exactly what uses needs
    environment: dict[LambdaVariable, str] = Field(default_factory=dict)
    network: Name | None = None
    internet: bool = False  # it calls addresses outside AWS
    secrets: dict[LambdaVariable, str] = Field(default_factory=dict)
    retries: Annotated[int, Field(ge=0, le=2)] = 2
    dead_letters: bool = True

    @model_validator(mode="after")
    def _once(self) -> "Function":
        for variable in self.environment.keys() & self.secrets.keys():
            raise ValueError(
                say("{variable} stands in environment and in secrets.", variable=variable)
            )
        return self
