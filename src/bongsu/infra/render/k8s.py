"""Kubernetes manifests of the services that run on clusters: plain YAML, byte for byte the same for the same plan.

What AWS alone knows is not in them: pods join target groups by name, and learn addresses and secrets from the
stores of AWS when they begin.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bongsu.infra.build.routing import groups_of
from bongsu.infra.build.site import Site
from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.compute import Service
from bongsu.infra.plan.model import Plan
from bongsu.infra.plan.pods import pod_services
from bongsu.infra.render.k8s_network import closed, policy
from bongsu.infra.render.k8s_pods import Built, deployment, labels, name_only
from bongsu.infra.render.k8s_secrets import secrets_of
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say

Document = dict[str, Any]
SHRINKS_AFTER_S = 300


class _Plain(yaml.SafeDumper):
    """As people write it: everything where it belongs, text of several lines as lines."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Plain.add_representer(str, _text)


@dataclass(frozen=True, slots=True)
class Manifest:
    """One file: `apps/api.yaml`."""

    name: str
    documents: tuple[Document, ...]

    @property
    def text(self) -> str:
        return yaml.dump_all(
            self.documents,
            Dumper=_Plain,
            sort_keys=False,
            explicit_start=True,
            allow_unicode=True,
            width=100,
        )


def manifests(plan: Plan, tag: str | None) -> tuple[Manifest, ...]:
    """Of every cluster: its namespace, then a file for each service. `tag`: of the images that were pushed.

    Raises Invalid where there is no cluster, or where nobody said which image a service runs.
    """
    architecture = plan.architecture
    if not architecture.clusters:
        raise Invalid(say("There is no cluster here: manifests are for services that run on one."))
    site = Site(plan, Path())
    return tuple(
        one for cluster in architecture.clusters for one in _of_cluster(site, cluster, tag)
    )


def _of_cluster(site: Site, cluster: str, tag: str | None) -> Iterator[Manifest]:
    architecture = site.architecture
    yield Manifest(f"{cluster}/00-namespace.yaml", tuple(_namespace(architecture, cluster)))
    for name in pod_services(architecture, cluster):
        block = architecture.services[name]
        documents = tuple(_of_service(site, name, block, _image(site, name, block, tag)))
        yield Manifest(f"{cluster}/{name}.yaml", documents)


def _namespace(architecture: Architecture, cluster: str) -> Iterator[Document]:
    """Pods are held to the strict standard, and count as ready only once their load balancer says so."""
    standard = "pod-security.kubernetes.io"
    version = f"v{architecture.clusters[cluster].version}"
    held = {
        f"{standard}/{word}{part}": value
        for word in ("enforce", "warn")
        for part, value in (("", "restricted"), ("-version", version))
    }
    yield {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": architecture.name,
            "labels": held | {"elbv2.k8s.aws/pod-readiness-gate-inject": "enabled"},
        },
    }
    yield closed(architecture.name)


def _image(site: Site, name: str, block: Service, tag: str | None) -> str:
    """By the tag that the file or the pipeline gives; never one that moves."""
    image, architecture = block.image, site.architecture
    if image.uri is not None:
        named = "@" in image.uri or ":" in image.uri.rpartition("/")[2]
        return image.uri if named else f"{image.uri}:{image.tag}"
    chosen = tag if image.tag == "git" else image.tag
    if chosen is None:
        said = say(
            "Which image does {service} run? Say it: --tag, as the pipeline pushed it.",
            service=name,
        )
        raise Invalid(said)
    account = architecture.account_of(architecture.environment)
    if account is None:
        raise Invalid(say("Manifests name the registry of an account: give account in the file."))
    registry = f"{account}.dkr.ecr.{architecture.region}.amazonaws.com"
    return f"{registry}/{site.name(name)}:{chosen}"


def _of_service(site: Site, name: str, block: Service, image: str) -> Iterator[Document]:
    built = Built(site, name, block, image)
    yield {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": built.metadata(),
        "automountServiceAccountToken": False,
    }
    if secrets := secrets_of(site, name, block):
        yield secrets.document(built.metadata())
    yield deployment(built, secrets)
    if block.port:
        yield _service(built, block.port)
    if built.scales:
        yield _scaler(built)
    yield _disruption(built)
    yield policy(site, name)
    yield from _bindings(built, [group.properties for _, group in groups_of(site, name)])


def _service(built: Built, port: int) -> Document:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": built.metadata(),
        "spec": {
            "type": "ClusterIP",
            "selector": name_only(built.name),
            "ports": [{"name": "main", "port": port, "targetPort": "main", "protocol": "TCP"}],
        },
    }


def _scaler(built: Built) -> Document:
    """Quick to grow, slow to shrink."""
    scale = built.block.scale
    used = {"type": "Utilization", "averageUtilization": scale.cpu_percent}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": built.metadata(),
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": built.name},
            "minReplicas": scale.min,
            "maxReplicas": scale.max,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": used}}],
            "behavior": {"scaleDown": {"stabilizationWindowSeconds": SHRINKS_AFTER_S}},
        },
    }


def _disruption(built: Built) -> Document:
    """Nodes are emptied one pod after the other."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": built.metadata(),
        "spec": {
            "maxUnavailable": 1,
            "selector": {"matchLabels": name_only(built.name)},
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
        },
    }


def _bindings(built: Built, groups: Sequence[Document]) -> Iterator[Document]:
    """The load balancer controller puts pods into the target groups that CloudFormation made.

    No `networking`: security groups are those of the plan.
    """
    for group in groups:
        yield {
            "apiVersion": "elbv2.k8s.aws/v1beta1",
            "kind": "TargetGroupBinding",
            "metadata": {
                "name": group["Name"],
                "namespace": built.namespace,
                "labels": labels(built.site.architecture, built.name),
            },
            "spec": {
                "serviceRef": {"name": built.name, "port": "main"},
                "targetGroupName": group["Name"],
                "targetType": "ip",
            },
        }
