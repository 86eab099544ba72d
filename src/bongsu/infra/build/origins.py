"""Where a distribution fetches: closed buckets, load balancers by their own name, other hosts."""

from typing import Any

from bongsu.document import Path
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Att, Ref, Sub, logical_id
from bongsu.infra.model.traffic import Behaviour, Distribution, Origin
from bongsu.infra.plan.hosts import host_of_gateway, host_of_load_balancer

FAILED = (500, 502, 503, 504)  # answers of an origin after which the other one is asked
NAME_LENGTH = 64  # of an origin access control


def group_name(behaviour: Behaviour) -> str:
    """What a behaviour points at: an origin, or the pair of it and the one that stands in for it."""
    if behaviour.failover is None:
        return behaviour.origin
    return f"{behaviour.origin}-or-{behaviour.failover}"


def origin_groups(distribution: Distribution) -> dict[str, Any] | None:
    pairs = {
        group_name(behaviour): (behaviour.origin, behaviour.failover)
        for behaviour in (distribution.default, *distribution.paths.values())
        if behaviour.failover
    }
    if not pairs:
        return None
    return {"Quantity": len(pairs), "Items": [_group(*pair) for pair in pairs.items()]}


def _group(name: str, pair: tuple[str, str | None]) -> dict[str, Any]:
    return {
        "Id": name,
        "FailoverCriteria": {"StatusCodes": {"Quantity": len(FAILED), "Items": list(FAILED)}},
        "Members": {"Quantity": 2, "Items": [{"OriginId": one} for one in pair]},
    }


class Origins:
    """Those of one distribution."""

    def __init__(self, site: Site, name: str, distribution: Distribution) -> None:
        self.site, self.name, self.distribution = site, name, distribution
        self.path: Path = ("distributions", name)

    def values(self) -> list[dict[str, Any]]:
        return [self._origin(key, origin) for key, origin in self.distribution.origins.items()]

    def _origin(self, key: str, origin: Origin) -> dict[str, Any]:
        if origin.bucket:
            return self._bucket(key, origin, origin.bucket)
        host = origin.host
        if origin.load_balancer:
            host = host_of_load_balancer(self.site.architecture, origin.load_balancer)
        if origin.gateway:
            host = host_of_gateway(self.site.architecture, origin.gateway)
        tls = {"OriginProtocolPolicy": "https-only", "OriginSSLProtocols": ["TLSv1.2"]}
        return {"Id": key, "DomainName": host, "CustomOriginConfig": tls}

    def _bucket(self, key: str, origin: Origin, bucket: str) -> dict[str, Any]:
        """By its regional name: it need not exist yet, for this stack comes before the bucket's."""
        architecture = self.site.architecture
        region = architecture.buckets[bucket].region or architecture.region
        host = f"{self.site.name(bucket)}-${{AWS::AccountId}}.s3.{region}.${{AWS::URLSuffix}}"
        made: dict[str, Any] = {"Id": key, "DomainName": Sub(host), "S3OriginConfig": {}}
        match origin.access_control:
            case "oac":
                made["OriginAccessControlId"] = Att(self._control(key).id, "Id")
                made["S3OriginConfig"] = {"OriginAccessIdentity": ""}
            case "oai":
                who = Sub("origin-access-identity/cloudfront/${Who}", {"Who": self._identity()})
                made["S3OriginConfig"] = {"OriginAccessIdentity": who}
        return made

    def _control(self, key: str) -> Ref:
        config = {
            "Name": self.site.name(self.name, key)[-NAME_LENGTH:].lstrip("-"),
            "OriginAccessControlOriginType": "s3",
            "SigningBehavior": "always",
            "SigningProtocol": "sigv4",
        }
        id = logical_id("access", self.name, key)  # noqa: A001
        values = {"OriginAccessControlConfig": config}
        return self.site.add("edge", id, "AWS::CloudFront::OriginAccessControl", self.path, values)

    def _identity(self) -> Ref:
        """One for the whole distribution."""
        made = identity_id(self.name)
        if made in self.site.graph.resources:
            return Ref(made)
        config = {"CloudFrontOriginAccessIdentityConfig": {"Comment": self.site.name(self.name)}}
        kind = "AWS::CloudFront::CloudFrontOriginAccessIdentity"
        return self.site.add("edge", made, kind, self.path, config)


def identity_id(distribution: str) -> str:
    """Of the origin access identity, the older way to show CloudFront a closed bucket."""
    return logical_id("identity", distribution)
