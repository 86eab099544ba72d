"""Hosts for containers: whether any start, whether tasks find room on them, and what they cost beside Fargate."""

from collections.abc import Iterator
from functools import cache

from bongsu.infra.check.finding import Change, Found
from bongsu.infra.check.placement import known_hosts
from bongsu.infra.check.rule import rule
from bongsu.infra.cost.hosts import hosts_against_fargate
from bongsu.infra.cost.prices import Prices, load_prices
from bongsu.infra.plan.model import Plan
from bongsu.infra.plan.placing import (
    at_least,
    at_most,
    hosts_running,
    left_over,
    tenants,
    without_interfaces,
)
from bongsu.kit.i18n import say

WORTH_USD = 20  # a month: below this nobody moves


@rule(
    "HOST01", "error", "reliability",
    why=say("The strategy finds no host and nothing that starts one: tasks wait for ever."),
    fix=say("Set managed: true, or keep at least one host in scale.min."),
)  # fmt: skip
def starts_nothing(plan: Plan) -> Iterator[Found]:
    for name, block in plan.architecture.capacity.items():
        if not block.managed and block.scale.min == 0 and tenants(plan.architecture, name):
            place = ("capacity", name, "managed")
            said = say("{name} begins without a host, and ECS may not start one.", name=name)
            yield Found(place, said, change=Change(place, True))


@rule(
    "HOST02", "error", "reliability",
    why=say("Tasks that find no room wait; an update of their service waits with them."),
    fix=say("Allow more hosts in scale.max, or take larger ones."),
)  # fmt: skip
def no_room(plan: Plan) -> Iterator[Found]:
    for name, block, room, services in known_hosts(plan):
        hosts = [room] * (block.scale.max if block.managed else block.scale.min)
        if not hosts:
            continue
        least, most = at_least(services.values()), at_most(services.values())
        for tasks, grave in ((least, True), (most, False)):
            homeless = [one for one in left_over(hosts, tasks) if room.takes(one)]
            if homeless:
                said = say("{count} of {tasks} tasks find no room on the {hosts} hosts of {name}.",
                           count=len(homeless), tasks=len(tasks), hosts=len(hosts), name=name)  # fmt: skip
                yield Found(
                    ("capacity", name, "scale"), said, severity=None if grave else "warning"
                )
                break


@rule(
    "HOST03", "warning", "reliability",
    why=say("Scaling ends a host with all that runs there; its tasks answer nobody until they stand elsewhere."),
    fix=say("Leave drain on: tasks move away first."),
)  # fmt: skip
def not_drained(plan: Plan) -> Iterator[Found]:
    for name, block in plan.architecture.capacity.items():
        if not block.drain and not block.protect:
            place = ("capacity", name, "drain")
            said = say("Hosts of {name} end with the tasks on them.", name=name)
            yield Found(place, said, change=Change(place, True))


@rule(
    "HOST04", "warning", "reliability",
    why=say("The loss of that host takes all copies at once."),
    fix=say("Set scale.min of the hosts to 2 or more."),
    elsewhere="silent",
)  # fmt: skip
def on_one_host(plan: Plan) -> Iterator[Found]:
    for name, block in plan.architecture.capacity.items():
        services = tenants(plan.architecture, name)
        several = [service for service, one in services.items() if one.scale.min > 1]
        if several and hosts_running(block, at_least(services.values())) == 1:
            said = say("All copies of {services} stand on one host.", services=", ".join(several))
            yield Found(("capacity", name, "scale"), said)


@rule(
    "HOST05", "info", "cost",
    why=say("Each task takes a network interface of its host, and small machines have two or three."),
    fix=say("Take a machine with more interfaces, or let each task do more."),
)  # fmt: skip
def interfaces_decide(plan: Plan) -> Iterator[Found]:
    for name, block, room, services in known_hosts(plan):
        tasks = at_least(services.values())
        here = hosts_running(block, tasks)
        enough = hosts_running(block, tasks, without_interfaces(room))
        if here > enough:
            said = say("{name} runs {hosts} hosts for their interfaces; {enough} have CPU and memory enough.",
                       name=name, hosts=here, enough=enough)  # fmt: skip
            yield Found(("capacity", name, "instance"), said)


@rule(
    "HOST06", "warning", "cost",
    why=say("Hosts are paid for by the hour, whether anything runs there or not."),
    fix=say("Name it in runs_on of a service, or take it out."),
)  # fmt: skip
def for_nobody(plan: Plan) -> Iterator[Found]:
    for name, block in plan.architecture.capacity.items():
        if block.scale.min and not tenants(plan.architecture, name):
            yield Found(("capacity", name), say("Nothing runs on {name}.", name=name))


@rule(
    "COST01", "info", "cost",
    why=say("Hosts are cheaper only while they are full; below their break-even Fargate is."),
    fix=say("Take smaller or fewer hosts, or leave runs_on out."),
)  # fmt: skip
def fargate_is_cheaper(plan: Plan) -> Iterator[Found]:
    if not plan.architecture.capacity:
        return
    for one in hosts_against_fargate(plan, _prices()):
        if one.saved_usd < -WORTH_USD:
            yield Found(("capacity", one.capacity, "instance"), one.said())


@cache
def _prices() -> Prices:
    return load_prices()
