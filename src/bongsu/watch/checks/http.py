"""HTTP and HTTPS: one request, redirects followed, everything measured."""

import base64
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from bongsu.kit.errors import BongsuError
from bongsu.kit.i18n import Said, say
from bongsu.kit.kind import Kind
from bongsu.kit.redact import HIDDEN, is_reference, is_secret_name
from bongsu.net.model import MAX_REDIRECTS, Request, Response
from bongsu.net.url import parse_url
from bongsu.watch.checks._context import ProbeContext, ending, not_ready
from bongsu.watch.checks._options import AnyFamily, Verify, short_form, valid
from bongsu.watch.model import BODY_LIMIT_BYTES, HEAD_LIMIT_BYTES, Observation

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")
_HIDDEN = HIDDEN.encode()
_OURS = frozenset({"connection", "content-length", "transfer-encoding"})


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(
        title="Address",
        description="What is asked for, with http:// or https://",
        examples=["https://shop.example.com/"],
        max_length=8192,
    )
    method: Method = Field("GET", title="Method", examples=["GET", "HEAD"])
    headers: dict[str, str] = Field(
        default_factory=dict,
        title="Headers",
        description="Sent with the request. Secret ones as a reference such as env:NAME",
        examples=[{"Accept": "application/json"}],
        max_length=50,
    )
    body: str = Field(
        "", title="Body", description="Sent with the request, in UTF-8", max_length=65_536
    )
    username: str = Field(
        "", title="User name", description="For basic authentication", max_length=200
    )
    password: str = Field(
        "",
        title="Password",
        description="A reference such as env:NAME or file:/path",
        examples=["env:SHOP_PASSWORD"],
        max_length=500,
    )
    follow_redirects: bool = Field(
        True,
        title="Follow redirects",
        description="At most 10, each checked like the first address",
    )
    verify: Verify = True
    family: AnyFamily = "any"

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return short_form("url", value)

    @field_validator("url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        valid(parse_url(value.strip()))
        return value.strip()

    @field_validator("headers")
    @classmethod
    def _are_headers(cls, value: dict[str, str]) -> dict[str, str]:
        for name, text in value.items():
            if wrong := _wrong_header(name, text):
                raise ValueError(wrong)
        return value

    @field_validator("password")
    @classmethod
    def _is_reference(cls, value: str) -> str:
        if value and not is_reference(value):
            raise ValueError(
                say("Give the password as a reference such as env:NAME or file:/path.")
            )
        return value


def _wrong_header(name: str, text: str) -> Said | None:
    if not name or not set(name.lower()) <= _TOKEN or name.lower() in _OURS:
        return say("{name} is no header that can be set.", name=name[:100])
    if any(c < " " and c != "\t" for c in text):
        return say("The header {name} has a line break or control character in it.", name=name)
    if is_secret_name(name) and text and not is_reference(text):
        return say("The header {name} is secret: give a reference such as env:NAME.", name=name)
    return None


SPEC = Kind(
    id="http",
    label=say("Web page or API (HTTP)"),
    options=Options,
    examples=(
        {"url": "https://shop.example.com/"},
        {
            "url": "https://api.example.com/orders",
            "method": "POST",
            "headers": {"Content-Type": "application/json", "Authorization": "env:ORDERS_TOKEN"},
            "body": '{"dry_run": true}',
            "follow_redirects": False,
        },
    ),
)
DEFAULT_EXPECT = ("[STATUS] == 200",)


async def probe(options: Options, ctx: ProbeContext) -> Observation:
    at = ctx.clock.now()
    request: Request = ctx.kept.get("request") or _request(options, ctx)
    if not options.headers and not options.username:
        return _observation(at, await ctx.fetcher.fetch(request, ctx.policy))
    try:
        headers, secrets = await _headers(options, ctx)
    except BongsuError as error:
        return not_ready(at, "secret", error.said)
    answer = await ctx.fetcher.fetch(replace(request, headers=headers), ctx.policy)
    return _observation(at, without_secrets(answer, secrets))


def _request(options: Options, ctx: ProbeContext) -> Request:
    """All but the headers, which may hold secrets that change."""
    wanted = BODY_LIMIT_BYTES if "body" in ctx.needs else HEAD_LIMIT_BYTES
    request = ctx.kept["request"] = Request(
        url=options.url,
        method=options.method,
        body=options.body.encode() if options.body else None,
        timeout_s=ctx.timeout_s,
        verify=options.verify,
        family=options.family,
        follow=MAX_REDIRECTS if options.follow_redirects else 0,
        body_limit_bytes=wanted,
        # Read on even when nobody looks at it: a page that breaks off in the middle is not well.
        read_limit_bytes=BODY_LIMIT_BYTES,
    )
    return request


async def _headers(
    options: Options, ctx: ProbeContext
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """The headers, and which parts of them are secret. Raises SecretAway when a reference leads nowhere."""
    headers, secrets = [], []
    for name, text in options.headers.items():
        value = await ctx.secrets.reveal(text) if is_reference(text) else text
        headers.append((name, value))
        secrets += [value] if is_reference(text) else []
    if options.username:
        password = await ctx.secrets.reveal(options.password) if options.password else ""
        pair = base64.b64encode(f"{options.username}:{password}".encode()).decode()
        headers.append(("Authorization", f"Basic {pair}"))
        secrets += [pair, password] if password else []
    return tuple(headers), tuple(secrets)


def without_secrets(answer: Response, secrets: tuple[str, ...]) -> Response:
    """Targets send back what they were sent, in error pages above all; none of it is to be kept."""
    body, lines = answer.body, answer.header_lines
    for secret in filter(None, (secret.encode() for secret in secrets)):
        body = body.replace(secret, _HIDDEN)
        lines = tuple(line.replace(secret, _HIDDEN) for line in lines)
    return replace(answer, body=body, header_lines=lines)


def _observation(at: datetime, seen: Response) -> Observation:
    end = ending(seen.fault, _host(seen) if seen.fault else "", seen.phases_us)
    return Observation(
        ok=end.ok,
        level=end.level,
        at=at,
        connected=seen.connected,
        status=seen.status,
        phases_us=seen.phases_us,
        address=seen.address,
        http_version=seen.http_version,
        headers=seen.headers,
        body=seen.body,
        body_truncated=seen.body_truncated,
        certificate=seen.certificate,
        redirects=seen.redirects,
        fault=end.fault,
        own=end.own,
        reason=end.reason,
    )


def _host(seen: Response) -> str:
    target = parse_url(seen.url)
    return seen.url if isinstance(target, Said) else target.host
