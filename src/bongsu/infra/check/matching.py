"""Links and openings: which opening admits a link. Pure."""

from collections.abc import Iterator
from ipaddress import IPv4Network

from bongsu.infra.plan.flows import UNCALLED
from bongsu.infra.plan.model import CLOUDFRONT, INTERNET, Link, Opening, Plan

EVERYBODY_PREFIX = 8  # public ranges this wide are everybody, also when written in halves


def unmatched(plan: Plan) -> Iterator[Link]:
    """Links into a security group that nothing there admits."""
    openings: dict[str, list[Opening]] = {}
    for opening in plan.openings:
        openings.setdefault(opening.part, []).append(opening)
    for link in plan.links:
        part = plan.parts.get(link.target)
        if (
            part
            and part.network
            and part.section not in UNCALLED
            and not any(admits(plan, one, link) for one in openings.get(link.target, ()))
        ):
            yield link


def admits(plan: Plan, opening: Opening, link: Link) -> bool:
    """What follows from a link admits it, also where it stands in several ranges."""
    follows = not opening.by_hand and opening.path == link.path
    return opening.admits(link.port) and (follows or _is_source(plan, opening, link))


def _is_source(plan: Plan, opening: Opening, link: Link) -> bool:
    if isinstance(opening.source, IPv4Network):
        return _in_range(plan, opening.source, link)
    from_cloudfront = opening.source == CLOUDFRONT and link.path[:1] == ("distributions",)
    return from_cloudfront or opening.source == link.source


def _in_range(plan: Plan, cidr: IPv4Network, link: Link) -> bool:
    """Of everybody some are enough: who narrows a public entry means it."""
    part = plan.parts.get(link.source)
    if link.source == INTERNET:
        return True
    if part is None or part.network is None:
        return everybody(cidr)
    network = plan.networks[part.network]
    subnets = [one for one in network.subnets if one.tier == part.tier and one.zone in part.zones]
    return all(one.cidr.subnet_of(cidr) for one in subnets)


def everybody(cidr: IPv4Network) -> bool:
    return cidr.prefixlen < EVERYBODY_PREFIX
