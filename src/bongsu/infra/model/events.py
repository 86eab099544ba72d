"""What carries news: buses of events, and identities that mail goes out from."""

from typing import Annotated

from pydantic import Field

from bongsu.infra.model.base import Block, shaped

Domain = Annotated[str, shaped(r"^([a-z0-9-]{1,63}\.)+[a-z]{2,63}$", "example.com", max_length=253)]


class Bus(Block):
    """An EventBridge bus of our own. `archive_days`: how long its events can be sent again; None: not at all."""

    archive_days: Annotated[int, Field(ge=1, le=3650)] | None = 30


class Sender(Block):
    """A domain that SES sends from. Its DKIM records come into the zone of `domain`.

    `by_hand`: the records stand in a zone elsewhere, where people have put them.
    """

    domain: Domain
    by_hand: bool = False
