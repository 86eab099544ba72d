"""CloudFront: what is done with each path, the certificate, the firewall and the names before it."""

from typing import Any

from bongsu.document import Path
from bongsu.infra.build.certificates import certificate
from bongsu.infra.build.firewall import web_acl
from bongsu.infra.build.origins import Origins, group_name, identity_id, origin_groups
from bongsu.infra.build.records import alias
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Att, Ref, Sub, logical_id
from bongsu.infra.model.traffic import Behaviour, Distribution
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say

DISTRIBUTION_ARN = (
    "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Distribution}"
)
IDENTITY_ARN = "arn:${AWS::Partition}:iam::cloudfront:user/CloudFront Origin Access Identity ${Who}"
ALIAS_ZONE = "Z2FDTNDATAQYW2"  # of every distribution in the world
# Policies that AWS manages, the same in every account.
CACHE_AS_IS = "658327ea-f89d-4fab-a63d-7e88639e58f6"  # CachingOptimized: the path is the key
CACHE_NEVER = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # CachingDisabled
SEND_ALL_BUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"  # AllViewerExceptHostHeader
SAFE_HEADERS = "67f7725c-6f97-4210-82d7-5512b31e9d03"  # SecurityHeadersPolicy
PRICE_CLASS = {"100": "PriceClass_100", "200": "PriceClass_200", "all": "PriceClass_All"}
METHODS = {
    "read": ["GET", "HEAD", "OPTIONS"],
    "all": ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"],
}
YEAR_S = 31_536_000


def build(site: Site) -> None:
    for name, distribution in site.architecture.distributions.items():
        _Distribution(site, name, distribution).build()


def distribution_id(name: str) -> str:
    return logical_id("distribution", name)


def distribution_arn(name: str) -> Sub:
    return Sub(DISTRIBUTION_ARN, {"Distribution": Ref(distribution_id(name))})


class _Distribution:
    def __init__(self, site: Site, name: str, distribution: Distribution) -> None:
        self.site, self.name, self.block = site, name, distribution
        self.path: Path = ("distributions", name)

    def build(self) -> None:
        values = {"DistributionConfig": self._config(), "Tags": self.site.tags(self.name)}
        made = self.add(distribution_id(self.name), "AWS::CloudFront::Distribution", values)
        for host in self.block.aliases:
            alias(self.site, "edge", host, self.path, Att(made.id, "DomainName"), ALIAS_ZONE)
        if self.block.shield == "advanced":
            self._shield()

    def add(self, id: str, type: str, values: dict[str, Any]) -> Ref:  # noqa: A002
        return self.site.add("edge", id, type, self.path, values)

    def _config(self) -> dict[str, Any]:
        config: dict[str, Any] = {
            "Comment": self.site.name(self.name),
            "Enabled": True,
            "HttpVersion": "http2and3",
            "IPV6Enabled": True,
            "PriceClass": PRICE_CLASS[self.block.spread],
            "Origins": Origins(self.site, self.name, self.block).values(),
            "OriginGroups": origin_groups(self.block),
            "DefaultCacheBehavior": self._behaviour(self.block.default),
            "CacheBehaviors": [
                {"PathPattern": path, **self._behaviour(one)}
                for path, one in self.block.paths.items()
            ]
            or None,
            "DefaultRootObject": self._root(),
            "WebACLId": self._firewall(),
            **self._names(),
        }
        return {key: value for key, value in config.items() if value is not None}

    def _root(self) -> str | None:
        """Only a bucket needs to be told what `/` is."""
        return self.block.root if self.block.origins[self.block.default.origin].bucket else None

    def _firewall(self) -> Att | None:
        if not self.block.waf:
            return None
        made = web_acl(self.site, "edge", self.name, "CLOUDFRONT", self.path)
        return Att(made.id, "Arn")

    def _names(self) -> dict[str, Any]:
        """Without a name of its own CloudFront's certificate serves, and its own choice of TLS versions."""
        if not self.block.aliases:
            return {"ViewerCertificate": {"CloudFrontDefaultCertificate": True}}
        names = self.block.aliases
        shown = {
            "AcmCertificateArn": certificate(self.site, "edge", self.name, self.path, names),
            "MinimumProtocolVersion": self.block.tls,
            "SslSupportMethod": "sni-only",
        }
        return {"Aliases": list(names), "ViewerCertificate": shown}

    # --- behaviours

    def _behaviour(self, behaviour: Behaviour) -> dict[str, Any]:
        """Raises Invalid for what CloudFront refuses: writes on a path that has a second origin."""
        if behaviour.failover and behaviour.methods == "all":
            raise Invalid(
                say(
                    "{name} has a path with failover and methods: all; CloudFront takes only one of them.",
                    name=self.name,
                )
            )
        ours = self.block.origins[behaviour.origin].bucket is not None
        made = {
            "TargetOriginId": group_name(behaviour),
            "ViewerProtocolPolicy": "redirect-to-https",
            "AllowedMethods": METHODS[behaviour.methods],
            "Compress": True,
            "CachePolicyId": self._cache(behaviour, ours=ours),
            "ResponseHeadersPolicyId": SAFE_HEADERS,
        }
        return made if ours else {**made, "OriginRequestPolicyId": SEND_ALL_BUT_HOST}

    def _cache(self, behaviour: Behaviour, *, ours: bool) -> Att | str:
        if not behaviour.cache:
            return CACHE_NEVER
        return CACHE_AS_IS if ours else Att(self._as_told().id, "Id")

    def _as_told(self) -> Ref:
        """For programs: kept only as long as the origin says. The managed policy of this kind sends the
        viewer's Host, which a load balancer that routes by its own hosts does not know."""
        made = logical_id("cache", self.name)
        if made in self.site.graph.resources:
            return Ref(made)
        everything = {
            "EnableAcceptEncodingBrotli": True,
            "EnableAcceptEncodingGzip": True,
            "CookiesConfig": {"CookieBehavior": "all"},
            "HeadersConfig": {
                "HeaderBehavior": "whitelist",
                "Headers": ["Authorization", "Origin"],
            },
            "QueryStringsConfig": {"QueryStringBehavior": "all"},
        }
        config = {
            "Name": self.site.name(self.name, "as-told"),
            "MinTTL": 0,
            "DefaultTTL": 0,
            "MaxTTL": YEAR_S,
            "ParametersInCacheKeyAndForwardedToOrigin": everything,
        }
        return self.add(made, "AWS::CloudFront::CachePolicy", {"CachePolicyConfig": config})

    def _shield(self) -> None:
        """The account's own subscription (by the year, its price in the cost report) must exist before."""
        answer = {"Status": "ENABLED", "Action": {"Block": {}}} if self.block.waf else None
        values = {
            "Name": self.site.name(self.name),
            "ResourceArn": distribution_arn(self.name),
            "ApplicationLayerAutomaticResponseConfiguration": answer,
            "Tags": self.site.tags(self.name),
        }
        kept = {key: value for key, value in values.items() if value is not None}
        self.add(logical_id("shield", self.name), "AWS::Shield::Protection", kept)


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
    return {
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Condition": {"StringEquals": {"AWS:SourceArn": distribution_arn(distribution)}},
    }
