"""What AWS itself refuses to delete, resource by resource.

CloudFormation takes none of these guards off: the deletion of a stack would stop at them, halfway.
"""

from collections.abc import Callable
from typing import Any

from bongsu.infra.deploy.aws import Clients, asking

BALANCER = {"Key": "deletion_protection.enabled", "Value": "true"}
AT_ONCE = 50  # machines that AWS takes in one call
ENDING = ("Terminat", "Detach")  # states of a machine: AWS would refuse the whole call


def _instance(rds: Any, name: str) -> None:
    rds.modify_db_instance(
        DBInstanceIdentifier=name, DeletionProtection=False, ApplyImmediately=True
    )


def _cluster(rds: Any, name: str) -> None:
    rds.modify_db_cluster(DBClusterIdentifier=name, DeletionProtection=False, ApplyImmediately=True)


def _balancer(elb: Any, arn: str) -> None:
    off = BALANCER | {"Value": "false"}
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[off])


def _kubernetes(eks: Any, name: str) -> None:
    """EKS refuses a change that changes nothing, as when a deletion is begun again."""
    if eks.describe_cluster(name=name)["cluster"].get("deletionProtection"):
        eks.update_cluster_config(name=name, deletionProtection=False)


def _hosts(scaling: Any, name: str) -> None:
    """New ones and those that run: a group with protected machines never becomes empty."""
    scaling.update_auto_scaling_group(
        AutoScalingGroupName=name, NewInstancesProtectedFromScaleIn=False
    )
    (group,) = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])[
        "AutoScalingGroups"
    ]
    held = [
        one["InstanceId"]
        for one in group["Instances"]
        if one["ProtectedFromScaleIn"] and not one["LifecycleState"].startswith(ENDING)
    ]
    for first in range(0, len(held), AT_ONCE):
        scaling.set_instance_protection(
            AutoScalingGroupName=name,
            InstanceIds=held[first : first + AT_ONCE],
            ProtectedFromScaleIn=False,
        )


# type → service of AWS, and the call that takes the guard off the one with this physical id
GUARDS: dict[str, tuple[str, Callable[[Any, str], None]]] = {
    "AWS::RDS::DBInstance": ("rds", _instance),
    "AWS::RDS::DBCluster": ("rds", _cluster),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ("elbv2", _balancer),
    "AWS::EKS::Cluster": ("eks", _kubernetes),
    "AWS::AutoScaling::AutoScalingGroup": ("autoscaling", _hosts),
}


def guarded(body: dict[str, Any]) -> dict[str, str]:
    """Logical id → type of what a template protects and does not keep. Pure."""
    return {
        key: one["Type"]
        for key, one in body.get("Resources", {}).items()
        if one["Type"] in GUARDS and one.get("DeletionPolicy") != "Retain" and _is_guarded(one)
    }


def _is_guarded(resource: dict[str, Any]) -> bool:
    properties = resource.get("Properties", {})
    return (
        properties.get("DeletionProtection") is True
        or properties.get("NewInstancesProtectedFromScaleIn") is True
        or BALANCER in properties.get("LoadBalancerAttributes", [])
    )


def take_off(clients: Clients, region: str, stack: str, body: dict[str, Any]) -> None:
    """All guards of what stands of one stack. Raises Invalid or Unavailable as AWS answers."""
    wanted = guarded(body)
    there = _standing(clients("cloudformation", region), stack) if wanted else {}
    for key, kind in wanted.items():
        if key in there:
            service, off = GUARDS[kind]
            with asking(f"{key} ({stack})"):
                off(clients(service, region), there[key])


def _standing(cloudformation: Any, stack: str) -> dict[str, str]:
    """Logical → physical id: not of what an earlier try deleted, nor of what never came to be."""
    with asking(stack):
        pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
        found = [one for page in pages for one in page["StackResourceSummaries"]]
    return {
        one["LogicalResourceId"]: one["PhysicalResourceId"]
        for one in found
        if one["ResourceStatus"] != "DELETE_COMPLETE" and one.get("PhysicalResourceId")
    }
