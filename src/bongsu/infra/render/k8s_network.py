"""Network policies: nobody reaches a pod, and a pod reaches nobody, unless the plan has a link for it."""

from collections.abc import Iterable, Iterator
from typing import Any

from bongsu.infra.build.site import Site
from bongsu.infra.model.architecture import REGIONAL
from bongsu.infra.plan.model import INTERNET, NetworkPlan, Part
from bongsu.infra.plan.pods import pod_services
from bongsu.infra.render.k8s_pods import labels, name_only

EVERYWHERE = "0.0.0.0/0"
METADATA = "169.254.169.254/32"  # of the node: its role is not the pods'
IDENTITY = {"cidr": "169.254.170.23/32", "port": 80}  # the agent that gives a pod its role
HTTPS, DNS = 443, 53


def closed(namespace: str) -> dict[str, Any]:
    """What has no policy of its own is cut off."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "closed", "namespace": namespace},
        "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
    }


def policy(site: Site, name: str) -> dict[str, Any]:
    architecture = site.architecture
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {
            "name": name,
            "namespace": architecture.name,
            "labels": labels(architecture, name),
        },
        "spec": {
            "podSelector": {"matchLabels": name_only(name)},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": list(_ingress(site, name)),
            "egress": list(_egress(site, name)),
        },
    }


def _ingress(site: Site, name: str) -> Iterator[dict[str, Any]]:
    """From openings of the plan: what security groups admit, by the addresses of who it is."""
    seen = []
    for opening in site.plan.openings_of(name):
        peers = _peers(site, name, str(opening.source))
        port: dict[str, Any] = {"protocol": "TCP", "port": opening.first}
        if opening.last != opening.first:
            port["endPort"] = opening.last
        rule = {"from": peers, "ports": [port]}
        if peers and rule not in seen:
            seen.append(rule)
            yield rule


def _egress(site: Site, name: str) -> Iterator[dict[str, Any]]:
    yield _names()
    yield {
        "to": [{"ipBlock": {"cidr": IDENTITY["cidr"]}}],
        "ports": [{"protocol": "TCP", "port": IDENTITY["port"]}],
    }
    for link in site.plan.links_from(name):
        target = site.plan.parts[link.target]
        if target.section not in REGIONAL:
            peers = _peers(site, name, target.name)
            yield {"to": peers, "ports": [{"protocol": "TCP", "port": link.port}]}
    yield from _aws(site, name)
    if site.architecture.services[name].internet:
        yield {"to": [_block(EVERYWHERE, METADATA)]}


def _names() -> dict[str, Any]:
    namespace = {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}
    servers = {"matchLabels": {"k8s-app": "kube-dns"}}
    ports = [{"protocol": protocol, "port": DNS} for protocol in ("UDP", "TCP")]
    return {"to": [{"namespaceSelector": namespace, "podSelector": servers}], "ports": ports}


def _aws(site: Site, name: str) -> Iterator[dict[str, Any]]:
    """Services of AWS that it uses itself: by their interfaces here, else wherever AWS keeps them today."""
    part = site.plan.parts[name]
    network = site.plan.networks[str(part.network)]
    own = [one for one in site.plan.reaches if one.part == name and "uses" in one.path]
    called = {one.service for one in own} - {INTERNET}
    inside = {one.service for one in network.endpoints if not one.gateway}
    blocks = [EVERYWHERE] if called - inside else _ranges(_interfaces(network)) if called else []
    if blocks:
        to = [_block(one, METADATA if one == EVERYWHERE else None) for one in blocks]
        yield {"to": to, "ports": [{"protocol": "TCP", "port": HTTPS}]}


def _interfaces(network: NetworkPlan) -> list[Any]:
    tier = "endpoints" if network.block.endpoint_subnets else "app"
    return [one.cidr for one in network.tier(tier)]


def _peers(site: Site, name: str, other: str) -> list[dict[str, Any]]:
    """Pods of the same cluster by their name, everything else by its subnets."""
    services = site.architecture.services
    if other not in site.plan.parts:
        return [_block(other)]
    if other in pod_services(site.architecture, services[name].runs_on):
        return [{"podSelector": {"matchLabels": name_only(other)}}]
    return [_block(one) for one in _ranges(_subnets(site, site.plan.parts[other]))]


def _subnets(site: Site, part: Part) -> list[Any]:
    network = site.plan.networks[str(part.network)]
    return [one.cidr for one in network.tier(str(part.tier)) if one.zone in part.zones]


def _ranges(cidrs: Iterable[Any]) -> list[str]:
    return [str(one) for one in cidrs]


def _block(cidr: str, without: str | None = None) -> dict[str, Any]:
    return {"ipBlock": {"cidr": cidr} | ({"except": [without]} if without else {})}
