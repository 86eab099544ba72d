"""Environments of one file beside each other: what they share by mistake."""

from collections.abc import Iterator, Sequence
from itertools import combinations, permutations

from bongsu.document import Path
from bongsu.infra.check.finding import Found, Severity
from bongsu.infra.check.rule import rule_across
from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.data import Database
from bongsu.infra.model.network import Peer
from bongsu.infra.plan.hosts import places
from bongsu.infra.plan.model import Plan
from bongsu.kit.i18n import say


def _pairs(plans: Sequence[Plan]) -> Iterator[tuple[Plan, Plan]]:
    """Each two, production last: what is said is said about the other one."""
    ordered = sorted(plans, key=lambda plan: plan.architecture.production)
    return combinations(ordered, 2)


@rule_across(
    "ENV001", "error", "security",
    why=say("A secret leads to a database: a test would write to the data of customers."),
    fix=say("Give each environment a secret of its own, or an account of its own."),
)  # fmt: skip
def same_secret(plans: Sequence[Plan]) -> Iterator[Found]:
    for one, other in _pairs(plans):
        here, there = one.architecture, other.architecture
        known = _secrets(there)
        for name, path in _secrets(here).items():
            if name in known and same_account(here, there):
                said = say("{here} and {there} read the same secret {name}.",
                           here=here.environment, there=there.environment, name=name)  # fmt: skip
                yield Found(path, said, environment=here.environment)


def same_account(here: Architecture, there: Architecture) -> bool:
    """Also where nobody says which: they are in the account of whoever deploys."""
    return here.account_of(here.environment) == there.account_of(there.environment)


def _secrets(architecture: Architecture) -> dict[str, Path]:
    """`${orders}` is the environment's own."""
    return {
        secret: (section, name, "secrets", variable)
        for section, name, block in architecture.users()
        for variable, secret in block.secrets.items()
        if not secret.startswith("${")
    }


@rule_across(
    "ENV002", "error", "reliability",
    why=say("Answers find no way back, or the wrong network."),
    fix=say("Give each its own range and name each as a peer of the other."),
)  # fmt: skip
def wrongly_joined(plans: Sequence[Plan]) -> Iterator[Found]:
    for one, other in _pairs(plans):
        yield from _overlapping(one, other)
    for one, other in permutations(plans, 2):
        yield from _no_way_back(one, other)


def _overlapping(one: Plan, other: Plan) -> Iterator[Found]:
    here, there = one.architecture, other.architecture
    joined = bool(here.transit and there.transit)
    for network in one.networks.values():
        for beyond in other.networks.values():
            if network.cidr.overlaps(beyond.cidr):
                said = say("{here} ({cidr}) overlaps {there} ({other}).",
                           here=here.environment, cidr=str(network.cidr),
                           there=there.environment, other=str(beyond.cidr))  # fmt: skip
                severity: Severity = "error" if joined else "warning"
                path = (*network.path, "cidr")
                yield Found(path, said, severity=severity, environment=here.environment)


def _no_way_back(one: Plan, other: Plan) -> Iterator[Found]:
    """`one` knows the other as a peer, by its name or by its range, and is not known there.

    A range that also lies in networks of its own means nobody: NET014 says so.
    """
    here, there = one.architecture, other.architecture
    for name, peer in (here.transit.peers if here.transit else {}).items():
        meant = name == there.environment
        path = ("transit", "peers", name)
        if meant and not _covers(peer, other):
            said = say("{there} is not {cidr}.", there=there.environment, cidr=str(peer.cidr))
            yield Found((*path, "cidr"), said, environment=here.environment)
        reached = _touches(peer, other) and not _touches(peer, one)
        if (meant or reached) and not _knows(there, one):
            said = say(
                "{there} has no route back to {here}.",
                there=there.environment,
                here=here.environment,
            )
            yield Found(path, said, environment=here.environment)


def _covers(peer: Peer, plan: Plan) -> bool:
    return all(network.cidr.subnet_of(peer.cidr) for network in plan.networks.values())


def _touches(peer: Peer, plan: Plan) -> bool:
    return any(network.cidr.overlaps(peer.cidr) for network in plan.networks.values())


def _knows(architecture: Architecture, plan: Plan) -> bool:
    peers = architecture.transit.peers if architecture.transit else {}
    return any(
        name == plan.architecture.environment or _touches(peer, plan)
        for name, peer in peers.items()
    )


@rule_across(
    "ENV003", "error", "reliability",
    why=say("A name leads to one of them: whoever is deployed last takes the visitors of the other."),
    fix=say("Give the other environment names of its own."),
)  # fmt: skip
def same_name(plans: Sequence[Plan]) -> Iterator[Found]:
    for one, other in _pairs(plans):
        taken = places(other.architecture)
        for host, path in places(one.architecture).items():
            if host in taken:
                said = say("{here} and {there} both answer for {host}.", host=host,
                           here=one.architecture.environment, there=other.architecture.environment)  # fmt: skip
                yield Found(path, said, environment=one.architecture.environment)


@rule_across(
    "ENV004", "warning", "reliability",
    why=say("What was tested is not what runs."),
    fix=say("Use the same engine and version everywhere; only sizes should differ."),
)  # fmt: skip
def other_engine(plans: Sequence[Plan]) -> Iterator[Found]:
    for one, other in _pairs(plans):
        for name, database in one.architecture.databases.items():
            beside = other.architecture.databases.get(name)
            if beside and _engine(beside) != _engine(database):
                here, there = one.architecture.environment, other.architecture.environment
                said = say("{name} is {engine} in {here} and {other} in {there}.", name=name,
                           engine=_engine(database), here=here, other=_engine(beside), there=there)  # fmt: skip
                yield Found(("databases", name, "engine"), said, environment=here)


def _engine(database: Database) -> str:
    return f"{database.engine} {database.version or ''}".strip()
