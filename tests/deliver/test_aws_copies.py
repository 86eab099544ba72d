"""Copies of the log at AWS: whole, once, and with a reason when they cannot be made."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from bongsu.aws.attributes import from_attributes
from bongsu.aws.clients import Keys, Place, client
from bongsu.deliver.channels import dynamodb, eventbridge, s3
from bongsu.deliver.kinds import problems_of
from bongsu.deliver.model import DeliveryError, Message
from bongsu.events.envelope import Event
from bongsu.events.foreign import of_cloudevent, of_eventbridge
from bongsu.kit.clock import parse_iso
from tests.aws import emulator
from tests.aws.emulator import REGION, bus_with_queue, heard, items, keys, log_bucket, log_table
from tests.deliver.support import context, message

CHANGE: dict[str, Any] = {
    "object": "task/42",
    "before": {"status": "waiting"},
    "after": {"status": "in_progress"},
    "weight": 1.5,
    "empty": "",
    "nothing": None,
    "tags": ["a", {"b": True}],
}


def event(**values: Any) -> Event:
    at = datetime(2026, 11, 30, 9, 41, 7, 123000, tzinfo=UTC)
    given = {
        "seq": 7, "id": "0193f2a0-0000-7000-8000-000000000001", "source": "bongsu.tasks",
        "type": "task.status_changed", "subject": "task/42",
        "resources": ("project/1", "incident/12"), "time": at, "recorded": at,
        "workspace": "bongsu", "site": "here", "data": CHANGE, "correlation": None,
        "causation": None, "depth": 0, "severity": 2, "actor": "user/3", "dedup_key": None,
    }  # fmt: skip
    return Event(**(given | values))


def copy(one: Event) -> Message:
    return message(key=f"copy/{one.id}/log", event=one.cloudevent())


@pytest.fixture(scope="module")
def aws():
    with emulator.emulator() as address:
        log_table(address)
        log_bucket(address)
        yield address


@pytest.fixture(autouse=True)
def _credentials(monkeypatch):
    emulator.credentials(monkeypatch)


async def sent(kind: Any, aws: str, one: Event, **options: Any) -> Any:
    made = kind.Options(**(options | {"region": REGION, "endpoint": aws}))
    return await kind.send(made, copy(one), context("folder:///nowhere"))


# --- DynamoDB


async def test_an_event_is_one_item_with_its_data_as_a_map(aws):
    one = event(id="0193f2a0-0000-7000-8000-00000000000a", subject="task/1")
    receipt = await sent(dynamodb, aws, one, table="log", keep_days=10, expires_attribute="ends")

    (found,) = [item for item in items(aws) if item["pk"] == {"S": "task/1"}]
    assert "written" == receipt.text
    assert {"S": f"2026-11-30T09:41:07.123Z#{one.id}"} == found["sk"]
    assert {"M": {"status": {"S": "waiting"}}} == found["data"]["M"]["before"]
    assert {"N": str(int(one.time.timestamp()) + 10 * 86_400)} == found["ends"]
    read = from_attributes(found)
    assert one.cloudevent() == {n: read[n] for n in one.cloudevent()} | {"sequence": "7"}
    assert one.match_view() == of_cloudevent(read).match_view()


async def test_a_second_time_it_is_the_same_item(aws):
    one = event(id="0193f2a0-0000-7000-8000-00000000000b", subject="task/2")
    receipts = [await sent(dynamodb, aws, one, table="log") for _ in range(3)]

    assert ["written", "was there already", "was there already"] == [r.text for r in receipts]
    assert 1 == len([item for item in items(aws) if item["pk"] == {"S": "task/2"}])


@pytest.mark.parametrize("data", [{"n": 10**40 + 1}, {"": 1}, {"a": {"": 1}}])
async def test_data_that_no_map_holds_is_kept_as_text(aws, data):
    number = abs(hash(str(data))) % 10**6
    one = event(id=f"e-{number}", subject=f"task/odd-{number}", data=data)
    await sent(dynamodb, aws, one, table="log")

    (found,) = [item for item in items(aws) if item["pk"] == {"S": one.subject}]
    assert data == json.loads(found["data_json"]["S"])
    assert "data" not in found


async def test_an_item_that_is_too_large_is_refused_for_good(aws):
    one = event(id="large", subject="task/large", data={"text": "x" * 420_000})
    with pytest.raises(DeliveryError, match=r"for the table log \(ValidationException\)") as caught:
        await sent(dynamodb, aws, one, table="log")

    assert caught.value.permanent


async def test_a_table_that_is_not_there_is_tried_again(aws):
    with pytest.raises(DeliveryError, match="table nobody") as caught:
        await sent(dynamodb, aws, event(), table="nobody")

    assert not caught.value.permanent


async def test_a_request_to_slow_down_is_followed_and_said(aws):
    """The emulator never throttles; the library's own answer of that code does."""
    place = Place(REGION, "http://slow.invalid")
    options = dynamodb.Options(table="log", region=place.region, endpoint=place.endpoint)
    with Stubber(client("dynamodb", place)) as answers:
        answers.add_client_error("put_item", "ProvisionedThroughputExceededException", "Slow", 400)
        with pytest.raises(DeliveryError, match="DynamoDB asks us to slow down") as caught:
            await dynamodb.send(options, copy(event()), context("folder:///nowhere"))

    assert not caught.value.permanent


# --- S3


async def test_an_event_is_one_object_of_its_day_in_cloudevents_json(aws):
    one = event(id="0193f2a0-0000-7000-8000-00000000000c")
    receipts = [await sent(s3, aws, one, bucket="log", prefix="copy/") for _ in range(2)]

    name = "copy/2026/11/30/094107.123-0193f2a0-0000-7000-8000-00000000000c.json"
    assert [name] == keys(aws, prefix="copy/")
    assert ["written", "was there already"] == [receipt.text for receipt in receipts]
    found = emulator.client("s3", aws).get_object(Bucket="log", Key=name)
    assert "application/cloudevents+json; charset=utf-8" == found["ContentType"]
    assert one.cloudevent() == json.loads(found["Body"].read())


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"id": "a1", "time": "2026-01-02T03:04:05.006Z"}, "p/2026/01/02/030405.006-a1.json"),
        ({"id": "a1"}, "p/undated/a1.json"),
        ({"id": "a1", "time": "yesterday"}, "p/undated/a1.json"),
    ],
)
def test_the_key_comes_from_the_event_alone(given, name):
    assert name == s3.key_of("p/", given)


def test_a_number_that_no_key_should_hold_is_hashed():
    found = s3.key_of("", {"id": "../incident 12"})

    assert found.startswith("undated/")
    assert ".." not in found
    assert found != s3.key_of("", {"id": "../incident 13"})


async def test_a_bucket_that_is_not_there_is_tried_again(aws):
    with pytest.raises(DeliveryError, match=r"bucket no-such-bucket \(NoSuchBucket\)") as caught:
        await sent(s3, aws, event(), bucket="no-such-bucket")

    assert not caught.value.permanent


@pytest.mark.parametrize("prefix", ["/events/", "a b/", "a\nb"])
def test_a_prefix_is_one_that_keys_can_have(prefix):
    (problem,) = problems_of("s3", {"bucket": "log", "prefix": prefix})

    assert "options.prefix" == problem.where


# --- EventBridge


async def test_an_event_is_an_entry_whose_detail_is_its_data(aws):
    queue = bus_with_queue(aws)
    one = event()
    receipt = await sent(eventbridge, aws, one, bus="log")

    (body,) = heard(aws, queue)
    got = json.loads(body)
    assert receipt.number
    assert ("bongsu.tasks", "task.status_changed") == (got["source"], got["detail-type"])
    assert ["task/42", "project/1", "incident/12"] == got["resources"]
    assert CHANGE == {n: v for n, v in got["detail"].items() if n != "bongsu"}
    assert one.match_view() == of_eventbridge(got).match_view()


def test_time_and_bus_go_along():
    made = eventbridge.entry(eventbridge.Options(bus="log"), copy(event()))

    assert parse_iso("2026-11-30T09:41:07.123Z") == made["Time"]
    assert "log" == made["EventBusName"]


def test_size_is_counted_as_eventbridge_does():
    made = {"Source": "한", "DetailType": "ab", "Detail": "{}", "Resources": ["x", "yz"]}

    assert 3 + 2 + 2 + 3 == eventbridge.size_of(made)
    assert 3 + 2 + 2 + 3 + 14 == eventbridge.size_of(made | {"Time": 1})


async def test_an_entry_over_256_kb_is_refused_for_good_and_says_where_else_it_fits(aws):
    one = event(data={"text": "x" * 262_000})
    with pytest.raises(DeliveryError, match=r"takes less than 262144\. Copy it to S3") as caught:
        await sent(eventbridge, aws, one, bus="log")

    assert caught.value.permanent


@pytest.mark.parametrize(
    ("code", "permanent", "said"),
    [
        ("ThrottlingException", False, "asks us to slow down"),
        ("InternalFailure", False, "cannot be reached"),
        ("MalformedDetail", True, r"refused the event for the bus log \(MalformedDetail\): bad"),
        ("NotAuthorizedForSourceException", False, "refused the event"),
    ],
)
async def test_an_entry_that_failed_in_an_answer_of_200_is_a_failure(code, permanent, said):
    place = Place(REGION, f"http://{code.lower()}.invalid")
    options = eventbridge.Options(bus="log", region=place.region, endpoint=place.endpoint)
    failed = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": code, "ErrorMessage": "bad"}]}
    with Stubber(client("events", place)) as answers:
        answers.add_response("put_events", failed)
        with pytest.raises(DeliveryError, match=said) as caught:
            await eventbridge.send(options, copy(event()), context("folder:///nowhere"))

    assert permanent == caught.value.permanent


# --- all of them


@pytest.mark.parametrize(
    ("kind", "options"),
    [("dynamodb", {"table": "log"}), ("s3", {"bucket": "log"}), ("eventbridge", {"bus": "b"})],
)
def test_one_key_without_the_other_is_refused(kind, options):
    (problem,) = problems_of(kind, options | {"access_key_id": "env:A"})

    assert "or neither" in str(problem.what)


async def test_keys_behind_references_sign_the_request(aws, monkeypatch):
    monkeypatch.setenv("COPY_ID", "AKIACOPY")
    monkeypatch.setenv("COPY_SECRET", "hunter2")
    one = event(id="0193f2a0-0000-7000-8000-00000000000d", subject="task/keys")
    named = {"access_key_id": "env:COPY_ID", "secret_access_key": "env:COPY_SECRET"}
    await sent(dynamodb, aws, one, table="log", **named)

    used = client("dynamodb", Place(REGION, aws, Keys("AKIACOPY", "hunter2")))
    assert "AKIACOPY" == used._request_signer._credentials.access_key
    with pytest.raises(DeliveryError, match="COPY_GONE"):
        await sent(dynamodb, aws, one, table="log", **(named | {"access_key_id": "env:COPY_GONE"}))


async def test_many_at_once_are_all_written(aws):
    ones = [event(id=f"many-{n}", subject="task/many") for n in range(60)]
    await asyncio.gather(*(sent(dynamodb, aws, one, table="log") for one in ones))

    assert 60 == len([item for item in items(aws) if item["pk"] == {"S": "task/many"}])
