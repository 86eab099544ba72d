"""What AWS guards by itself: found in a template, taken off what stands, also when a deletion is begun again."""

from typing import Any

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
DATABASE = BODY["Resources"]["Orders"]
HOSTS = BODY["Resources"]["Hosts"]


def stands(logical: str, physical: str = "one", status: str = "CREATE_COMPLETE") -> dict[str, str]:
    made = {"PhysicalResourceId": physical} if physical else {}
    return {"LogicalResourceId": logical, "ResourceStatus": status, **made}


class Kubernetes:
    """EKS and CloudFormation as far as a cluster's guard goes: EKS refuses a change that changes nothing."""

    def __init__(self) -> None:
        self.protected, self.asked = True, 0

    def __call__(self, _service: str, _region: str) -> "Kubernetes":
        return self

    def get_paginator(self, _operation: str) -> "Kubernetes":
        return self

    def paginate(self, **_asked: str):
        return [{"StackResourceSummaries": [stands("Apps", "apps")]}]

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


class Aws:
    """Clients that write down what is asked of them. `stack`: pages of its resources."""

    def __init__(self, *pages: list[dict[str, str]], hosts: Any = ()) -> None:
        self.pages, self.hosts, self.asked = pages, list(hosts), []

    def __call__(self, service: str, region: str) -> "Aws":
        return self

    def get_paginator(self, operation: str) -> "Aws":
        assert operation == "list_stack_resources"
        return self

    def paginate(self, **values: Any) -> list[dict[str, Any]]:
        self.asked.append(("list_stack_resources", values))
        return [{"StackResourceSummaries": page} for page in self.pages]

    def describe_auto_scaling_groups(self, **_: Any) -> dict[str, Any]:
        return {"AutoScalingGroups": [{"Instances": self.hosts}]}

    def __getattr__(self, operation: str) -> Any:
        return lambda **values: self.asked.append((operation, values))

    def of(self, operation: str) -> list[dict[str, Any]]:
        return [values for name, values in self.asked if name == operation]


def off(aws: Aws, **resources: Any) -> Aws:
    take_off(aws, "ap-northeast-2", "shop-data", {"Resources": resources})
    return aws


def host(number: int, state: str = "InService", *, protected: bool = True) -> dict[str, Any]:
    return {"InstanceId": f"i-{number}", "LifecycleState": state, "ProtectedFromScaleIn": protected}


def test_each_that_stands_is_asked_by_its_own_name_and_the_stack_once():
    aws = Aws([stands("Orders", "orders-1")], [stands("Users", "users-1")])

    off(aws, Orders=DATABASE, Users=DATABASE)

    assert [one["DBInstanceIdentifier"] for one in aws.of("modify_db_instance")] == [
        "orders-1",
        "users-1",
    ]
    assert aws.of("list_stack_resources") == [{"StackName": "shop-data"}]


def test_what_is_gone_or_never_came_holds_a_second_try_up_no_more():
    aws = Aws([stands("Gone", status="DELETE_COMPLETE"), stands("Failed", "", "CREATE_FAILED")])

    off(aws, Gone=DATABASE, Failed=DATABASE, NeverBegun=DATABASE)

    assert aws.of("modify_db_instance") == []


def test_nothing_is_asked_of_a_stack_without_guards():
    assert off(Aws(), Free={"Type": "AWS::RDS::DBInstance"}).asked == []


def test_hosts_are_let_go_as_many_at_a_time_as_aws_takes_and_none_that_ends_already():
    hosts = [host(number) for number in range(120)]
    aws = Aws(
        [stands("Hosts", "hosts-1")],
        hosts=[*hosts, host(120, "Terminating:Wait"), host(121, protected=False)],
    )

    off(aws, Hosts=HOSTS)

    asked = [one["InstanceIds"] for one in aws.of("set_instance_protection")]
    assert [len(ids) for ids in asked] == [50, 50, 20]
    assert [name for ids in asked for name in ids] == [one["InstanceId"] for one in hosts]
