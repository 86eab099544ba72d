"""Which tasks have room on which hosts, and how many hosts that takes. Pure.

A task takes CPU, memory and one network interface of its host: with `awsvpc` each has an address of its own in
its service's subnets, on an interface that the host carries. The host's first interface is its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import ceil

from bongsu.infra.machines import MACHINES
from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.compute import Service
from bongsu.infra.model.hosts import Capacity


@dataclass(frozen=True, slots=True)
class Room:
    """What a host has left: CPU units (1024 are one processor), memory, interfaces for tasks."""

    cpu: int
    memory_mib: int
    interfaces: int

    def takes(self, task: Service) -> bool:
        return task.cpu <= self.cpu and task.memory_mib <= self.memory_mib and bool(self.interfaces)

    def without(self, task: Service) -> "Room":
        return Room(self.cpu - task.cpu, self.memory_mib - task.memory_mib, self.interfaces - 1)


def room_of(instance: str) -> Room | None:
    """Of an empty host; None for a machine that is not known here."""
    machine = MACHINES.get(instance)
    if machine is None:
        return None
    return Room(machine.vcpu * 1024, machine.usable_mib, machine.interfaces - 1)


def tenants(architecture: Architecture, capacity: str) -> dict[str, Service]:
    """The services that run on it, by name."""
    return {name: one for name, one in architecture.services.items() if one.runs_on == capacity}


def at_least(services: Iterable[Service]) -> list[Service]:
    """A task for each copy that always runs."""
    return [one for one in services for _ in range(one.scale.min)]


def at_most(services: Iterable[Service]) -> list[Service]:
    return [one for one in services for _ in range(one.scale.max)]


def left_over(hosts: Sequence[Room], tasks: Iterable[Service]) -> list[Service]:
    """Tasks that find no place: the largest are placed first, each on the first host that takes it."""
    rooms, homeless = list(hosts), []
    for task in sorted(tasks, key=lambda one: (-one.memory_mib, -one.cpu)):
        index = next((number for number, room in enumerate(rooms) if room.takes(task)), None)
        if index is None:
            homeless.append(task)
        else:
            rooms[index] = rooms[index].without(task)
    return homeless


def hosts_for(room: Room, tasks: Sequence[Service]) -> int:
    """Hosts that take all of these; those that fit no host are left out."""
    left, count = [task for task in tasks if room.takes(task)], 0
    while left:
        left, count = left_over([room], left), count + 1
    return count


def without_interfaces(room: Room) -> Room:
    """As if every task could have one."""
    return replace(room, interfaces=room.cpu)


def hosts_running(block: Capacity, tasks: Sequence[Service], room: Room | None = None) -> int:
    """As many as the group keeps for these tasks: managed scaling leaves the spare that its target asks for."""
    room = room or room_of(block.instance)
    if room is None or not block.managed:
        return block.scale.min
    wanted = ceil(hosts_for(room, tasks) * 100 / block.target_percent)
    return min(max(block.scale.min, wanted), block.scale.max)


def reserved_percent(room: Room, hosts: int, tasks: Sequence[Service]) -> float:
    """Of what is scarcest: CPU, memory or interfaces."""
    if not hosts:
        return 0.0
    shares = (
        sum(task.cpu for task in tasks) / room.cpu,
        sum(task.memory_mib for task in tasks) / max(room.memory_mib, 1),
        len(tasks) / max(room.interfaces, 1),
    )
    return 100 * max(shares) / hosts
