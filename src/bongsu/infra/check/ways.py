"""Ways out: what parts call and how they get there."""

from collections.abc import Iterator

from bongsu.document import Path
from bongsu.infra.check.finding import Change, Found
from bongsu.infra.check.rule import rule
from bongsu.infra.model.network import GATEWAY_ENDPOINTS
from bongsu.infra.plan.model import INTERNET, NetworkPlan, Part, Plan
from bongsu.infra.reach import Way, Why, way
from bongsu.kit.i18n import say

WORKLOADS = ("services", "servers")
CALLERS = (
    *WORKLOADS,
    "nodes",
    "capacity",
    "functions",
)  # machines pull images and write logs for what runs on them


def workloads(plan: Plan) -> tuple[Part, ...]:
    return tuple(part for part in plan.parts.values() if part.section in WORKLOADS)


def callers(plan: Plan) -> tuple[Part, ...]:
    """Everything that calls out: hosts fetch for the tasks on them, nodes for their pods."""
    return tuple(part for part in plan.parts.values() if part.section in CALLERS and part.network)


def missing(plan: Plan, part: Part) -> list[str]:
    """Services that a part calls and cannot reach, in every zone where it stands."""
    called = dict.fromkeys(one.service for one in plan.reaches if one.part == part.name)
    return [
        service
        for service in called
        if any(isinstance(way(plan, part, service, zone), Why) for zone in part.zones)
    ]


def _unaddressed(part: Part) -> bool:
    return part.tier == "public" and not part.block.public_ip


@rule(
    "NET006", "error", "reliability",
    why=say("The internet gateway serves public addresses only: no image is pulled, and nothing registers."),
    fix=say("Move it to the tier app behind a NAT or endpoints; or give it public_ip: true."),
)  # fmt: skip
def no_public_address(plan: Plan) -> Iterator[Found]:
    for part in callers(plan):
        lacks = missing(plan, part) if _unaddressed(part) else []
        if lacks:
            said = say("{name} is in a public subnet without a public address and cannot reach {services}.",
                       name=part.name, services=", ".join(lacks))  # fmt: skip
            place = (*part.path, "tier")
            yield Found((*part.path, "public_ip"), said, change=Change(place, "app"))


@rule(
    "NET007", "error", "reliability",
    why=say("The call waits until it times out: tasks are started again and again and none becomes healthy."),
    fix=say("Leave endpoints out so that the plan makes them, name those that are missing, or use a NAT."),
)  # fmt: skip
def no_way_to_aws(plan: Plan) -> Iterator[Found]:
    for part in callers(plan):
        lacks = [] if _unaddressed(part) else _of_aws(missing(plan, part))
        if lacks and not _only_stores(lacks):
            said = say(
                "{name} has neither a NAT nor endpoints for {services}.",
                name=part.name,
                services=", ".join(lacks),
            )
            yield Found(part.path, said)


def _of_aws(services: list[str]) -> list[str]:
    return [one for one in services if one != INTERNET]


def _only_stores(services: list[str]) -> bool:
    return set(services) <= set(GATEWAY_ENDPOINTS)


@rule(
    "NET008", "error", "reliability",
    why=say("Without a route the call times out; rights alone do not help. The gateway endpoint is free."),
    fix=say("Add the gateway endpoint to networks.….endpoints, or leave endpoints out."),
)  # fmt: skip
def no_way_to_stores(plan: Plan) -> Iterator[Found]:
    for part in callers(plan):
        lacks = [] if _unaddressed(part) else _of_aws(missing(plan, part))
        if lacks and _only_stores(lacks):
            said = say(
                "{name} uses {services} and has no route there.",
                name=part.name,
                services=", ".join(lacks),
            )
            yield Found(_use_of(plan, part, lacks[0]), said)


def _use_of(plan: Plan, part: Part, service: str) -> Path:
    """The place that asks for it, rather than the whole part."""
    paths = [one.path for one in plan.reaches if one.part == part.name and one.service == service]
    return next((path for path in paths if "uses" in path), part.path)


@rule(
    "NET009", "info", "cost",
    why=say("A NAT is paid for by the gigabyte; a gateway endpoint for S3 or DynamoDB is free."),
    fix=say("Name the service in networks.….endpoints, or leave endpoints out."),
)  # fmt: skip
def stores_by_nat(plan: Plan) -> Iterator[Found]:
    for network in plan.networks.values():
        for service in GATEWAY_ENDPOINTS:
            if any(
                _by_nat(plan, part, service)
                for part in callers(plan)
                if part.network == network.name
            ):
                said = say("Traffic to {service} goes through the NAT.", service=service)
                yield Found((*network.path, "endpoints"), said)


def _by_nat(plan: Plan, part: Part, service: str) -> bool:
    calls = any(one.part == part.name and one.service == service for one in plan.reaches)
    found = [way(plan, part, service, zone) for zone in part.zones] if calls else []
    return any(isinstance(one, Way) and one.by.startswith("nat") for one in found)


@rule(
    "NET010", "warning", "security",
    why=say("Everything that has a public address is scanned within minutes."),
    fix=say("Move it to the tier app; let requests come in by a load balancer and calls go out by a NAT."),
)  # fmt: skip
def in_public_subnet(plan: Plan) -> Iterator[Found]:
    for part in callers(plan):
        if part.tier == "public" and part.block.public_ip:
            yield Found(
                (*part.path, "tier"), say("{name} runs in a public subnet.", name=part.name)
            )


@rule(
    "NET012", "error", "reliability",
    why=say("Endpoints lead to services of AWS in this region only; everything else needs a way to the internet."),
    fix=say("Give the network a NAT, or take an image from a registry of your own."),
)  # fmt: skip
def no_way_out(plan: Plan) -> Iterator[Found]:
    for part in callers(plan):
        place = _calls_out(plan, part)
        if place and not _unaddressed(part) and _cut_off(plan, part):
            said = say(
                "{name} calls addresses outside and has no way to the internet.", name=part.name
            )
            yield Found(place, said)


def _calls_out(plan: Plan, part: Part) -> tuple[str | int, ...] | None:
    """Where the file says so; a bucket in another region is outside too."""
    for reach in plan.reaches:
        if reach.part == part.name and reach.service == INTERNET:
            return reach.path
    for used in getattr(part.block, "uses", ()):
        bucket = plan.architecture.buckets.get(used)
        if bucket and bucket.region not in (None, plan.architecture.region):
            return (*part.path, "uses", used)
    return None


def _cut_off(plan: Plan, part: Part) -> bool:
    return any(isinstance(way(plan, part, INTERNET, zone), Why) for zone in part.zones)


@rule(
    "NAT001", "warning", "reliability",
    why=say("Its zone's loss cuts all others off, and traffic between zones is paid for."),
    fix=say("Use nat: per-az, or regional."),
    elsewhere="silent",
)  # fmt: skip
def one_nat_for_all(plan: Plan) -> Iterator[Found]:
    for network in plan.networks.values():
        if network.block.nat == "single" and len(network.zones) > 1 and _users(plan, network):
            said = say(
                "{count} zones share one NAT in zone {zone}.",
                count=len(network.zones),
                zone=network.zones[0],
            )
            yield Found((*network.path, "nat"), said)


@rule(
    "NAT002", "warning", "reliability",
    why=say("One small machine carries all calls: whoever restarts or patches it cuts everybody off."),
    fix=say("Use nat: per-az, or regional."),
    elsewhere="silent",
)  # fmt: skip
def nat_instance(plan: Plan) -> Iterator[Found]:
    for network in plan.networks.values():
        if network.block.nat == "instance" and _users(plan, network):
            said = say("The NAT of {name} is a single machine.", name=network.name)
            yield Found((*network.path, "nat"), said)


@rule(
    "NAT003", "warning", "cost",
    why=say("A NAT is paid for by the hour, used or not."),
    fix=say("Set nat: none."),
)  # fmt: skip
def nat_for_nobody(plan: Plan) -> Iterator[Found]:
    for network in plan.networks.values():
        if network.nats and not _users(plan, network):
            said = say("Nobody in {name} calls out through its NAT.", name=network.name)
            yield Found((*network.path, "nat"), said)


def _users(plan: Plan, network: NetworkPlan) -> bool:
    inside = [part for part in plan.parts.values() if part.network == network.name]
    private = any(part.section in CALLERS and part.tier == "app" for part in inside)
    return private or any(part.section == "migrations" for part in inside)
