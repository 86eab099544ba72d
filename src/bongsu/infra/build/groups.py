"""One security group for each part in a network: it lets in what the plan says, described by whom it serves."""

from ipaddress import IPv4Network
from typing import Any

from bongsu.infra.build.site import Site
from bongsu.infra.graph import Att, Given, logical_id
from bongsu.infra.plan.model import CLOUDFRONT, Opening, Part

CLOUDFRONT_LIST = "com.amazonaws.global.cloudfront.origin-facing"


def build(site: Site) -> None:
    """Rules stand inside their group; groups never point at each other in a circle unless the file asks for it."""
    for part in site.plan.parts.values():
        if part.network:
            _group(site, part)
    for part in site.plan.parts.values():
        for opening in site.plan.openings_of(part.name) if part.network else ():
            if _apart(opening):
                _rule_apart(site, part, opening)


def _apart(opening: Opening) -> bool:
    """A rule on another part's group is a resource of its own: two parts may admit each other."""
    return isinstance(opening.source, str) and opening.source != CLOUDFRONT


def _group(site: Site, part: Part) -> None:
    rules = [_rule(opening) for opening in site.plan.openings_of(part.name) if not _apart(opening)]
    values = {
        "GroupDescription": f"{part.name} of {site.architecture.stem}",
        "VpcId": site.vpc(str(part.network)),
        "SecurityGroupIngress": rules or None,
        "Tags": site.tags(part.name),
    }
    site.add(
        "network", logical_id("group", part.name), "AWS::EC2::SecurityGroup", part.path, values
    )


def _rule(opening: Opening) -> dict[str, Any]:
    rule = {"IpProtocol": "tcp", "FromPort": opening.first, "ToPort": opening.last}
    if isinstance(opening.source, IPv4Network):
        return {**rule, "CidrIp": str(opening.source), "Description": _why(opening)}
    return {
        **rule,
        "SourcePrefixListId": Given("CloudFrontAddresses", f"prefix-list:{CLOUDFRONT_LIST}"),
        "Description": "CloudFront",
    }


def _rule_apart(site: Site, part: Part, opening: Opening) -> None:
    words = (part.name, "from", str(opening.source), str(opening.first))
    values = {
        "GroupId": site.group(part.name),
        "IpProtocol": "tcp",
        "FromPort": opening.first,
        "ToPort": opening.last,
        "SourceSecurityGroupId": Att(logical_id("group", str(opening.source)), "GroupId"),
        "Description": _why(opening),
    }
    id = logical_id("admit", *words)  # noqa: A001
    if id not in site.graph.resources:
        site.add("network", id, "AWS::EC2::SecurityGroupIngress", opening.path, values)


def _why(opening: Opening) -> str:
    """The place in the file, in the characters that AWS takes here."""
    return ".".join(str(word) for word in opening.path).replace("*", "all")[:255]
