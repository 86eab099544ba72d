"""Machines that containers run on: one ECS capacity provider over an auto-scaling group."""

from typing import Annotated

from pydantic import Field, model_validator

from bongsu.infra.model.base import Block, Name, Tier
from bongsu.infra.model.compute import Ingress, InstanceType
from bongsu.kit.i18n import say


class HostScale(Block):
    """How many machines at least and at most. With nothing to do there may be none."""

    min: Annotated[int, Field(ge=0, le=1000)] = 2
    max: Annotated[int, Field(ge=1, le=1000)] = 4

    @model_validator(mode="after")
    def _order(self) -> "HostScale":
        if self.min > self.max:
            raise ValueError(say("min is greater than max."))
        return self


class Capacity(Block):
    """Hosts of one kind, in every zone of their network. Tasks of a service that `runs_on` them are placed there.

    `managed`: ECS itself starts and ends hosts so that `target_percent` of what they have is reserved by tasks.
    """

    network: Name | None = None
    tier: Tier = "app"
    public_ip: bool = False
    instance: InstanceType = "t4g.medium"
    image: str | None = None  # None: AWS's own for ECS, for the processor of `instance`
    scale: HostScale = HostScale()
    managed: bool = True
    target_percent: Annotated[int, Field(ge=1, le=100)] = 90
    disk_gib: Annotated[int, Field(ge=30, le=16_384)] = 30  # as much as AWS's own image takes
    spot: bool = False
    drain: bool = True  # tasks move away before their host ends
    protect: bool = False  # a host with tasks on it is not ended by scaling
    # Machines beside the old ones while they are replaced.
    rolling_spare: Annotated[int, Field(ge=0, le=100)] = 1
    ingress: tuple[Ingress, ...] | None = None

    @model_validator(mode="after")
    def _protected(self) -> "Capacity":
        if self.protect and not self.managed:
            raise ValueError(
                say("ECS protects hosts only where it scales them: set managed: true.")
            )
        return self

    @property
    def most(self) -> int:
        """Machines at the same time: an update needs its spare also where `min` is `max`."""
        return max(self.scale.max, self.scale.min + self.rolling_spare)
