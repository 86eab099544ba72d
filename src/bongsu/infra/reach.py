"""How a part in a zone gets to a service of AWS or to the internet, and why it does not. Pure.

The same answer serves the design check (nothing is lost) and the drill (something is). A route table knows one
way only: where that way is lost there is no other, however many NAT gateways the network still has.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from bongsu.infra.plan.model import INTERNET, Endpoint, Nat, NetworkPlan, Part, Plan
from bongsu.kit.i18n import Said, say

By = Literal["gateway-endpoint", "interface-endpoint", "nat", "nat-instance", "internet-gateway"]
NAT_TIERS = ("app", "data")  # whose route tables lead to a NAT; data only where a migration stands


@dataclass(frozen=True, slots=True)
class Lost:
    """`name` of a zone is its letter, of a NAT `nat_name(…)`, of an endpoint `endpoint_name(…)`."""

    kind: Literal["zone", "nat", "endpoint", "part"]
    name: str


@dataclass(frozen=True, slots=True)
class Way:
    """`zone`: where a NAT stands; None for ways that are in every zone."""

    by: By
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Why:
    """There is no way. `lost`: there would be one if nothing were lost."""

    said: Said
    lost: bool = False


def nat_name(network: str, nat: Nat) -> str:
    """`main/a`, `main/regional`"""
    return f"{network}/{nat.zone or 'regional'}"


def endpoint_name(network: str, endpoint: Endpoint) -> str:
    """`main/ecr.api`"""
    return f"{network}/{endpoint.service}"


def way(plan: Plan, part: Part, service: str, zone: str, lost: Collection[Lost] = ()) -> Way | Why:
    """`service`: as AWS names its endpoints (`s3`, `ecr.api`), or `internet`; `zone`: the letter."""
    if part.network is None:
        return Why(say("{part} stands in no network.", part=part.name))
    if Lost("zone", zone) in lost or Lost("part", part.name) in lost:
        return Why(say("{part} itself is lost in zone {zone}.", part=part.name, zone=zone), True)
    network = plan.networks[part.network]
    endpoint = _endpoint(network, part, service)
    if endpoint:
        return _by_endpoint(network, endpoint, lost)
    if part.tier == "public":
        return _from_public_subnet(part)
    return _by_nat(plan, network, part, zone, lost)


def _endpoint(network: NetworkPlan, part: Part, service: str) -> Endpoint | None:
    """Names of AWS lead to an endpoint wherever there is one, also beside a NAT."""
    if service == INTERNET or part.tier == "endpoints":
        return None
    return next((one for one in network.endpoints if one.service == service), None)


def _gone(endpoint: Endpoint) -> Said:
    """A gateway endpoint is a route, an interface endpoint an address that names lead to."""
    if endpoint.gateway:
        return say(
            "The endpoint for {service} is lost, and routes still lead to it.",
            service=endpoint.service,
        )
    return say(
        "The endpoint for {service} is lost, and names still lead to it.", service=endpoint.service
    )


def _by_endpoint(network: NetworkPlan, endpoint: Endpoint, lost: Collection[Lost]) -> Way | Why:
    if Lost("endpoint", endpoint_name(network.name, endpoint)) in lost:
        return Why(_gone(endpoint), True)
    return Way("gateway-endpoint" if endpoint.gateway else "interface-endpoint")


def _from_public_subnet(part: Part) -> Way | Why:
    if getattr(part.block, "public_ip", False):
        return Way("internet-gateway")
    said = say(
        "{part} is in a public subnet without a public address: the internet gateway does not serve it.",
        part=part.name,
    )
    return Why(said)


def _by_nat(
    plan: Plan, network: NetworkPlan, part: Part, zone: str, lost: Collection[Lost]
) -> Way | Why:
    nat = nat_of(plan, network, str(part.tier), zone)
    if nat is None:
        return Why(
            say("The subnets of {part} have neither a NAT nor this endpoint.", part=part.name)
        )
    if Lost("nat", nat_name(network.name, nat)) in lost:
        return Why(say("The NAT {nat} is lost.", nat=nat_name(network.name, nat)), True)
    if nat.zone and Lost("zone", nat.zone) in lost:
        said = say("Its NAT stands in zone {zone}, which is lost.", zone=nat.zone)
        return Why(said, True)
    return Way("nat-instance" if nat.kind == "instance" else "nat", nat.zone)


def nat_of(plan: Plan, network: NetworkPlan, tier: str, zone: str) -> Nat | None:
    """Where the default route of a tier's subnet in a zone leads: its own NAT, a regional one, or the first."""
    if (
        tier not in NAT_TIERS
        or not network.nats
        or (tier == "data" and not _migrates(plan, network))
    ):
        return None
    own = (one for one in network.nats if one.zone in (zone, None))
    return next(own, network.nats[0])


def _migrates(plan: Plan, network: NetworkPlan) -> bool:
    return any(part.network == network.name for part in plan.of_section("migrations"))
