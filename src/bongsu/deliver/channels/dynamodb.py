"""An Amazon DynamoDB table that keeps a copy of the log: one item an event, whatever shape its data has."""

from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bongsu.aws.attributes import Unfit, to_attribute, to_attributes
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
from bongsu.kit.clock import parse_iso
from bongsu.kit.i18n import Said, say
from bongsu.kit.kind import Kind

LADDER_S = COPY_LADDER_S
_THERE = frozenset({"ConditionalCheckFailedException"})


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid")

    table: str = Field(
        title="Table",
        description="Name or ARN; its keys are pk and sk, both strings",
        pattern=r"^(arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:\d{12}:table/)?[A-Za-z0-9_.-]{3,255}$",
        examples=["bongsu-log"],
    )
    keep_days: int | None = Field(
        None,
        title="Keep for",
        description="Empty: for ever. DynamoDB deletes by the attribute below",
        ge=1,
        le=3650,
        json_schema_extra={"unit": "d"},
    )
    expires_attribute: str = Field(
        "expires",
        title="Attribute of its end",
        description="The table’s TTL attribute",
        pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}$",
    )
    region: Region = None
    endpoint: Endpoint = None
    access_key_id: KeyId = None
    secret_access_key: SecretKey = None

    _keys = model_validator(mode="after")(both_keys_or_none)


SPEC = Kind(
    id="dynamodb",
    label=say("Amazon DynamoDB table"),
    options=Options,
    examples=({"table": "bongsu-log", "keep_days": 400},),
)


async def send(options: Options, message: Message, ctx: Context) -> Receipt:
    """Conditional, so that a repeat is the same item and not written again. Raises DeliveryError."""

    def refused(fault: Fault) -> Said:
        return say(
            "DynamoDB refused the item for the table {table} ({code}): {text}",
            table=options.table.rpartition("/")[2],
            code=fault.code,
            text=fault.text,
        )

    answer = await asked(
        ctx,
        options,
        ("dynamodb", "DynamoDB"),
        "put_item",
        refused,
        already=_THERE,
        TableName=options.table,
        Item=item(options, message),
        ConditionExpression="attribute_not_exists(pk)",
    )
    return Receipt("was there already" if answer is None else "written")


def item(options: Options, message: Message) -> dict[str, Any]:
    """The CloudEvents attributes, each under its name; `data` as a map.

    All of one thing lie under one `pk`, in the order of time. Data that no map can hold (nested 32 deep, a
    number of 39 digits) is kept as text in `data_json`: a copy that leaves events out is none.
    """
    event = message.event
    kept = {name: value for name, value in event.items() if name != "data"}
    time = str(event.get("time", ""))
    kept |= {"pk": str(event.get("subject") or message.thread), "sk": f"{time}#{event['id']}"}
    if options.keep_days and time:
        ends = parse_iso(time) + timedelta(days=options.keep_days)
        kept[options.expires_attribute] = int(ends.timestamp())
    return to_attributes(kept) | _data(event.get("data"))


def _data(data: Any) -> dict[str, Any]:
    try:
        return {"data": to_attribute(data)}
    except Unfit:
        return {"data_json": {"S": as_json(data)}}
