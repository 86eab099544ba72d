"""Who may be told, and what was decided about each: frozen values. Every decision carries its reason."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from bongsu.deliver.model import Message
from bongsu.kit.i18n import Said
from bongsu.kit.settings import Settings
from bongsu.web.format import clock, day

PERSON_CHANNEL = "mail"  # how people are told until they can choose


@lru_cache(maxsize=256)
def zone_of(name: str) -> tzinfo:
    """A zone that this machine does not know is UTC: a wrong hour is worse said than silence."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def stamp(at: datetime, now: datetime, zone: tzinfo, language: str) -> str:
    """`21 Nov, 09:41`: for what is read later, where "today" would be wrong by then."""
    joint = " " if language == "ko" else ", "
    return f"{day(at, now, zone, language)}{joint}{clock(at, zone)}"


@dataclass(frozen=True, slots=True)
class Defaults:
    """For whoever has not chosen: where the pages are, language and zone."""

    public_url: str
    language: str = "en"
    time_zone: str = "UTC"

    @classmethod
    def of(cls, settings: Settings) -> "Defaults":
        return cls(settings.public, settings.language, settings.time_zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """One who is to be told: a person by mail, or a channel. `barred` says why that cannot be.

    `key` is the identity within one subject: `user/3`, `channel/ops`, `nobody/<words>`.
    """

    key: str
    person: str
    reason: Said
    user_id: int | None = None
    channel: str | None = None
    kind: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    recipient: str = ""
    language: str = "en"
    time_zone: str = "UTC"
    barred: Said | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was decided before about one listener on one occasion."""

    key: str
    occasion: str
    severity: int
    told: bool
    at: datetime
    reason: Said
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Deliver:
    listener: Listener
    occasion: str
    severity: int
    reason: Said
    turn: str = ""  # tells apart what may rightly be said again


@dataclass(frozen=True, slots=True)
class Skip:
    """Not told, and why; `until` when it is looked at again."""

    listener: Listener
    occasion: str
    severity: int
    reason: Said
    until: datetime | None = None


Decision = Deliver | Skip


def occasion_key(subject: str, decision: Decision) -> str:
    """The same thing is never said twice to the same listener: the key of the outbox."""
    level = f"-{decision.severity}" if decision.occasion == "worse" else ""
    turn = f"-{decision.turn}" if isinstance(decision, Deliver) and decision.turn else ""
    return f"{subject}/{decision.occasion}{level}{turn}/{decision.listener.key}"


Compose = Callable[
    [Deliver, str], Message
]  # in the listener's language; the key of the outbox goes in
