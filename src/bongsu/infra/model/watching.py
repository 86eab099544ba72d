"""What tells people: mail or web hooks for alarms, a budget, office hours."""

from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, StringConstraints, field_validator, model_validator

from bongsu.infra.model.base import Block, HttpPath, Name, shaped
from bongsu.kit.i18n import say

# What an alarm can be of, as `off` names it.
ALARM_KINDS = (
    "5xx", "age", "connections", "cpu", "dead-letters", "down", "errors", "failed", "latency", "memory", "nodes",
    "ports", "reservation", "restarts", "running", "status", "storage", "throttles", "tunnels", "unhealthy",
)  # fmt: skip
MailAddress = Annotated[
    str, shaped(r"^[^@\s]{1,64}@[^@\s]+\.[^@\s.]+$", "ops@example.com", max_length=254)
]
WebHook = Annotated[
    str, shaped(r"^https://[^\s]+$", "https://watch.example.com/in/abc", max_length=2048)
]


class Alarms(Block):
    """Alarms are made for everything that can fail; `off` leaves out what is named (checks then say so)."""

    mail: tuple[MailAddress, ...] = ()
    webhook: WebHook | None = None  # Bongsu's own address for CloudWatch: https://…/in/cloudwatch/…
    off: tuple[str, ...] = ()
    latency_s: Annotated[float, Field(gt=0)] = 2.0
    probe: HttpPath | None = None
    owners: tuple[Name, ...] = ()  # teams of Bongsu's that answer for what is built: `infra watch`


class Accepted(Block):
    """A finding that the team lives with until a day, and why. `at`: the place that the finding names."""

    id: Annotated[str, shaped(r"^[A-Z]{2,5}[0-9]{2,3}$", "HA001")]
    at: str
    why: Annotated[str, StringConstraints(min_length=10, max_length=500)]
    until: date


class Hours(Block):
    """When an environment runs; outside these hours services, servers and databases stop."""

    days: Annotated[
        str,
        shaped(r"^(MON|TUE|WED|THU|FRI|SAT|SUN)(-(MON|TUE|WED|THU|FRI|SAT|SUN))?$", "MON-FRI"),
    ] = "MON-FRI"
    start: Annotated[str, shaped(r"^([01]\d|2[0-3]):[0-5]\d$", '"08:00"')] = "08:00"
    stop: Annotated[str, shaped(r"^([01]\d|2[0-3]):[0-5]\d$", '"08:00"')] = "20:00"
    timezone: str = "Asia/Seoul"

    @field_validator("timezone")
    @classmethod
    def _there(cls, value: str) -> str:
        if not _is_zone(value):
            raise ValueError(say("This is no time zone, such as Asia/Seoul or UTC."))
        return value

    @model_validator(mode="after")
    def _ends(self) -> "Hours":
        if self.start == self.stop and self.days in ("MON-SUN", "SUN-SAT"):
            raise ValueError(
                say("It would never stop: leave hours out, or let stop be another time.")
            )
        return self


def _is_zone(name: str) -> bool:
    """Where the system has no table of zones at all, AWS is left to say it."""
    for one in (name, "UTC"):
        try:
            ZoneInfo(one)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
        return one == name
    return True
