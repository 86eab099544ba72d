"""Web ACLs: rule groups that AWS keeps up to date, and a limit for each address."""

from typing import Any, Literal

from bongsu.document import Path
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Ref, Stack, logical_id

RULE_GROUPS = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesCommonRuleSet",
)
# Of theirs, what only counts: else bodies above 8 KiB are turned away, uploads and batches of logs among them.
ONLY_COUNTED = {"AWSManagedRulesCommonRuleSet": ("SizeRestrictions_BODY",)}
REQUESTS_PER_5_MIN = 2000  # of one address; more are turned away until it calms down


Counted = Literal["address", "forwarded", "before"]


def web_acl(
    site: Site, stack: Stack, name: str, scope: str, path: Path, counted: Counted = "address"
) -> Ref:
    """`scope`: CLOUDFRONT (in us-east-1) or REGIONAL. Refer to it by Att(id, "Arn").

    `counted`: whose requests the limit counts. Behind CloudFront the address is that of CloudFront, so they are
    counted before it, or by the address that it forwards.
    """
    rules = [_managed(group, place) for place, group in enumerate(RULE_GROUPS)]
    rules += [_limit(len(rules), counted)] if counted != "before" else []
    values = {
        "Name": site.name(name),
        "Scope": scope,
        "DefaultAction": {"Allow": {}},
        "Rules": rules,
        "VisibilityConfig": _seen(f"{site.name(name)}"),
        "Tags": site.tags(name),
    }
    return site.add(stack, web_acl_id(name), "AWS::WAFv2::WebACL", path, values)


def web_acl_id(name: str) -> str:
    return logical_id("firewall", name)


def _managed(group: str, priority: int) -> dict[str, Any]:
    statement: dict[str, Any] = {"VendorName": "AWS", "Name": group}
    if names := ONLY_COUNTED.get(group):
        count: dict[str, Any] = {"Count": {}}
        statement["RuleActionOverrides"] = [{"Name": name, "ActionToUse": count} for name in names]
    return {
        "Name": group,
        "Priority": priority,
        "OverrideAction": {"None": {}},
        "Statement": {"ManagedRuleGroupStatement": statement},
        "VisibilityConfig": _seen(group),
    }


def _limit(priority: int, counted: Counted) -> dict[str, Any]:
    statement: dict[str, Any] = {"Limit": REQUESTS_PER_5_MIN, "AggregateKeyType": "IP"}
    if counted == "forwarded":
        header = {"HeaderName": "X-Forwarded-For", "FallbackBehavior": "NO_MATCH"}
        statement |= {"AggregateKeyType": "FORWARDED_IP", "ForwardedIPConfig": header}
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
