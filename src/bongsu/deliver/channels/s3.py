"""An Amazon S3 bucket that keeps a copy of the log: one object an event, under the day it happened."""

import hashlib
import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from bongsu.aws.faults import Fault
from bongsu.deliver.channels._aws import (
    COPY_LADDER_S,
    Endpoint,
    KeyId,
    Region,
    SecretKey,
    as_json,
    asked,
    both_keys_or_none,
)
from bongsu.deliver.context import Context
from bongsu.deliver.model import Message, Receipt
from bongsu.kit.i18n import Said, say
from bongsu.kit.kind import Kind

LADDER_S = COPY_LADDER_S
CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
_THERE = frozenset({"PreconditionFailed"})
_DATED = re.compile(r"(\d{4})-(\d\d)-(\d\d)T([0-9:.]+)Z")
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid")

    bucket: str = Field(
        title="Bucket", pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", examples=["bongsu-log"]
    )
    prefix: str = Field(
        "events/",
        title="Prefix",
        description="Stands before year, month and day in every key",
        max_length=200,
    )
    region: Region = None
    endpoint: Endpoint = None
    access_key_id: KeyId = None
    secret_access_key: SecretKey = None

    @field_validator("prefix")
    @classmethod
    def _prefix_of_keys(cls, value: str) -> str:
        if value.startswith("/") or not re.fullmatch(r"[A-Za-z0-9!_.*'()/-]*", value):
            raise ValueError(say("Use letters, digits, - _ . and inner /, such as events/."))
        return value

    _keys = model_validator(mode="after")(both_keys_or_none)


SPEC = Kind(
    id="s3",
    label=say("Amazon S3 bucket"),
    options=Options,
    examples=({"bucket": "bongsu-log", "prefix": "events/"},),
)


async def send(options: Options, message: Message, ctx: Context) -> Receipt:
    """Only where there is none yet: a repeat makes no second version. Raises DeliveryError."""

    def refused(fault: Fault) -> Said:
        return say(
            "S3 refused the object for the bucket {bucket} ({code}): {text}",
            bucket=options.bucket,
            code=fault.code,
            text=fault.text,
        )

    name = key_of(options.prefix, message.event)
    answer = await asked(
        ctx,
        options,
        ("s3", "S3"),
        "put_object",
        refused,
        already=_THERE,
        Bucket=options.bucket,
        Key=name,
        Body=as_json(message.event).encode(),
        ContentType=CONTENT_TYPE,
        IfNoneMatch="*",
    )
    return Receipt("was there already" if answer is None else "written", name)


def key_of(prefix: str, event: dict[str, Any]) -> str:
    """From the event alone, so that every attempt has the same; keys of one day sort by time."""
    number = str(event["id"])
    if not _PLAIN.fullmatch(number):
        number = hashlib.sha256(number.encode()).hexdigest()[:32]
    found = _DATED.fullmatch(str(event.get("time", "")))
    if found is None:
        return f"{prefix}undated/{number}.json"
    year, month, day, clock = found.groups()
    return f"{prefix}{year}/{month}/{day}/{clock.replace(':', '')}-{number}.json"
