"""API Gateway (an HTTP API): one name before functions and load balancers, by path and method."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from bongsu.infra.model.base import Block, Host, HttpPath, Name, shaped
from bongsu.kit.i18n import say

Method = Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
# What a browser sends as Origin: no path, no `*`, for only an exact origin may come with credentials.
PageOrigin = Annotated[
    str, shaped(r"^https?://[a-z0-9.-]+(:\d{1,5})?$", "https://www.example.com", max_length=253)
]
Header = Annotated[str, shaped(r"^[A-Za-z0-9-]{1,64}$", "x-request-id")]


class Cors(Block):
    """Pages of other origins that may call, named exactly; the gateway answers their preflights itself."""

    origins: tuple[PageOrigin, ...]
    methods: tuple[Method, ...] = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
    headers: tuple[Header, ...] = ("authorization", "content-type", "x-csrf-token")
    expose: tuple[Header, ...] = ()
    credentials: bool = True  # cookies come along
    max_age_s: Annotated[int, Field(ge=0, le=86_400)] = 600

    @model_validator(mode="after")
    def _some(self) -> "Cors":
        if not self.origins:
            raise ValueError(say("Name at least one origin."))
        return self


class Throttle(Block):
    """Requests a second that all visitors together may send, and how many at once above that."""

    rate: Annotated[int, Field(ge=1, le=10_000)] = 500
    burst: Annotated[int, Field(ge=1, le=5_000)] = 1000


class GatewayRoute(Block):
    """Requests that go to a function or to a load balancer. `/api/*`: everything below; without methods: all."""

    path: HttpPath
    methods: tuple[Method, ...] = ()
    function: Name | None = None
    load_balancer: Name | None = None

    @model_validator(mode="after")
    def _one(self) -> "GatewayRoute":
        if (self.function is None) == (self.load_balancer is None):
            raise ValueError(say("Name either function or load_balancer."))
        if "*" in self.path.removesuffix("/*"):
            raise ValueError(say("A gateway knows * only as the last part of a path: /api/*."))
        return self

    @property
    def keys(self) -> tuple[str, ...]:
        """As API Gateway writes them: `ANY /api/{proxy+}`; everything else is `$default`."""
        if self.path == "/*" and not self.methods:
            return ("$default",)
        stem = self.path.removesuffix("/*")
        path = self.path if stem == self.path else f"{stem}/{{proxy+}}"
        return tuple(f"{method} {path}" for method in self.methods or ("ANY",))


class Gateway(Block):
    """Its way into a network is a VPC link, made where a route leads to a load balancer inside."""

    hosts: tuple[Host, ...] = ()  # in the zone of `domain`; AWS's own name is shut then
    routes: tuple[GatewayRoute, ...]
    cors: Cors | None = None
    throttle: Throttle = Throttle()
    access_logs: bool = True
    waf: bool = False  # AWS has none for HTTP APIs: refused by name

    @model_validator(mode="after")
    def _some(self) -> "Gateway":
        if not self.routes:
            raise ValueError(say("Name at least one route."))
        return self

    def functions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.function for one in self.routes if one.function))

    def load_balancers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.load_balancer for one in self.routes if one.load_balancer))
