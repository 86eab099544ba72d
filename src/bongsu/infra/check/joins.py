"""Networks that are joined, and the data centre beyond."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from itertools import combinations, product

from bongsu.document import Path
from bongsu.infra.check.finding import Found
from bongsu.infra.check.rule import rule
from bongsu.infra.plan.model import Plan
from bongsu.infra.reach import Why, way
from bongsu.kit.i18n import say


@rule(
    "NET014", "error", "reliability",
    why=say("A route leads to one place: the other end is never reached."),
    fix=say("One of the two must take another range before anything is joined."),
)  # fmt: skip
def overlaps_beyond(plan: Plan) -> Iterator[Found]:
    transit = plan.architecture.transit
    if transit is None:
        return
    beyond: dict[Path, tuple[IPv4Network, ...]] = {
        ("transit", "peers", name): (peer.cidr,) for name, peer in transit.peers.items()
    }
    if transit.on_premises:
        beyond["transit", "on_premises", "cidrs"] = transit.on_premises.cidrs
    for path, ranges in beyond.items():
        for name in transit.networks:
            cidr = plan.networks[name].cidr
            for other in (one for one in ranges if one.overlaps(cidr)):
                said = say("{other} beyond the transit gateway overlaps the network {name} ({cidr}).",
                           other=str(other), name=name, cidr=str(cidr))  # fmt: skip
                yield Found(path, said)
    yield from _among_themselves(beyond)


def _among_themselves(beyond: dict[Path, tuple[IPv4Network, ...]]) -> Iterator[Found]:
    for (_, ones), (path, others) in combinations(beyond.items(), 2):
        for one, other in product(ones, others):
            if one.overlaps(other):
                said = say(
                    "{one} and {other} beyond the transit gateway overlap.",
                    one=str(one),
                    other=str(other),
                )
                yield Found(path, said)


@rule(
    "NET015", "error", "reliability",
    why=say("Networks do not see each other unless a transit gateway joins them."),
    fix=say("Name both networks in transit.networks, or put both parts in one network."),
)  # fmt: skip
def not_joined(plan: Plan) -> Iterator[Found]:
    joined = set(plan.architecture.transit.networks if plan.architecture.transit else ())
    for link in plan.links:
        ends = [plan.parts[end].network for end in (link.source, link.target) if end in plan.parts]
        networks = {one for one in ends if one is not None}
        if len(networks) > 1 and not networks <= joined:
            said = say(
                "{source} and {target} stand in networks that are not joined.",
                source=link.source,
                target=link.target,
            )
            yield Found(link.path, said)


@rule(
    "NET018", "warning", "cost",
    why=say("Each network on a transit gateway is paid for by the hour, and this one leads nowhere."),
    fix=say("Add what lies beyond, or take transit out."),
)  # fmt: skip
def leads_nowhere(plan: Plan) -> Iterator[Found]:
    transit = plan.architecture.transit
    if transit and len(transit.networks) < 2 and not transit.peers and not transit.on_premises:
        yield Found(("transit",), say("The transit gateway joins one network with nothing."))


@rule(
    "MIG001", "error", "reliability",
    why=say("The migration reads the older database over the line to the data centre."),
    fix=say("Add its range to transit.on_premises, and the database's network to transit.networks."),
)  # fmt: skip
def source_out_of_reach(plan: Plan) -> Iterator[Found]:
    transit = plan.architecture.transit
    known = transit.on_premises.cidrs if transit and transit.on_premises else ()
    for part in plan.of_section("migrations"):
        joined = transit is not None and part.network in transit.networks
        if not joined or not any(part.block.source_cidr.subnet_of(one) for one in known):
            said = say(
                "No line leads from {name} to {cidr}.",
                name=part.name,
                cidr=str(part.block.source_cidr),
            )
            yield Found((*part.path, "source_cidr"), said)


@rule(
    "MIG002", "error", "reliability",
    why=say("Its machine reads the password of the older database before anything is copied."),
    fix=say("Add the endpoint secretsmanager, or give the network a NAT."),
)  # fmt: skip
def secret_out_of_reach(plan: Plan) -> Iterator[Found]:
    for part in plan.of_section("migrations"):
        if any(isinstance(way(plan, part, "secretsmanager", zone), Why) for zone in part.zones):
            yield Found(
                (*part.path, "source_secret"), say("{name} cannot read its secret.", name=part.name)
            )
