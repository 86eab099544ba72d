"""Ranges and subnets: do they overlap, do they fit, were they thought about."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from math import ceil, log2

from bongsu.document import Path
from bongsu.infra.check.finding import Change, Found
from bongsu.infra.check.rule import rule
from bongsu.infra.plan.cidr import LARGEST, SMALLEST, is_private, overlaps, usable
from bongsu.infra.plan.model import NetworkPlan, Plan, Subnet
from bongsu.infra.plan.networks import GROWN_ZONES
from bongsu.kit.i18n import say

HABIT_BITS = 6  # a range that is 64 times as large as the need was chosen by habit
GROWTH_LEAST = 1.2
DOCKER = IPv4Network("172.17.0.0/16")


@rule(
    "NET001", "error", "reliability",
    why=say("Networks with common addresses can never be joined, and a range cannot be changed later."),
    fix=say("Leave cidr out and let the plan choose, or take a free range."),
)  # fmt: skip
def overlapping(plan: Plan) -> Iterator[Found]:
    for network in plan.networks.values():
        for cidr in network.block.avoid:
            if network.cidr.overlaps(cidr):
                said = say(
                    "{cidr} overlaps {other}, which is to be avoided.",
                    cidr=str(network.cidr),
                    other=str(cidr),
                )
                yield Found((*network.path, "cidr"), said)
    for name, other in overlaps({one.name: one.cidr for one in plan.networks.values()}):
        said = say("The networks {name} and {other} overlap.", name=name, other=other)
        yield Found(("networks", other, "cidr"), said)


@rule(
    "NET002", "error", "reliability",
    why=say("A subnet that is full starts no task: neither an update nor the loss of a zone is survived."),
    fix=say("Take a shorter prefix or a larger range before the network is made; a subnet cannot grow."),
)  # fmt: skip
def too_small(plan: Plan) -> Iterator[Found]:
    for network in plan.networks.values():
        tight = {
            one.tier: one
            for one in network.subnets
            if _in_limits(one) and usable(one.cidr.prefixlen) < one.need
        }
        for tier, subnet in tight.items():
            yield _tight(network, tier, subnet)
    for network in plan.networks.values():
        left = [
            one for one in plan.no_room if one.network == network.name and one.prefix >= LARGEST
        ]
        if left:
            said = say("{count} subnets find no room in {cidr}; the first is {range}, a /{prefix}.",
                       count=len(left), cidr=str(network.cidr),
                       range=left[0].key, prefix=left[0].prefix)  # fmt: skip
            yield Found((*network.path, "cidr"), said)


def _tight(network: NetworkPlan, tier: str, subnet: Subnet) -> Found:
    """Only the spare is missing: a warning."""
    have = usable(subnet.cidr.prefixlen)
    said = say("The {tier} subnets need {need} addresses in each zone, spare included; {cidr} has {have}.",
               tier=tier, need=subnet.need, cidr=str(subnet.cidr), have=have)  # fmt: skip
    enough = have * network.block.growth.factor >= subnet.need
    return Found(_prefix_place(network, tier), said, severity="warning" if enough else None)


def _in_limits(subnet: Subnet) -> bool:
    return LARGEST <= subnet.cidr.prefixlen <= SMALLEST


def _prefix_place(network: NetworkPlan, tier: str) -> Path:
    given = tier in network.block.prefixes
    return (*network.path, "prefixes", tier) if given else (*network.path, "cidr")


@rule(
    "NET003", "error", "reliability",
    why=say("AWS takes networks and subnets from /28 to /16 only."),
    fix=say("Take a prefix from 16 to 28, or leave it out."),
)  # fmt: skip
def outside_limits(plan: Plan) -> Iterator[Found]:
    for network in plan.networks.values():
        if not LARGEST <= network.cidr.prefixlen <= SMALLEST:
            said = say("The range {cidr} is outside /28 to /16.", cidr=str(network.cidr))
            yield Found((*network.path, "cidr"), said)
        for tier, prefix in network.block.prefixes.items():
            if not LARGEST <= prefix <= SMALLEST:
                said = say(
                    "The {tier} subnets would be /{prefix}, outside /28 to /16.",
                    tier=tier,
                    prefix=prefix,
                )
                yield Found((*network.path, "prefixes", tier), said)


@rule(
    "NET004", "warning", "reliability",
    why=say("A large range blocks others: every network that is joined later needs one of its own."),
    fix=say("Leave cidr out, or take what is needed with some room."),
)  # fmt: skip
def by_habit(plan: Plan) -> Iterator[Found]:
    for network in plan.networks.values():
        own = [one for one in network.subnets if one.tier != "pods"]
        held = sum(one.cidr.num_addresses for one in own)
        needed = ceil(log2(max(held * GROWN_ZONES / max(len(network.zones), 1), 16)))
        size = 32 - network.cidr.prefixlen
        if network.block.cidr and size - needed >= HABIT_BITS and size <= 32 - LARGEST:
            said = say(
                "{cidr} is larger than anything here needs: /{prefix} is enough.",
                cidr=str(network.cidr),
                prefix=32 - needed,
            )
            yield Found((*network.path, "cidr"), said)


@rule(
    "NET005", "warning", "reliability",
    why=say("Subnets cannot grow: without spare the next service needs a new network."),
    fix=say("Keep growth.factor at 1.5, or 2 copies for changes side by side (blue/green)."),
    elsewhere="silent",
)  # fmt: skip
def no_spare(plan: Plan) -> Iterator[Found]:
    for network in plan.networks.values():
        growth = network.block.growth
        if growth.factor < GROWTH_LEAST and growth.copies == 1:
            said = say("The network {name} keeps nothing free for growth.", name=network.name)
            yield Found((*network.path, "growth", "factor"), said)
        for part in plan.of_section("clusters"):
            if part.network == network.name and growth.clusters < 2:
                said = say("The network {name} has no room for a second {cluster}.",
                           name=network.name, cluster=part.name)  # fmt: skip
                todo = say(
                    "Set growth.clusters: 2: Kubernetes is upgraded by a new cluster beside the old one."
                )
                yield Found((*network.path, "growth", "clusters"), said, todo)


@rule(
    "NET011", "warning", "reliability",
    why=say("Endpoints take addresses that tasks need when they scale, and share their routes."),
    fix=say("Give them subnets of their own: endpoint_subnets: true."),
)  # fmt: skip
def shared_with_endpoints(plan: Plan) -> Iterator[Found]:
    for network in plan.networks.values():
        interfaces = [one for one in network.endpoints if not one.gateway]
        if interfaces and not network.block.endpoint_subnets:
            place = (*network.path, "endpoint_subnets")
            said = say(
                "{count} interface endpoints stand in the subnets of the tasks.",
                count=len(interfaces),
            )
            yield Found(place, said, change=Change(place, True))


@rule(
    "NET013", "error", "reliability",
    why=say("Ranges do not move once they are given out: what the file says is not what is there."),
    fix=say("Write what the lock file holds; for another range make a second network and move."),
)  # fmt: skip
def not_the_locked(plan: Plan) -> Iterator[Found]:
    for network in plan.networks.values():
        written = network.block.cidr
        if written and written != network.cidr:
            said = say(
                "The file says {written}, the lock file holds {held}.",
                written=str(written),
                held=str(network.cidr),
            )
            yield Found((*network.path, "cidr"), said)
        for tier, prefix in network.block.prefixes.items():
            for subnet in network.tier(tier)[:1]:
                if subnet.cidr.prefixlen != prefix:
                    said = say(
                        "The file says {written}, the lock file holds {held}.",
                        written=f"/{prefix}",
                        held=str(subnet.cidr),
                    )
                    yield Found((*network.path, "prefixes", tier), said)


@rule(
    "NET016", "error", "reliability",
    why=say("Two subnets in one zone fall together."),
    fix=say("Name each letter once."),
)  # fmt: skip
def same_zone_twice(plan: Plan) -> Iterator[Found]:
    for network in plan.networks.values():
        if len(set(network.zones)) < len(network.zones):
            said = say("The network {name} names a zone twice.", name=network.name)
            yield Found((*network.path, "letters"), said)


@rule(
    "NET017", "warning", "reliability",
    why=say("Somebody owns these addresses on the internet: parts here could never reach them."),
    fix=say("Take a range from 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10."),
)  # fmt: skip
def not_private(plan: Plan) -> Iterator[Found]:
    for network in plan.networks.values():
        if not is_private(network.cidr):
            said = say("{cidr} is no private range.", cidr=str(network.cidr))
            yield Found((*network.path, "cidr"), said)


@rule(
    "NET019", "warning", "reliability",
    why=say("Docker gives its own bridge 172.17.0.0/16: containers there cannot reach this network."),
    fix=say("Take a range outside 172.17.0.0/16."),
)  # fmt: skip
def dockers_range(plan: Plan) -> Iterator[Found]:
    for network in plan.networks.values():
        if network.cidr.overlaps(DOCKER):
            said = say("{cidr} holds addresses of Docker's own bridge.", cidr=str(network.cidr))
            yield Found((*network.path, "cidr"), said)
