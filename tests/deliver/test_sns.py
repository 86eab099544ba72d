import json

import pytest

from bongsu.deliver.channels import sns
from bongsu.deliver.model import DeliveryError
from bongsu.kit.clock import ManualClock
from bongsu.kit.secretref import SecretAway, Secrets, resolve
from tests.aws.emulator import REGION, client, credentials, emulator
from tests.deliver.support import context, message


@pytest.fixture(scope="module")
def aws():
    with emulator() as address:
        yield address


@pytest.fixture(autouse=True)
def _credentials(monkeypatch):
    credentials(monkeypatch)


def published(aws: str, topic: str) -> list[str]:
    """What a queue that listens to the topic has received."""
    queues = client("sqs", aws)
    url = queues.get_queue_url(QueueName=topic.rpartition(":")[2])["QueueUrl"]
    answer = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [entry["Body"] for entry in answer.get("Messages", [])]


@pytest.fixture
def topic(aws, request):
    """A topic with a queue behind it."""
    name = f"alarms-{abs(hash(request.node.name)) % 10**8}"
    arn = client("sns", aws).create_topic(Name=name)["TopicArn"]
    queue = client("sqs", aws).create_queue(QueueName=name)["QueueUrl"]
    attributes = client("sqs", aws).get_queue_attributes(
        QueueUrl=queue, AttributeNames=["QueueArn"]
    )
    queue_arn = attributes["Attributes"]["QueueArn"]
    client("sns", aws).subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue_arn)
    return arn


async def test_a_topic_gets_subject_text_and_attributes(aws, topic):
    options = sns.Options(topic=topic, endpoint=aws)
    receipt = await sns.send(options, message(), context("folder:///nowhere"))

    envelope = json.loads(published(aws, topic)[0])
    assert receipt.number == envelope["MessageId"]
    assert "[INC-12] Shop is down" == envelope["Subject"]
    assert "Shop has been down since 09:41." in envelope["Message"]
    assert "4" == envelope["MessageAttributes"]["severity"]["Value"]


async def test_a_korean_subject_loses_what_sns_does_not_take_and_the_text_keeps_it(aws, topic):
    one = message(subject="[INC-12] 쇼핑몰 중단", lead="쇼핑몰이 중단되었습니다.")
    await sns.send(sns.Options(topic=topic, endpoint=aws), one, context("folder:///nowhere"))

    envelope = json.loads(published(aws, topic)[0])
    assert "[INC-12]" == envelope["Subject"]
    assert "쇼핑몰이 중단되었습니다." in envelope["Message"]


async def test_machines_may_have_the_event(aws, topic):
    options = sns.Options(topic=topic, endpoint=aws, cloudevents=True)
    await sns.send(options, message(), context("folder:///nowhere"))

    envelope = json.loads(published(aws, topic)[0])
    assert message().event == json.loads(envelope["Message"])


async def test_a_topic_that_does_not_exist_is_said_and_tried_again(aws):
    options = sns.Options(topic=f"arn:aws:sns:{REGION}:123456789012:nobody", endpoint=aws)

    with pytest.raises(DeliveryError, match=r"refused the topic nobody \(NotFound") as caught:
        await sns.send(options, message(), context("folder:///nowhere"))

    assert not caught.value.permanent


async def test_an_endpoint_that_is_away_is_tried_again(free_port):
    options = sns.Options(
        topic=f"arn:aws:sns:{REGION}:123456789012:x", endpoint=f"http://127.0.0.1:{free_port}"
    )

    with pytest.raises(DeliveryError, match="cannot be reached") as caught:
        await sns.send(options, message(), context("folder:///nowhere"))

    assert not caught.value.permanent


def test_a_fifo_topic_gets_group_and_deduplication_ids():
    options = sns.Options(topic=f"arn:aws:sns:{REGION}:123456789012:alarms.fifo")
    given = sns._parameters(options, message())

    assert ("incident/12", message().key) == (
        given["MessageGroupId"], given["MessageDeduplicationId"],
    )  # fmt: skip


# --- secrets kept by AWS


async def test_secrets_come_from_parameter_store_and_secrets_manager(aws, monkeypatch):
    client("ssm", aws).put_parameter(Name="/bongsu/hook", Value="one", Type="SecureString")
    manager = client("secretsmanager", aws)
    manager.create_secret(Name="bongsu", SecretString='{"hook": "two"}')
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws)
    clock = ManualClock()
    secrets = Secrets(clock)

    assert "one" == await secrets.reveal("ssm:/bongsu/hook")
    assert "two" == await secrets.reveal("secretsmanager:bongsu#hook")
    assert '{"hook": "two"}' == await secrets.reveal("secretsmanager:bongsu")


async def test_a_value_from_aws_is_kept_for_a_minute(aws, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws)
    store = client("ssm", aws)
    store.put_parameter(Name="/bongsu/turn", Value="old", Type="SecureString")
    clock = ManualClock()
    secrets = Secrets(clock)
    await secrets.reveal("ssm:/bongsu/turn")
    store.put_parameter(Name="/bongsu/turn", Value="new", Type="SecureString", Overwrite=True)

    assert "old" == await secrets.reveal("ssm:/bongsu/turn")
    clock.advance(61)
    assert "new" == await secrets.reveal("ssm:/bongsu/turn")


def test_a_secret_that_aws_does_not_have_names_the_reference_and_the_reason(aws, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws)

    with pytest.raises(SecretAway, match=r"ssm:/none \(ParameterNotFound\)"):
        resolve("ssm:/none")
    with pytest.raises(SecretAway, match="secretsmanager:none"):
        resolve("secretsmanager:none#x")
