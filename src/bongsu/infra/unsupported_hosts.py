"""What tasks on hosts cannot do, and hosts that nothing is known of: refused by name where it is written. Pure."""

from collections.abc import Iterator

from bongsu.infra.machines import MACHINES
from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.base import Wrong
from bongsu.kit.i18n import say

HOST_IMAGES = ("ecs-al2023-arm", "ecs-al2023-x86")  # that AWS names by public parameters

LEAST = {"cpu": 256, "memory_mib": 512}  # of Fargate


def wrong_hosts(architecture: Architecture) -> Iterator[Wrong]:
    yield from _images(architecture)
    yield from _on_hosts(architecture)
    yield from _too_small(architecture)


def _images(architecture: Architecture) -> Iterator[Wrong]:
    known = ", ".join(HOST_IMAGES)
    for name, block in architecture.capacity.items():
        todo = say("Known: {names}; or an id that begins with ami-.", names=known)
        if block.image is None and block.instance not in MACHINES:
            said = say("The processor of {type} is not known here.", type=block.instance)
            yield ("capacity", name, "image"), said, todo
        elif block.image not in (None, *HOST_IMAGES) and not str(block.image).startswith("ami-"):
            said = say("The image {image} is not known.", image=block.image)
            yield ("capacity", name, "image"), said, todo


def _on_hosts(architecture: Architecture) -> Iterator[Wrong]:
    for name, service in architecture.services.items():
        hosts = architecture.capacity.get(service.runs_on or "")
        if hosts is None:
            continue
        path = ("services", name)
        if service.spot:
            said = say("{name} runs on hosts: whether they are spot is said there.", name=name)
            todo = say("Set spot at {capacity} instead.", capacity=service.runs_on)
            yield (*path, "spot"), said, todo
        if service.public_ip:
            said = say("ECS gives tasks on hosts no public address.")
            todo = say("Leave public_ip out, and let a load balancer or a NAT do it.")
            yield (*path, "public_ip"), said, todo
        if architecture.network_of(service) != architecture.network_of(hosts):
            said = say("{name} and its hosts stand in different networks.", name=name)
            yield (*path, "runs_on"), said, say("Name the same network in both.")


def _too_small(architecture: Architecture) -> Iterator[Wrong]:
    """Only hosts take less than Fargate's smallest task."""
    for name, service in architecture.services.items():
        for field, least in LEAST.items():
            if service.runs_on is None and getattr(service, field) < least:
                said = say("This is too small.")
                todo = say("The limit is {limit}; less has room on hosts only.", limit=least)
                yield ("services", name, field), said, todo
