"""More copies by work: target tracking on CPU and on requests, for services and for groups of servers."""

from collections.abc import Sequence
from typing import Any

from bongsu.document import Path
from bongsu.infra.build.addresses import load_balancer
from bongsu.infra.build.routing import Group, groups_of
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Att, Ref, Sub, logical_id, pointers
from bongsu.infra.model.compute import Scale, Service

LISTENING = (
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::ElasticLoadBalancingV2::ListenerRule",
)
OUT_S, IN_S = 60, 300  # quick to grow, slow to shrink
Policy = dict[str, Any]


def is_scaled(scale: Scale) -> bool:
    """With nothing to go by, or no room between least and most, the number stays as it is."""
    return scale.max > scale.min and (scale.cpu_percent or scale.requests_per_copy) is not None


def ways_to(site: Site, groups: Sequence[Group]) -> tuple[str, ...]:
    """Listeners and rules that send to these groups: ECS takes no group that no load balancer uses yet."""
    wanted = {group.id for group in groups}
    return tuple(
        one.id
        for type in LISTENING  # noqa: A001
        for one in site.graph.of_type(type)
        if any(getattr(pointer, "id", "") in wanted for pointer in pointers(one.properties))
    )


def of_service(site: Site, name: str, block: Service, cluster: Ref) -> None:
    if not is_scaled(block.scale):
        return
    path: Path = ("services", name, "scale")
    service = logical_id("service", name)
    dimension = "ecs:service:DesiredCount"
    places: dict[str, Any] = {"Cluster": cluster, "Service": Att(service, "Name")}
    values = {
        "ServiceNamespace": "ecs",
        "ScalableDimension": dimension,
        "ResourceId": Sub("service/${Cluster}/${Service}", places),
        "MinCapacity": block.scale.min,
        "MaxCapacity": block.scale.max,
    }
    id = logical_id("scaling", name)  # noqa: A001
    target = site.add("app", id, "AWS::ApplicationAutoScaling::ScalableTarget", path, values)
    for word, policy in _policies(
        site, name, block.scale, "ECSServiceAverageCPUUtilization"
    ).items():
        tracking = policy | {"ScaleOutCooldown": OUT_S, "ScaleInCooldown": IN_S}
        made = {
            "PolicyName": site.name(name, word),
            "PolicyType": "TargetTrackingScaling",
            "ScalingTargetId": target,
            "TargetTrackingScalingPolicyConfiguration": tracking,
        }
        type = "AWS::ApplicationAutoScaling::ScalingPolicy"  # noqa: A001
        site.add("app", logical_id("scale-by", word, name), type, path, made)


def of_servers(site: Site, name: str, scale: Scale, group: Ref) -> None:
    if not is_scaled(scale):
        return
    path: Path = ("servers", name, "scale")
    after = ways_to(site, [one for _, one in groups_of(site, name)])
    for word, policy in _policies(site, name, scale, "ASGAverageCPUUtilization").items():
        values = {
            "AutoScalingGroupName": group,
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingConfiguration": policy,
        }
        id = logical_id("scale-by", word, name)  # noqa: A001
        site.add("app", id, "AWS::AutoScaling::ScalingPolicy", path, values, after=after)


def _policies(site: Site, name: str, scale: Scale, cpu_metric: str) -> dict[str, Policy]:
    """CPU in percent; requests of one copy in a minute, as load balancers count them."""
    found: dict[str, Policy] = {}
    if scale.cpu_percent is not None:
        found["cpu"] = _tracking(scale.cpu_percent, {"PredefinedMetricType": cpu_metric})
    balancer = _counting(site, name)
    if scale.requests_per_copy is not None and balancer:
        found["requests"] = _tracking(scale.requests_per_copy, _requests(*balancer))
    return found


def _tracking(target: int, metric: dict[str, Any]) -> Policy:
    return {"TargetValue": target, "PredefinedMetricSpecification": metric}


def _counting(site: Site, name: str) -> tuple[str, Group] | None:
    """The first load balancer before a workload that counts requests."""
    return next(
        (
            (balancer, group)
            for balancer, group in groups_of(site, name)
            if site.architecture.load_balancers[balancer].kind == "application"
        ),
        None,
    )


def _requests(balancer: str, group: Group) -> dict[str, Any]:
    label = Sub(
        "${Balancer}/${Targets}",
        {
            "Balancer": Att(load_balancer(balancer).id, "LoadBalancerFullName"),
            "Targets": Att(group.id, "TargetGroupFullName"),
        },
    )
    return {"PredefinedMetricType": "ALBRequestCountPerTarget", "ResourceLabel": label}
