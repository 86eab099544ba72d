"""boto3's clients: made once, by whoever asks first, in threads of their own."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from bongsu.aws.clients import Keys, Place, ask, call, client
from bongsu.deliver.model import DEADLINE_S
from tests.aws.emulator import REGION, credentials, emulator


@pytest.fixture(scope="module")
def aws():
    with emulator() as address:
        yield address


@pytest.fixture(autouse=True)
def _credentials(monkeypatch):
    credentials(monkeypatch)


def test_the_same_place_has_one_client_and_another_place_its_own(aws):
    here, there = Place(REGION, aws), Place("eu-west-1", aws)
    with ThreadPoolExecutor(8) as threads:
        made = set(threads.map(lambda _: client("sns", here), range(32)))

    assert {client("sns", here)} == made
    assert client("sns", there) not in made
    assert client("sns", Place(REGION, aws, Keys("a", "b"))) not in made


def test_region_and_endpoint_come_from_the_environment_when_nothing_is_given(aws, monkeypatch):
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", aws)
    found = client("sqs", Place(keys=Keys("only", "here"))).meta

    assert ("eu-north-1", aws) == (found.region_name, found.endpoint_url)


def test_a_secret_key_is_not_shown():
    assert "hunter2" not in repr(Place(keys=Keys("AKIA", "hunter2")))


def test_given_keys_are_those_that_sign(aws):
    answer = call("sts", "get_caller_identity", Place(REGION, aws, Keys("AKIAOTHER", "x")))

    assert "123456789012" == answer["Account"]
    made = client("sts", Place(REGION, aws, Keys("AKIAOTHER", "x")))
    assert "AKIAOTHER" == made._request_signer._credentials.access_key


async def test_the_loop_goes_on_while_aws_is_asked(aws):
    place, turns = Place(REGION, aws), 0
    asking = asyncio.gather(*(ask("sns", "list_topics", place) for _ in range(8)))
    while not asking.done():
        turns += 1
        await asyncio.sleep(0.001)

    assert 8 == len(asking.result())
    assert turns > 3


def test_who_does_not_answer_is_given_up_before_a_delivery_must_end(aws):
    config = client("sns", Place(REGION, aws)).meta.config

    assert DEADLINE_S > config.retries["total_max_attempts"] * (
        config.connect_timeout + config.read_timeout
    )
