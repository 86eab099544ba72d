"""What tells people: mail or web hooks for alarms, a budget, office hours."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from bongsu.infra.model.base import Block, HttpPath, Name


class Alarms(Block):
    """Alarms are made for everything that can fail; `off` leaves out what is named (checks then say so)."""

    mail: tuple[str, ...] = ()
    webhook: str | None = None  # Bongsu's own address for CloudWatch: https://…/in/cloudwatch/…
    off: tuple[str, ...] = ()
    latency_s: Annotated[float, Field(gt=0)] = 2.0
    probe: HttpPath | None = None
    owners: tuple[Name, ...] = ()  # teams of Bongsu's that answer for what is built: `infra watch`


class Accepted(Block):
    """A finding that the team lives with until a day, and why. `at`: the place that the finding names."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,5}[0-9]{2,3}$")]
    at: str
    why: Annotated[str, StringConstraints(min_length=10, max_length=500)]
    until: date


class Hours(Block):
    """When an environment runs; outside these hours services, servers and databases stop."""

    days: Annotated[
        str,
        StringConstraints(
            pattern=r"^(MON|TUE|WED|THU|FRI|SAT|SUN)(-(MON|TUE|WED|THU|FRI|SAT|SUN))?$"
        ),
    ] = "MON-FRI"
    start: Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "08:00"
    stop: Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "20:00"
    timezone: str = "Asia/Seoul"
