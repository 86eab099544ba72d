"""How the parts of an architecture stand by the checks and alarms that belong to them. Frozen, pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from bongsu.intake.model import Report
from bongsu.kit.i18n import Said, say
from bongsu.services.model import Service
from bongsu.watch.store_pages import Brief

TEXT_LIMIT = 256 * 1024  # characters of a file
WORST_FIRST = ("down", "degraded", "unknown", "up", "paused")
RAISED = say("Alarm: {what}")


class ArchitectureDraft(BaseModel):
    """What is sent: the file as it is, and the lock file beside it."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(title="File", description="architecture.yaml as it is", max_length=TEXT_LIMIT)
    environment: str = Field(
        "", title="Environment", description="production unless given", max_length=32
    )
    lock: str = Field(
        "", title="Lock file", description="architecture.lock.json, if any", max_length=TEXT_LIMIT
    )


@dataclass(frozen=True, slots=True)
class Kept:
    id: int
    name: str
    environment: str
    text: str
    lock: str
    updated_at: datetime

    @property
    def stem(self) -> str:
        return f"{self.name}-{self.environment}"

    @property
    def href(self) -> str:
        return f"/architectures/{self.name}/{self.environment}"

    @property
    def topic(self) -> str:
        return f"architecture/{self.stem}"


@dataclass(frozen=True, slots=True)
class Sign:
    """One check or alarm of a part. `href`: where it is looked at."""

    title: str
    state: str
    since: datetime | None
    reason: Said | None
    href: str


@dataclass(frozen=True, slots=True)
class PartView:
    """`state` None: nothing says how it stands."""

    name: str
    state: str | None
    signs: tuple[Sign, ...] = ()  # the worst first

    @property
    def worst(self) -> Sign | None:
        return self.signs[0] if self.signs else None

    @property
    def href(self) -> str | None:
        return self.worst.href if self.worst else None


def stand(
    kept: Kept,
    parts: Sequence[str],
    services: Iterable[Service],
    checks: Iterable[Brief],
    reports: Iterable[Report],
) -> tuple[PartView, ...]:
    """Every part, the worst first, then in the order of the file.

    A part takes the checks of services that carry its tags, whoever put them there, and the alarms named after it.
    """
    found = _signs(kept, services, checks, reports)
    views = [_view(name, found.get(name, [])) for name in parts]
    return tuple(sorted(views, key=lambda one: _rank(one.state)))


def named(
    kept: Kept, services: Iterable[Service], checks: Iterable[Brief], reports: Iterable[Report]
) -> tuple[PartView, ...]:
    """The parts that a check or an alarm names, without a look into the file."""
    found = _signs(kept, services, checks, reports)
    return tuple(_view(name, signs) for name, signs in found.items())


def whole(views: Iterable[PartView]) -> str | None:
    """Of all parts together."""
    states = [one.state for one in views if one.state not in (None, "paused")]
    return min(states, key=_rank, default=None)


def states_of(views: Iterable[PartView]) -> Mapping[str, str]:
    """As the drawing takes them."""
    return {one.name: one.state for one in views if one.state is not None}


def lost_of(views: Iterable[PartView]) -> frozenset[tuple[str, str | None]]:
    """What is down is struck out, as in a drill."""
    return frozenset((one.name, None) for one in views if one.state == "down")


def _signs(
    kept: Kept, services: Iterable[Service], checks: Iterable[Brief], reports: Iterable[Report]
) -> dict[str, list[Sign]]:
    """By part, whether the file has it or not."""
    found: dict[str, list[Sign]] = {}
    tagged = _tagged(kept, services)
    for check in checks:
        if check.service_id in tagged:
            part, service = tagged[check.service_id]
            found.setdefault(part, []).append(_of_check(service, check))
    for report in reports:
        if report.title.startswith(f"{kept.stem}-"):
            part = report.about.partition(":")[0]
            found.setdefault(part, []).append(_of_alarm(report))
    return found


def _tagged(kept: Kept, services: Iterable[Service]) -> dict[int, tuple[str, Service]]:
    """Service → the part that its tags name."""
    wanted = {f"architecture:{kept.name}", f"environment:{kept.environment}"}
    found = {}
    for one in services:
        part = next((tag[5:] for tag in one.tags if tag.startswith("part:")), None)
        if part is not None and wanted <= set(one.tags):
            found[one.id] = (part, one)
    return found


def _of_check(service: Service, check: Brief) -> Sign:
    state = "paused" if check.paused else (check.state or "unknown")
    title = f"{service.title} / {check.name}"
    return Sign(title, state, check.since, check.reason, f"/checks/{check.id}")


def _of_alarm(report: Report) -> Sign:
    """An alarm says that something is not as it should be; that a part is gone, a look from outside."""
    state = "degraded" if report.state == "down" else report.state
    what = report.about.partition(":")[2].strip() or report.title
    reason = Said(RAISED.text, {"what": what}) if state == "degraded" else None
    href = f"/events/{report.event_id}" if report.event_id else "/intake"
    return Sign(report.title, state, report.since, reason, href)


def _view(name: str, signs: list[Sign]) -> PartView:
    """An alarm without data says nothing of a part that a check can see."""
    ordered = tuple(sorted(signs, key=lambda sign: _rank(sign.state)))
    told = [one.state for one in ordered if one.state != "paused"]
    state = min(told, key=_rank) if told else ("paused" if ordered else None)
    return PartView(name, state, ordered)


def _rank(state: str | None) -> int:
    return WORST_FIRST.index(state) if state in WORST_FIRST else len(WORST_FIRST)
