"""From blocks to parts: where each one stands and how many there are. Pure."""

from collections.abc import Iterator

from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.base import Block
from bongsu.infra.model.clusters import Cluster
from bongsu.infra.model.compute import Service
from bongsu.infra.model.data import Database
from bongsu.infra.model.traffic import LoadBalancer
from bongsu.infra.plan.model import Part
from bongsu.infra.plan.placing import at_least, hosts_running, tenants
from bongsu.infra.plan.pods import nodes_name

# Sections whose parts stand in no network.
OUTSIDE = (
    "distributions",
    "gateways",
    "buckets",
    "tables",
    "functions",
    "events",
    "mail",
    "topics",
    "queues",
    "streams",
    "push",
    "records",
    "pipelines",
)


def parts_of(architecture: Architecture, zones: dict[str, tuple[str, ...]]) -> dict[str, Part]:
    """Every part by name; `zones`: letters by network."""
    return {part.name: part for part in _Placing(architecture, zones).parts()}


def volume_of(service: str) -> str:
    return f"{service}-volume"


def link_of(gateway: str) -> str:
    """A gateway's way into a network."""
    return f"{gateway}-link"


def inner_load_balancers(architecture: Architecture, gateway: str) -> tuple[str, ...]:
    """Those that a gateway reaches by its link; a public one it asks by its name, over the internet."""
    named = architecture.gateways[gateway].load_balancers()
    return tuple(one for one in named if not architecture.load_balancers[one].public)


class _Placing:
    def __init__(self, architecture: Architecture, zones: dict[str, tuple[str, ...]]) -> None:
        self.architecture, self.zones = architecture, zones

    def parts(self) -> Iterator[Part]:
        yield from self._global()
        for name, balancer in self.architecture.load_balancers.items():
            yield self._load_balancer(name, balancer)
        yield from self._links()
        for name, cluster in self.architecture.clusters.items():
            yield from self._cluster(name, cluster)
        for name, hosts in self.architecture.capacity.items():
            tasks = at_least(tenants(self.architecture, name).values())
            running = hosts_running(hosts, tasks)
            yield self._placed("capacity", name, hosts, hosts.tier, running, hosts.scale.max)
        yield from self._workloads()
        for name, database in self.architecture.databases.items():
            yield self._database(name, database)
        for name, cache in self.architecture.caches.items():
            yield self._placed("caches", name, cache, "data", cache.nodes, cache.nodes)
        for name, migration in self.architecture.migrations.items():
            network = self._network(self.architecture.databases[migration.target])
            yield Part(
                name,
                "migrations",
                ("migrations", name),
                migration,
                network,
                "data",
                self.zones[network][:1],
            )

    def _global(self) -> Iterator[Part]:
        for section in OUTSIDE:
            for name, block in getattr(self.architecture, section).items():
                if section == "functions" and block.network:
                    yield self._function(name, block.network, block)
                else:
                    yield Part(name, section, (section, name), block)

    def _function(self, name: str, network: str, block: Block) -> Part:
        """One that stands in a network has interfaces in each of its zones."""
        zones = self.zones[network]
        path, count = ("functions", name), len(zones)
        return Part(name, "functions", path, block, network, "app", zones, count, count)

    def _load_balancer(self, name: str, balancer: LoadBalancer) -> Part:
        tier = "public" if balancer.public else "app"
        count = balancer.zones or len(self.zones[self._network(balancer)])
        return self._placed("load_balancers", name, balancer, tier, count, count)

    def _links(self) -> Iterator[Part]:
        for name in self.architecture.gateways:
            inside = inner_load_balancers(self.architecture, name)
            if not inside:
                continue
            network = self._network(self.architecture.load_balancers[inside[0]])
            zones, block = self.zones[network], self.architecture.gateways[name]
            path, count = ("gateways", name), len(zones)
            yield Part(link_of(name), "links", path, block, network, "app", zones, count, count)

    def _cluster(self, name: str, cluster: Cluster) -> Iterator[Part]:
        """Its control plane has interfaces in every zone; each group of nodes is a part of its own."""
        count = len(self.zones[self._network(cluster)])
        yield self._placed("clusters", name, cluster, "control", count, count)
        for group, nodes in cluster.nodes.items():
            path = ("clusters", name, "nodes", group)
            network = self._network(cluster)
            sizes = (nodes.scale.min, nodes.scale.max)
            place = (network, "app", self.zones[network], *sizes)
            yield Part(nodes_name(name, group), "nodes", path, nodes, *place)

    def _workloads(self) -> Iterator[Part]:
        for section, name, block in self.architecture.workloads():
            yield self._placed(section, name, block, block.tier, block.scale.min, block.scale.max)
            if isinstance(block, Service) and block.volume:
                network = self._network(block)
                zones = self.zones[network]
                path = (section, name, "volume")
                yield Part(
                    volume_of(name),
                    "volumes",
                    path,
                    block.volume,
                    network,
                    "data",
                    zones,
                    len(zones),
                    len(zones),
                )

    def _database(self, name: str, database: Database) -> Part:
        standby = {"none": 0, "instance": 1, "cluster": 2}[database.standby]
        count = 1 + (
            max(standby, database.readers) if database.aurora else standby + database.readers
        )
        tier = "public" if database.public else "data"
        return self._placed("databases", name, database, tier, count, count)

    def _placed(
        self, section: str, name: str, block: Block, tier: str, copies: int, most: int
    ) -> Part:
        network = self._network(block)
        zones = self.zones[network][: getattr(block, "zones", None) or None]
        return Part(name, section, (section, name), block, network, tier, zones, copies, most)

    def _network(self, block: Block) -> str:
        return str(self.architecture.network_of(block))
