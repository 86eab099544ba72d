"""What rules of capacity say of tasks on hosts: size, room for an update, processors. Pure."""

from collections.abc import Iterator

from bongsu.infra.check.finding import Change, Found
from bongsu.infra.machines import MACHINES
from bongsu.infra.model.compute import Service
from bongsu.infra.model.hosts import Capacity
from bongsu.infra.plan.model import Plan
from bongsu.infra.plan.placing import Room, at_most, left_over, room_of, tenants
from bongsu.kit.i18n import say

Hosts = tuple[str, Capacity, Room, dict[str, Service]]


def known_hosts(plan: Plan) -> Iterator[Hosts]:
    """Name, block, room of one, services on it; those whose machine is not known are left out."""
    for name, block in plan.architecture.capacity.items():
        room = room_of(block.instance)
        if room:
            yield name, block, room, tenants(plan.architecture, name)


def too_large(plan: Plan) -> Iterator[Found]:
    for name, block, room, services in known_hosts(plan):
        for service, one in services.items():
            if not room.takes(one):
                values = {"type": block.instance, "name": service, "wanted": one.memory_mib}
                said = say("{type} leaves {usable} MiB to {name}, which needs {wanted}.",
                           usable=room.memory_mib, **values)  # fmt: skip
                if one.memory_mib <= room.memory_mib:
                    units = {"type": block.instance, "name": service, "wanted": one.cpu}
                    said = say("{type} has {cpu} CPU units, {name} needs {wanted}.",
                               cpu=room.cpu, **units)  # fmt: skip
                yield Found(("capacity", name, "instance"), said)


def no_room_beside(plan: Plan) -> Iterator[Found]:
    """At full load, with one task more of the service that is updated. HOST02 says where all do not fit."""
    for name, block, room, services in known_hosts(plan):
        if block.rolling_spare == 0:
            place = ("capacity", name, "rolling_spare")
            said = say("{name} is updated without a spare machine.", name=name)
            yield Found(place, said, change=Change(place, 1))
        hosts = [room] * (block.scale.max if block.managed else block.scale.min)
        tasks = [task for task in at_most(services.values()) if room.takes(task)]
        if left_over(hosts, tasks):
            continue
        for service, one in services.items():
            if room.takes(one) and left_over(hosts, [*tasks, one]):
                said = say(
                    "With all {tasks} tasks the {hosts} hosts of {name} are full: {service} cannot be updated.",
                    tasks=len(tasks), hosts=len(hosts), name=name, service=service,
                )  # fmt: skip
                fix = say("Allow one host more, or larger ones.")
                yield Found(("capacity", name, "scale"), said, fix)
                break


def other_processors(plan: Plan) -> Iterator[Found]:
    for name, block in plan.architecture.capacity.items():
        machine = MACHINES.get(block.instance)
        if machine is None:
            continue
        wanted = str(block.image).rpartition("-")[2]
        if wanted in {"arm", "x86"} and wanted != machine.architecture:
            said = say("{type} is {architecture}, the image {image} is not.",
                       type=block.instance, architecture=machine.architecture, image=block.image)  # fmt: skip
            yield Found(("capacity", name, "instance"), said)
        for service, one in tenants(plan.architecture, name).items():
            if one.architecture != machine.architecture:
                place = ("services", service, "architecture")
                said = say("{type} is {architecture}, the image of {name} is not.",
                           type=block.instance, architecture=machine.architecture, name=service)  # fmt: skip
                yield Found(place, said)
