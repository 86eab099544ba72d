"""AWS's record of who called what, in all regions, and a letter at once when somebody signs in as root."""

from typing import Any

from bongsu.infra.build.alarms import subscribers
from bongsu.infra.build.closed import closed, expire
from bongsu.infra.build.people import PATH
from bongsu.infra.build.policies import allow, document, only_tls
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Att, Ref, Sub

KEPT_DAYS, OLD_DAYS = 400, 30
SIGNED_IN = {
    "detail-type": ["AWS Console Sign In via CloudTrail", "AWS API Call via CloudTrail"],
    "detail": {"userIdentity": {"type": ["Root"]}},
}


def build(site: Site) -> None:
    if site.architecture.people is None:
        return
    if site.architecture.people.trail == "create" and _first_in_account(site):
        _trail(site)
    _root(site)


def _first_in_account(site: Site) -> bool:
    architecture = site.architecture
    own = architecture.account_of(architecture.environment)
    same = [one for one in architecture.siblings if architecture.account_of(one) == own]
    return same[:1] == [architecture.environment]


def _trail(site: Site) -> None:
    name = site.name("trail")
    bucket = _bucket(site, name)
    values = {
        "TrailName": name,
        "S3BucketName": bucket,
        "IsLogging": True,
        "IsMultiRegionTrail": True,
        "IncludeGlobalServiceEvents": True,
        "EnableLogFileValidation": True,
        "Tags": site.tags("trail"),
    }
    site.add("data", "Trail", "AWS::CloudTrail::Trail", PATH, values, after=["TrailBucketPolicy"])


def _bucket(site: Site, trail: str) -> Ref:
    values = {
        **closed(),
        "VersioningConfiguration": {"Status": "Enabled"},
        "LifecycleConfiguration": {"Rules": [expire(KEPT_DAYS, old_days=OLD_DAYS)]},
        "Tags": site.tags("trail"),
    }
    made = site.add("data", "TrailBucket", "AWS::S3::Bucket", PATH, values, keep="retain")
    policy = {"Bucket": made, "PolicyDocument": document(*_writes(site, made, trail))}
    site.add("data", "TrailBucketPolicy", "AWS::S3::BucketPolicy", PATH, policy)
    return made


def _writes(site: Site, bucket: Ref, trail: str) -> list[dict[str, Any]]:
    arn = Att(bucket.id, "Arn")
    below = Sub("${Arn}/AWSLogs/${AWS::AccountId}/*", {"Arn": arn})
    service = {"Principal": {"Service": "cloudtrail.amazonaws.com"}}
    only = {"aws:SourceArn": site.account_arn(f"cloudtrail:trail/{trail}")}
    owned = only | {"s3:x-amz-acl": "bucket-owner-full-control"}
    return [
        allow(["s3:GetBucketAcl"], [arn], {"StringEquals": only}) | service,
        allow(["s3:PutObject"], [below], {"StringEquals": owned}) | service,
        only_tls([arn, Sub("${Arn}/*", {"Arn": arn})], "s3:*"),
    ]


def _root(site: Site) -> None:
    """Root signs in in us-east-1, wherever everything else is; EventBridge hears of it from a trail there."""
    topic = site.add("edge", "RootTopic", "AWS::SNS::Topic", PATH, {
        "TopicName": site.name("root"), "Tags": site.tags("root")})  # fmt: skip
    may = allow(["sns:Publish"], [topic]) | {"Principal": {"Service": "events.amazonaws.com"}}
    policy = {"Topics": [topic], "PolicyDocument": document(may)}
    site.add("edge", "RootTopicPolicy", "AWS::SNS::TopicPolicy", PATH, policy)
    for index, (protocol, address) in enumerate(subscribers(site), 1):
        values = {"TopicArn": topic, "Protocol": protocol, "Endpoint": address}
        site.add("edge", f"RootTold{index}", "AWS::SNS::Subscription", PATH, values)
    rule = {
        "Description": "Somebody is root",
        "EventPattern": SIGNED_IN,
        "State": "ENABLED",
        "Targets": [{"Id": "told", "Arn": topic}],
    }
    site.add("edge", "RootSignedIn", "AWS::Events::Rule", PATH, rule)
