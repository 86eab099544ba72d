"""Which services of AWS a part calls to do its work, and what its role may do. Pure."""

import re
from collections.abc import Iterator

from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.compute import Servers, Service, Workload
from bongsu.infra.model.functions import Function
from bongsu.infra.places import places_in
from bongsu.infra.plan.model import INTERNET, Grant, Reach
from bongsu.infra.plan.pods import nodes_name, pod_services
from bongsu.kit.i18n import Said, say

PRIVATE_REGISTRY = re.compile(r"\d{12}\.dkr\.ecr\.")  # the public one lies in the internet
# Section → the service that parts call; SES's own interface has no endpoint here.
KEPT_BY = {
    "buckets": "s3",
    "tables": "dynamodb",
    "events": "events",
    "mail": INTERNET,
    "topics": "sns",
    "queues": "sqs",
    "streams": "kinesis-streams",
    "push": "sns",
}
_PULL = say("to pull its image")
_LOG = say("to write its log")
_SECRET = say("to read its secrets")
_PACKAGES = say("to install packages at its first start")
_MANAGE = say("to be reached without SSH")
_ADDRESS = say("to learn the addresses of what it uses")
_JOIN = say("to join the cluster and to give pods addresses")
_ROLES = say("to give pods their roles")
_TARGETS = say("to put pods behind load balancers")
_GROW = say("to add nodes")
_OUTSIDE = say("because it calls addresses outside")
_TASKS = say("to join its cluster and to be given tasks")
Asked = tuple[str, Said, tuple[str, ...]]  # service, what for, where the file asks for it


def reaches_of(architecture: Architecture) -> tuple[Reach, ...]:
    return (
        *_of_workloads(architecture),
        *_of_functions(architecture),
        *_of_hosts(architecture),
        *_of_nodes(architecture),
    )


def _of_functions(architecture: Architecture) -> Iterator[Reach]:
    """Lambda itself fetches the code and writes the log; what the program calls goes by the network."""
    for name, block in architecture.functions.items():
        here = ("functions", name)
        asked = (*_secrets(block, here), *_to_work(architecture, block, here))
        for service, why, path in asked if block.network else ():
            yield Reach(name, service, why, path)


def _of_workloads(architecture: Architecture) -> Iterator[Reach]:
    for section, name, block in architecture.workloads():
        here = (section, name)
        starter = starter_of(architecture, name, block)
        for service, why, path in _to_start(architecture, block, here):
            yield Reach(starter, service, why, path)
        for service, why, path in _to_work(architecture, block, here):
            yield Reach(name, service, why, path)


def starter_of(architecture: Architecture, name: str, block: Workload) -> str:
    """Who fetches what a program needs before it runs: its host, where it has one; on Fargate the task itself."""
    on = block.runs_on if isinstance(block, Service) else None
    return on if on in architecture.capacity else name


def _to_start(
    architecture: Architecture, block: Workload, here: tuple[str, str]
) -> Iterator[Asked]:
    if isinstance(block, Service) and block.runs_on in architecture.clusters:
        yield from _of_pod(block, here)
    elif isinstance(block, Service):
        yield from _of_service(block, here)
    if isinstance(block, Servers):
        yield from (
            (service, why, here)
            for service, why in (
                ("s3", _PACKAGES),
                ("ssm", _MANAGE),
                ("ssmmessages", _MANAGE),
                ("logs", _LOG),
            )
        )
    yield from _secrets(block, here)


def _secrets(block: Workload | Function, here: tuple[str, str]) -> Iterator[Asked]:
    for variable, secret in block.secrets.items():
        service = "ssm" if secret.startswith("ssm:") else "secretsmanager"
        yield service, _SECRET, (*here, "secrets", variable)


def _to_work(
    architecture: Architecture, block: Workload | Function, here: tuple[str, str]
) -> Iterator[Asked]:
    for used in block.uses:
        if service := KEPT_BY.get(architecture.section_of(used) or ""):
            yield service, say("because it uses {name}", name=used), (*here, "uses", used)
    if block.internet:
        yield INTERNET, _OUTSIDE, (*here, "internet")


def _of_pod(block: Service, here: tuple[str, str]) -> Iterator[Asked]:
    """Nodes pull its image and write its log; it asks for its addresses itself."""
    for variable, text in block.environment.items():
        if places_in(text):
            yield "ssm", _ADDRESS, (*here, "environment", variable)


def _of_nodes(architecture: Architecture) -> Iterator[Reach]:
    """What AWS asks of clusters without the internet (EKS, `private-clusters`), and of ours besides."""
    for name, cluster in architecture.clusters.items():
        pods = [architecture.services[one] for one in pod_services(architecture, name)]
        called = dict.fromkeys(("ec2", "eks", "sts"), _JOIN)
        called |= dict.fromkeys(("ecr.api", "ecr.dkr", "s3"), _PULL)
        called |= {"eks-auth": _ROLES, "logs": _LOG}
        if any(block.routes for block in pods):
            called["elasticloadbalancing"] = _TARGETS
        for group, nodes in cluster.nodes.items():
            path = ("clusters", name, "nodes", group)
            grows = {"autoscaling": _GROW} if nodes.scale.max > nodes.scale.min else {}
            for service, why in (called | grows).items():
                yield Reach(nodes_name(name, group), service, why, path)
            yield from _pulled_outside(architecture, name, nodes_name(name, group))


def _pulled_outside(architecture: Architecture, cluster: str, nodes: str) -> Iterator[Reach]:
    for name in pod_services(architecture, cluster):
        image = architecture.services[name].image
        if image.uri and not PRIVATE_REGISTRY.match(image.uri):
            yield Reach(nodes, INTERNET, _PULL, ("services", name, "image", "uri"))


def _of_hosts(architecture: Architecture) -> Iterator[Reach]:
    """Its agent speaks to three services; without any of them no task is ever placed there."""
    for name in architecture.capacity:
        for service in ("ecs", "ecs-agent", "ecs-telemetry"):
            yield Reach(name, service, _TASKS, ("capacity", name))


def _of_service(block: Service, here: tuple[str, str]) -> Iterator[Asked]:
    """Of Fargate from platform 1.4: the task's own interface does all of it."""
    if block.image.build or PRIVATE_REGISTRY.match(block.image.uri or ""):
        yield from ((service, _PULL, (*here, "image")) for service in ("ecr.api", "ecr.dkr", "s3"))
    else:
        yield INTERNET, _PULL, (*here, "image", "uri")
    yield "logs", _LOG, here


def grants_needed(architecture: Architecture) -> tuple[Grant, ...]:
    """Rights of a part's own (task) role; connecting to a database is no right of IAM's."""
    return tuple(
        Grant(name, used, access, (section, name, "uses", used))
        for section, name, block in architecture.users()
        for used, access in block.uses.items()
        if access != "connect"
    )


def grants_given(architecture: Architecture) -> tuple[Grant, ...]:
    needed = grants_needed(architecture)
    given: list[Grant] = []
    for section, name, block in architecture.users():
        if block.grants is None:
            given += [grant for grant in needed if grant.part == name]
        else:
            given += [
                Grant(name, used, access, (section, name, "grants", used))
                for used, access in block.grants.items()
                if access != "connect"
            ]
    return tuple(given)
