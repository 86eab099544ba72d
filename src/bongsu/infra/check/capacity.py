"""Is there room, and is there enough left when something is lost."""

from collections.abc import Iterator

from bongsu.infra.check.finding import Change, Found
from bongsu.infra.check.placement import no_room_beside, other_processors, too_large
from bongsu.infra.check.rule import rule
from bongsu.infra.check.ways import workloads
from bongsu.infra.machines import MACHINES, fitting_memory_mib, valid_pair
from bongsu.infra.plan.model import Plan
from bongsu.kit.i18n import say

ENOUGH_PERCENT = 60  # below this the loss of a zone is an outage for most


@rule(
    "CAP001", "error", "reliability",
    why=say("What does not fit is not started, or is killed as soon as it works."),
    fix=say("Take a larger machine."),
)  # fmt: skip
def machine_too_small(plan: Plan) -> Iterator[Found]:
    yield from too_large(plan)
    for name, servers in plan.architecture.servers.items():
        machine, wanted = MACHINES.get(servers.instance), servers.memory_needed_mib
        if machine and wanted and machine.usable_mib < wanted:
            said = say("{type} leaves {usable} MiB to {name}, which needs {wanted}.",
                       type=servers.instance, usable=machine.usable_mib, name=name, wanted=wanted)  # fmt: skip
            yield Found(("servers", name, "instance"), said)


@rule(
    "CAP002", "warning", "reliability",
    why=say("Without a machine beside the old ones an update takes capacity away first."),
    fix=say("Keep rolling_spare at 1 or more."),
    elsewhere="silent",
)  # fmt: skip
def no_room_for_update(plan: Plan) -> Iterator[Found]:
    yield from no_room_beside(plan)
    for name, servers in plan.architecture.servers.items():
        if servers.rolling_spare == 0:
            place = ("servers", name, "rolling_spare")
            said = say("{name} is updated without a spare machine.", name=name)
            yield Found(place, said, change=Change(place, 1))


@rule(
    "CAP003", "error", "reliability",
    why=say("Fargate takes certain pairs of cpu and memory only."),
    fix=say("Take a pair of AWS's table; 256 goes with 512, 1024 or 2048 MiB."),
)  # fmt: skip
def no_valid_pair(plan: Plan) -> Iterator[Found]:
    for name, service in plan.architecture.services.items():
        if service.runs_on is None and not valid_pair(service.cpu, service.memory_mib):
            memory_mib = fitting_memory_mib(service.cpu, service.memory_mib)
            place = ("services", name, "memory_mib")
            said = say(
                "{cpu} CPU units and {memory} MiB are no pair.",
                cpu=service.cpu,
                memory=service.memory_mib,
            )
            if memory_mib is None:
                yield Found(("services", name, "cpu"), said)
            else:
                right = say("Take {memory} MiB.", memory=memory_mib)
                yield Found(place, said, right, Change(place, memory_mib))


@rule(
    "CAP005", "info", "operations",
    why=say("The table of machines here has a date; newer types are not checked for memory."),
    fix=say("Compare memory_needed_mib with AWS's own table."),
)  # fmt: skip
def unknown_machine(plan: Plan) -> Iterator[Found]:
    for name, servers in plan.architecture.servers.items():
        if servers.memory_needed_mib and servers.instance not in MACHINES:
            said = say("The machine type {type} is not known here.", type=servers.instance)
            yield Found(("servers", name, "instance"), said)
    for name, hosts in plan.architecture.capacity.items():
        if hosts.instance not in MACHINES:
            said = say("The machine type {type} is not known here.", type=hosts.instance)
            fix = say("Compare what its tasks need with AWS's own table.")
            yield Found(("capacity", name, "instance"), said, fix)


@rule(
    "CAP006", "error", "reliability",
    why=say("A machine does not start an image that was built for another processor."),
    fix=say("Choose image and instance for the same processor."),
)  # fmt: skip
def other_processor(plan: Plan) -> Iterator[Found]:
    yield from other_processors(plan)
    for name, servers in plan.architecture.servers.items():
        machine = MACHINES.get(servers.instance)
        wanted = servers.image.rpartition("-")[2]
        if machine and wanted in {"arm", "x86"} and machine.architecture != wanted:
            said = say("{type} is {architecture}, the image {image} is not.",
                       type=servers.instance, architecture=machine.architecture, image=servers.image)  # fmt: skip
            yield Found(("servers", name, "instance"), said)


@rule(
    "CAP007", "warning", "performance",
    why=say("The greater number is never reached: nothing asks for it."),
    fix=say("Give cpu_percent or requests_per_copy, or set max to min."),
)  # fmt: skip
def never_scales(plan: Plan) -> Iterator[Found]:
    for part in workloads(plan):
        scale = part.block.scale
        if scale.max > scale.min and scale.cpu_percent is None and scale.requests_per_copy is None:
            said = say(
                "Nothing makes {name} grow from {min} to {max}.",
                name=part.name,
                min=scale.min,
                max=scale.max,
            )
            yield Found((*part.path, "scale"), said)


@rule(
    "HA001", "warning", "reliability",
    why=say("The loss of its zone, or of the one copy, stops it."),
    fix=say("Set scale.min to 2 or more."),
    elsewhere="silent",
)  # fmt: skip
def one_copy(plan: Plan) -> Iterator[Found]:
    for part in workloads(plan):
        if part.copies < 2:
            said = say("As few as {count} of {name} may run.", name=part.name, count=part.copies)
            yield Found((*part.path, "scale", "min"), said)


@rule(
    "HA002", "error", "reliability",
    why=say("Until more are started, the rest must carry everything."),
    fix=say("Use more copies, more zones, or a lower cpu_percent."),
    elsewhere="silent",
)  # fmt: skip
def not_enough_left(plan: Plan) -> Iterator[Found]:
    """`needed`: copies that carry the load at the wished use of each."""
    for part in workloads(plan):
        if part.copies < 2:
            continue
        left = part.copies - max(part.spread().values())
        needed = part.copies * (part.block.scale.cpu_percent or 100) / 100
        percent = round(100 * left / needed)
        if (percent < ENOUGH_PERCENT and part.block.scale.cpu_percent) or left == 0:
            said = say(
                "After the loss of one zone {name} has {percent} % of what it needs.",
                name=part.name,
                percent=percent,
            )
            place = (*part.path, "scale") if left else ("networks", str(part.network), "zones")
            yield Found(place, said, severity="warning" if left else None)


@rule(
    "HA003", "warning", "reliability",
    why=say("AWS takes spot tasks away with two minutes' notice, all at once when it needs the room."),
    fix=say("Set spot: false where people wait for an answer."),
    elsewhere="silent",
)  # fmt: skip
def spot_in_production(plan: Plan) -> Iterator[Found]:
    for name, service in plan.architecture.services.items():
        if service.spot:
            yield Found(
                ("services", name, "spot"), say("{name} runs on spot capacity only.", name=name)
            )
    for name, hosts in plan.architecture.capacity.items():
        if hosts.spot:
            said = say("{name} runs on spot capacity only.", name=name)
            yield Found(("capacity", name, "spot"), said)
