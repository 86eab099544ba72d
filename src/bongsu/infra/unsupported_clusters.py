"""What Kubernetes here cannot do, or AWS refuses of a cluster: refused by name where it is written. Pure."""

from collections.abc import Iterator
from ipaddress import IPv4Network

from bongsu.document import Path
from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.base import Wrong
from bongsu.infra.model.clusters import Cluster
from bongsu.infra.model.compute import Service
from bongsu.infra.plan.cidr import is_private
from bongsu.infra.plan.pods import nodes_name
from bongsu.kit.i18n import Said, say

POD_RANGES = IPv4Network("100.64.0.0/10")
CLUSTER_NAME = 100


def wrong_clusters(architecture: Architecture) -> Iterator[Wrong]:
    for name, cluster in architecture.clusters.items():
        yield from _names(architecture, name, cluster)
        yield from _endpoint(name, cluster)
    yield from _ranges(architecture)
    for name, service in architecture.services.items():
        own = architecture.clusters.get(service.runs_on or "")
        if own is not None:
            together = architecture.network_of(service) == architecture.network_of(own)
            for place, said, todo in _pod(name, service, together=together):
                yield ("services", name, *place), said, todo


def _names(architecture: Architecture, name: str, cluster: Cluster) -> Iterator[Wrong]:
    if len(f"{architecture.stem}-{name}") > CLUSTER_NAME:
        said = say("EKS takes names of {limit} characters.", limit=CLUSTER_NAME)
        yield ("clusters", name), said, say("Shorten it, or the name of the architecture.")
    for group in cluster.nodes:
        part = nodes_name(name, group)
        if architecture.section_of(part):
            said = say("The nodes {group} of {name} are called {part}, as another part here.",
                       group=group, name=name, part=part)  # fmt: skip
            yield ("clusters", name, "nodes", group), said, say("Give one of them another name.")


def _endpoint(name: str, cluster: Cluster) -> Iterator[Wrong]:
    for index, cidr in enumerate(cluster.endpoint.allow):
        if not is_private(cidr) and not cluster.endpoint.public:
            said = say("{cidr} comes over the internet, where {name} has no interface.",
                       cidr=str(cidr), name=name)  # fmt: skip
            todo = say("Take it out, or set endpoint.public: true.")
            yield ("clusters", name, "endpoint", "allow", index), said, todo


def _ranges(architecture: Architecture) -> Iterator[Wrong]:
    seen: dict[str | None, str] = {}
    for name, cluster in architecture.clusters.items():
        cidr, path = cluster.pods.cidr, ("clusters", name, "pods", "cidr")
        if cidr is None:
            continue
        if not cidr.subnet_of(POD_RANGES) or not 16 <= cidr.prefixlen <= 28:
            said = say("{cidr} is no range for pods.", cidr=str(cidr))
            yield path, said, say("Take one of 100.64.0.0/10, from /28 to /16.")
        network = architecture.network_of(cluster)
        if network in seen:
            said = say("{other} already has a range for pods in this network.", other=seen[network])
            yield path, said, say("Leave it out here, or give the cluster a network of its own.")
        seen.setdefault(network, name)


def _pod(name: str, service: Service, *, together: bool) -> Iterator[tuple[Path, Said, Said]]:
    where = {"name": name, "cluster": service.runs_on}
    if not together:
        said = say("{name} and its cluster stand in different networks.", **where)
        yield ("runs_on",), said, say("Name the same network in both.")
    if service.tier != "app" or service.public_ip:
        said = say("{name} runs where the nodes of {cluster} stand: in the tier app.", **where)
        yield ("tier",), said, say("Leave tier and public_ip out, and let a load balancer do it.")
    if service.spot:
        said = say("{name} runs on nodes: whether they are spot is said there.", **where)
        yield ("spot",), said, say("Set spot at the nodes of {cluster} instead.", **where)
    if service.volume:
        said = say("Pods get no volume here: {name} would lose what it keeps.", **where)
        yield ("volume",), said, say("Keep it in a bucket, a table or a database.")
    yield from _scale(name, service)


def _scale(name: str, service: Service) -> Iterator[tuple[Path, Said, Said]]:
    if service.scale.requests_per_copy is not None:
        said = say("Kubernetes scales {name} by its use of the processor only.", name=name)
        yield ("scale", "requests_per_copy"), said, say("Use cpu_percent.")
    if service.scale.min == 0:
        said = say("Kubernetes scales {name} down to one pod, not to none.", name=name)
        yield ("scale", "min"), said, say("Set scale.min to 1 or more.")
