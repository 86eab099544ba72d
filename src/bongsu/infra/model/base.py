"""What all blocks of an architecture have in common: strict fields, names, ranges, ports."""

from ipaddress import IPv4Network
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from bongsu.document import Path
from bongsu.kit.i18n import Said, say

# Of each form a value: people read one more easily than an expression.
EXAMPLES: dict[str, str] = {}


def shaped(pattern: str, example: str, max_length: int | None = None) -> StringConstraints:
    """Text of one form, with a value of it as people write it in a file."""
    EXAMPLES[pattern] = example
    return StringConstraints(pattern=pattern, max_length=max_length)


NAME_FORM = r"^[a-z][a-z0-9-]{0,30}[a-z0-9]$"
Name = Annotated[str, shaped(NAME_FORM, "web-1")]
Host = Annotated[
    str, shaped(r"^(\*\.)?([a-z0-9-]{1,63}\.)+[a-z]{2,63}$", "shop.example.com", max_length=253)
]
Region = Annotated[str, shaped(r"^[a-z]{2}(-[a-z]+)+-\d$", "ap-northeast-2")]
Account = Annotated[str, shaped(r"^\d{12}$", '"123456789012"')]
Port = Annotated[int, Field(ge=1, le=65_535)]
HttpPath = Annotated[str, shaped(r"^/[\x21-\x7e]*$", "/healthz", max_length=1024)]
Tier = Literal["public", "app", "data", "endpoints"]
# Subnets that the file names no part for: interfaces of Kubernetes' control plane, pods with a range of their own.
Layer = Literal["public", "app", "data", "endpoints", "control", "pods"]
PRODUCTION = "production"  # the environment of this name is it, unless a file says otherwise
# A mistake of the whole: where it stands, what is wrong, what to do.
Wrong = tuple[Path, Said, Said | None]
Access = Literal["connect", "read", "write", "send", "receive", "publish"]


class Block(BaseModel):
    """Unknown fields are refused by name; what was read is never changed.

    Validators are built with the first file that is read: one for all blocks, not one for each at every start.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def _range(value: Any) -> Any:
    """A network in CIDR notation with no host bits set."""
    if isinstance(value, IPv4Network):
        return value
    try:
        return IPv4Network(str(value))  # a number would be taken for an address
    except ValueError:
        raise ValueError(
            say("This is not a range such as 10.20.0.0/22, without host bits.")
        ) from None


Cidr = Annotated[IPv4Network, BeforeValidator(_range)]
