"""What comes in from elsewhere: who may send it, and what one message says. Frozen, pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bongsu.kit.i18n import Said, say
from bongsu.kit.kind import Shelf
from bongsu.kit.text import slug

SHELF = Shelf("bongsu.intake.sources")
BODY_LIMIT_BYTES = 512 * 1024  # twice of what SNS sends at most


class SourceDraft(BaseModel):
    """What a person says about a source; its token is made by us."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: str = Field(title="Name", description="a-z, 0-9 and hyphens")
    kind: str = Field("cloudwatch", title="Kind", description="What it speaks", max_length=63)

    @field_validator("name")
    @classmethod
    def _name_is_a_slug(cls, value: str) -> str:
        return slug(value, "my-shop")

    @field_validator("kind")
    @classmethod
    def _kind_is_known(cls, value: str) -> str:
        if value not in SHELF.ids():
            known = ", ".join(SHELF.ids())
            raise ValueError(say("Known kinds: {known}.", known=known))
        return value


@dataclass(frozen=True, slots=True)
class Source:
    """`sender`: whom the first message came from that was confirmed; nobody else is believed after that."""

    id: int
    name: str
    kind: str
    sender: str | None
    created_at: datetime
    last_at: datetime | None
    last_refusal: Said | None

    def shown(self) -> dict[str, Any]:
        """Never with a token: only its hash is kept."""
        return {name: getattr(self, name) for name in ("name", "kind", "sender")}


@dataclass(frozen=True, slots=True)
class Report:
    """The state of something elsewhere, as it said it last."""

    thing: str
    title: str
    about: str
    state: str  # up, degraded, down, unknown
    since: datetime
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message that was proven to be its sender's. `key`: the same message, sent again, has the same one.

    `confirm`: an address that must be asked before anything else comes.
    """

    key: str
    sender: str
    type: str
    subject: str
    time: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    source: str = "bongsu.intake"
    site: str = "here"
    severity: int = 1
    report: Report | None = None
    confirm: str | None = None
