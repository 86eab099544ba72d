"""Clusters of ECS: one for each network where containers run, joined with Fargate and with hosts of its own."""

from bongsu.infra.build.site import Site
from bongsu.infra.graph import Ref, logical_id
from bongsu.infra.plan.pods import pod_services

FARGATE = ("FARGATE", "FARGATE_SPOT")


def build(site: Site) -> None:
    pods = set(pod_services(site.architecture))
    tasks = [part for part in site.plan.of_section("services") if part.name not in pods]
    parts = (*tasks, *site.plan.of_section("capacity"))
    own = _hosts(site)
    for network in dict.fromkeys(str(part.network) for part in parts):
        _cluster(site, network, joined=network in own)
    for network, names in own.items():
        _join(site, network, names)


def cluster(network: str) -> Ref:
    return Ref(logical_id("cluster", network))


def provider(capacity: str) -> Ref:
    """Its name, as ECS takes it."""
    return Ref(logical_id("capacity", capacity))


def joined(network: str) -> str:
    """What a service waits for that runs on hosts."""
    return logical_id("capacities", network)


def _hosts(site: Site) -> dict[str, list[str]]:
    """Network → the hosts in it."""
    found: dict[str, list[str]] = {}
    for part in site.plan.of_section("capacity"):
        found.setdefault(str(part.network), []).append(part.name)
    return found


def _cluster(site: Site, network: str, *, joined: bool) -> None:
    """Hosts are joined to it afterwards: they are told its name at their start, so that it must be there first."""
    values = {
        "CapacityProviders": None if joined else list(FARGATE),
        "ClusterSettings": [{"Name": "containerInsights", "Value": "enabled"}],
        "Tags": site.tags(network),
    }
    path = ("networks", network)
    site.add("app", cluster(network).id, "AWS::ECS::Cluster", path, values)


def _join(site: Site, network: str, names: list[str]) -> None:
    values = {
        "Cluster": cluster(network),
        "CapacityProviders": [*FARGATE, *(provider(name) for name in names)],
        "DefaultCapacityProviderStrategy": [],
    }
    type = "AWS::ECS::ClusterCapacityProviderAssociations"  # noqa: A001
    site.add("app", joined(network), type, ("networks", network), values)
