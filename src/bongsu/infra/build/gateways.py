"""API Gateway: an HTTP API with its routes, its link into a network, its name, log and limits."""

import hashlib
import json
from typing import Any

from bongsu.infra.build.certificates import certificate
from bongsu.infra.build.records import alias, host_id
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Att, Ref, Sub, logical_id
from bongsu.infra.model.gateways import Gateway
from bongsu.infra.plan.hosts import host_of_load_balancer
from bongsu.infra.plan.parts import inner_load_balancers, link_of

LOG_DAYS = {True: 90, False: 14}  # in production, elsewhere
TLS_POLICY = "TLS_1_2"
STAGE = "$default"  # whose name stands in no path
LONGEST_MS = 30_000  # that an HTTP API waits for an answer
LOGGED = {
    "time": "requestTime",
    "id": "requestId",
    "ip": "identity.sourceIp",
    "method": "httpMethod",
    "path": "path",
    "route": "routeKey",
    "status": "status",
    "bytes": "responseLength",
    "ms": "responseLatency",
    "behind_status": "integrationStatus",
    "behind_ms": "integrationLatency",
    "error": "error.message",
    "behind_error": "integrationErrorMessage",
    "agent": "identity.userAgent",
}


def build(site: Site) -> None:
    for name, block in site.architecture.gateways.items():
        _Gateway(site, name, block).build()


def gateway(name: str) -> Ref:
    return Ref(logical_id("gateway", name))


class _Gateway:
    def __init__(self, site: Site, name: str, block: Gateway) -> None:
        self.site, self.name, self.block = site, name, block
        self.path = ("gateways", name)
        self.me = gateway(name)
        self.inside = inner_load_balancers(site.architecture, name)

    def build(self) -> None:
        self._api()
        link = self._link() if self.inside else None
        for function in self.block.functions():
            self._function(function)
        for balancer in self.block.load_balancers():
            self._load_balancer(balancer, link)
        self._routes()
        stage = self._stage()
        if self.block.hosts:
            self._names(stage)

    def add(self, id: str, type: str, values: dict[str, Any]) -> Ref:  # noqa: A002
        return self.site.add("app", id, type, self.path, values)

    def _api(self) -> None:
        values = {
            "Name": self.site.name(self.name),
            "ProtocolType": "HTTP",
            "CorsConfiguration": self._cors(),
            "DisableExecuteApiEndpoint": bool(self.block.hosts),
            "Tags": self.site.tag_map(self.name),
        }
        self.add(self.me.id, "AWS::ApiGatewayV2::Api", values)

    def _cors(self) -> dict[str, Any] | None:
        if self.block.cors is None:
            return None
        cors = self.block.cors
        values = {
            "AllowOrigins": list(cors.origins),
            "AllowMethods": list(cors.methods),
            "AllowHeaders": list(cors.headers),
            "ExposeHeaders": list(cors.expose) or None,
            "AllowCredentials": cors.credentials,
            "MaxAge": cors.max_age_s,
        }
        return {key: value for key, value in values.items() if value is not None}

    def _link(self) -> Ref:
        part = self.site.plan.parts[link_of(self.name)]
        values = {
            "Name": self.site.name(part.name),
            "SubnetIds": self.site.part_subnets(part),
            "SecurityGroupIds": [self.site.group(part.name)],
            "Tags": self.site.tag_map(part.name),
        }
        return self.add(logical_id("vpc-link", self.name), "AWS::ApiGatewayV2::VpcLink", values)

    # --- where requests go

    def _integration(self, target: str, values: dict[str, Any]) -> None:
        given = {"ApiId": self.me, "TimeoutInMillis": LONGEST_MS, **values}
        self.add(self._way(target), "AWS::ApiGatewayV2::Integration", given)

    def _way(self, target: str) -> str:
        return logical_id("way", self.name, "to", target)

    def _function(self, name: str) -> None:
        function = Ref(logical_id("function", name))
        uri = Att(function.id, "Arn")
        values = {"IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0"}
        self._integration(name, {**values, "IntegrationUri": uri})
        arn = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*"
        allowed = {
            "FunctionName": function,
            "Action": "lambda:InvokeFunction",
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": Sub(arn, {"Api": self.me}),
        }
        self.add(logical_id("may-ask", self.name, name), "AWS::Lambda::Permission", allowed)

    def _load_balancer(self, name: str, link: Ref | None) -> None:
        """An inner one by its listener and the link; a public one as anybody asks it."""
        block = self.site.architecture.load_balancers[name]
        host = host_of_load_balancer(self.site.architecture, name)
        values: dict[str, Any] = {
            "IntegrationType": "HTTP_PROXY",
            "IntegrationMethod": "ANY",
            "PayloadFormatVersion": "1.0",
        }
        if name not in self.inside:
            path = {"overwrite:path": "$request.path"}
            public = {"IntegrationUri": f"https://{host}", "RequestParameters": path}
            self._integration(name, values | public)
            return
        word = "secure" if block.tls else "plain"
        values |= {
            "ConnectionType": "VPC_LINK",
            "ConnectionId": link,
            "IntegrationUri": Ref(logical_id("listener", name, word)),
        }
        tls = {"TlsConfig": {"ServerNameToVerify": host}} if block.tls else {}
        self._integration(name, values | tls)

    def _routes(self) -> None:
        for route in self.block.routes:
            target = str(route.function or route.load_balancer)
            way = Sub("integrations/${Way}", {"Way": Ref(self._way(target))})
            for key in route.keys:
                values = {"ApiId": self.me, "RouteKey": key, "Target": way}
                id = logical_id("gate", self.name, route_words(key))  # noqa: A001
                self.add(id, "AWS::ApiGatewayV2::Route", values)

    # --- limits, log, name

    def _stage(self) -> Ref:
        limits = self.block.throttle
        values = {
            "ApiId": self.me,
            "StageName": STAGE,
            "AutoDeploy": True,
            "AccessLogSettings": self._log() if self.block.access_logs else None,
            "DefaultRouteSettings": {
                "DetailedMetricsEnabled": True,
                "ThrottlingRateLimit": limits.rate,
                "ThrottlingBurstLimit": limits.burst,
            },
            "Tags": self.site.tag_map(self.name),
        }
        return self.add(logical_id("stage", self.name), "AWS::ApiGatewayV2::Stage", values)

    def _log(self) -> dict[str, Any]:
        """One line of JSON for each request. Names under /aws/vendedlogs need no policy of their own."""
        values = {
            "LogGroupName": f"/aws/vendedlogs/{self.site.architecture.stem}/gateways/{self.name}",
            "RetentionInDays": LOG_DAYS[self.site.architecture.production],
            "Tags": self.site.tags(self.name),
        }
        made = self.add(logical_id("log-group", self.name), "AWS::Logs::LogGroup", values)
        line = {key: f"$context.{name}" for key, name in LOGGED.items()}
        return {"DestinationArn": Att(made.id, "Arn"), "Format": json.dumps(line)}

    def _names(self, stage: Ref) -> None:
        hosts = self.block.hosts
        if not hosts:
            return
        config = {
            "CertificateArn": certificate(self.site, "app", self.name, self.path, hosts),
            "EndpointType": "REGIONAL",
            "SecurityPolicy": TLS_POLICY,
        }
        for host in hosts:
            self._name(host, config, stage)

    def _name(self, host: str, config: dict[str, Any], stage: Ref) -> None:
        values = {
            "DomainName": host,
            "DomainNameConfigurations": [config],
            "Tags": self.site.tag_map(self.name),
        }
        made = self.add(host_id("front", host), "AWS::ApiGatewayV2::DomainName", values)
        mapping = {"ApiId": self.me, "DomainName": made, "Stage": stage}
        self.add(host_id("mapping", host), "AWS::ApiGatewayV2::ApiMapping", mapping)
        name, place = Att(made.id, "RegionalDomainName"), Att(made.id, "RegionalHostedZoneId")
        alias(self.site, "app", host, self.path, name, place)


def route_words(key: str) -> str:
    """`ANY /api/{proxy+}` → `any-api-all-5f1c9a`: `/a/b` and `/a-b` are two, whatever stands beside them."""
    words = key.replace("{proxy+}", "all").replace("$", "").replace("{", "by-").replace("}", "")
    plain = "".join(one if one.isalnum() else "-" for one in words)
    mark = hashlib.sha256(key.encode()).hexdigest()[:6]
    return "-".join((*(word for word in plain.split("-") if word), mark))
