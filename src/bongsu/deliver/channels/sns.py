"""An Amazon SNS topic: mail lists, phones and queues that AWS serves."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict, Field

from bongsu.deliver.context import Context
from bongsu.deliver.mime import plain
from bongsu.deliver.model import PAGE_LADDER_S, DeliveryError, Message, Receipt
from bongsu.kit.i18n import say
from bongsu.kit.kind import Kind
from bongsu.kit.text import head, one_line

LADDER_S = PAGE_LADDER_S
SUBJECT_LIMIT = 100  # of SNS, ASCII only
BODY_LIMIT_BYTES = 200_000  # SNS takes 256 KB with attributes
_PERMANENT = {"InvalidParameter", "InvalidParameterValue", "ValidationException"}
# Threads of our own: a dead endpoint must not use up those that look up names for everybody.
_threads = ThreadPoolExecutor(16, thread_name_prefix="sns")


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
    endpoint: str | None = Field(
        None,
        title="Endpoint",
        description="Only for a VPC endpoint or an emulator",
        pattern=r"^https?://",
        max_length=500,
    )
    cloudevents: bool = Field(
        False, title="CloudEvents JSON", description="For topics that machines read"
    )


SPEC = Kind(
    id="sns",
    label=say("Amazon SNS topic"),
    options=Options,
    icon="i-bell",
    examples=({"topic": "arn:aws:sns:ap-northeast-2:123456789012:alarms"},),
)


async def send(options: Options, message: Message, ctx: Context) -> Receipt:  # noqa: ARG001
    """Credentials come from boto3's own chain. Raises DeliveryError."""
    loop = asyncio.get_running_loop()
    number = await loop.run_in_executor(_threads, _publish, options, message)
    return Receipt("published", number)


def _publish(options: Options, message: Message) -> str:
    region = options.region or options.topic.split(":")[3]
    try:
        answer = _client(region, options.endpoint).publish(**_parameters(options, message))
    except ClientError as error:
        raise _refused(error, options.topic) from error
    except BotoCoreError as error:
        text = head(one_line(str(error)), 200)
        raise DeliveryError(say("SNS cannot be reached: {text}", text=text)) from error
    return str(answer["MessageId"])


@lru_cache(maxsize=16)
def _client(region: str, endpoint: str | None) -> Any:
    config = Config(connect_timeout=4, read_timeout=8, retries={"max_attempts": 1})
    return boto3.client("sns", region_name=region, endpoint_url=endpoint, config=config)


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


def _refused(error: ClientError, topic: str) -> DeliveryError:
    detail = error.response.get("Error", {})
    code = str(detail.get("Code", "unknown"))
    said = say(
        "SNS refused the topic {topic} ({code}): {text}",
        topic=topic.rpartition(":")[2],
        code=code,
        text=head(one_line(str(detail.get("Message", ""))), 200),
    )
    return DeliveryError(said, permanent=code in _PERMANENT)
