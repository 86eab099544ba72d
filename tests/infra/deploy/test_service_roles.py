"""ECS makes its own role with an account's first cluster, too late for that cluster."""

import pytest
from botocore.exceptions import ClientError

from bongsu.infra.deploy.service_roles import make_service_role
from bongsu.infra.deploy.state import Timing
from bongsu.infra.render.cfn import Template
from tests.infra.deploy.test_stacks import Told

THERE = ClientError(
    {"Error": {"Code": "InvalidInput", "Message": "Service role name has been taken"}}, "op"
)
DENIED = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "op")


def made(kind: str, answer) -> tuple[Told, list[float], bool]:
    client, slept = Told(create_service_linked_role=[answer]), list[float]()
    body = {"Resources": {"One": {"Type": kind}}}
    template = Template("shop-app", "app", "ap-northeast-2", body, {}, {})
    return client, slept, make_service_role(template, lambda *_: client, Timing(sleep=slept.append))


def test_before_the_first_cluster_of_an_account_its_role_is_made_and_given_time():
    client, slept, new = made("AWS::ECS::Cluster", {})

    assert client.asked == [("create_service_linked_role", {"AWSServiceName": "ecs.amazonaws.com"})]
    assert new
    assert slept == [10.0]


@pytest.mark.parametrize("answer", [THERE, DENIED])
def test_one_that_is_there_or_may_not_be_made_holds_nothing_up(answer):
    _, slept, new = made("AWS::ECS::Cluster", answer)

    assert (new, slept) == (False, [])


def test_without_a_cluster_nothing_is_asked():
    client, _, new = made("AWS::S3::Bucket", {})

    assert (new, client.asked) == (False, [])
