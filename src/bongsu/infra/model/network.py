"""Networks, their ways out, and how they are joined."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from bongsu.infra.model.base import Block, Cidr, Layer, Name, shaped
from bongsu.kit.i18n import say

GATEWAY_ENDPOINTS = ("s3", "dynamodb")
INTERFACE_ENDPOINTS = (
    "ecr.api", "ecr.dkr", "logs", "monitoring", "secretsmanager", "ssm", "ssmmessages", "ec2messages",
    "ecs", "ecs-agent", "ecs-telemetry", "sqs", "sns", "events", "kms", "sts", "email-smtp", "execute-api",
    "elasticfilesystem", "kinesis-streams", "eks", "eks-auth", "ec2", "autoscaling", "elasticloadbalancing",
)  # fmt: skip
Letter = Annotated[str, shaped("^[a-f]$", "a")]
Letters = Annotated[tuple[Letter, ...], Field(min_length=1)]
Nat = Literal["per-az", "regional", "single", "instance", "none"]


class Growth(Block):
    """What is kept free: `factor` on every need; `copies` of the app tier side by side (blue/green).

    `clusters`: so many of Kubernetes side by side, nodes, pods and control plane: it is upgraded by a second one.
    """

    factor: Annotated[float, Field(ge=1, le=10)] = 1.5
    copies: Annotated[int, Field(ge=1, le=4)] = 1
    clusters: Annotated[int, Field(ge=1, le=4)] = 1


class Network(Block):
    """A VPC. The plan chooses ranges that are not given; none moves once it is in the lock file."""

    cidr: Cidr | None = None
    zones: Annotated[int, Field(ge=1, le=6)] = 2
    letters: Letters | None = None  # of the zones, where the account lacks one of the first
    nat: Nat = "per-az"
    avoid: tuple[Cidr, ...] = ()
    endpoints: tuple[str, ...] | None = None  # None: those that the services need
    prefixes: dict[Layer, Annotated[int, Field(ge=8, le=32)]] = Field(default_factory=dict)
    endpoint_subnets: bool = True  # interface endpoints in subnets of their own
    growth: Growth = Growth()
    flow_logs: bool = True

    @model_validator(mode="after")
    def _known_endpoints(self) -> "Network":
        for name in self.endpoints or ():
            if name not in (*GATEWAY_ENDPOINTS, *INTERFACE_ENDPOINTS):
                known = ", ".join((*GATEWAY_ENDPOINTS, *INTERFACE_ENDPOINTS))
                raise ValueError(
                    say(
                        "The endpoint {name} is not supported; known: {known}.",
                        name=name,
                        known=known,
                    )
                )
        return self


class OnPremises(Block):
    """The company's own network, at the far end of a tunnel or a leased line."""

    cidrs: Annotated[tuple[Cidr, ...], Field(min_length=1)]
    by: Literal["vpn", "direct-connect"] = "vpn"
    gateway_ip: str | None = None
    asn: Annotated[int, Field(ge=1, le=4_294_967_294)] = 65_000
    connection: str | None = None  # of Direct Connect: the gateway that a carrier's line ends at

    @model_validator(mode="after")
    def _far_end(self) -> "OnPremises":
        if self.by == "vpn" and not self.gateway_ip:
            raise ValueError(say("A VPN needs gateway_ip, the public address of your own router."))
        if self.by == "direct-connect" and not self.connection:
            raise ValueError(say("Direct Connect needs connection, the id of its gateway."))
        return self


class Peer(Block):
    """A network at the other end of the transit gateway that another file or environment owns."""

    cidr: Cidr
    gateway: str | None = None  # its own transit gateway, joined by peering
    account: str | None = None
    region: str | None = None


class Transit(Block):
    """One transit gateway, the networks that hang on it, and what lies beyond."""

    networks: Annotated[tuple[Name, ...], Field(min_length=1)]
    peers: dict[Name, Peer] = Field(default_factory=dict)
    on_premises: OnPremises | None = None
    asn: Annotated[int, Field(ge=1, le=4_294_967_294)] = 64_512
