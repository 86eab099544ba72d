"""S3: closed, encrypted, TLS only, old versions thrown away in time; open to distributions whose origin it is."""

from typing import Any

from bongsu.document import Path
from bongsu.infra.artefact_names import LOGS_OF
from bongsu.infra.build.closed import closed, expire, unfinished
from bongsu.infra.build.distributions import origin_statements
from bongsu.infra.build.policies import Statement, document, of_this_account, only_tls
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Ref, Stack, logical_id
from bongsu.infra.model.data import Bucket

OLD_VERSIONS_DAYS = 30
TOLD = {"EventBridgeEnabled": True}  # a function of a later stack hears of uploads there
LOG_DAYS = 90
LOGS = LOGS_OF["load_balancers"]


def build(site: Site) -> None:
    for name, block in site.architecture.buckets.items():
        _bucket(site, name, block)
    if any(block.logged for block in site.architecture.load_balancers.values()):
        _log_bucket(site)


def bucket(name: str) -> Ref:
    return Ref(logical_id("bucket", name))


def log_bucket() -> Ref:
    return Ref("LogBucket")


def _bucket(site: Site, name: str, block: Bucket) -> None:
    path = ("buckets", name)
    region = block.region if block.region != site.architecture.region else None
    values = bucket_values(site, name, _rules(block), public=block.public)
    values["VersioningConfiguration"] = {"Status": "Enabled" if block.versions else "Suspended"}
    if any(
        trigger.bucket == name for one in site.architecture.functions.values() for trigger in one.on
    ):
        values["NotificationConfiguration"] = {"EventBridgeConfiguration": TOLD}
    made = site.add(
        "data", bucket(name).id, "AWS::S3::Bucket", path, values, region=region, keep="retain"
    )
    opened = [_for_everybody(site, name)] if block.public else []
    statements = [*opened, *origin_statements(site, name)]
    bucket_policy(site, name, made, path, statements, region)


def bucket_values(
    site: Site, name: str, rules: list[dict[str, Any]], *, public: bool = False
) -> dict[str, Any]:
    return {
        "BucketName": site.bucket_name(name),
        **closed(public=public),
        "LifecycleConfiguration": {"Rules": rules},
        "Tags": site.tags(name),
    }


def _rules(block: Bucket) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = [unfinished()]
    if block.versions:
        old = {"NoncurrentDays": OLD_VERSIONS_DAYS}
        rules.append(
            {"Id": "old-versions", "Status": "Enabled", "NoncurrentVersionExpiration": old}
        )
    if block.expire_days:
        rules.append(expire(block.expire_days))
    return rules


def bucket_policy(
    site: Site,
    name: str,
    made: Ref,
    path: Path,
    statements: list[Statement],
    region: str | None = None,
    stack: Stack = "data",
) -> Ref:
    arns = [site.bucket_arn(name), site.bucket_arn(name, "/*")]
    values = {
        "Bucket": made,
        "PolicyDocument": document(only_tls(arns, "s3:*"), *statements),
    }
    id = logical_id("policy-of", name)  # noqa: A001
    return site.add(stack, id, "AWS::S3::BucketPolicy", path, values, region=region)


def _for_everybody(site: Site, name: str) -> Statement:
    return {
        "Sid": "Everybody",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": site.bucket_arn(name, "/*"),
    }


# --- access logs of load balancers


def _log_bucket(site: Site) -> None:
    path: Path = ("load_balancers",)
    values = bucket_values(site, LOGS, [unfinished(), expire(LOG_DAYS)])
    made = site.add("data", log_bucket().id, "AWS::S3::Bucket", path, values, keep="retain")
    bucket_policy(site, LOGS, made, path, _log_statements(site))


def _log_statements(site: Site) -> list[Statement]:
    """Both kinds write by services of AWS, which write for everybody: below our own number only we have logs."""
    writes = {
        "Effect": "Allow",
        "Action": "s3:PutObject",
        "Resource": site.bucket_arn(LOGS, "/*/AWSLogs/${AWS::AccountId}/*"),
        "Condition": of_this_account(),
    }
    looks = {
        "Effect": "Allow",
        "Action": "s3:GetBucketAcl",
        "Resource": site.bucket_arn(LOGS),
        "Condition": of_this_account(),
    }
    application = {"Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}}
    network = {"Principal": {"Service": "delivery.logs.amazonaws.com"}}
    plain = {key: value for key, value in writes.items() if key != "Condition"}
    return [
        {"Sid": "ApplicationLogs", **application, **plain},
        {"Sid": "NetworkLogs", **network, **writes},
        {"Sid": "NetworkLogsLook", **network, **looks},
    ]
