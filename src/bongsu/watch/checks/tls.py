"""TLS: which certificate a service shows, whether it is trusted and how long it lasts."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from bongsu.kit.i18n import say
from bongsu.kit.kind import Kind
from bongsu.net import model as net
from bongsu.net.handshake import Handshake, shake_hands
from bongsu.net.url import ascii_host
from bongsu.watch.checks._context import ProbeContext, ending
from bongsu.watch.checks._options import AnyFamily, HostPort, Verify, host_and_port, short_form
from bongsu.watch.model import Observation


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    address: HostPort = Field(
        title="Place",
        description="Host and port; without a port 443 is meant",
        examples=["shop.example.com:443", "mail.example.com:993"],
    )
    server_name: str = Field(
        "",
        title="Server name",
        description="Asked for and verified instead of the host, when that is another",
        examples=["shop.example.com"],
        max_length=253,
    )
    verify: Verify = True
    family: AnyFamily = "any"

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return short_form("address", value)

    @field_validator("address", mode="before")
    @classmethod
    def _with_port(cls, value: Any) -> Any:
        if isinstance(value, str) and ascii_host(value.strip().strip("[]")) is not None:
            bare = value.strip().strip("[]")
            return f"[{bare}]:443" if ":" in bare else f"{bare}:443"
        return value

    @field_validator("server_name")
    @classmethod
    def _is_name(cls, value: str) -> str:
        if value and ascii_host(value) is None:
            raise ValueError(say("This is no valid server name."))
        return value


SPEC = Kind(
    id="tls",
    label=say("Certificate (TLS)"),
    options=Options,
    examples=(
        {"address": "shop.example.com:443"},
        {"address": "192.0.2.7:8443", "server_name": "shop.example.com", "verify": False},
    ),
)
_NONE = say("no certificate was shown")
DEFAULT_EXPECT = ("[CONNECTED] == true",)


async def probe(options: Options, ctx: ProbeContext) -> Observation:
    at = ctx.clock.now()
    host, port = host_and_port(options.address)
    seen = await shake_hands(
        ctx.fetcher,
        host,
        port,
        policy=ctx.policy,
        timeout_s=ctx.timeout_s,
        server_name=ascii_host(options.server_name) or "" if options.server_name else "",
        family=options.family,
    )
    fault = seen.fault or (_distrust(seen) if options.verify else None)
    end = ending(fault, options.address, seen.phases_us)
    return Observation(
        ok=end.ok,
        level=end.level,
        at=at,
        connected=seen.connected,
        phases_us=seen.phases_us,
        address=seen.address,
        certificate=seen.certificate,
        fault=end.fault,
        own=end.own,
        reason=end.reason,
    )


def _distrust(seen: Handshake) -> net.Fault | None:
    if seen.certificate is None:
        return net.Fault("certificate", _NONE.text)
    problem = seen.certificate.problem
    return net.Fault("certificate", problem) if problem else None
