"""Hosts for containers: what they are made from, a group of them, and how ECS scales and drains that group."""

from typing import Any

from bongsu.infra.build.ec2 import MANAGED, machine
from bongsu.infra.build.ecs import cluster, provider
from bongsu.infra.build.machine_images import machine_image
from bongsu.infra.build.policies import allow, role
from bongsu.infra.build.refresh import in_turn
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Att, Ref, Sub, logical_id
from bongsu.infra.machines import MACHINES
from bongsu.infra.model.hosts import Capacity

WARM_S = 120  # from its start until a host takes tasks
# Of the agent on a host, that it may join and speak for exactly this cluster. Images, logs and secrets are read in
# the execution role of each task, and what a program may do is its task role: the host has none of it.
JOINS = ("ecs:RegisterContainerInstance", "ecs:DeregisterContainerInstance")
SPEAKS = (
    "ecs:SubmitAttachmentStateChanges",
    "ecs:SubmitContainerStateChange",
    "ecs:SubmitTaskStateChange",
)
WORKS = ("ecs:Poll", "ecs:StartTelemetrySession", "ecs:UpdateContainerInstancesState")
CONFIG = "/etc/ecs/ecs.config"


def build(site: Site) -> None:
    for name, block in site.architecture.capacity.items():
        _Hosts(site, name, block).build()


class _Hosts:
    def __init__(self, site: Site, name: str, block: Capacity) -> None:
        self.site, self.name, self.block = site, name, block
        self.path = ("capacity", name)
        self.part = site.plan.parts[name]
        self.cluster = cluster(str(self.part.network))

    def build(self) -> None:
        group = self._group(self._template(self._profile()))
        self._provider(group)

    def add(self, word: str, type: str, values: dict[str, Any], **more: Any) -> Ref:  # noqa: A002
        id = logical_id(word, self.name)  # noqa: A001
        return self.site.add("app", id, type, self.path, values, **more)

    def _profile(self) -> Ref:
        here = Att(self.cluster.id, "Arn")
        hosts = Sub(
            "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:container-instance/${Cluster}/*",
            {"Cluster": self.cluster},
        )
        policies = {
            "managed": [allow(MANAGED, ["*"])],
            "cluster": [
                allow((*JOINS, *SPEAKS), [here]),
                allow(WORKS, [hosts], {"ArnEquals": {"ecs:cluster": here}}),
                allow(["ecs:DiscoverPollEndpoint"], ["*"]),
            ],
        }
        id = logical_id("host-role", self.name)  # noqa: A001
        made = role(self.site, id, self.path, "ec2.amazonaws.com", policies, self.name)
        return self.add("host-profile", "AWS::IAM::InstanceProfile", {"Roles": [made]})

    def _template(self, profile: Ref) -> Ref:
        """A new version of it, by any change, makes the group replace its hosts."""
        interface = {
            "DeviceIndex": 0,
            "AssociatePublicIpAddress": self.block.public_ip,
            "Groups": [self.site.group(self.name)],
        }
        data: dict[str, Any] = {
            "ImageId": machine_image(host_image(self.block)),
            "InstanceType": self.block.instance,
            "IamInstanceProfile": {"Arn": Att(profile.id, "Arn")},
            "NetworkInterfaces": [interface],
            **machine(self.block.disk_gib, self.site.tags(self.name)),
            "UserData": {"Fn::Base64": self._start()},
        }
        if self.block.spot:
            data["InstanceMarketOptions"] = {"MarketType": "spot"}
        return self.add("host-template", "AWS::EC2::LaunchTemplate", {"LaunchTemplateData": data})

    def _start(self) -> Sub:
        """It joins its cluster; tasks cannot borrow the host's own role; a spot host hands its tasks on."""
        lines = [
            "ECS_CLUSTER=${Cluster}",
            "ECS_AWSVPC_BLOCK_IMDS=true",
            *(["ECS_ENABLE_SPOT_INSTANCE_DRAINING=true"] if self.block.spot else []),
        ]
        text = "\n".join(
            ("#!/bin/bash", "set -euo pipefail", f"cat >>{CONFIG} <<'END'", *lines, "END", "")
        )
        return Sub(text, {"Cluster": self.cluster})

    def _group(self, template: Ref) -> Ref:
        block = self.block
        values = {
            "MinSize": str(block.scale.min),
            "MaxSize": str(block.most),
            "VPCZoneIdentifier": self.site.part_subnets(self.part),
            "LaunchTemplate": {
                "LaunchTemplateId": template,
                "Version": Att(template.id, "LatestVersionNumber"),
            },
            "HealthCheckType": "EC2",
            "HealthCheckGracePeriod": WARM_S,
            "DefaultInstanceWarmup": WARM_S,
            "CapacityRebalance": True if block.spot else None,
            "NewInstancesProtectedFromScaleIn": block.protect,
            "MetricsCollection": [{"Granularity": "1Minute"}],
            "Tags": self._tags(),
        }
        update = in_turn(block.scale.min, block.rolling_spare, WARM_S)
        type = "AWS::AutoScaling::AutoScalingGroup"  # noqa: A001
        return self.add("hosts", type, values, UpdatePolicy=update)

    def _tags(self) -> list[dict[str, Any]]:
        """ECS marks the groups that it scales; without its tag here each deployment would take it away."""
        tags = [tag | {"PropagateAtLaunch": False} for tag in self.site.tags(self.name)]
        managed = {"Key": "AmazonECSManaged", "Value": "true", "PropagateAtLaunch": True}
        return [*tags, *([managed] if self.block.managed else [])]

    def _provider(self, group: Ref) -> None:
        block = self.block
        scaling = {
            "Status": "ENABLED" if block.managed else "DISABLED",
            "TargetCapacity": block.target_percent,
            "InstanceWarmupPeriod": WARM_S,
        }
        groups = {
            "AutoScalingGroupArn": group,
            "ManagedScaling": scaling,
            "ManagedTerminationProtection": "ENABLED" if block.protect else "DISABLED",
            "ManagedDraining": "ENABLED" if block.drain else "DISABLED",
        }
        values = {"AutoScalingGroupProvider": groups, "Tags": self.site.tags(self.name)}
        id = provider(self.name).id  # noqa: A001
        self.site.add("app", id, "AWS::ECS::CapacityProvider", self.path, values)


def host_image(block: Capacity) -> str:
    return block.image or f"ecs-al2023-{MACHINES[block.instance].architecture}"
