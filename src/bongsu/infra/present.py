"""A plan as people read it on a terminal, and as programs do. Pure."""

from collections.abc import Iterator
from typing import Any

from bongsu.infra.plan.cidr import usable
from bongsu.infra.plan.model import INTERNET, NetworkPlan, Opening, Part, Plan
from bongsu.kit.i18n import Said, say
from bongsu.kit.text import columns

Rows = list[tuple[str, ...]]


def plan_lines(plan: Plan, language: str) -> list[str]:
    """Networks with their subnets, parts with their places, who reaches whom, who may do what."""
    lines = [f"{plan.architecture.stem}  {plan.architecture.region}"]
    for network in plan.networks.values():
        lines += ["", _network_line(network, language), *columns(_subnets(network, language), "  ")]
    lines += _no_room(plan, language)
    for title, rows in (
        (say("Parts"), [_part(part) for part in plan.parts.values()]),
        (say("Who reaches whom"), _links(plan)),
        (say("What security groups admit"), [_opening(one) for one in plan.openings]),
        (say("Rights"), [(one.part, one.access, one.target) for one in plan.grants]),
    ):
        if rows:
            lines += ["", title.to(language), *columns(rows, "  ")]
    return lines


def plan_document(plan: Plan) -> dict[str, Any]:
    """The same for programs."""
    return {
        "architecture": plan.architecture.name,
        "environment": plan.architecture.environment,
        "region": plan.architecture.region,
        "networks": {name: _network_document(one) for name, one in plan.networks.items()},
        "parts": [_part_document(part) for part in plan.parts.values()],
        "links": [
            {"from": one.source, "to": one.target, "port": one.port, "kind": one.kind}
            for one in plan.links
        ],
        "openings": [
            {"part": one.part, "from": str(one.source), "first": one.first, "last": one.last}
            for one in plan.openings
        ],
        "grants": [
            {"part": one.part, "target": one.target, "access": one.access} for one in plan.grants
        ],
        "no_room": [
            {"network": one.network, "range": one.key, "prefix": one.prefix} for one in plan.no_room
        ],
    }


def _no_room(plan: Plan, language: str) -> list[str]:
    found = [
        say(
            "There is no room for {name} (/{prefix}).",
            name=f"{one.network}: {one.key}",
            prefix=one.prefix,
        )
        for one in plan.no_room
    ]
    return ["", *(said.to(language) for said in found)] if found else []


def _network_line(network: NetworkPlan, language: str) -> str:
    endpoints = ", ".join(one.service for one in network.endpoints) or "–"
    words = say(
        "Network {name}  {cidr}  zones {zones}  NAT {nat}  endpoints {endpoints}",
        name=network.name,
        cidr=str(network.cidr),
        zones=", ".join(network.zones),
        nat=network.block.nat,
        endpoints=endpoints,
    )
    return words.to(language)


def _subnets(network: NetworkPlan, language: str) -> Rows:
    used = [
        (one.key, str(one.cidr), _room(one.need, usable(one.cidr.prefixlen)).to(language))
        for one in network.subnets
    ]
    kept = [
        (key, str(cidr), say("kept free").to(language)) for key, cidr in network.reserved.items()
    ]
    return [*used, *kept]


def _room(need: int, there: int) -> Said:
    return say("{need} of {there} addresses needed", need=need, there=there)


def _part(part: Part) -> tuple[str, ...]:
    spread = ", ".join(f"{zone} {count}" for zone, count in part.spread().items())
    most = f"≤ {part.most}" if part.most != part.copies else ""
    return (part.name, part.section, part.tier or "–", spread or "–", most)


def _links(plan: Plan) -> Rows:
    return [
        (one.source, "→", one.target, str(one.port)) for one in plan.links if one.kind != "health"
    ]


def _opening(one: Opening) -> tuple[str, ...]:
    ports = str(one.first) if one.first == one.last else f"{one.first}-{one.last}"
    source = INTERNET if str(one.source) == "0.0.0.0/0" else str(one.source)
    return (one.part, ports, "←", source, ".".join(map(str, one.path)))


def _network_document(network: NetworkPlan) -> dict[str, Any]:
    return {
        "cidr": str(network.cidr),
        "zones": list(network.zones),
        "nat": [{"kind": one.kind, "zone": one.zone} for one in network.nats],
        "endpoints": [
            {"service": one.service, "gateway": one.gateway} for one in network.endpoints
        ],
        "subnets": list(_subnet_documents(network)),
        "reserved": {key: str(cidr) for key, cidr in network.reserved.items()},
    }


def _subnet_documents(network: NetworkPlan) -> Iterator[dict[str, Any]]:
    for one in network.subnets:
        there = usable(one.cidr.prefixlen)
        yield {
            "tier": one.tier,
            "zone": one.zone,
            "cidr": str(one.cidr),
            "addresses_needed": one.need,
            "addresses_usable": there,
        }


def _part_document(part: Part) -> dict[str, Any]:
    return {
        "name": part.name,
        "section": part.section,
        "network": part.network,
        "tier": part.tier,
        "copies": part.spread(),
        "most": part.most,
    }
