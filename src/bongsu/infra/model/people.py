"""Who works on an environment: three roles that people take for some hours, after a second factor."""

from typing import Annotated, Literal

from pydantic import Field

from bongsu.infra.model.base import Account, Block

Role = Literal["read", "operate", "administer"]


class People(Block):
    """`account`: where people have their users; None: in the environment's own.

    `mfa_hours`: how old the second factor may be. `trail`: AWS's record of all calls, one in an account; by it
    somebody who signs in as root is told of.
    """

    roles: Annotated[tuple[Role, ...], Field(min_length=1)] = ("read", "operate", "administer")
    account: Account | None = None
    mfa: bool = True
    mfa_hours: Annotated[int, Field(ge=1, le=12)] = 8
    trail: Literal["create", "exists"] = "create"
