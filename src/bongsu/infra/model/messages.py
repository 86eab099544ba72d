"""What carries messages from part to part and to phones: topics, queues, streams, mobile push."""

from typing import Annotated, Any

from pydantic import Field, model_validator

from bongsu.infra.model.base import Block, Name, shaped
from bongsu.kit.i18n import say

SecretName = Annotated[str, shaped(r"^[A-Za-z0-9/_+=.@-]{1,512}$", "shop/key")]
Bundle = Annotated[str, shaped(r"^[A-Za-z0-9.-]{1,155}$", "com.example.shop")]


class Topic(Block):
    """SNS: what is told once comes to every queue and function that listens. `fifo`: in order, to such queues."""

    fifo: bool = False


class Heard(Block):
    """A topic that a queue listens to. `filter`: of the attributes of its messages, as SNS writes it."""

    topic: Name
    filter: Annotated[dict[str, Any], Field(min_length=1)] | None = None


class Queue(Block):
    """SQS. A message stays hidden for `visibility_s` while somebody works on it, and comes back after that.

    `fifo`: in the order of each group, and the same words within five minutes once.
    """

    fifo: bool = False
    on: tuple[Heard, ...] = ()
    visibility_s: Annotated[int, Field(ge=0, le=43_200)] | None = (
        None  # None: six times its slowest function, 60 at least
    )
    keep_days: Annotated[int, Field(ge=1, le=14)] = 4
    dead_letters: bool = True
    tries: Annotated[int, Field(ge=1, le=100)] = 5  # then it is a dead letter


class Stream(Block):
    """Kinesis: records in the order in which they came, kept and read by several. `shards` None: on demand."""

    shards: Annotated[int, Field(ge=1, le=500)] | None = None
    keep_hours: Annotated[int, Field(ge=24, le=8760)] = 24


class Apns(Block):
    """Apple. `secret`: in Secrets Manager, JSON with key_id, team_id and key (the .p8 file)."""

    bundle: Bundle
    secret: SecretName | None = None
    sandbox: bool = (
        False  # for builds from Xcode; those of TestFlight and the store need the other one
    )


class Fcm(Block):
    """Android. `secret`: in Secrets Manager, the JSON file of Firebase's service account."""

    secret: SecretName | None = None


class Push(Block):
    """Mobile push by SNS. CloudFormation has no such type: a deployment makes its applications by itself."""

    apns: Apns | None = None
    fcm: Fcm | None = None

    @model_validator(mode="after")
    def _some(self) -> "Push":
        if not (self.apns or self.fcm):
            raise ValueError(say("Name apns, fcm or both."))
        return self

    @property
    def platforms(self) -> dict[str, Apns | Fcm]:
        """As SNS calls them."""
        found: dict[str, Apns | Fcm] = {}
        if self.apns:
            found["APNS_SANDBOX" if self.apns.sandbox else "APNS"] = self.apns
        if self.fcm:
            found["GCM"] = self.fcm
        return found
