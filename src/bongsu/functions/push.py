"""AWS Lambda: messages of an SQS queue or records of a Kinesis stream → mobile push by SNS.

Handler: `bongsu.functions.push.handler`. Environment and rights: README.md beside this file.
"""

import base64
import binascii
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from bongsu.aws.clients import call
from bongsu.aws.faults import fault_of
from bongsu.functions._push_words import Push, Unfit, attributes, message, push_of

_logger = logging.getLogger("bongsu.functions.push")
_logger.setLevel(logging.INFO)
QUEUE, STREAM, FIFO = "aws:sqs", "aws:kinesis", ".fifo"
# The person took the program off the phone or switched pushes off; the program registers again when it is opened.
GONE = frozenset({"EndpointDisabled", "EndpointDisabledException", "NotFound", "NotFoundException"})
Record = Mapping[str, Any]


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """`batchItemFailures`: what Lambda brings again. Of a queue each that failed; of one with an order the first
    and all after it; of a stream the first. Raises KeyError for an event that is of neither."""
    records = event["Records"]
    kinds = {record["eventSource"] for record in records}
    if kinds == {STREAM}:
        return {"batchItemFailures": _in_order(records)}
    if kinds <= {QUEUE}:
        ordered = any(record.get("eventSourceARN", "").endswith(FIFO) for record in records)
        return {"batchItemFailures": _from_the_first(records) if ordered else _each(records)}
    raise KeyError(f"no records of a queue or a stream: {', '.join(sorted(kinds))}")


def _each(records: Sequence[Record]) -> list[dict[str, str]]:
    numbers = [str(one["messageId"]) for one in records if not _done(one["messageId"], one["body"])]
    return [{"itemIdentifier": number} for number in numbers]


def _from_the_first(records: Sequence[Record]) -> list[dict[str, str]]:
    """What comes after a failure waits for it: a later message must not overtake."""
    for index, one in enumerate(records):
        if not _done(one["messageId"], one["body"]):
            return [{"itemIdentifier": str(rest["messageId"])} for rest in records[index:]]
    return []


def _in_order(records: Sequence[Record]) -> list[dict[str, str]]:
    for record in records:
        inner = record["kinesis"]
        number = str(inner["sequenceNumber"])
        if not _done(number, _decoded(inner["data"])):
            return [{"itemIdentifier": number}]
    return []


def _decoded(data: str) -> str:
    """What cannot be read says so when it is looked at."""
    try:
        return base64.b64decode(data, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _done(number: str, text: str) -> bool:
    """False: another try may go better. What never will is logged and passed over: it must not hold up others."""
    try:
        push = push_of(text)
        words = message(push)
    except Unfit as why:
        _logger.error("passed over %s for good: %s", number, why)  # noqa: TRY400
        return True
    outcomes = [_sent(number, push, words, device) for device in push.to]
    return all(outcomes)


def _sent(number: str, push: Push, words: str, device: str) -> bool:
    try:
        answer = call(
            "sns",
            "publish",
            TargetArn=device,
            Message=words,
            MessageStructure="json",
            MessageAttributes=attributes(push),
        )
    except (ClientError, BotoCoreError) as error:
        return _excused(number, device, error)
    _logger.info("%s went out to %s as %s", number, device, answer["MessageId"])
    return True


def _excused(number: str, device: str, error: ClientError | BotoCoreError) -> bool:
    """Whether nothing is gained by another try."""
    fault = fault_of(error)
    if fault.code in GONE:
        _logger.warning("%s does not reach %s: it is gone or switched off", number, device)
        return True
    if fault.permanent:
        _logger.error(
            "SNS will never take %s for %s (%s): %s", number, device, fault.code, fault.text
        )
        return True
    _logger.warning("%s to %s is tried again (%s): %s", number, device, fault.code, fault.text)
    return False
