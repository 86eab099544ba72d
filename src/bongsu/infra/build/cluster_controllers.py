"""Rights of the two controllers that a team installs by Helm: exactly what our use needs (see ADR 0062)."""

from bongsu.infra.build.cluster_roles import SYSTEM, account_role, associated
from bongsu.infra.build.policies import Statement, allow
from bongsu.infra.build.routing import groups_of
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Ref, logical_id
from bongsu.infra.model.clusters import Cluster
from bongsu.infra.plan.pods import pod_services

BALANCER, AUTOSCALER = "aws-load-balancer-controller", "cluster-autoscaler"
# AWS has no narrower resource for what only looks.
LOOKS = (
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetGroupAttributes",
    "elasticloadbalancing:DescribeTargetHealth",
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeInstances",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
)
MEMBERS = ("elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets")
SCALING_LOOKS = (
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeAutoScalingInstances",
    "autoscaling:DescribeLaunchConfigurations",
    "autoscaling:DescribeScalingActivities",
    "autoscaling:DescribeTags",
    "ec2:DescribeImages",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeLaunchTemplateVersions",
    "ec2:GetInstanceTypesFromInstanceRequirements",
    "eks:DescribeNodegroup",
)
SCALES = ("autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup")


def controllers(site: Site, name: str, block: Cluster) -> None:
    """One that puts pods into target groups, where there are any; one that adds nodes, where there may be more."""
    groups = [
        Ref(group.id)
        for service in pod_services(site.architecture, name)
        for _, group in groups_of(site, service)
    ]
    if groups:
        _controller(site, name, BALANCER, [allow(LOOKS, ["*"]), allow(MEMBERS, groups)])
    if any(nodes.scale.max > nodes.scale.min for nodes in block.nodes.values()):
        own = {"StringEquals": {"aws:ResourceTag/eks:cluster-name": site.name(name)}}
        _controller(
            site, name, AUTOSCALER, [allow(SCALING_LOOKS, ["*"]), allow(SCALES, ["*"], own)]
        )


def _controller(site: Site, name: str, account: str, statements: list[Statement]) -> None:
    path, place = ("clusters", name), (SYSTEM, account)
    id = logical_id("controller-role", name, account)  # noqa: A001
    tags = f"{name}-{account}"
    role = account_role(site, id, path, place, {"use": statements}, tags)
    associated(site, logical_id("controller", name, account), path, name, place, role)
