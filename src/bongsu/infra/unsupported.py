"""What AWS would refuse at deployment, or what no builder makes: refused by name where it is written. Pure."""

import re
from collections.abc import Iterator

from bongsu.document import Path
from bongsu.infra.artefact_names import LOGS_OF
from bongsu.infra.engines import engine_of, majors_of
from bongsu.infra.graph import logical_id
from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.base import Wrong
from bongsu.infra.model.compute import Workload
from bongsu.infra.model.data import Database
from bongsu.infra.model.traffic import LoadBalancer, Route
from bongsu.infra.plan.hosts import hosts_of_load_balancer
from bongsu.infra.unsupported_clusters import wrong_clusters
from bongsu.infra.unsupported_hosts import wrong_hosts
from bongsu.kit.i18n import Said, say

IMAGES = ("al2023-arm", "al2023-x86")  # that AWS names by public parameters
BUCKET_NAME = 63  # characters in a name of S3
ACCOUNT = 12
DEFAULT_IDLE_S = 60
APPLICATION = say("Use kind: application, or leave it out.")
# Aurora runs on these; RDS's clusters of three only on machines with a disk of their own (`m6gd`, `r6id`).
AURORA = re.compile(r"^db\.([rx]\d|serverless|t4g\.(medium|large)$|t3\.(medium|large)$)")
CLUSTER = re.compile(r"^db\.[a-z]\d[a-z]*d[a-z]*\.")


def unsupported(architecture: Architecture) -> list[Wrong]:
    """What no check speaks of: refused when the file is read."""
    return [
        *_same_ids(architecture),
        *_networks(architecture),
        *_same_hosts(architecture),
        *_workloads(architecture),
        *_databases(architecture),
        *_buckets(architecture),
        *wrong_hosts(architecture),
        *wrong_clusters(architecture),
    ]


def unbuildable(architecture: Architecture) -> list[Wrong]:
    """The check finds this in a plan and says how to mend it; until then there is nothing to build."""
    return [*unbuildable_alone(architecture), *_everything_twice(architecture)]


def unbuildable_alone(architecture: Architecture) -> list[Wrong]:
    """Without what a rule of its own (LB010) speaks of."""
    return [
        *_balancers(architecture),
        *_without_port(architecture),
        *_classes(architecture),
    ]


def _same_ids(architecture: Architecture) -> Iterator[Wrong]:
    """CloudFormation's ids have no hyphens: `web-1` and `web1` would be one."""
    seen: dict[str, str] = {}
    for section, name, _ in architecture.named():
        other = seen.setdefault(logical_id(name), name)
        if other != name:
            said = say("{name} and {other} are the same to CloudFormation.", name=name, other=other)
            yield (section, name), said, say("Give one of them another name.")


def _networks(architecture: Architecture) -> Iterator[Wrong]:
    """A network load balancer has one place to send connections to, and no idle time of its own."""
    for name, block in architecture.load_balancers.items():
        if block.kind == "application":
            continue
        if block.idle_timeout_s != DEFAULT_IDLE_S:
            said = say("{name} is a network load balancer: its idle time is fixed.", name=name)
            yield ("load_balancers", name, "idle_timeout_s"), said, APPLICATION
        if len({workload for _, workload, *_ in _routes(architecture, name)}) > 1:
            said = say("{name} is a network load balancer: it sends to one part only.", name=name)
            todo = say("Give every part a load balancer of its own.")
            yield ("load_balancers", name), said, todo


def _balancers(architecture: Architecture) -> Iterator[Wrong]:
    for name, block in architecture.load_balancers.items():
        routes = tuple(_routes(architecture, name))
        if block.tls and not hosts_of_load_balancer(architecture, name):
            yield (
                ("load_balancers", name, "tls"),
                say("{name} answers over TLS and has no name for its certificate.", name=name),
                say("Give it hosts in the zone of domain, or tls: false."),
            )
        if block.kind == "network":
            yield from _network(name, block, routes)


def _routes(
    architecture: Architecture, balancer: str
) -> Iterator[tuple[Path, str, Workload, Route]]:
    for section, name, block in architecture.workloads():
        for index, route in enumerate(block.routes):
            if route.via == balancer:
                yield (section, name, "routes", index), name, block, route


def _network(
    name: str, block: LoadBalancer, routes: tuple[tuple[Path, str, Workload, Route], ...]
) -> Iterator[Wrong]:
    """It knows connections only."""
    if block.waf:
        said = say("{name} is a network load balancer: no firewall goes before it.", name=name)
        yield ("load_balancers", name, "waf"), said, APPLICATION
    for path, *_, route in routes:
        if route.paths:
            said = say("{name} is a network load balancer: it sees no paths.", name=name)
            yield (*path, "paths"), said, APPLICATION
    if not routes:
        said = say("{name} is a network load balancer, and nothing stands behind it.", name=name)
        yield ("load_balancers", name), said, say("Name it in the routes of a service or a server.")


def _everything_twice(architecture: Architecture) -> Iterator[Wrong]:
    for name, block in architecture.load_balancers.items():
        catching = [
            (path, who)
            for path, who, _, route in _routes(architecture, name)
            if block.kind == "application" and not route.hosts and not route.paths
        ]
        for path, who in catching[1:]:
            said = say(
                "{name} already sends everything else to {other}.", name=name, other=catching[0][1]
            )
            yield path, said, say("Give {name} hosts or paths.", name=who)


def _same_hosts(architecture: Architecture) -> Iterator[Wrong]:
    seen: dict[str, str] = {}
    for name in architecture.load_balancers:
        for host in hosts_of_load_balancer(architecture, name):
            if host in seen:
                said = say("{host} already leads to {name}.", host=host, name=seen[host])
                yield ("load_balancers", name), said, say("Give one of them another name.")
            seen.setdefault(host, name)


def _workloads(architecture: Architecture) -> Iterator[Wrong]:
    for section, name, block in architecture.workloads():
        counting = any(_is_application(architecture, route.via) for route in block.routes)
        if block.scale.requests_per_copy is not None and not counting:
            said = say("Nobody counts the requests of {name}.", name=name)
            todo = say("Give it a route via an application load balancer, or use cpu_percent.")
            yield (section, name, "scale", "requests_per_copy"), said, todo
    for name, servers in architecture.servers.items():
        if servers.image not in IMAGES and not servers.image.startswith("ami-"):
            said = say("The image {image} is not known.", image=servers.image)
            todo = say("Known: {names}; or an id that begins with ami-.", names=", ".join(IMAGES))
            yield ("servers", name, "image"), said, todo


def _without_port(architecture: Architecture) -> Iterator[Wrong]:
    for section, name, block in architecture.workloads():
        if block.routes and block.port is None:
            said = say("{name} has routes and no port.", name=name)
            yield (section, name, "routes"), said, say("Give the port where the program listens.")


def _is_application(architecture: Architecture, balancer: str) -> bool:
    block = architecture.load_balancers.get(balancer)
    return block is not None and block.kind == "application"


def _databases(architecture: Architecture) -> Iterator[Wrong]:
    for name, block in architecture.databases.items():
        path = ("databases", name)
        if engine_of(block.engine, block.version) is None:
            said = say(
                "{engine} {version} is not known.", engine=block.engine, version=block.version
            )
            known = ", ".join(majors_of(block.engine))
            yield (*path, "version"), said, say("Known here: {values}.", values=known)
        if _is_cluster(block) and block.backup_days == 0:
            said = say("{name} is a cluster: AWS always backs it up.", name=name)
            yield (*path, "backup_days"), said, say("Give at least 1.")


def _classes(architecture: Architecture) -> Iterator[Wrong]:
    for name, block in architecture.databases.items():
        path = ("databases", name)
        if wanted := _wrong_class(block):
            said = say("{name} cannot run on {machine}.", name=name, machine=block.instance)
            yield (*path, "instance"), said, wanted


def _is_cluster(block: Database) -> bool:
    return block.aurora or block.standby == "cluster"


def _wrong_class(block: Database) -> Said | None:
    if block.aurora and not AURORA.match(block.instance):
        return say("Aurora takes db.t4g.medium, db.t4g.large and the families r and x.")
    if block.standby == "cluster" and not CLUSTER.match(block.instance):
        return say("A cluster needs a class with its own disk, such as db.m6gd.large.")
    return None


def _buckets(architecture: Architecture) -> Iterator[Wrong]:
    for path, name in _bucket_names(architecture):
        length = len(f"{architecture.stem}-{name}-") + ACCOUNT
        if length > BUCKET_NAME:
            said = say(
                "The name of the bucket {name} would have {length} characters in S3; it takes {limit}.",
                name=name,
                length=length,
                limit=BUCKET_NAME,
            )
            yield path, said, say("Shorten it, or the name of the architecture.")


def _bucket_names(architecture: Architecture) -> Iterator[tuple[Path, str]]:
    """Of the file, then those that take the logs of what requests come in by."""
    for name in architecture.buckets:
        yield ("buckets", name), name
    for section, name in LOGS_OF.items():
        if any(one.access_logs for one in getattr(architecture, section).values()):
            yield (section,), name
