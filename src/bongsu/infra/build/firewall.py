"""Web ACLs: rule groups that AWS keeps up to date, and a limit for each address."""

from typing import Any

from bongsu.document import Path
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Ref, Stack, logical_id

RULE_GROUPS = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesCommonRuleSet",
)
REQUESTS_PER_5_MIN = 2000  # of one address; more are turned away until it calms down


def web_acl(site: Site, stack: Stack, name: str, scope: str, path: Path) -> Ref:
    """`scope`: CLOUDFRONT (in us-east-1) or REGIONAL. Refer to it by Att(id, "Arn")."""
    rules = [_managed(group, place) for place, group in enumerate(RULE_GROUPS)]
    values = {
        "Name": site.name(name),
        "Scope": scope,
        "DefaultAction": {"Allow": {}},
        "Rules": [*rules, _limit(len(rules))],
        "VisibilityConfig": _seen(f"{site.name(name)}"),
        "Tags": site.tags(name),
    }
    return site.add(stack, web_acl_id(name), "AWS::WAFv2::WebACL", path, values)


def web_acl_id(name: str) -> str:
    return logical_id("firewall", name)


def _managed(group: str, priority: int) -> dict[str, Any]:
    return {
        "Name": group,
        "Priority": priority,
        "OverrideAction": {"None": {}},
        "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": group}},
        "VisibilityConfig": _seen(group),
    }


def _limit(priority: int) -> dict[str, Any]:
    statement = {"Limit": REQUESTS_PER_5_MIN, "AggregateKeyType": "IP"}
    return {
        "Name": "limit",
        "Priority": priority,
        "Action": {"Block": {}},
        "Statement": {"RateBasedStatement": statement},
        "VisibilityConfig": _seen("limit"),
    }


def _seen(name: str) -> dict[str, Any]:
    return {
        "CloudWatchMetricsEnabled": True,
        "SampledRequestsEnabled": True,
        "MetricName": name,
    }
