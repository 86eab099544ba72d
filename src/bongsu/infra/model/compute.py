"""What runs: container services on Fargate, and tiers of plain servers."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from bongsu.infra.model.base import Access, Block, Cidr, Name, Port, Tier, shaped
from bongsu.infra.model.traffic import Health, Route
from bongsu.kit.i18n import say

Variable = Annotated[str, shaped(r"^[A-Za-z_][A-Za-z0-9_]*$", "DATABASE_HOST", max_length=128)]
InstanceType = Annotated[
    str,
    shaped(
        r"^[a-z0-9-]+\.(nano|micro|small|medium|large|\d{0,3}xlarge|metal(-\d+xl)?)$", "t4g.small"
    ),
]


class Scale(Block):
    """How many at least and at most, and what makes more of them."""

    min: Annotated[int, Field(ge=0, le=1000)] = 2
    max: Annotated[int, Field(ge=1, le=1000)] = 4
    cpu_percent: Annotated[int, Field(ge=1, le=100)] | None = 60
    requests_per_copy: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _order(self) -> "Scale":
        if self.min > self.max:
            raise ValueError(say("min is greater than max."))
        return self


class Ingress(Block):
    """A rule of a security group, written by hand: a part of this file, or ranges of addresses."""

    source: Name | None = None
    cidr: Cidr | None = None
    ports: Annotated[str, shaped(r"^\d{1,5}(-\d{1,5})?$", '"8080"')]

    @model_validator(mode="after")
    def _one(self) -> "Ingress":
        if (self.source is None) == (self.cidr is None):
            raise ValueError(say("Name either source or cidr."))
        if not 0 <= self.first <= self.last <= 65_535:
            raise ValueError(say("Ports go from 0 to 65535, the smaller one first."))
        return self

    @property
    def first(self) -> int:
        return int(self.ports.split("-")[0])

    @property
    def last(self) -> int:
        return int(self.ports.split("-")[-1])


class Image(Block):
    """Built from a folder of this repository and kept in a registry of our own, or taken from elsewhere."""

    build: str | None = None
    uri: str | None = None
    tag: str = "git"  # `git`: the commit that the pipeline built
    mutable: bool = False

    @model_validator(mode="after")
    def _one(self) -> "Image":
        if (self.build is None) == (self.uri is None):
            raise ValueError(say("Name either build (a folder) or uri (an image that exists)."))
        return self


class Volume(Block):
    """A file system that outlives its task: EFS, encrypted, in every zone."""

    path: Annotated[str, shaped(r"^/[A-Za-z0-9/_.-]+$", "/data")]
    backup: bool = True


class Workload(Block):
    """What container services and servers share."""

    network: Name | None = None
    tier: Tier = "app"
    public_ip: bool = False
    port: Port | None = None
    health: Health = Health()
    routes: tuple[Route, ...] = ()
    uses: dict[Name, Access] = Field(default_factory=dict)
    ingress: tuple[Ingress, ...] | None = None  # None: exactly what routes and uses need
    grants: dict[Name, Access] | None = None  # None: exactly what uses needs
    environment: dict[Variable, str] = Field(default_factory=dict)
    secrets: dict[Variable, str] = Field(
        default_factory=dict
    )  # variable → name in Secrets Manager, or ssm:/name
    internet: bool = False  # it calls addresses outside AWS


class Service(Workload):
    """Containers behind a load balancer, or on their own: on Fargate, or on hosts of the file's own."""

    image: Image
    runs_on: Name | None = None  # what in `HOSTS` it runs on; None: Fargate
    cpu: Annotated[int, Field(ge=128, le=16_384)] = (
        256  # less than 256 on hosts only, as of memory less than 512
    )
    memory_mib: Annotated[int, Field(ge=64, le=122_880)] = 512
    architecture: Literal["x86", "arm"] = "arm"
    scale: Scale = Scale()
    command: tuple[str, ...] = ()
    container_port: Port | None = None  # what the service registers; its port unless given
    volume: Volume | None = None
    spot: bool = False


class StartedHealth(Health):
    """Of a machine that installs its programs first."""

    grace_s: Annotated[int, Field(ge=0, le=7200)] = 300


class Servers(Workload):
    """One tier of plain EC2 machines in an auto-scaling group."""

    health: StartedHealth = StartedHealth()
    instance: InstanceType = "t4g.small"
    image: str = "al2023-arm"
    scale: Scale = Scale()
    disk_gib: Annotated[int, Field(ge=8, le=16_384)] = 20
    setup: str = ""  # a shell script of this repository, run at first start
    memory_needed_mib: Annotated[int, Field(ge=1)] | None = None
    # Machines beside the old ones while they are replaced.
    rolling_spare: Annotated[int, Field(ge=0, le=100)] = 1

    @property
    def most(self) -> int:
        """Machines at the same time: an update needs its spare also where `min` is `max`."""
        return max(self.scale.max, self.scale.min + self.rolling_spare)
