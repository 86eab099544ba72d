"""Event in a stream or on a bus → mail by SES: to whom the rules say, from before to after, once."""

import json
from datetime import UTC, datetime
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto.backends import get_backend

from bongsu.aws import clients
from bongsu.deliver.channels import dynamodb, eventbridge
from bongsu.events.envelope import Event
from bongsu.functions import _mail_rules, notify
from bongsu.kit.errors import Conflict, Invalid
from tests.aws import emulator
from tests.aws.emulator import ACCOUNT, REGION, bus_with_queue, client, heard, log_table
from tests.deliver.support import context
from tests.deliver.test_aws_copies import copy
from tests.functions.shapes import bus_event, stream, stream_record

SENDER = "bongsu@example.com"
AT = datetime(2026, 11, 30, 9, 41, 7, 123000, tzinfo=UTC)
TASK = {
    "id": 42, "key": "TSK-42", "title": "Pin the client", "project": "TSK", "project_id": 1,
    "project_title": "Tasks", "status": "in_progress", "column": "In progress", "priority": 2,
    "creator": 3, "assignees": [4], "watchers": [3, 4], "due": "2026-11-30",
}  # fmt: skip
MOVED = {
    "object": "task/42",
    "task": TASK,
    "before": {"status": "waiting", "column": "Waiting", "title": "Pin it"},
    "after": {"status": "in_progress", "column": "In progress", "title": "Pin the client"},
    "changed": ["status", "column", "title"],
    "by": 3,
    "actor": "alice@example.com",
    "actor_name": "Alice",
}


def event(number: int = 1, **values: Any) -> Event:
    given = {
        "seq": number, "id": f"0193f2a0-0000-7000-8000-{number:012d}", "source": "bongsu.tasks",
        "type": "task.status_changed", "subject": "task/42", "resources": ("project/1",),
        "time": AT, "recorded": AT, "workspace": "bongsu", "site": "here", "data": MOVED,
        "correlation": None, "causation": None, "depth": 0, "severity": 2, "actor": "user/3",
        "dedup_key": None,
    }  # fmt: skip
    return Event(**(given | values))


def record(one: Event, **values: Any) -> dict[str, Any]:
    item = dynamodb.item(dynamodb.Options(table="log"), copy(one))
    return stream_record(item, one.seq, **values)


def rules(monkeypatch: pytest.MonkeyPatch, *listed: dict[str, Any]) -> None:
    monkeypatch.setenv("BONGSU_NOTIFY_RULES", json.dumps(listed))


LEE = {"when": {"detail-type": [{"prefix": "task."}]}, "to": ["lee@example.com"]}


@pytest.fixture(scope="module")
def aws():
    with emulator.emulator() as address:
        log_table(address)
        log_table(address, "sent")
        client("ses", address).verify_email_identity(EmailAddress=SENDER)
        clients._made.cache_clear()
        yield address
    clients._made.cache_clear()


@pytest.fixture(autouse=True)
def _settings(aws, monkeypatch):
    emulator.credentials(monkeypatch)
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws)
    monkeypatch.setenv("BONGSU_MAIL_FROM", SENDER)
    monkeypatch.setenv("BONGSU_PUBLIC_URL", "https://bongsu.example.com/")
    monkeypatch.setenv("BONGSU_TIME_ZONE", "Asia/Seoul")
    rules(monkeypatch, LEE)
    _mail_rules._kept.clear()
    mails().clear()


def mails() -> list[Any]:
    return get_backend("ses")[ACCOUNT][REGION].sent_messages


def read(number: int = 0) -> tuple[list[str], EmailMessage]:
    one = mails()[number]
    return sorted(set(one.destinations)), message_from_string(one.raw_data, policy=default)


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


# --- from the stream of a copied log


def test_an_event_that_arrives_is_mailed_with_what_changed():
    assert {"batchItemFailures": []} == notify.handler(stream(record(event())), None)

    to, mail = read()
    assert ["lee@example.com"] == to
    assert "[TSK-42] Pin the client" == mail["Subject"]
    assert "Status: Waiting → In progress" in text_of(mail)
    assert "Title: Pin it → Pin the client" in text_of(mail)
    assert "Alice moved it from Waiting to In progress." in text_of(mail)
    assert "https://bongsu.example.com/tasks/TSK-42" in text_of(mail)
    assert "<task-42@example.com>" == mail["References"]


def test_in_the_language_that_its_rule_names(monkeypatch):
    rules(monkeypatch, LEE | {"language": "ko"})
    notify.handler(stream(record(event())), None)

    assert "상태: 대기 중 → 진행 중" in text_of(read()[1])


def test_each_address_once_however_many_rules_name_it_and_nobody_sees_the_others(monkeypatch):
    both = {"when": {"detail": {"after": {"status": ["in_progress"]}}}}
    rules(monkeypatch, LEE, both | {"to": ["Lee@example.com", "kim@example.com"]})
    notify.handler(stream(record(event())), None)

    assert [["lee@example.com"], ["kim@example.com"]] == [read(0)[0], read(1)[0]]
    assert "lee@example.com" == read(0)[1]["To"]


def test_what_no_rule_takes_is_passed_over(monkeypatch, caplog):
    rules(monkeypatch, LEE | {"when": {"detail-type": ["task.created"]}})

    assert {"batchItemFailures": []} == notify.handler(stream(record(event())), None)
    assert [] == mails()
    assert "no rule takes it" in caplog.text


@pytest.mark.parametrize("what", ["MODIFY", "REMOVE"])
def test_what_is_changed_or_deleted_in_the_table_is_no_event(what, caplog):
    caplog.set_level("INFO")

    assert {"batchItemFailures": []} == notify.handler(stream(record(event(), what=what)), None)
    assert [] == mails()
    assert f"{what}; an event is told when it arrives" in caplog.text


@pytest.mark.parametrize(
    ("image", "why"),
    [
        (None, "set its view type to NEW_IMAGE"),
        ({"pk": {"S": "x"}, "sk": {"S": "mail"}}, "KeyError"),
        ({"pk": {"S": "x"}, "sk": {"B": "AA=="}}, "B is not of JSON"),
        ({"time": {"S": "yesterday"}, "id": {"S": "1"}}, "ValueError"),
        ({"id": {"S": "1"}, "data_json": {"S": "{"}}, "Expecting property name"),
    ],
)
def test_a_record_that_is_no_event_holds_nobody_up_and_says_why(image, why, caplog):
    caplog.set_level("INFO")
    poisoned = stream_record(image, 1)

    assert {"batchItemFailures": []} == notify.handler(stream(poisoned, record(event(2))), None)
    assert 1 == len(mails())
    assert why in caplog.text


def test_data_that_was_kept_as_text_is_read_again(monkeypatch):
    rules(monkeypatch, LEE | {"when": {"detail": {"task": {"key": ["TSK-42"]}}}})
    odd = event(data={"n": 10**40 + 1, "task": TASK})
    notify.handler(stream(record(odd)), None)

    assert 1 == len(mails())


def test_of_a_batch_the_first_that_fails_is_named_and_nothing_after_it_is_sent(monkeypatch):
    records = [record(event(n)) for n in (1, 2, 3)]
    count, real = [], notify._send

    def second_fails(one: Any, to: Any, key: str) -> str:
        count.append(key)
        if len(count) == 2:
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "SendEmail")
        return real(one, to, key)

    monkeypatch.setattr(notify, "_send", second_fails)
    answer = notify.handler(stream(*records), None)

    assert {"batchItemFailures": [{"itemIdentifier": f"{2:021d}"}]} == answer
    assert 1 == len(mails())


def test_a_mail_that_ses_will_never_take_does_not_hold_up_the_others(monkeypatch, caplog):
    monkeypatch.setenv("BONGSU_MAIL_FROM", "nobody@unverified.example")

    assert {"batchItemFailures": []} == notify.handler(stream(record(event())), None)
    assert "SES will never take" in caplog.text


async def test_what_the_channel_writes_comes_out_of_the_real_stream_as_mail(aws):
    options = dynamodb.Options(table="log", region=REGION, endpoint=aws)
    await dynamodb.send(options, copy(event(77)), context("folder:///nowhere"))
    streams = client("dynamodbstreams", aws)
    arn = client("dynamodb", aws).describe_table(TableName="log")["Table"]["LatestStreamArn"]
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    place = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )
    records = streams.get_records(ShardIterator=place["ShardIterator"])["Records"]
    answer = notify.handler(stream(*records), None)

    assert {"batchItemFailures": []} == answer
    assert event(77).id == read()[1]["X-Event-Id"]


# --- from a bus


async def test_what_the_channel_puts_on_a_bus_is_mailed_with_its_own_number(aws):
    queue = bus_with_queue(aws)
    options = eventbridge.Options(bus="log", region=REGION, endpoint=aws)
    await eventbridge.send(options, copy(event(5)), context("folder:///nowhere"))
    (body,) = heard(aws, queue)

    assert {"sent": 1} == notify.handler(json.loads(body), None)
    assert event(5).id == read()[1]["X-Event-Id"]
    assert "Status: Waiting → In progress" in text_of(read()[1])


def test_an_event_of_aws_itself_can_be_mailed_too(monkeypatch):
    rules(monkeypatch, LEE | {"when": {"source": ["aws.ec2"], "detail": {"state": ["terminated"]}}})

    assert {"sent": 1} == notify.handler(bus_event(), None)
    assert "EC2 Instance State-change Notification of" in read()[1]["Subject"]


def test_any_event_shows_its_fields_before_and_after(monkeypatch):
    rules(monkeypatch, LEE | {"when": {"detail-type": ["check.state_changed"]}})
    data = {"before": {"state": "up"}, "after": {"state": "down", "n": 2}, "changed": ["state"]}
    made = event(type="check.state_changed", subject="check/1", data=data)
    notify.handler(stream(record(made)), None)

    assert "state: up → down" in text_of(read()[1])


def test_a_bus_event_that_is_none_is_passed_over_and_one_that_fails_is_raised(monkeypatch):
    def away(*_given: Any) -> str:
        raise EndpointConnectionError(endpoint_url="http://ses")

    monkeypatch.setattr(notify, "_send", away)

    assert 0 == notify.handler({"detail": {}}, None)["sent"]
    with pytest.raises(EndpointConnectionError):
        notify.handler(bus_event(**{"detail-type": "task.x"}), None)


# --- once


def test_with_a_table_of_what_went_out_a_repeat_sends_nothing(monkeypatch):
    monkeypatch.setenv("BONGSU_NOTIFY_SENT", "sent")
    for _ in range(3):
        notify.handler(stream(record(event(11))), None)

    assert 1 == len(mails())


def test_without_one_a_repeat_is_a_second_mail_with_the_same_id():
    for _ in range(2):
        notify.handler(stream(record(event(12))), None)

    assert read(0)[1]["Message-ID"] == read(1)[1]["Message-ID"]


def test_a_try_that_is_under_way_elsewhere_is_looked_at_again(monkeypatch, aws):
    monkeypatch.setenv("BONGSU_NOTIFY_SENT", "sent")
    one = event(13)
    notify.Sent("sent").claim(f"notify/{one.id}/lee@example.com", notify.SYSTEM_CLOCK.now())
    answer = notify.handler(stream(record(one)), None)

    assert [{"itemIdentifier": f"{13:021d}"}] == answer["batchItemFailures"]
    with pytest.raises(Conflict):
        notify.tell(one)
    assert [] == mails()


def test_a_try_that_died_is_taken_over_after_its_time(monkeypatch):
    key, now = "notify/died/lee@example.com", notify.SYSTEM_CLOCK.now()
    sent = notify.Sent("sent")

    assert sent.claim(key, now)
    assert sent.claim(key, now.replace(year=now.year + 1))


def test_one_that_failed_is_free_at_once(monkeypatch):
    monkeypatch.setenv("BONGSU_NOTIFY_SENT", "sent")
    real, tries = notify._send, []

    def first_fails(*given: Any) -> str:
        tries.append(1)
        if len(tries) == 1:
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "SendEmail")
        return real(*given)

    monkeypatch.setattr(notify, "_send", first_fails)
    one = stream(record(event(14)))

    assert 1 == len(notify.handler(one, None)["batchItemFailures"])
    assert [] == notify.handler(one, None)["batchItemFailures"]
    assert 1 == len(mails())


# --- its rules


@pytest.mark.parametrize("where", ["s3://config/rules.json", "ssm:/bongsu/notify"])
def test_rules_may_stand_in_a_bucket_or_a_parameter(where, aws, monkeypatch):
    text = json.dumps([LEE])
    if where.startswith("s3"):
        emulator.log_bucket(aws, "config")
        client("s3", aws).put_object(Bucket="config", Key="rules.json", Body=text.encode())
    else:
        client("ssm", aws).put_parameter(Name="/bongsu/notify", Value=text, Type="String")
    monkeypatch.setenv("BONGSU_NOTIFY_RULES", where)
    notify.handler(stream(record(event())), None)

    assert 1 == len(mails())


def test_they_are_read_again_after_a_minute(monkeypatch):
    times = iter([0.0, 59.0, 61.0])
    clock = replace_clock(monkeypatch, lambda: next(times))
    texts = iter(["[]", json.dumps([LEE])])
    monkeypatch.setattr(_mail_rules, "text_of", lambda _where: next(texts))

    assert [0, 0, 1] == [len(_mail_rules.load()) for _ in range(3)]
    assert clock is not None


def replace_clock(monkeypatch: pytest.MonkeyPatch, monotonic_s: Any) -> Any:
    clock = type("Clock", (), {"monotonic_s": staticmethod(monotonic_s)})()
    monkeypatch.setattr(_mail_rules, "SYSTEM_CLOCK", clock)
    return clock


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("{", ["BONGSU_NOTIFY_RULES"]),
        ("{}", ["BONGSU_NOTIFY_RULES"]),
        ("[1]", ["[0]"]),
        ('[{"when": {"a": ["b"]}, "to": []}]', ["[0].to"]),
        ('[{"when": {"a": ["b"]}, "to": ["nobody"]}]', ["[0].to"]),
        ('[{"when": {"a": ["b"]}, "to": ["a@b"], "language": "fr"}]', ["[0].language"]),
        ('[{"when": {"a": ["b"]}, "to": ["a@b"], "do": 1}]', ["[0].do"]),
        ('[{"when": {"a": 1}, "to": ["a@b"]}]', ["[0].when.a"]),
        ('[{"to": "a@b"}]', ["[0].to", "[0].when"]),
        ('[{"when": {}, "to": ["a@b"]}]', ["[0].when.pattern"]),
    ],
)
def test_wrong_rules_are_refused_with_the_place_and_fail_loudly(text, where, monkeypatch):
    with pytest.raises(Invalid, match="BONGSU_NOTIFY_RULES cannot be used") as caught:
        _mail_rules.parse(text)

    assert where == [problem.where for problem in caught.value.problems]
    monkeypatch.setenv("BONGSU_NOTIFY_RULES", text)
    with pytest.raises(Invalid):
        notify.handler(stream(record(event())), None)


@pytest.mark.parametrize("name", ["BONGSU_NOTIFY_RULES", "BONGSU_MAIL_FROM"])
def test_what_is_not_configured_is_named(name, monkeypatch):
    monkeypatch.delenv(name)

    with pytest.raises(Invalid, match=name):
        notify.handler(stream(record(event())), None)
