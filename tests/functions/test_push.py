"""Messages and records → pushes in the words of Apple and Google; what never will go is passed over and said."""

import base64
import json
import logging

import pytest

from bongsu.aws import clients
from bongsu.functions import push
from bongsu.functions._push_words import PAYLOAD_LIMIT_BYTES, Unfit, attributes, message, push_of
from tests.aws import emulator
from tests.aws.emulator import REGION, client
from tests.functions.shapes import queue_message, stream_of_kinesis

DEVICE = f"arn:aws:sns:{REGION}:123456789012:endpoint/APNS/shop/1"
HELLO = {"title": "Parcel", "body": "It is here", "data": {"parcel": "7"}}


@pytest.fixture(scope="module")
def aws():
    with emulator.emulator() as address:
        clients._made.cache_clear()
        yield address
    clients._made.cache_clear()


@pytest.fixture(autouse=True)
def _settings(aws, monkeypatch, caplog):
    emulator.credentials(monkeypatch)
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws)
    caplog.set_level(logging.INFO)


@pytest.fixture
def device(aws):
    sns = client("sns", aws)
    application = sns.create_platform_application(
        Name="shop", Platform="APNS", Attributes={"PlatformCredential": "x"}
    )["PlatformApplicationArn"]

    def made(token, **values):
        return sns.create_platform_endpoint(
            PlatformApplicationArn=application, Token=token, Attributes=values
        )["EndpointArn"]

    return made


def text(to, **values):
    return json.dumps({"to": to} | HELLO | values)


def queue(*bodies):
    return {"Records": [queue_message(body, number) for number, body in enumerate(bodies, 1)]}


def stream(*bodies):
    return {"Records": [stream_of_kinesis(body, number) for number, body in enumerate(bodies, 1)]}


def failed(answer):
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def logged(caplog):
    return "\n".join(record.getMessage() for record in caplog.records)


# --- words


def test_each_platform_is_told_in_its_own_words():
    told = json.loads(message(push_of(text(DEVICE, badge=3, collapse="parcel-7", ttl_s=60))))

    apple, google = json.loads(told["APNS"]), json.loads(told["GCM"])
    assert apple["aps"]["alert"] == {"title": "Parcel", "body": "It is here"}
    assert (apple["aps"]["badge"], apple["parcel"]) == (3, "7")
    assert told["APNS"] == told["APNS_SANDBOX"]
    inner = google["fcmV1Message"]["message"]
    assert inner["notification"] == {"title": "Parcel", "body": "It is here"}
    assert inner["android"] == {"priority": "high", "ttl": "60s", "collapse_key": "parcel-7"}
    assert told["default"] == "It is here"


def test_apple_reads_the_rest_from_headers():
    given = attributes(push_of(text(DEVICE, collapse="parcel-7", ttl_s=0)))

    assert {name.removeprefix("AWS.SNS.MOBILE."): one["StringValue"] for name, one in given.items()} == {
        "APNS.PUSH_TYPE": "alert",
        "APNS.PRIORITY": "10",
        "APNS.COLLAPSE_ID": "parcel-7",
        "APNS.TTL": "0",
        "APNS_SANDBOX.TTL": "0",
    }  # fmt: skip


def test_what_nobody_reads_wakes_the_program_only():
    silent = push_of(json.dumps({"to": DEVICE, "data": {"sync": "1"}}))

    told = json.loads(message(silent))
    assert json.loads(told["APNS"]) == {"sync": "1", "aps": {"content-available": 1}}
    assert "notification" not in json.loads(told["GCM"])["fcmV1Message"]["message"]
    assert attributes(silent)["AWS.SNS.MOBILE.APNS.PUSH_TYPE"]["StringValue"] == "background"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("no json", "it is no JSON"),
        ("[]", "it is no object"),
        ({}, "to is one ARN"),
        ({"to": []}, "to is one ARN"),
        ({"to": "everybody", "title": "x"}, "no ARN"),
        ({"to": DEVICE}, "it says nothing"),
        ({"to": DEVICE, "title": 5}, "title is no text"),
        ({"to": DEVICE, "title": "x", "badge": True}, "badge is no whole number"),
        ({"to": DEVICE, "title": "x", "ttl_s": 10**9}, "ttl_s is no whole number"),
        ({"to": DEVICE, "data": {"a": 1}}, "data is no object of texts"),
        ({"to": DEVICE, "data": {"aps": "x"}}, "Apple's own name"),
        ({"to": DEVICE, "titel": "x"}, "unknown fields: titel"),
    ],
)
def test_what_is_no_push_says_why(given, why):
    with pytest.raises(Unfit, match=why):
        push_of(given if isinstance(given, str) else json.dumps(given))


def test_what_is_too_long_for_a_platform_is_no_push():
    with pytest.raises(Unfit, match=f"longer than {PAYLOAD_LIMIT_BYTES} bytes"):
        message(push_of(text(DEVICE, body="가" * PAYLOAD_LIMIT_BYTES)))


# --- batches


@pytest.mark.parametrize("batch", [queue, stream])
def test_each_device_gets_its_push(batch, device, caplog):
    one, other = device("one"), device("two")

    assert failed(push.handler(batch(text([one, other]), text(one)), None)) == []
    assert logged(caplog).count("went out to") == 3


@pytest.mark.parametrize("batch", [queue, stream])
def test_a_device_that_is_switched_off_is_said_and_not_tried_again(batch, device, caplog):
    off = device("off", Enabled="false")

    assert failed(push.handler(batch(text([off, device("on")])), None)) == []
    assert f"does not reach {off}: it is gone or switched off" in logged(caplog)
    assert "went out to" in logged(caplog)


@pytest.mark.parametrize("batch", [queue, stream])
def test_what_never_will_go_does_not_hold_up_the_others(batch, device, caplog):
    assert failed(push.handler(batch("no json", text(device("one"))), None)) == []
    assert "passed over" in logged(caplog)
    assert "it is no JSON" in logged(caplog)
    assert "went out to" in logged(caplog)


def refusing(monkeypatch, code, device):
    """SNS answers `code` for one device, as it does under load."""
    from botocore.exceptions import ClientError

    real = push.call

    def call(service, operation, **values):
        if values["TargetArn"] == device:
            raise ClientError({"Error": {"Code": code, "Message": "slow down"}}, operation)
        return real(service, operation, **values)

    monkeypatch.setattr(push, "call", call)


def test_of_a_queue_each_that_failed_comes_again_and_no_other(device, monkeypatch):
    slow = device("slow")
    refusing(monkeypatch, "Throttled", slow)
    batch = queue(text(slow), text(device("one")), text(slow))

    assert failed(push.handler(batch, None)) == [
        batch["Records"][0]["messageId"],
        batch["Records"][2]["messageId"],
    ]


def test_of_a_queue_with_an_order_nothing_overtakes_what_failed(device, monkeypatch, caplog):
    slow = device("slow")
    refusing(monkeypatch, "Throttled", slow)
    batch = queue(text(device("one")), text(slow), text(device("two")))
    for record in batch["Records"]:
        record["eventSourceARN"] += ".fifo"

    assert failed(push.handler(batch, None)) == [one["messageId"] for one in batch["Records"][1:]]
    assert logged(caplog).count("went out to") == 1


def test_of_a_stream_the_first_that_failed_comes_again_with_all_behind_it(
    device, monkeypatch, caplog
):
    slow = device("slow")
    refusing(monkeypatch, "Throttled", slow)
    batch = stream(text(device("one")), text(slow), text(device("two")))

    assert failed(push.handler(batch, None)) == [batch["Records"][1]["kinesis"]["sequenceNumber"]]
    assert logged(caplog).count("went out to") == 1


def test_what_sns_never_takes_is_said_and_passed_over(device, monkeypatch, caplog):
    wrong = device("wrong")
    refusing(monkeypatch, "InvalidParameter", wrong)

    assert failed(push.handler(queue(text(wrong)), None)) == []
    assert "SNS will never take" in logged(caplog)


def test_an_event_of_something_else_is_a_fault_that_lambda_counts():
    with pytest.raises(KeyError, match="aws:s3"):
        push.handler({"Records": [{"eventSource": "aws:s3"}]}, None)


def test_a_record_that_is_no_text_is_passed_over(caplog):
    event = stream("x")
    event["Records"][0]["kinesis"]["data"] = base64.b64encode(b"\xff").decode()

    assert failed(push.handler(event, None)) == []
    assert "passed over" in logged(caplog)
