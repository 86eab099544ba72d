"""AWS Lambda: an event in a DynamoDB stream (of a copied log) or on an EventBridge bus → rules → mails by SES.

Handler: `bongsu.functions.notify.handler`. Environment and rights: README.md beside this file.
"""

import json
import logging
import os
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from bongsu.aws.attributes import Unfit, from_attributes
from bongsu.aws.clients import call
from bongsu.aws.faults import fault_of
from bongsu.deliver.mime import compose
from bongsu.events.envelope import Event
from bongsu.events.foreign import Strange, of_cloudevent, of_eventbridge
from bongsu.functions import _mail_rules
from bongsu.functions._environment import needed
from bongsu.functions._letters import letter
from bongsu.functions._mail_rules import Recipient
from bongsu.functions._sent import Sent
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.errors import Conflict
from bongsu.tell.model import Defaults

_logger = logging.getLogger("bongsu.functions.notify")
_logger.setLevel(logging.INFO)


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """For a stream `batchItemFailures`; for a bus how many mails went out. Raises for a bus that which may
    go better at the next try: Lambda tries again by itself."""
    if "Records" in event:
        return {"batchItemFailures": _stream(event["Records"])}
    try:
        return {"sent": tell(of_eventbridge(event))}
    except Strange as why:
        _logger.warning("passed over: no event (%s)", why)
        return {"sent": 0, "passed_over": str(why)}


def _stream(records: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Stops at the first that fails: Lambda begins again from there, in order, and what came before it is
    not mailed twice."""
    for record in records:
        number = str(record["dynamodb"]["SequenceNumber"])
        found = _new_event(record)
        if found is None:
            continue
        try:
            tell(found)
        except (ClientError, BotoCoreError, Conflict) as error:
            _logger.warning("record %s is tried again: %s", number, error)
            return [{"itemIdentifier": number}]
    return []


def _new_event(record: Mapping[str, Any]) -> Event | None:
    """None, with the reason in the log, for what is not the arrival of an event: a poisoned record must not
    hold up the shard for a day."""
    try:
        return _arrived(str(record.get("eventName")), record["dynamodb"].get("NewImage"))
    except (Strange, Unfit, ValueError) as why:
        _logger.info("passed over %s: %s", record.get("eventID"), why)
        return None


def _arrived(what: str, image: Mapping[str, Any] | None) -> Event:
    """Raises Strange, Unfit, ValueError."""
    if what != "INSERT":
        raise Strange(f"{what}; an event is told when it arrives, and never changes")
    if image is None:
        raise Strange("the stream shows no new image; set its view type to NEW_IMAGE")
    item = from_attributes(dict(image))
    if "data_json" in item:
        item["data"] = json.loads(item["data_json"])
    return of_cloudevent(item)


def tell(event: Event) -> int:
    """Mails the event to everybody whom a rule names; how many went out now. Raises what may go better later."""
    found = _mail_rules.recipients(_mail_rules.load(), event)
    if not found:
        _logger.info("passed over %s %s: no rule takes it", event.type, event.id)
    sent = Sent(os.environ.get("BONGSU_NOTIFY_SENT", ""))
    return sum(_mail(event, one, sent) for one in found)


def _mail(event: Event, to: Recipient, sent: Sent) -> bool:
    key = f"notify/{event.id}/{to.address.lower()}"
    if not sent.claim(key, SYSTEM_CLOCK.now()):
        _logger.info("passed over %s: it went out before", key)
        return False
    try:
        number = _send(event, to, key)
    except (ClientError, BotoCoreError) as error:
        sent.give_back(key)
        fault = fault_of(error)
        if not fault.permanent:
            raise
        _logger.error("SES will never take %s (%s): %s", key, fault.code, fault.text)  # noqa: TRY400
        return False
    sent.keep(key, number)
    _logger.info("sent %s of %s as %s", event.type, event.id, number)
    return True


def _send(event: Event, to: Recipient, key: str) -> str:
    sender = needed("BONGSU_MAIL_FROM")
    defaults = Defaults(
        os.environ.get("BONGSU_PUBLIC_URL", "").rstrip("/"),
        time_zone=os.environ.get("BONGSU_TIME_ZONE", "UTC"),
    )
    mail = compose(letter(event, to, key, defaults), sender, (to.address,), SYSTEM_CLOCK.now())
    answer = call(
        "sesv2",
        "send_email",
        FromEmailAddress=sender,
        Destination={"ToAddresses": [to.address]},
        Content={"Raw": {"Data": mail}},
    )
    return str(answer["MessageId"])
