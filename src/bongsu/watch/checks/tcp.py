"""TCP: does a port take a connection, and does it say the right words?"""

import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bongsu.kit.i18n import say
from bongsu.kit.kind import Kind
from bongsu.net.tcp import talk
from bongsu.watch.checks._context import ProbeContext, ending
from bongsu.watch.checks._options import AnyFamily, HostPort, host_and_port, short_form
from bongsu.watch.model import Observation

_ESCAPE = re.compile(r"\\(r|n|t|0|\\|x[0-9a-fA-F]{2})")
_PLAIN = {"r": "\r", "n": "\n", "t": "\t", "0": "\0", "\\": "\\"}


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    address: HostPort = Field(
        title="Place",
        description="Host and port; an IPv6 address in square brackets",
        examples=["db.example.com:5432", "[2001:db8::7]:25"],
    )
    send: str = Field(
        "",
        title="Text to send",
        description=r"After connecting. \r \n \t \0 \\ and \x41 stand for what they mean elsewhere",
        examples=[r"PING\r\n"],
        max_length=4096,
    )
    expect: str = Field(
        "",
        title="Text to wait for",
        description="The check fails when this is not in the first 64 KiB of the answer",
        examples=["+PONG", "220 "],
        max_length=1024,
    )
    family: AnyFamily = "any"

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return short_form("address", value)


SPEC = Kind(
    id="tcp",
    label=say("TCP port"),
    options=Options,
    examples=(
        {"address": "login.example.com:443"},
        {"address": "cache.example.com:6379", "send": r"PING\r\n", "expect": "+PONG"},
    ),
)
DEFAULT_EXPECT = ("[CONNECTED] == true",)


async def probe(options: Options, ctx: ProbeContext) -> Observation:
    at, began_s = ctx.clock.now(), ctx.clock.monotonic_s()
    host, port = host_and_port(options.address)
    place = await ctx.place(host, port, options.family)
    left_s = ctx.timeout_s - (ctx.clock.monotonic_s() - began_s)
    until = unescape(options.expect) if options.expect or "body" in ctx.needs else None
    seen = await talk(
        place, ctx.clock, max(left_s, 0.001), send=unescape(options.send), until=until
    )
    end = ending(seen.fault, options.address, seen.phases_us)
    return Observation(
        ok=end.ok,
        level=end.level,
        at=at,
        connected=seen.connected,
        phases_us=seen.phases_us,
        address=seen.address,
        body=seen.received,
        fault=end.fault,
        own=end.own,
        reason=end.reason,
    )


def unescape(text: str) -> bytes:
    """What a person types in one line, as bytes; anything unknown after a backslash stays as it is."""

    def one(match: re.Match[str]) -> str:
        code = match[1]
        return _PLAIN[code] if code in _PLAIN else chr(int(code[1:], 16))

    return b"".join(
        part.encode("latin-1") if n % 2 else part.encode()
        for n, part in enumerate(_split(text, one))
    )


def _split(text: str, one: Any) -> list[str]:
    """Plain and escaped parts in turn: an escape is one byte, other text is UTF-8."""
    parts, end = [], 0
    for match in _ESCAPE.finditer(text):
        parts += [text[end : match.start()], one(match)]
        end = match.end()
    return [*parts, text[end:]]
