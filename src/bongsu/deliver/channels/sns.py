"""An Amazon SNS topic: mail lists, phones and queues that AWS serves."""

import json
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bongsu.aws.faults import Fault
from bongsu.deliver.channels._aws import (
    Endpoint,
    KeyId,
    SecretKey,
    asked,
    both_keys_or_none,
)
from bongsu.deliver.context import Context
from bongsu.deliver.letter import plain
from bongsu.deliver.model import PAGE_LADDER_S, Message, Receipt
from bongsu.kit.i18n import Said, say
from bongsu.kit.kind import Kind
from bongsu.kit.text import one_line

LADDER_S = PAGE_LADDER_S
SUBJECT_LIMIT = 100  # of SNS, ASCII only
BODY_LIMIT_BYTES = 200_000  # SNS takes 256 KB with attributes


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid")

    topic: str = Field(
        title="Topic ARN",
        pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_.-]{1,256}$",
        examples=["arn:aws:sns:ap-northeast-2:123456789012:alarms"],
    )
    region: str | None = Field(
        None,
        title="Region",
        description="Empty: the one in the ARN",
        pattern=r"^[a-z0-9-]{2,32}$",
        examples=["ap-northeast-2"],
    )
    endpoint: Endpoint = None
    access_key_id: KeyId = None
    secret_access_key: SecretKey = None
    cloudevents: bool = Field(
        False, title="CloudEvents JSON", description="For topics that machines read"
    )

    _keys = model_validator(mode="after")(both_keys_or_none)


SPEC = Kind(
    id="sns",
    label=say("Amazon SNS topic"),
    options=Options,
    examples=({"topic": "arn:aws:sns:ap-northeast-2:123456789012:alarms"},),
)


async def send(options: Options, message: Message, ctx: Context) -> Receipt:
    """Raises DeliveryError."""

    def refused(fault: Fault) -> Said:
        return say(
            "SNS refused the topic {topic} ({code}): {text}",
            topic=options.topic.rpartition(":")[2],
            code=fault.code,
            text=fault.text,
        )

    known = options.model_copy(update={"region": options.region or options.topic.split(":")[3]})
    answer = await asked(
        ctx, known, ("sns", "SNS"), "publish", refused, **_parameters(options, message)
    )
    return Receipt("published", str(answer["MessageId"]))


def _parameters(options: Options, message: Message) -> dict[str, Any]:
    body = json.dumps(message.event, ensure_ascii=False) if options.cloudevents else plain(message)
    cut = body.encode()[:BODY_LIMIT_BYTES].decode("utf-8", "ignore")
    severity = {"DataType": "Number", "StringValue": str(message.severity)}
    given: dict[str, Any] = {
        "TopicArn": options.topic,
        "Message": cut,
        "MessageAttributes": {
            "severity": severity,
            "state": {"DataType": "String", "StringValue": message.state or "unknown"},
            "key": {"DataType": "String", "StringValue": message.key},
        },
    }
    subject = one_line(message.subject).encode("ascii", "ignore").decode().strip()
    if subject:
        given["Subject"] = subject[:SUBJECT_LIMIT]
    if options.topic.endswith(".fifo"):
        given |= {"MessageGroupId": message.thread, "MessageDeduplicationId": message.key[:128]}
    return given
