"""An Amazon EventBridge bus that hears of events as they happen; rules there match on the same patterns."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bongsu.aws.faults import Fault, kind_of
from bongsu.deliver.channels._aws import (
    COPY_LADDER_S,
    Endpoint,
    KeyId,
    Region,
    SecretKey,
    as_json,
    asked,
    both_keys_or_none,
    failed,
)
from bongsu.deliver.context import Context
from bongsu.deliver.model import DeliveryError, Message, Receipt
from bongsu.events.foreign import RESERVED, resources_of
from bongsu.kit.clock import parse_iso
from bongsu.kit.i18n import Said, say
from bongsu.kit.kind import Kind
from bongsu.kit.text import head, one_line

LADDER_S = COPY_LADDER_S
ENTRY_LIMIT_BYTES = 256 * 1024
TIME_BYTES = 14  # what EventBridge counts for it
NAME = "EventBridge"


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid")

    bus: str = Field(
        "default",
        title="Event bus",
        description="Name or ARN; EventBridge drops without a word what is sent to a bus that does not exist",
        pattern=r"^(arn:aws[a-z-]*:events:[a-z0-9-]+:\d{12}:event-bus/)?[A-Za-z0-9/_.-]{1,256}$",
        examples=["bongsu"],
    )
    region: Region = None
    endpoint: Endpoint = None
    access_key_id: KeyId = None
    secret_access_key: SecretKey = None

    _keys = model_validator(mode="after")(both_keys_or_none)


SPEC = Kind(
    id="eventbridge",
    label=say("Amazon EventBridge bus"),
    options=Options,
    examples=({"bus": "bongsu"},),
)


async def send(options: Options, message: Message, ctx: Context) -> Receipt:
    """A repeat is a second event there, with the same number in `detail`. Raises DeliveryError."""

    def refused(fault: Fault) -> Said:
        return say(
            "EventBridge refused the event for the bus {bus} ({code}): {text}",
            bus=options.bus.rpartition("/")[2],
            code=fault.code,
            text=fault.text,
        )

    made = entry(options, message)
    answer = await asked(
        ctx, options, ("events", NAME), "put_events", refused, Entries=[fitting(made)]
    )
    result = answer["Entries"][0]
    if answer.get("FailedEntryCount") or "ErrorCode" in result:
        code = str(result.get("ErrorCode", "unknown"))
        text = head(one_line(str(result.get("ErrorMessage", ""))), 200)
        raise failed(Fault(kind_of(code), code, text), NAME, refused)
    return Receipt("taken", str(result["EventId"]))


def entry(options: Options, message: Message) -> dict[str, Any]:
    """`detail` is the event's data, so that patterns fit here and there alike.

    EventBridge gives numbers of its own, so ours goes along with what else it has no field for.
    """
    event = message.event
    subject = str(event.get("subject") or message.thread)
    data = event.get("data")
    detail = dict(data) if isinstance(data, dict) else {"data": data}
    detail[RESERVED] = {n: v for n, v in event.items() if n not in {"data", "datacontenttype"}}
    made: dict[str, Any] = {
        "EventBusName": options.bus,
        "Source": str(event["source"]),
        "DetailType": str(event["type"]),
        "Detail": as_json(detail),
        "Resources": [subject, *resources_of(event)],
    }
    return made | ({"Time": parse_iso(str(event["time"]))} if "time" in event else {})


def fitting(made: dict[str, Any]) -> dict[str, Any]:
    """The same entry. Raises DeliveryError for one that EventBridge would refuse by its size."""
    size_bytes = size_of(made)
    if size_bytes >= ENTRY_LIMIT_BYTES:
        said = say(
            "The event has {size} bytes for EventBridge, which takes less than {limit}. "
            "Copy it to S3 or DynamoDB instead.",
            size=size_bytes,
            limit=ENTRY_LIMIT_BYTES,
        )
        raise DeliveryError(said, permanent=True)
    return made


def size_of(made: dict[str, Any]) -> int:
    """As EventBridge counts: names are free, each text costs its bytes."""
    texts = [made["Source"], made["DetailType"], made["Detail"], *made["Resources"]]
    return sum(len(text.encode()) for text in texts) + (TIME_BYTES if "Time" in made else 0)
