"""A whole deployment against a CloudFormation that answers as told: the order of looking, refusing and doing."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bongsu.infra.build.build import build_graph
from bongsu.infra.deploy.deployment import Deployment, Wishes
from bongsu.infra.deploy.state import Timing
from bongsu.kit.errors import Conflict
from tests.infra.deploy.test_stacks import GONE, Told, standing
from tests.infra.support import plan

NETWORK_ONLY = """
name: shop
region: ap-northeast-2
networks:
  main: {flow_logs: false, nat: none}
buckets:
  pictures: {}
"""
STANDS = standing("UPDATE_COMPLETE")
REPLACED = {
    "ResourceChange": {"Action": "Modify", "LogicalResourceId": "BucketPictures",
                       "ResourceType": "AWS::S3::Bucket", "Replacement": "True"}
}  # fmt: skip


def made(**answers):
    client = Told(**answers)
    planned = plan(NETWORK_ONLY)
    found = Deployment(
        planned, build_graph(planned, Path()), lambda *_: client, Timing(sleep=lambda _: None)
    )
    return client, found


def proposed(*changes):
    return {"Status": "CREATE_COMPLETE", "Changes": list(changes)}


def body(**resources):
    return {"TemplateBody": json.dumps({"Resources": resources})}


def test_nothing_is_executed_when_one_stack_would_lose_data():
    client, found = made(
        describe_stacks=[STANDS],
        get_template=[body()],
        describe_change_set=[proposed(), proposed(REPLACED)],
    )

    with pytest.raises(Conflict, match="BucketPictures in shop-production-data would be replaced"):
        found.deploy(Wishes("run"))

    assert "execute_change_set" not in client.names()


def test_a_look_leaves_no_change_set_behind():
    client, found = made(
        describe_stacks=[STANDS], get_template=[body()], describe_change_set=[proposed(REPLACED)]
    )

    found.preview(Wishes("run", replace_data=["pictures"]))

    assert client.names().count("create_change_set") == client.names().count("delete_change_set")


def test_a_stack_that_does_not_stand_is_foreseen_from_its_template():
    client, found = made(describe_stacks=[GONE])

    changes = found.preview(Wishes("run"))

    assert {one.action for one in changes} == {"Add"}
    assert len(changes) == sum(len(one.body["Resources"]) for one in found.templates)
    assert "create_change_set" not in client.names()


def test_what_became_certain_meanwhile_is_refused_and_its_change_set_taken_away():
    client, found = made(
        describe_stacks=[STANDS], get_template=[body()], describe_change_set=[proposed(REPLACED)]
    )
    found.preview = lambda wishes: ()

    with pytest.raises(Conflict, match="--replace-data BucketPictures"):
        found.deploy(Wishes("run", until="data"))

    assert "delete_change_set" in client.names()
    assert "execute_change_set" not in client.names()


class Half(Told):
    """A CloudFormation whose stack `data` never came to be: what is executed stands, what is deleted is gone."""

    def __init__(self, status: str, **answers):
        super().__init__(**answers)
        self.stands = {"shop-production-network": STANDS, "shop-production-data": standing(status)}

    def describe_stacks(self, *, StackName: str):  # noqa: N803
        self.asked.append(("describe_stacks", {"StackName": StackName}))
        if StackName not in self.stands:
            raise GONE
        return self.stands[StackName]

    def delete_stack(self, *, StackName: str):  # noqa: N803
        self.asked.append(("delete_stack", {"StackName": StackName}))
        del self.stands[StackName]

    def execute_change_set(self, *, StackName: str, **values):  # noqa: N803
        self.asked.append(("execute_change_set", {"StackName": StackName, **values}))
        self.stands[StackName] = standing("CREATE_COMPLETE")

    def get_paginator(self, _operation: str):
        return self

    def paginate(self, **_asked: str):
        balancer = {
            "LogicalResourceId": "Front",
            "PhysicalResourceId": "arn",
            "ResourceStatus": "DELETE_FAILED",
        }
        return [{"StackResourceSummaries": [balancer]}]


BALANCER = {
    "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "Properties": {
        "LoadBalancerAttributes": [{"Key": "deletion_protection.enabled", "Value": "true"}]
    },
}


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED"])
def test_what_an_earlier_try_could_not_make_is_cleared_away_and_made_anew(status):
    """Nothing ever ran in it, and AWS takes no change of such a stack; its guards kept it from going by itself."""
    add = {"ResourceChange": {"Action": "Add", "LogicalResourceId": "A", "ResourceType": "T"}}
    client = Half(
        status,
        get_template=[body(Front=BALANCER)],
        describe_change_set=[proposed(), proposed(), proposed(add)],
        describe_stack_events=[{"StackEvents": []}],
    )
    planned = plan(NETWORK_ONLY)
    timing = Timing(sleep=lambda _: None)
    found = Deployment(planned, build_graph(planned, Path()), lambda *_: client, timing)

    found.deploy(Wishes("run"))

    done = [(name, asked.get("StackName")) for name, asked in client.asked]
    order = [one for one in done if one[0] in ("delete_stack", "execute_change_set")]
    assert order == [
        ("delete_stack", "shop-production-data"),
        ("execute_change_set", "shop-production-data"),
    ]
    off = done.index(("modify_load_balancer_attributes", None))
    assert off < done.index(("delete_stack", "shop-production-data"))


def test_drift_is_asked_of_every_stack_that_stands():
    drift = {"LogicalResourceId": "A", "ResourceType": "T", "StackResourceDriftStatus": "DELETED"}
    _, found = made(
        describe_stacks=[STANDS],
        detect_stack_drift=[{"StackDriftDetectionId": "1"}],
        describe_stack_drift_detection_status=[{"DetectionStatus": "DETECTION_COMPLETE"}],
        describe_stack_resource_drifts=[{"StackResourceDrifts": [drift]}],
    )

    assert [one.stack for one in found.drift()] == [one.name for one in found.templates]


def test_what_leaves_a_template_is_refused_even_before_aws_can_be_asked():
    old = {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain"}
    _, found = made(describe_stacks=[STANDS], get_template=[body(BucketOld=old)])
    data = found.templates[-1]
    found.templates = (replace(data, needs={"Later": "shop-production-network"}),)

    with pytest.raises(
        Conflict, match="BucketOld would leave shop-production-data; it goes on in AWS"
    ):
        found.preview(Wishes("run"))
    with pytest.raises(Conflict, match="needs Later of stacks that do not give it"):
        found.deploy(Wishes("run", replace_data=["BucketOld", "BucketPictures"]))
