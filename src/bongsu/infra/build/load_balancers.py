"""Load balancers: listeners, certificates, logs, firewall, the names that point here. Rules: see `routing`."""

from typing import Any

from bongsu.infra.build.addresses import load_balancer
from bongsu.infra.build.buckets import log_bucket
from bongsu.infra.build.certificates import certificate
from bongsu.infra.build.firewall import Counted, web_acl
from bongsu.infra.build.records import alias
from bongsu.infra.build.routing import Placed, default_actions, routing_of
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Att, Ref, logical_id
from bongsu.infra.model.traffic import LoadBalancer
from bongsu.infra.plan.flows import fronted_by
from bongsu.infra.plan.hosts import hosts_of_load_balancer
from bongsu.infra.plan.model import CLOUDFRONT

# TLS 1.3 and 1.2 with forward secrecy: what AWS recommends and its console preselects.
TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"


def build(site: Site) -> None:
    for name, block in site.architecture.load_balancers.items():
        _Balancer(site, name, block).build()


class _Balancer:
    def __init__(self, site: Site, name: str, block: LoadBalancer) -> None:
        self.site, self.name, self.block = site, name, block
        self.path = ("load_balancers", name)
        self.me = load_balancer(name)
        self.application = block.kind == "application"
        self.hosts = hosts_of_load_balancer(site.architecture, name)
        self.routing = routing_of(site, name)

    def build(self) -> None:
        self._balancer()
        for group in self.routing.groups:
            self.add(group.id, "AWS::ElasticLoadBalancingV2::TargetGroup", group.properties)
        entry = self._listeners()
        for placed in self.routing.rules:
            self._rule(entry, placed)
        if self.block.waf:
            self._firewall()
        self._names()

    def add(self, id: str, type: str, properties: dict[str, Any], **more: Any) -> Ref:  # noqa: A002
        return self.site.add("app", id, type, self.path, properties, **more)

    def _balancer(self) -> None:
        part = self.site.plan.parts[self.name]
        values = {
            "Type": self.block.kind,
            "Scheme": "internet-facing" if self.block.public else "internal",
            "Subnets": self.site.part_subnets(part),
            "SecurityGroups": [self.site.group(self.name)],
            "LoadBalancerAttributes": [
                {"Key": key, "Value": value} for key, value in self._attributes().items()
            ],
            "Tags": self.site.tags(self.name),
        }
        self.add(self.me.id, "AWS::ElasticLoadBalancingV2::LoadBalancer", values)

    def _attributes(self) -> dict[str, Any]:
        protected = self.block.delete_protection
        if protected is None:
            protected = self.site.architecture.production
        attributes: dict[str, Any] = {"deletion_protection.enabled": _yes(protected)}
        if self.application:
            attributes["idle_timeout.timeout_seconds"] = str(self.block.idle_timeout_s)
            attributes["routing.http.drop_invalid_header_fields.enabled"] = "true"
        else:
            attributes["load_balancing.cross_zone.enabled"] = "true"
        return attributes | self._logs()

    def _logs(self) -> dict[str, Any]:
        if not self.block.logged:
            return {"access_logs.s3.enabled": "false"}
        return {
            "access_logs.s3.enabled": "true",
            "access_logs.s3.bucket": log_bucket(),
            "access_logs.s3.prefix": self.name,
        }

    # --- listeners

    def _listeners(self) -> Ref:
        """The one that serves; over TLS a second one that sends plain requests there."""
        if not self.block.tls:
            return self._listener("plain", 80, self._default(), self._protocol("HTTP", "TCP"))
        if self.application:
            self._listener("plain", 80, [_redirect()], "HTTP")
        proved = certificate(self.site, "app", self.name, self.path, self.hosts)
        secure = {"SslPolicy": TLS_POLICY, "Certificates": [{"CertificateArn": proved}]}
        protocol = self._protocol("HTTPS", "TLS")
        return self._listener("secure", 443, self._default(), protocol, secure)

    def _protocol(self, application: str, network: str) -> str:
        return application if self.application else network

    def _default(self) -> list[dict[str, Any]]:
        return default_actions(self.routing)

    def _listener(
        self,
        word: str,
        port: int,
        actions: list[dict[str, Any]],
        protocol: str,
        more: dict[str, Any] | None = None,
    ) -> Ref:
        values = {
            "LoadBalancerArn": self.me,
            "Port": port,
            "Protocol": protocol,
            "DefaultActions": actions,
            **(more or {}),
        }
        id = logical_id("listener", self.name, word)  # noqa: A001
        return self.add(id, "AWS::ElasticLoadBalancingV2::Listener", values)

    def _rule(self, listener: Ref, placed: Placed) -> None:
        values = {
            "ListenerArn": listener,
            "Priority": placed.priority,
            "Conditions": placed.conditions,
            "Actions": [{"Type": "forward", "TargetGroupArn": placed.group}],
        }
        id = logical_id("rule", self.name, *placed.words)  # noqa: A001
        self.add(id, "AWS::ElasticLoadBalancingV2::ListenerRule", values)

    # --- firewall, names

    def _firewall(self) -> None:
        acl = web_acl(self.site, "app", self.name, "REGIONAL", self.path, self._counted())
        values = {"ResourceArn": self.me, "WebACLArn": Att(acl.id, "Arn")}
        id = logical_id("guarded", self.name)  # noqa: A001
        self.add(id, "AWS::WAFv2::WebACLAssociation", values)

    def _counted(self) -> Counted:
        openings = self.site.plan.openings_of(self.name)
        if not openings or any(one.source != CLOUDFRONT for one in openings):
            return "address"
        known = self.site.architecture
        fronts = fronted_by(known).get(self.name, ())
        return "before" if all(known.distributions[one].waf for one in fronts) else "forwarded"

    def _names(self) -> None:
        """All but those that a distribution answers to: it stands before this one."""
        taken = {
            host
            for distribution in self.site.architecture.distributions.values()
            for host in distribution.aliases
        }
        name, place = Att(self.me.id, "DNSName"), Att(self.me.id, "CanonicalHostedZoneID")
        for host in self.hosts:
            if host not in taken:
                alias(self.site, "app", host, self.path, name, place)


def _yes(wanted: bool) -> str:
    return "true" if wanted else "false"


def _redirect() -> dict[str, Any]:
    """To the same address over TLS; the rest of it stays as it was asked for."""
    to = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    return {"Type": "redirect", "RedirectConfig": to}
