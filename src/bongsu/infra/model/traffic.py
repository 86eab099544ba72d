"""How requests come in: load balancers, routes to them, distributions, the firewall before them."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from bongsu.infra.model.base import Block, Cidr, Host, HttpPath, Name, Port
from bongsu.kit.i18n import say


class LoadBalancer(Block):
    """An application (HTTP) or network (TCP) load balancer in every zone of its network."""

    network: Name | None = None
    kind: Literal["application", "network"] = "application"
    public: bool = True
    tls: bool = True
    waf: bool = False
    hosts: tuple[
        Host, ...
    ] = ()  # names in the zone of `domain` that point here, besides those of routes
    allow: tuple[Cidr, ...] | None = None  # None: everybody when public, the network when not
    zones: Annotated[int, Field(ge=1, le=6)] | None = None
    idle_timeout_s: Annotated[int, Field(ge=1, le=4000)] = 60
    access_logs: bool = True
    delete_protection: bool | None = None

    @property
    def logged(self) -> bool:
        """A network load balancer logs connections by TLS only."""
        return self.access_logs and (self.kind == "application" or self.tls)


class Health(Block):
    """What a load balancer asks. Without `port` it asks where the service listens."""

    path: HttpPath | None = None
    port: Port | None = None
    interval_s: Annotated[int, Field(ge=5, le=300)] = 15
    healthy_after: Annotated[int, Field(ge=2, le=10)] = 2
    unhealthy_after: Annotated[int, Field(ge=2, le=10)] = 2
    grace_s: Annotated[int, Field(ge=0, le=7200)] = 60


class Route(Block):
    """Requests that a load balancer sends here."""

    via: Name
    hosts: tuple[Host, ...] = ()
    paths: tuple[HttpPath, ...] = ()
    target_port: Port | None = (
        None  # what the load balancer is told; the service's own port unless given
    )
    deregistration_s: Annotated[int, Field(ge=0, le=3600)] = 30
    sticky: bool = False


class Origin(Block):
    """Where a distribution fetches: a bucket (by access control), a load balancer, a gateway, another host."""

    bucket: Name | None = None
    load_balancer: Name | None = None
    gateway: Name | None = None
    host: Host | None = None
    access_control: Literal["oac", "oai", "none"] = "oac"

    @model_validator(mode="after")
    def _one(self) -> "Origin":
        named = (self.bucket, self.load_balancer, self.gateway, self.host)
        if sum(one is not None for one in named) != 1:
            raise ValueError(say("Name exactly one of bucket, load_balancer, gateway and host."))
        return self


class Behaviour(Block):
    """What a distribution does with a path."""

    origin: Name
    failover: Name | None = (
        None  # the origin that is asked when the first answers 500, 502, 503, 504 or not at all
    )
    cache: bool = True
    methods: Literal["read", "all"] = "read"


class Distribution(Block):
    """CloudFront: one name, several origins."""

    aliases: tuple[Host, ...] = ()
    origins: Annotated[dict[Name, Origin], Field(min_length=1)]
    default: Behaviour
    paths: dict[HttpPath, Behaviour] = Field(default_factory=dict)
    waf: bool = True
    access_logs: bool = True
    shield: Literal["standard", "advanced"] = "standard"
    tls: Literal["TLSv1.2_2021", "TLSv1.2_2019", "TLSv1"] = "TLSv1.2_2021"
    spread: Literal["100", "200", "all"] = "200"  # price class: where it answers from
    root: str = "index.html"

    @model_validator(mode="after")
    def _named_origins(self) -> "Distribution":
        for behaviour in (self.default, *self.paths.values()):
            for name in (behaviour.origin, behaviour.failover):
                if name is not None and name not in self.origins:
                    known = ", ".join(self.origins)
                    raise ValueError(
                        say(
                            "There is no origin {name} here; known: {known}.",
                            name=name,
                            known=known,
                        )
                    )
        return self


class NameRecord(Block):
    """A name that points at plain addresses: what teams had before they had a load balancer."""

    name: Host
    addresses: Annotated[tuple[str, ...], Field(min_length=1)]
    ttl_s: Annotated[int, Field(ge=0, le=172_800)] = 60
    checked: bool = False  # Route 53 asks each address and leaves out the dead
