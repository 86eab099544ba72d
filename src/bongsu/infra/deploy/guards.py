"""What AWS itself refuses to delete, resource by resource.

CloudFormation takes none of these guards off: the deletion of a stack would stop at them, halfway.
"""

from collections.abc import Callable
from typing import Any

from bongsu.infra.deploy.aws import Clients, asking

BALANCER = {"Key": "deletion_protection.enabled", "Value": "true"}


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
    running = [one["InstanceId"] for one in group["Instances"]]
    if running:
        scaling.set_instance_protection(
            AutoScalingGroupName=name, InstanceIds=running, ProtectedFromScaleIn=False
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
    """All guards of one stack. Raises Invalid or Unavailable as AWS answers."""
    for key, kind in guarded(body).items():
        service, off = GUARDS[kind]
        with asking(f"{key} ({stack})"):
            found = clients("cloudformation", region).describe_stack_resource(
                StackName=stack, LogicalResourceId=key
            )
            off(clients(service, region), found["StackResourceDetail"]["PhysicalResourceId"])
