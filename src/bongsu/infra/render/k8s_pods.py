"""Deployments: updates without a gap, probes, a quiet end, spread over zones, no right that is not needed."""

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from bongsu.infra.build.pods import addressed
from bongsu.infra.build.scaling import is_scaled
from bongsu.infra.build.site import Site
from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.compute import Service

if TYPE_CHECKING:
    from bongsu.infra.render.k8s_secrets import Secrets

NAME = "app.kubernetes.io/name"
PROCESSORS = {"arm": "arm64", "x86": "amd64"}
USER = 10_001  # no user of the node, none of any image
ENDS_S = 30  # for the program itself, once nobody sends to it any more
SETTLES_S = 5  # until every load balancer knows
PROBE_S, PROBE_TIMEOUT_S = 5, 5
ALIVE_FAILURES = 6  # slow is not dead: what is restarted under load makes more load
STARTS_AT_LEAST_S = 60
HISTORY, STUCK_S = 10, 600
WRITABLE = "/tmp"  # noqa: S108  a directory of the pod alone


@dataclass(frozen=True, slots=True)
class Built:
    """One service on its way to a manifest."""

    site: Site
    name: str
    block: Service
    image: str

    @property
    def namespace(self) -> str:
        return self.site.architecture.name

    @property
    def scales(self) -> bool:
        return is_scaled(self.block.scale)

    def metadata(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "namespace": self.namespace,
            "labels": labels(self.site.architecture, self.name),
        }


def name_only(service: str) -> dict[str, str]:
    """What selects its pods; never changed, as a Deployment's selector cannot be."""
    return {NAME: service}


def labels(architecture: Architecture, service: str) -> dict[str, str]:
    return name_only(service) | {
        "app.kubernetes.io/part-of": architecture.name,
        "app.kubernetes.io/managed-by": "bongsu",
        "bongsu/environment": architecture.environment,
    }


def deployment(built: Built, secrets: "Secrets | None") -> dict[str, Any]:
    """The number of pods is left to the scaler where there is one: applying this again must not undo its work."""
    spec = {
        "replicas": None if built.scales else built.block.scale.min,
        "revisionHistoryLimit": HISTORY,
        "progressDeadlineSeconds": STUCK_S,
        "strategy": {
            "type": "RollingUpdate",
            "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1},
        },
        "selector": {"matchLabels": name_only(built.name)},
        "template": {
            "metadata": {"labels": labels(built.site.architecture, built.name)},
            "spec": _pod(built, secrets),
        },
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": built.metadata(),
        "spec": _present(spec),
    }


def _pod(built: Built, secrets: "Secrets | None") -> dict[str, Any]:
    volumes = [{"name": "tmp", "emptyDir": {}}, *([secrets.volume()] if secrets else [])]
    return {
        "serviceAccountName": built.name,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": quiet_s(built.block) + ENDS_S,
        "nodeSelector": {"kubernetes.io/arch": PROCESSORS[built.block.architecture]},
        "topologySpreadConstraints": [
            _spread(built.name, "topology.kubernetes.io/zone", "DoNotSchedule"),
            _spread(built.name, "kubernetes.io/hostname", "ScheduleAnyway"),
        ],
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(built, secrets)],
        "volumes": volumes,
    }


def quiet_s(block: Service) -> int:
    """How long a pod that ends still answers: until no load balancer sends to it any more."""
    return max((route.deregistration_s for route in block.routes), default=0) + SETTLES_S


def _spread(name: str, key: str, otherwise: str) -> dict[str, Any]:
    """Zones whose nodes are gone do not count, so that the others may carry more."""
    return {
        "maxSkew": 1,
        "topologyKey": key,
        "whenUnsatisfiable": otherwise,
        "nodeTaintsPolicy": "Honor",
        "labelSelector": {"matchLabels": name_only(name)},
        "matchLabelKeys": ["pod-template-hash"],
    }


def _container(built: Built, secrets: "Secrets | None") -> dict[str, Any]:
    block = built.block
    ports = (
        [{"name": "main", "containerPort": block.port, "protocol": "TCP"}] if block.port else None
    )
    mounts = [{"name": "tmp", "mountPath": WRITABLE}, *([secrets.mount()] if secrets else [])]
    memory = f"{block.memory_mib}Mi"
    return _present(
        {
            "name": built.name,
            "image": built.image,
            "imagePullPolicy": "IfNotPresent",
            "args": list(block.command) or None,
            "ports": ports,
            "env": [*_environment(built), *(secrets.environment() if secrets else [])],
            # No limit of processor time: it would slow down a pod beside an idle node.
            "resources": {
                "requests": {"cpu": f"{block.cpu * 1000 // 1024}m", "memory": memory},
                "limits": {"memory": memory},
            },
            **_probes(block),
            "lifecycle": {"preStop": {"sleep": {"seconds": quiet_s(block)}}},
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            },
            "volumeMounts": mounts,
        }
    )


def _environment(built: Built) -> list[dict[str, str]]:
    """Nodes tell pods nothing of themselves: the region is said here. Addresses come with the secrets."""
    later = addressed(built.block)
    said = {"AWS_REGION": built.site.architecture.region} | built.block.environment
    return [{"name": key, "value": text} for key, text in said.items() if key not in later]


def _probes(block: Service) -> dict[str, Any]:
    """Until it has begun, only the first is asked; the second decides on requests, the third on its life."""
    if block.port is None:
        return {}
    health = block.health
    port = health.port or block.port
    asked: dict[str, Any] = {"tcpSocket": {"port": port}}
    if health.path:
        asked = {"httpGet": {"path": health.path, "port": port}}
    each = {"periodSeconds": PROBE_S, "timeoutSeconds": PROBE_TIMEOUT_S}
    begins = ceil(max(health.grace_s, STARTS_AT_LEAST_S) / PROBE_S)
    return {
        "startupProbe": asked | each | {"failureThreshold": begins},
        "readinessProbe": asked | each | {"failureThreshold": health.unhealthy_after},
        "livenessProbe": asked
        | each
        | {"periodSeconds": health.interval_s, "failureThreshold": ALIVE_FAILURES},
    }


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
