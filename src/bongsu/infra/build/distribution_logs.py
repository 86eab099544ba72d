"""What distributions write of each request: into one bucket, a line of JSON each, kept for a limited time.

By CloudWatch's deliveries, which need no access lists on the bucket, as CloudFront's older way does. All of it
stands in the region that CloudFront itself is set up in.
"""

from collections.abc import Sequence
from typing import Any

from bongsu.document import Path
from bongsu.infra.artefact_names import LOGS_OF, cut
from bongsu.infra.build.buckets import LOG_DAYS, bucket_policy, bucket_values
from bongsu.infra.build.closed import expire, unfinished
from bongsu.infra.build.distributions import distribution_arn
from bongsu.infra.build.policies import Statement
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Att, Ref, Sub, logical_id
from bongsu.infra.regions import EDGE

LOGS = LOGS_OF["distributions"]
NAME_LIMIT = 60  # of a source and a destination
PATH: Path = ("distributions",)
WRITER = {"Service": "delivery.logs.amazonaws.com"}


def build(site: Site) -> None:
    names = [name for name, one in site.architecture.distributions.items() if one.access_logs]
    if names:
        policy = _bucket(site)
        _deliveries(site, names, policy)


def _bucket(site: Site) -> Ref:
    """The policy: a delivery that comes before it would write one of its own."""
    values = bucket_values(site, LOGS, [unfinished(), expire(LOG_DAYS)])
    made = site.add("edge", "DistributionLogs", "AWS::S3::Bucket", PATH, values, keep="retain")
    return bucket_policy(site, LOGS, made, PATH, _may_write(site), stack="edge")


def _may_write(site: Site) -> list[Statement]:
    """The service writes for everybody: for sources of this account only it does so here."""
    account = {"aws:SourceAccount": Ref("AWS::AccountId")}
    sources = f"arn:${{AWS::Partition}}:logs:{EDGE}:${{AWS::AccountId}}:delivery-source:*"
    ours = {"StringEquals": account, "ArnLike": {"aws:SourceArn": Sub(sources)}}
    owned = {"s3:x-amz-acl": "bucket-owner-full-control"}
    writes = ours | {"StringEquals": account | owned}
    return [
        {"Sid": "DistributionLogs", "Effect": "Allow", "Principal": WRITER, "Action": "s3:PutObject",
         "Resource": site.bucket_arn(LOGS, "/*"), "Condition": writes},
        {"Sid": "DistributionLogsLook", "Effect": "Allow", "Principal": WRITER, "Action": "s3:GetBucketAcl",
         "Resource": site.bucket_arn(LOGS), "Condition": ours},
    ]  # fmt: skip


def _deliveries(site: Site, names: Sequence[str], policy: Ref) -> None:
    """One after the other: AWS refuses two at once for the same destination."""
    values = {
        "Name": cut(site.name(LOGS), NAME_LIMIT),
        "DestinationResourceArn": Att("DistributionLogs", "Arn"),
        "OutputFormat": "json",
        "Tags": site.tags(LOGS),
    }
    id = "DistributionLogDestination"  # noqa: A001
    to = site.add("edge", id, "AWS::Logs::DeliveryDestination", PATH, values, after=[policy.id])
    before = policy
    for name in names:
        before = _delivery(site, name, to, before)


def _delivery(site: Site, name: str, to: Ref, before: Ref) -> Ref:
    path: Path = ("distributions", name)
    told = {
        "Name": cut(site.name(name), NAME_LIMIT),
        "LogType": "ACCESS_LOGS",
        "ResourceArn": distribution_arn(name),
        "Tags": site.tags(name),
    }
    source = logical_id("log-source", name)
    made = site.add("edge", source, "AWS::Logs::DeliverySource", path, told)
    values: dict[str, Any] = {
        "DeliverySourceName": made,
        "DeliveryDestinationArn": Att(to.id, "Arn"),
        "Tags": site.tags(name),
    }
    id = logical_id("log-delivery", name)  # noqa: A001
    return site.add("edge", id, "AWS::Logs::Delivery", path, values, after=[before.id])
