"""What AWS guards by itself: found in a template, and taken off once, also when a deletion is begun again."""

import pytest
from botocore.exceptions import ClientError

from bongsu.infra.deploy.guards import GUARDS, guarded, take_off

BODY = {
    "Resources": {
        "Orders": {"Type": "AWS::RDS::DBInstance", "Properties": {"DeletionProtection": True}},
        "Open": {"Type": "AWS::RDS::DBInstance", "Properties": {"DeletionProtection": False}},
        "Kept": {
            "Type": "AWS::RDS::DBCluster",
            "DeletionPolicy": "Retain",
            "Properties": {"DeletionProtection": True},
        },
        "Front": {
            "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "Properties": {
                "LoadBalancerAttributes": [{"Key": "deletion_protection.enabled", "Value": "true"}]
            },
        },
        "Hosts": {
            "Type": "AWS::AutoScaling::AutoScalingGroup",
            "Properties": {"NewInstancesProtectedFromScaleIn": True},
        },
        "Apps": {"Type": "AWS::EKS::Cluster", "Properties": {"DeletionProtection": True}},
    }
}


class Kubernetes:
    """EKS and CloudFormation as far as a cluster's guard goes: EKS refuses a change that changes nothing."""

    def __init__(self) -> None:
        self.protected, self.asked = True, 0

    def __call__(self, _service: str, _region: str) -> "Kubernetes":
        return self

    def describe_stack_resource(self, **_asked: str):
        return {"StackResourceDetail": {"PhysicalResourceId": "apps"}}

    def describe_cluster(self, *, name: str):
        return {"cluster": {"name": name, "deletionProtection": self.protected}}

    def update_cluster_config(self, *, name: str, deletionProtection: bool):  # noqa: N803
        self.asked += 1
        if self.protected == deletionProtection:
            error = {"Code": "InvalidParameterException", "Message": f"{name}: no changes needed"}
            raise ClientError({"Error": error}, "UpdateClusterConfig")
        self.protected = deletionProtection


def test_what_is_protected_and_not_kept_is_guarded():
    assert sorted(guarded(BODY)) == ["Apps", "Front", "Hosts", "Orders"]
    assert set(guarded(BODY).values()) < set(GUARDS)


@pytest.mark.parametrize("times", [1, 2])
def test_a_deletion_that_is_begun_again_finds_the_guard_already_off(times):
    aws = Kubernetes()

    for _ in range(times):
        take_off(aws, "us-east-1", "data", {"Resources": {"Apps": BODY["Resources"]["Apps"]}})

    assert (aws.protected, aws.asked) == (False, 1)
