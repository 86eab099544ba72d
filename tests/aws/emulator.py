"""moto as a server: clients speak to it over HTTP as they would to AWS."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import boto3
import pytest
from moto.moto_api._internal.models import moto_api_backend
from moto.server import ThreadedMotoServer

REGION = "ap-northeast-2"
ACCOUNT = "123456789012"


_running: list[ThreadedMotoServer] = []


@contextmanager
def emulator() -> Iterator[str]:
    """Its address. All of one process hold the same things: the last that stops leaves none of them behind."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    _running.append(server)
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        _running.remove(server)
        if not _running:
            moto_api_backend.reset()
        server.stop()


def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")


def client(service: str, address: str) -> Any:
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    return boto3.client(service, region_name=REGION, endpoint_url=address, **keys)


def log_table(address: str, name: str = "log") -> None:
    """With the keys that a copy of the log has; one that another emulator of this process left is gone before."""
    tables = client("dynamodb", address)
    with suppress(tables.exceptions.ResourceNotFoundException):
        tables.delete_table(TableName=name)
    tables.create_table(
        TableName=name,
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )


def items(address: str, table: str = "log") -> list[dict[str, Any]]:
    pages = client("dynamodb", address).get_paginator("scan").paginate(TableName=table)
    return [item for page in pages for item in page["Items"]]


def count(address: str, table: str = "log") -> int:
    """How many items; looking at all of them takes the emulator a second for a thousand."""
    about = client("dynamodb", address).describe_table(TableName=table)["Table"]
    return int(about["ItemCount"])


def log_bucket(address: str, name: str = "log") -> None:
    made = {"LocationConstraint": REGION}
    client("s3", address).create_bucket(Bucket=name, CreateBucketConfiguration=made)


def keys(address: str, bucket: str = "log", prefix: str = "") -> list[str]:
    pages = client("s3", address).get_paginator("list_objects_v2")
    found = pages.paginate(Bucket=bucket, Prefix=prefix)
    return [one["Key"] for page in found for one in page.get("Contents", [])]


def bus_with_queue(address: str, bus: str = "log") -> str:
    """A bus whose events all go into a queue; gives the queue's address."""
    events, queues = client("events", address), client("sqs", address)
    if bus != "default":
        events.create_event_bus(Name=bus)
    queue = str(queues.create_queue(QueueName=f"heard-{bus}")["QueueUrl"])
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:heard-{bus}"
    pattern = '{"source": [{"prefix": "bongsu"}]}'
    events.put_rule(Name="all", EventBusName=bus, EventPattern=pattern)
    events.put_targets(Rule="all", EventBusName=bus, Targets=[{"Id": "1", "Arn": arn}])
    return queue


def heard(address: str, queue: str) -> list[str]:
    """The bodies in the queue; each is given once."""
    queues, bodies = client("sqs", address), []
    while True:
        got = queues.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        if not got:
            return bodies
        bodies += [one["Body"] for one in got]
        entries = [{"Id": o["MessageId"], "ReceiptHandle": o["ReceiptHandle"]} for o in got]
        queues.delete_message_batch(QueueUrl=queue, Entries=entries)
