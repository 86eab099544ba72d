"""Kubernetes (EKS): clusters, the nodes of each, who may use them, and how their pods get addresses."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from bongsu.infra.model.base import Block, Cidr, Name, shaped
from bongsu.infra.model.compute import InstanceType
from bongsu.kit.i18n import say

Version = Annotated[str, shaped(r"^1\.\d{2}$", '"1.36"')]
AddonVersion = Annotated[str, shaped(r"^v\d+\.\d+\.\d+-eksbuild\.\d+$", "v1.23.2-eksbuild.1")]
RoleArn = Annotated[
    str,
    shaped(
        r"^arn:aws[a-z-]*:iam::\d{12}:(role|user)/[\w+=,.@/-]+$",
        "arn:aws:iam::123456789012:role/admins",
    ),
]
LogKind = Literal["api", "audit", "authenticator", "controllerManager", "scheduler"]
# What every cluster here has; the first three come before the nodes, the others run on them.
BEFORE_NODES = ("vpc-cni", "kube-proxy", "eks-pod-identity-agent")
ON_NODES = (
    "coredns",
    "metrics-server",
    "aws-secrets-store-csi-driver-provider",
    "amazon-cloudwatch-observability",
)
ADDONS = (*BEFORE_NODES, *ON_NODES)


class ApiEndpoint(Block):
    """Where Kubernetes' own interface is reached: always from the network; `public`: from the internet too.

    `allow`: public addresses that may come over the internet, private ones that may come over a company's line.
    """

    public: bool = False
    allow: tuple[Cidr, ...] = ()


class NodeScale(Block):
    """How many machines at least and at most; the Cluster Autoscaler moves between them."""

    min: Annotated[int, Field(ge=1, le=450)] = 2
    max: Annotated[int, Field(ge=1, le=450)] = 4

    @model_validator(mode="after")
    def _order(self) -> "NodeScale":
        if self.min > self.max:
            raise ValueError(say("min is greater than max."))
        return self


class Nodes(Block):
    """A managed node group. `pods_per_node`: None for as many as its network interfaces take."""

    instance: InstanceType = "m7g.large"
    scale: NodeScale = NodeScale()
    disk_gib: Annotated[int, Field(ge=20, le=16_384)] = 50
    spot: bool = False
    pods_per_node: Annotated[int, Field(ge=8, le=250)] | None = None


class PodAddresses(Block):
    """`prefixes`: sixteen addresses at a time, so that more pods fit on a node. `cidr`: a second range of the
    network, of 100.64.0.0/10, that pods have for themselves; None: they share the subnets of the nodes.
    """

    prefixes: bool = True
    cidr: Cidr | None = None


class Entry(Block):
    """A role of IAM that may use Kubernetes; `namespaces`: only there."""

    role: RoleArn
    may: Literal["view", "edit", "admin", "cluster-admin"]
    namespaces: tuple[Name, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> "Entry":
        if self.may == "cluster-admin" and self.namespaces:
            raise ValueError(say("cluster-admin holds everywhere: leave namespaces out."))
        return self


class Cluster(Block):
    """Kubernetes as EKS runs it. Secrets in it are encrypted by a key of their own."""

    network: Name | None = None
    version: Version
    endpoint: ApiEndpoint = ApiEndpoint()
    nodes: Annotated[dict[Name, Nodes], Field(min_length=1)]
    pods: PodAddresses = PodAddresses()
    addons: dict[str, AddonVersion] = Field(default_factory=dict)
    logs: tuple[LogKind, ...] = ("api", "audit", "authenticator")
    encrypt_secrets: bool = True
    access: dict[Name, Entry] = Field(default_factory=dict)
    delete_protection: bool | None = None  # None: in production

    @model_validator(mode="after")
    def _known_addons(self) -> "Cluster":
        for name in self.addons:
            if name not in ADDONS:
                known = ", ".join(ADDONS)
                raise ValueError(
                    say(
                        "The add-on {name} is not known here; known: {known}.",
                        name=name,
                        known=known,
                    )
                )
        return self
