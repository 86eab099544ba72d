"""What is watched on each type of resource: the metric, the line that must not be crossed, for how long. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bongsu.infra.graph import Att, Graph, Ref, Resource, Sub, pointers
from bongsu.infra.model.watching import Alarms

PERIOD_S = 60
GIB = 1024**3
WAITING_S = 900  # that a message or a record may wait to be taken
BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
TARGETS = "AWS::ElasticLoadBalancingV2::TargetGroup"
LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
Dimensions = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Watch:
    """One alarm. `metrics`: more than one are added up. `minutes`: how many of them in a row."""

    kind: str
    namespace: str
    metrics: tuple[str, ...]
    dimensions: Dimensions
    threshold: float
    statistic: str = "Average"
    below: bool = False
    minutes: int = 5


def watches_of(graph: Graph, one: Resource, alarms: Alarms) -> Iterator[Watch]:
    found = WATCHED.get(one.type)
    if found:
        yield from found(graph, one, alarms)


def _balancer(_: Graph, one: Resource, alarms: Alarms) -> Iterator[Watch]:
    if one.properties.get("Type", "application") != "application":
        return
    place = {"LoadBalancer": Att(one.id, "LoadBalancerFullName")}
    errors = ("HTTPCode_ELB_5XX_Count", "HTTPCode_Target_5XX_Count")
    yield Watch("5xx", "AWS/ApplicationELB", errors, place, 5, "Sum", minutes=3)
    latency = ("TargetResponseTime",)
    yield Watch("latency", "AWS/ApplicationELB", latency, place, alarms.latency_s, "p95")


def _targets(graph: Graph, one: Resource, _: Alarms) -> Iterator[Watch]:
    for balancer in balancers_of(graph, one.id):
        application = balancer.properties.get("Type", "application") == "application"
        namespace = "AWS/ApplicationELB" if application else "AWS/NetworkELB"
        place = {
            "TargetGroup": Att(one.id, "TargetGroupFullName"),
            "LoadBalancer": Att(balancer.id, "LoadBalancerFullName"),
        }
        yield Watch("unhealthy", namespace, ("UnHealthyHostCount",), place, 0, "Maximum", minutes=3)


def balancers_of(graph: Graph, group: str) -> list[Resource]:
    """Those whose listeners or rules send to a target group."""
    found: dict[str, Resource] = {}
    for one in graph.resources.values():
        if one.type in (LISTENER, RULE) and group in _ids(one.properties):
            listener = one if one.type == LISTENER else _pointed(graph, one, "ListenerArn")
            balancer = listener and _pointed(graph, listener, "LoadBalancerArn")
            if balancer:
                found[balancer.id] = balancer
    return list(found.values())


def _ids(value: Any) -> set[str]:
    return {pointer.id for pointer in pointers(value)}


def _pointed(graph: Graph, one: Resource, key: str) -> Resource | None:
    pointer = one.properties.get(key)
    return graph.resources.get(pointer.id) if isinstance(pointer, Ref | Att) else None


def _service(_: Graph, one: Resource, __: Alarms) -> Iterator[Watch]:
    place = {"ClusterName": one.properties.get("Cluster"), "ServiceName": Att(one.id, "Name")}
    yield Watch("cpu", "AWS/ECS", ("CPUUtilization",), place, 85)
    yield Watch("memory", "AWS/ECS", ("MemoryUtilization",), place, 85)


def _kubernetes(_: Graph, one: Resource, __: Alarms) -> Iterator[Watch]:
    """What the add-on for CloudWatch sends (Container Insights); of containers, how often they begin again."""
    place, namespace = {"ClusterName": Ref(one.id)}, "ContainerInsights"
    yield Watch("nodes", namespace, ("cluster_failed_node_count",), place, 0, "Maximum")
    yield Watch("cpu", namespace, ("node_cpu_utilization",), place, 80, minutes=10)
    yield Watch("memory", namespace, ("node_memory_utilization",), place, 80, minutes=10)
    restarts = ("pod_number_of_container_restarts",)
    yield Watch("restarts", namespace, restarts, place, 5, "Sum", minutes=3)


def _pods(_: Graph, one: Resource, __: Alarms) -> Iterator[Watch]:
    """A role of a service on Kubernetes stands for it: the Deployment itself is none of AWS's."""
    if "Namespace" not in one.properties or one.path[0] != "services":
        return
    place = {
        "ClusterName": one.properties["ClusterName"],
        "Namespace": one.properties["Namespace"],
        "Service": one.properties["ServiceAccount"],
    }
    running = ("service_number_of_running_pods",)
    yield Watch("running", "ContainerInsights", running, place, 1, "Minimum", below=True)


def _servers(_: Graph, one: Resource, __: Alarms) -> Iterator[Watch]:
    place = {"AutoScalingGroupName": Ref(one.id)}
    yield Watch("cpu", "AWS/EC2", ("CPUUtilization",), place, 85)
    yield Watch("status", "AWS/EC2", ("StatusCheckFailed",), place, 0, "Maximum", minutes=3)


def _capacity(graph: Graph, one: Resource, _: Alarms) -> Iterator[Watch]:
    """ECS's own measure: over 100 tasks wait for hosts, and the group gives no more."""
    if one.properties["AutoScalingGroupProvider"]["ManagedScaling"]["Status"] != "ENABLED":
        return
    joined = "AWS::ECS::ClusterCapacityProviderAssociations"
    for other in graph.of_type(joined):
        if one.id in _ids(other.properties):
            cluster = other.properties["Cluster"]
            place = {"CapacityProviderName": Ref(one.id), "ClusterName": cluster}
            metric = ("CapacityProviderReservation",)
            yield Watch("reservation", "AWS/ECS/ManagedScaling", metric, place, 100, minutes=15)


def _machine(_: Graph, one: Resource, __: Alarms) -> Iterator[Watch]:
    place = {"InstanceId": Ref(one.id)}
    yield Watch("status", "AWS/EC2", ("StatusCheckFailed",), place, 0, "Maximum", minutes=2)


def _database(graph: Graph, one: Resource, _: Alarms) -> Iterator[Watch]:
    """A copy begins with the storage of the machine that it follows."""
    place = {"DBInstanceIdentifier": Ref(one.id)}
    yield Watch("cpu", "AWS/RDS", ("CPUUtilization",), place, 80, minutes=10)
    source = one.properties.get("SourceDBInstanceIdentifier")
    begun = graph.resources[source.id] if source else one
    if storage := begun.properties.get("AllocatedStorage"):
        free = int(storage) * GIB / 5  # a fifth is left
        yield Watch("storage", "AWS/RDS", ("FreeStorageSpace",), place, free, "Minimum", below=True)
    if connections := most_connections(one.properties):
        most = connections * 8 // 10
        yield Watch("connections", "AWS/RDS", ("DatabaseConnections",), place, most, "Maximum")


def _cluster(_: Graph, one: Resource, __: Alarms) -> Iterator[Watch]:
    """The machines of an Aurora cluster have their own; one of several zones has no other."""
    if "DBClusterInstanceClass" not in one.properties:
        return
    place = {"DBClusterIdentifier": Ref(one.id)}
    yield Watch("cpu", "AWS/RDS", ("CPUUtilization",), place, 80, minutes=10)
    if storage := one.properties.get("AllocatedStorage"):
        free = int(storage) * GIB / 5
        yield Watch("storage", "AWS/RDS", ("FreeStorageSpace",), place, free, "Minimum", below=True)


# GiB of memory of the sizes of a machine's type; `t` has its own.
BURSTING_GIB = {"micro": 1, "small": 2, "medium": 4, "large": 8, "xlarge": 16, "2xlarge": 32}
LARGE_GIB = {"c": 4, "m": 8, "r": 16, "x": 32}


def memory_gib(machine: str) -> int | None:
    """`db.m7g.large` → 8; None for a type that is not known here."""
    family, size = machine.split(".")[-2:]
    if family.startswith("t"):
        return BURSTING_GIB.get(size)
    large = LARGE_GIB.get(family[0])
    number = size.removesuffix("xlarge") or "1"
    if large is None or not (size == "large" or number.isdigit()):
        return None
    return large if size == "large" else large * 2 * int(number)


def most_connections(properties: dict[str, Any]) -> int | None:
    """What RDS's own parameter groups allow: by memory and engine."""
    memory = memory_gib(str(properties.get("DBInstanceClass", "")) or "db.none.none")
    if memory is None:
        return None
    each, limit = (
        (9_531_392, 5000) if "postgres" in str(properties.get("Engine")) else (12_582_880, 16_000)
    )
    return min(memory * GIB // each, limit)


def _cache(_: Graph, one: Resource, __: Alarms) -> Iterator[Watch]:
    """By node: the members of a group are numbered from 001."""
    for number in range(1, int(one.properties.get("NumCacheClusters", 1)) + 1):
        member = Sub(f"${{Group}}-{number:03}", {"Group": Ref(one.id)})
        place = {"CacheClusterId": member}
        yield Watch(f"cpu-{number}", "AWS/ElastiCache", ("EngineCPUUtilization",), place, 80)
        metric = ("DatabaseMemoryUsagePercentage",)
        yield Watch(f"memory-{number}", "AWS/ElastiCache", metric, place, 85)


def _table(_: Graph, one: Resource, __: Alarms) -> Iterator[Watch]:
    """Paid for by the request, it is refused only above the account's limits or on one busy key."""
    place = {"TableName": Ref(one.id)}
    metrics = ("ReadThrottleEvents", "WriteThrottleEvents")
    yield Watch("throttles", "AWS/DynamoDB", metrics, place, 5, "Sum", minutes=3)


def _function(_: Graph, one: Resource, __: Alarms) -> Iterator[Watch]:
    place = {"FunctionName": Ref(one.id)}
    for kind in ("Errors", "Throttles"):
        yield Watch(kind.lower(), "AWS/Lambda", (kind,), place, 0, "Sum", minutes=1)


def _letters(_: Graph, one: Resource, __: Alarms) -> Iterator[Watch]:
    """Of dead letters every one is something that was not done; of others none may wait for long."""
    place = {"QueueName": Att(one.id, "QueueName")}
    if "VisibilityTimeout" in one.properties:
        oldest = ("ApproximateAgeOfOldestMessage",)
        yield Watch("age", "AWS/SQS", oldest, place, WAITING_S, "Maximum")
        return
    metric = ("ApproximateNumberOfMessagesVisible",)
    yield Watch("dead-letters", "AWS/SQS", metric, place, 0, "Maximum", minutes=1)


def _topic(_: Graph, one: Resource, __: Alarms) -> Iterator[Watch]:
    place = {"TopicName": Att(one.id, "TopicName")}
    yield Watch("failed", "AWS/SNS", ("NumberOfNotificationsFailed",), place, 0, "Sum", minutes=1)


def _kinesis(_: Graph, one: Resource, __: Alarms) -> Iterator[Watch]:
    place = {"StreamName": Ref(one.id)}
    age = ("GetRecords.IteratorAgeMilliseconds",)
    yield Watch("age", "AWS/Kinesis", age, place, WAITING_S * 1000, "Maximum")
    full = ("WriteProvisionedThroughputExceeded",)
    yield Watch("throttles", "AWS/Kinesis", full, place, 0, "Sum", minutes=3)


def _gateway(_: Graph, one: Resource, alarms: Alarms) -> Iterator[Watch]:
    place = {"ApiId": Ref(one.id)}
    yield Watch("5xx", "AWS/ApiGateway", ("5xx",), place, 5, "Sum", minutes=3)
    slow = alarms.latency_s * 1000
    yield Watch("latency", "AWS/ApiGateway", ("Latency",), place, slow, "p95")


def _nat(_: Graph, one: Resource, __: Alarms) -> Iterator[Watch]:
    place = {"NatGatewayId": Ref(one.id)}
    yield Watch("ports", "AWS/NATGateway", ("ErrorPortAllocation",), place, 0, "Sum", minutes=1)


def _distribution(_: Graph, one: Resource, __: Alarms) -> Iterator[Watch]:
    place = {"DistributionId": Ref(one.id), "Region": "Global"}
    yield Watch("5xx", "AWS/CloudFront", ("5xxErrorRate",), place, 5)


def _name_check(_: Graph, one: Resource, __: Alarms) -> Iterator[Watch]:
    place = {"HealthCheckId": Att(one.id, "HealthCheckId")}
    metric = ("HealthCheckStatus",)
    yield Watch("down", "AWS/Route53", metric, place, 1, "Minimum", below=True, minutes=2)


def _tunnel(_: Graph, one: Resource, __: Alarms) -> Iterator[Watch]:
    """Half of it: one of the two tunnels is down, and nothing stands behind the other."""
    place = {"VpnId": Ref(one.id)}
    yield Watch("tunnels", "AWS/VPN", ("TunnelState",), place, 1, below=True)


WATCHED: dict[str, Callable[[Graph, Resource, Alarms], Iterator[Watch]]] = {
    BALANCER: _balancer,
    TARGETS: _targets,
    "AWS::ECS::Service": _service,
    "AWS::AutoScaling::AutoScalingGroup": _servers,
    "AWS::ECS::CapacityProvider": _capacity,
    "AWS::EC2::Instance": _machine,
    "AWS::RDS::DBInstance": _database,
    "AWS::RDS::DBCluster": _cluster,
    "AWS::ElastiCache::ReplicationGroup": _cache,
    "AWS::DynamoDB::Table": _table,
    "AWS::Lambda::Function": _function,
    "AWS::SQS::Queue": _letters,
    "AWS::SNS::Topic": _topic,
    "AWS::Kinesis::Stream": _kinesis,
    "AWS::ApiGatewayV2::Api": _gateway,
    "AWS::EC2::NatGateway": _nat,
    "AWS::EKS::Cluster": _kubernetes,
    "AWS::EKS::PodIdentityAssociation": _pods,
    "AWS::CloudFront::Distribution": _distribution,
    "AWS::Route53::HealthCheck": _name_check,
    "AWS::EC2::VPNConnection": _tunnel,
}
