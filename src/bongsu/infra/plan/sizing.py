"""How many addresses each tier needs in one zone when another is lost and an update rolls. Pure."""

from collections.abc import Sequence
from math import ceil

from bongsu.infra.model.clusters import Cluster
from bongsu.infra.model.compute import Servers, Service
from bongsu.infra.model.hosts import Capacity
from bongsu.infra.model.network import Network
from bongsu.infra.plan.cidr import prefix_for
from bongsu.infra.plan.model import Part
from bongsu.infra.plan.pods import CONTROL_ADDRESSES, addresses

LOAD_BALANCER = 8  # addresses in each of its subnets: what AWS asks to be free so that it can grow
LOAD_BALANCER_PREFIX = 27  # and the smallest subnet it takes
NAT = 1
NODES_BESIDE = 2  # in each zone: EKS updates a group by twice as many new nodes as it has zones
FIXED = {
    "load_balancers": LOAD_BALANCER,
    "databases": 2,  # the one that serves and its successor
    "caches": 2,
    "volumes": 1,
    "migrations": 1,
    "links": 1,  # the interface of a gateway
    "functions": 2,  # one interface serves very many copies; a second one while it is changed
    "clusters": CONTROL_ADDRESSES,
}


def needs(network: Network, parts: Sequence[Part], endpoints: int, zones: int) -> dict[str, int]:
    """Addresses per zone by tier, with the spare that `growth` asks for; a tier that nobody uses has none."""
    counted: dict[str, int] = {}
    for part in _counted(parts):
        if part.tier:
            counted[part.tier] = counted.get(part.tier, 0) + _addresses(part, zones)
        if isinstance(part.block, Cluster):
            for tier, count in _of_nodes(part.block, zones).items():
                counted[tier] = counted.get(tier, 0) + count
    if network.nat in ("per-az", "single", "instance"):
        counted["public"] = counted.get("public", 0) + NAT
    if endpoints:
        tier = "endpoints" if network.endpoint_subnets else "app"
        counted[tier] = counted.get(tier, 0) + endpoints
    return {tier: ceil(count * network.growth.factor) for tier, count in counted.items()}


def prefixes(network: Network, needed: dict[str, int], parts: Sequence[Part]) -> dict[str, int]:
    """Prefix lengths by tier: what the file gives, or what the need asks for."""
    given = {str(tier): prefix for tier, prefix in network.prefixes.items()}
    balanced = {part.tier for part in parts if part.section == "load_balancers"}
    return {
        tier: given.get(tier)
        or min(prefix_for(count), LOAD_BALANCER_PREFIX if tier in balanced else 28)
        for tier, count in needed.items()
    }


def _counted(parts: Sequence[Part]) -> list[Part]:
    """Pods and nodes are counted with their cluster."""
    clusters = {part.name for part in parts if part.section == "clusters"}
    return [
        part
        for part in parts
        if part.section != "nodes" and getattr(part.block, "runs_on", None) not in clusters
    ]


def _of_nodes(cluster: Cluster, zones: int) -> dict[str, int]:
    """All nodes in the zones that are left, and those that an update of a group starts beside them."""
    left = max(zones - 1, 1)
    app = pods = 0
    for nodes in cluster.nodes.values():
        count = ceil(nodes.scale.max / left) + NODES_BESIDE
        own, others = addresses(cluster, nodes)
        app, pods = app + count * own, pods + count * others
    return {"app": app} | ({"pods": pods} if pods else {})


def _addresses(part: Part, zones: int) -> int:
    if part.section in ("services", "servers", "capacity"):
        return _copies(part, zones)
    readers = ceil(int(part.block.readers) / max(zones, 1)) if part.section == "databases" else 0
    return FIXED.get(part.section, 0) + readers


def _copies(part: Part, zones: int) -> int:
    """At most so many in one zone: another is lost, and an update starts new ones before old ones end.

    A task on a host has its own address as one on Fargate has: the host's own comes besides.
    """
    block = part.block
    left = max(zones - 1, 1)
    if isinstance(block, Service):
        return ceil(part.most * 2 / left)
    spare = block.rolling_spare if isinstance(block, Servers | Capacity) else 0
    return ceil((part.most + spare) / left)
