"""Nodes: managed groups whose machines are made from a template of ours, and replaced one after the other."""

import hashlib
from collections.abc import Sequence
from typing import Any

from bongsu.infra.build.cluster_roles import aws_policy, cluster
from bongsu.infra.build.ec2 import machine
from bongsu.infra.build.policies import taken_by
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Att, Ref, Sub, logical_id
from bongsu.infra.machines import MACHINES
from bongsu.infra.model.clusters import Cluster, Nodes
from bongsu.infra.plan.pods import nodes_name, pods_per_node

POLICIES = ("AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly")
AMI = {"arm": "AL2023_ARM_64_STANDARD", "x86": "AL2023_x86_64_STANDARD"}
BOUNDARY = "//"
# What a node is told before EKS tells it the rest: `nodeadm` joins the parts.
NODE_CONFIG = f"""MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="{BOUNDARY}"

--{BOUNDARY}
Content-Type: application/node.eks.aws

---
apiVersion: node.eks.aws/v1alpha1
kind: NodeConfig
spec:
  kubelet:
    config:
      maxPods: {{pods}}

--{BOUNDARY}--
"""


def node_groups(site: Site, name: str, block: Cluster, after: Sequence[str]) -> tuple[str, ...]:
    """Their ids. `after`: what must stand before a node can have pods."""
    role = _role(site, name)
    return tuple(
        _Group(site, name, block, group, nodes).build(role, after)
        for group, nodes in block.nodes.items()
    )


def _role(site: Site, name: str) -> Ref:
    """Of the machines: to join, and to pull images. What pods may do is said for each of them."""
    values = {
        "AssumeRolePolicyDocument": taken_by("ec2.amazonaws.com"),
        "ManagedPolicyArns": [aws_policy(one) for one in POLICIES],
        "Tags": site.tags(name, "nodes"),
    }
    path = ("clusters", name, "nodes")
    return site.add("app", logical_id("node-role", name), "AWS::IAM::Role", path, values)


class _Group:
    def __init__(self, site: Site, name: str, block: Cluster, group: str, nodes: Nodes) -> None:
        self.site, self.cluster, self.block, self.nodes = site, name, block, nodes
        self.group = group
        self.part = site.plan.parts[nodes_name(name, group)]
        machine = MACHINES.get(nodes.instance)
        self.processor = machine.architecture if machine else "arm"

    def build(self, role: Ref, after: Sequence[str]) -> str:
        template = self._template()
        return self._group(role, template, after).id

    def add(self, word: str, type: str, values: dict[str, Any], **more: Any) -> Ref:  # noqa: A002
        id = logical_id(word, self.part.name)  # noqa: A001
        return self.site.add("app", id, type, self.part.path, values, **more)

    def _template(self) -> Ref:
        """No metadata for pods: one hop further than the machine itself it does not go."""
        data = {
            "InstanceType": self.nodes.instance,
            "SecurityGroupIds": [
                Att(cluster(self.cluster).id, "ClusterSecurityGroupId"),
                self.site.group(self.part.name),
            ],
            **machine(self.nodes.disk_gib, self.site.tags(self.part.name)),
            "UserData": self._user_data(),
        }
        told = {key: value for key, value in data.items() if value is not None}
        return self.add("template", "AWS::EC2::LaunchTemplate", {"LaunchTemplateData": told})

    def _user_data(self) -> dict[str, Any] | None:
        pods = pods_per_node(self.block, self.nodes)
        return {"Fn::Base64": Sub(NODE_CONFIG.format(pods=pods))} if pods else None

    def _group(self, role: Ref, template: Ref, after: Sequence[str]) -> Ref:
        scale = self.nodes.scale
        values = {
            "NodegroupName": self.name(),
            "ClusterName": cluster(self.cluster),
            "NodeRole": Att(role.id, "Arn"),
            "Subnets": self.site.part_subnets(self.part),
            "AmiType": AMI[self.processor],
            "CapacityType": "SPOT" if self.nodes.spot else "ON_DEMAND",
            "ScalingConfig": {"MinSize": scale.min, "MaxSize": scale.max, "DesiredSize": scale.min},
            "UpdateConfig": {"MaxUnavailable": 1},
            "NodeRepairConfig": {"Enabled": True},
            "Labels": {"bongsu/nodes": self.group},
            "LaunchTemplate": {"Id": template, "Version": Att(template.id, "LatestVersionNumber")},
            "Tags": {one["Key"]: one["Value"] for one in self.site.tags(self.part.name)},
        }
        return self.add("nodes", "AWS::EKS::Nodegroup", values, after=after)

    def name(self) -> str:
        """Its kind is in its name: what only a new group can be stands beside the old one while it is made."""
        kind = f"{self.processor}/{self.nodes.spot}"
        return f"{self.group}-{hashlib.sha256(kind.encode()).hexdigest()[:6]}"
