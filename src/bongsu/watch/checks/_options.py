"""Parts of options that several kinds share."""

from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, Field

from bongsu.kit.i18n import Said
from bongsu.net.model import Family
from bongsu.net.url import split_host_port

Parsed = TypeVar("Parsed")


def valid(parsed: Parsed | Said) -> Parsed:
    """What was read, or a ValueError whose argument is the sentence, as validators of options raise it."""
    if isinstance(parsed, Said):
        raise ValueError(parsed)  # noqa: TRY004  pydantic collects ValueErrors
    return parsed


def _host_port(value: str) -> str:
    valid(split_host_port(value))
    return value.strip()


HostPort = Annotated[str, Field(max_length=300), AfterValidator(_host_port)]


Verify = Annotated[
    bool,
    Field(
        title="Verify the certificate",
        description="Without this, a certificate that is not trusted is no failure",
    ),
]
AnyFamily = Annotated[
    Family,
    Field(
        title="IP version",
        description="any takes IPv4 where the name has it, else IPv6",
        examples=["any", "6"],
    ),
]


def host_and_port(value: str) -> tuple[str, int]:
    """Of a validated HostPort."""
    return valid(split_host_port(value))


def short_form(name: str, value: Any) -> Any:
    """`{tcp: "db.example.com:5432"}` stands for `{tcp: {address: "db.example.com:5432"}}`."""
    return {name: value} if isinstance(value, str) else value
