"""One security group for each part in a network: it lets in what the plan says, described by whom it serves.

Pods have none of their own: they wear those of the nodes, and what is meant for a pod is said there.
"""

from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Any

from bongsu.infra.build.site import Site
from bongsu.infra.graph import Given, logical_id
from bongsu.infra.plan.model import CLOUDFRONT, Opening, Part
from bongsu.infra.plan.pods import wearers

CLOUDFRONT_LIST = "com.amazonaws.global.cloudfront.origin-facing"


def build(site: Site) -> None:
    """Rules stand inside their group; groups never point at each other in a circle unless the file asks for it."""
    inside = [part for part in site.plan.parts.values() if part.network]
    for part in inside:
        if wearers(site.architecture, part.name) == (part.name,):
            _group(site, part)
    for part in inside:
        for opening in site.plan.openings_of(part.name):
            if _apart(opening):
                _rules_apart(site, part, opening)


def _apart(opening: Opening) -> bool:
    """A rule on another part's group is a resource of its own: two parts may admit each other."""
    return isinstance(opening.source, str) and opening.source != CLOUDFRONT


def _group(site: Site, part: Part) -> None:
    rules = list(_rules(site, part))
    values = {
        "GroupDescription": f"{part.name} of {site.architecture.stem}",
        "VpcId": site.vpc(str(part.network)),
        "SecurityGroupIngress": rules or None,
        "Tags": site.tags(part.name),
    }
    site.add(
        "network", logical_id("group", part.name), "AWS::EC2::SecurityGroup", part.path, values
    )


def _rules(site: Site, part: Part) -> Iterator[dict[str, Any]]:
    """Its own, and of those that wear it; each once."""
    said: list[dict[str, Any]] = []
    for opening in site.plan.openings:
        if not _apart(opening) and part.name in wearers(site.architecture, opening.part):
            rule = _rule(opening)
            what = {key: value for key, value in rule.items() if key != "Description"}
            if what not in said:
                said.append(what)
                yield rule


def _rule(opening: Opening) -> dict[str, Any]:
    rule = {"IpProtocol": "tcp", "FromPort": opening.first, "ToPort": opening.last}
    if isinstance(opening.source, IPv4Network):
        return {**rule, "CidrIp": str(opening.source), "Description": _why(opening)}
    return {
        **rule,
        "SourcePrefixListId": Given("CloudFrontAddresses", f"prefix-list:{CLOUDFRONT_LIST}"),
        "Description": "CloudFront",
    }


def _rules_apart(site: Site, part: Part, opening: Opening) -> None:
    for target in wearers(site.architecture, part.name):
        for source in wearers(site.architecture, str(opening.source)):
            _rule_apart(site, target, source, opening)


def _rule_apart(site: Site, target: str, source: str, opening: Opening) -> None:
    words = (target, "from", source, str(opening.first))
    values = {
        "GroupId": site.group(target),
        "IpProtocol": "tcp",
        "FromPort": opening.first,
        "ToPort": opening.last,
        "SourceSecurityGroupId": site.group(source),
        "Description": _why(opening),
    }
    id = logical_id("admit", *words)  # noqa: A001
    if id not in site.graph.resources:
        site.add("network", id, "AWS::EC2::SecurityGroupIngress", opening.path, values)


def _why(opening: Opening) -> str:
    """The place in the file, in the characters that AWS takes here."""
    return ".".join(str(word) for word in opening.path).replace("*", "all")[:255]
