"""Pods: how many fit on a node, how many addresses they take, and whose security groups they wear. Pure.

Amazon's network plug-in gives pods addresses of the node's network interfaces. The first address of each
interface is its own; two pods of the host's network need none (amazon-vpc-cni-k8s, `eni-max-pods.txt`).
"""

from collections.abc import Iterator
from math import ceil

from bongsu.infra.machines import MACHINES, Machine
from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.clusters import Cluster, Nodes

PREFIX = 16  # addresses in a /28, the unit of prefix delegation
HOST_PODS = 2
# What AWS recommends with prefixes: kubelet tires before addresses end (amazon-eks-ami, `max-pods-calculator.sh`).
MOST_SMALL, MOST_LARGE, LARGE_VCPU = 110, 250, 30
# Agents on every node: network, proxy, identity, secrets (driver and provider), metrics, log.
AGENTS = 7
# Once in a cluster: names ×2, metrics ×2, load balancer controller ×2, autoscaler, the observability operator.
SHARED = 8
# What nodes call when one more pod begins; the rest is for more nodes.
PODS_BEGIN_BY = ("ec2", "ecr.api", "ecr.dkr", "s3", "eks-auth", "elasticloadbalancing", "internet")
CONTROL_ADDRESSES = 6  # in each subnet that EKS puts its own interfaces into, upgrade included


def nodes_name(cluster: str, group: str) -> str:
    """The part that a group of nodes is."""
    return f"{cluster}-{group}"


def fits(cluster: Cluster, machine: Machine) -> int:
    """Pods that the interfaces of a machine take; with a range of their own the first interface takes none."""
    interfaces = machine.interfaces - (1 if cluster.pods.cidr else 0)
    slots = interfaces * (machine.addresses - 1)
    if not cluster.pods.prefixes:
        return slots + HOST_PODS
    most = MOST_SMALL if machine.vcpu <= LARGE_VCPU else MOST_LARGE
    return min(slots * PREFIX + HOST_PODS, most)


def pods_per_node(cluster: Cluster, nodes: Nodes) -> int | None:
    """None for a machine that is not in the table, unless the file says a number."""
    machine = MACHINES.get(nodes.instance)
    if nodes.pods_per_node is not None:
        return nodes.pods_per_node
    return fits(cluster, machine) if machine else None


def addresses(cluster: Cluster, nodes: Nodes) -> tuple[int, int]:
    """What one node takes at most: in its own subnet, and in that of the pods.

    One interface, or one prefix, is always kept warm for the next pod.
    """
    machine = MACHINES.get(nodes.instance)
    pods = pods_per_node(cluster, nodes) or MOST_SMALL
    own = 1 if cluster.pods.cidr else (machine.interfaces if machine else 1)
    if cluster.pods.prefixes:
        taken = (ceil((pods - HOST_PODS) / PREFIX) + 1) * PREFIX
    elif machine:
        taken = (machine.interfaces - (1 if cluster.pods.cidr else 0)) * (machine.addresses - 1)
    else:
        taken = pods
    if not cluster.pods.cidr:
        return own + taken, 0
    return own, taken + (machine.interfaces - 1 if machine else 1)


def wanted_pods(architecture: Architecture, cluster: str) -> int:
    """Of all services at their most, one more of each while it is updated, and what the cluster itself needs."""
    services = [block for block in architecture.services.values() if block.runs_on == cluster]
    return sum(block.scale.max + 1 for block in services) + SHARED


def room_for_pods(cluster: Cluster) -> int | None:
    """On all nodes at their most, agents taken off; None where a machine is not in the table."""
    total = 0
    for nodes in cluster.nodes.values():
        each = pods_per_node(cluster, nodes)
        if each is None:
            return None
        total += max(each - AGENTS, 0) * nodes.scale.max
    return total


def wearers(architecture: Architecture, name: str) -> tuple[str, ...]:
    """The parts whose security groups a part's traffic comes from: a pod has those of the nodes."""
    service = architecture.services.get(name)
    cluster = architecture.clusters.get(service.runs_on or "") if service else None
    if service is None or cluster is None:
        return (name,)
    return tuple(nodes_name(str(service.runs_on), group) for group in cluster.nodes)


def pod_services(architecture: Architecture, cluster: str | None = None) -> Iterator[str]:
    """Services that run as pods, of one cluster or of any."""
    for name, block in architecture.services.items():
        if block.runs_on in architecture.clusters and cluster in (None, block.runs_on):
            yield name
