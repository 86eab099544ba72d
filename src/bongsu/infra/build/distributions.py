"""CloudFront: origins, what is done with each path, the certificate, the firewall and the names before it."""

from typing import Any

from bongsu.infra.build.site import Site
from bongsu.infra.graph import Ref, Sub, logical_id

DISTRIBUTION_ARN = (
    "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Distribution}"
)
IDENTITY_ARN = "arn:${AWS::Partition}:iam::cloudfront:user/CloudFront Origin Access Identity ${Who}"


def origin_statements(site: Site, bucket: str) -> list[dict[str, Any]]:
    """What a bucket's policy must say so that the distributions whose origin it is may read it."""
    return [
        {
            "Sid": logical_id("read", "by", name),
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": site.bucket_arn(bucket, "/*"),
            **_reader(name, access),
        }
        for name, access in _readers(site, bucket)
    ]


def _readers(site: Site, bucket: str) -> list[tuple[str, str]]:
    """Distribution and its kind of access control; `none` reads as everybody does."""
    found = {
        (name, origin.access_control): None
        for name, distribution in site.architecture.distributions.items()
        for origin in distribution.origins.values()
        if origin.bucket == bucket and origin.access_control != "none"
    }
    return list(found)


def _reader(distribution: str, access: str) -> dict[str, Any]:
    if access == "oai":
        who = Sub(IDENTITY_ARN, {"Who": Ref(identity_id(distribution))})
        return {"Principal": {"AWS": who}}
    source = Sub(DISTRIBUTION_ARN, {"Distribution": Ref(logical_id("distribution", distribution))})
    return {
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Condition": {"StringEquals": {"AWS:SourceArn": source}},
    }


def identity_id(distribution: str) -> str:
    """Of the origin access identity, the older way to show CloudFront a closed bucket."""
    return logical_id("identity", distribution)
