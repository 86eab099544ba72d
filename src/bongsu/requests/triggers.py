"""A trigger: which requests, how many in which time, counted for whom; and what its event says. Pure."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bongsu.events.envelope import Draft
from bongsu.events.pattern import compile_pattern
from bongsu.kit.clock import iso
from bongsu.kit.errors import Invalid, Problem
from bongsu.kit.i18n import Said, say
from bongsu.kit.text import slug
from bongsu.requests.model import FIELDS, Seen

Per = Literal["person", "address", "route", "all"]
PER_WORDS = {
    "person": say("each person"),
    "address": say("each address"),
    "route": say("each route"),
    "all": say("all together"),
}
SAMPLES = 5
FIRING_LIMIT = 20  # keys of one trigger that are told one by one; the others are one more together
OTHERS = "*"
NOBODY = "nobody"
KEY_CHARACTERS = 200
LEAST_WINDOW_S, LONGEST_WINDOW_S = 10, 3600
QUIET_S = 60.0  # a storm with shorter breaks is one storm
WELL, SOURCE = "up", "bongsu.requests"


@dataclass(frozen=True, slots=True)
class Trigger:
    id: int
    name: str
    title: str
    pattern: dict[str, Any]
    at_least: int
    window_s: int
    per: Per
    severity: int
    enabled: bool
    builtin: bool
    updated_at: datetime

    @property
    def subject(self) -> str:
        return f"request_trigger/{self.name}"

    @property
    def heading(self) -> Said:
        """Those that are built in are known in every language."""
        return Said(self.title)

    @property
    def quiet_s(self) -> float:
        """It is over when it did not fit for so long."""
        return max(QUIET_S, self.window_s)

    @property
    def firing_state(self) -> str:
        """As severe as a check that is down, or only degraded."""
        return "down" if self.severity >= 4 else "degraded"

    def shown(self) -> dict[str, Any]:
        """What events and the API say of a trigger."""
        return {
            "name": self.name,
            "title": self.title,
            "pattern": self.pattern,
            "at_least": self.at_least,
            "window_s": self.window_s,
            "per": self.per,
            "severity": self.severity,
            "enabled": self.enabled,
        }


class TriggerDraft(BaseModel):
    """What a person may say about a trigger."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(title="Name", description="a-z, 0-9 and hyphens")
    title: str = Field(
        title="Title", description="What it means when it fires", min_length=1, max_length=120
    )
    pattern: dict[str, Any] = Field(
        title="Pattern", description="Which requests, in the language of event patterns"
    )
    at_least: int = Field(title="At least", ge=1, le=1_000_000, description="So many requests …")
    window_s: int = Field(
        title="Window", ge=LEAST_WINDOW_S, le=LONGEST_WINDOW_S, description="… in so many seconds"
    )
    per: Per = Field("all", title="Counted for")
    severity: int = Field(3, title="Severity", ge=1, le=5)
    enabled: bool = Field(default=True, title="On")

    @field_validator("name")
    @classmethod
    def _name_is_a_slug(cls, value: str) -> str:
        return slug(value, "slow-pages")


def check(draft: TriggerDraft) -> None:
    """Raises Invalid with everything wrong in the pattern, also fields that no request has."""
    check_pattern(draft.pattern, say("Trigger {name} cannot be saved.", name=draft.name))


def check_pattern(pattern: Any, said: Said) -> None:
    """Raises Invalid."""
    try:
        compiled = compile_pattern(pattern)
    except Invalid as error:
        problems = tuple(
            Problem(f"pattern.{p.where}" if p.where else "pattern", p.what, p.todo)
            for p in error.problems
        )
        raise Invalid(said, problems or (Problem("pattern", error.said),)) from error
    unknown = sorted(path for path in compiled.paths() if path not in FIELDS)
    todo = say("Known: {known}.", known=", ".join(sorted(FIELDS)))
    problems = tuple(
        Problem(f"pattern.{path}", say("A request has no field {field}.", field=path), todo)
        for path in unknown
    )
    if problems:
        raise Invalid(said, problems)


def key_of(per: Per, seen: Seen) -> str:
    """For whom a request counts."""
    if per == "person":
        return f"user/{seen.person}" if seen.person else NOBODY
    if per == "address":
        return seen.address[:KEY_CHARACTERS]
    return f"{seen.method} {seen.route}"[:KEY_CHARACTERS] if per == "route" else "all"


@dataclass(slots=True)
class Hit:
    """What one process saw for one key since it last told the others. `samples`: the newest few."""

    count: int = 0
    at: datetime | None = None
    samples: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=SAMPLES))

    def add(self, seen: Seen) -> None:
        self.count += 1
        self.at = seen.ended if self.at is None else max(self.at, seen.ended)
        self.samples.append(seen.sample())

    def merge(self, newer: "Hit") -> None:
        self.count += newer.count
        self.at = newer.at if self.at is None or (newer.at and newer.at > self.at) else self.at
        self.samples.extend(newer.samples)


@dataclass(frozen=True, slots=True)
class Firing:
    """A trigger that fires for one key. `count`: all that fitted since."""

    trigger_id: int
    key: str
    since: datetime
    last_at: datetime
    count: int


def fired(
    trigger: Trigger,
    key: str,
    count: int,
    now: datetime,
    samples: Sequence[Mapping[str, Any]],
    label: str = "",
) -> Draft:
    """The event of its beginning."""
    reason = say(
        "{count} requests in {window} s; {at_least} are enough",
        count=count,
        window=trigger.window_s,
        at_least=trigger.at_least,
    )
    data = {
        "before": {"state": WELL},
        "after": {"state": trigger.firing_state, "since": iso(now)},
        "count": count,
        "reason": reason.stored(),
        "samples": [dict(one) for one in samples][:SAMPLES],
    }
    return _draft(trigger, key, label, data, trigger.severity)


def quiet(
    trigger: Trigger, firing: Firing, now: datetime, label: str = "", why: Said | None = None
) -> Draft:
    """The event of its end: with the same dedup key, so that an incident ends with it."""
    lasted_s = round((firing.last_at - firing.since).total_seconds())
    reason = why or say(
        "Quiet for {quiet} s; {count} requests in {length} s before",
        quiet=round(trigger.quiet_s),
        count=firing.count,
        length=lasted_s,
    )
    data = {
        "before": {"state": trigger.firing_state, "since": iso(firing.since)},
        "after": {"state": WELL, "since": iso(now)},
        "count": firing.count,
        "reason": reason.stored(),
        "samples": [],
    }
    return _draft(trigger, firing.key, label, data, 1)


def _draft(trigger: Trigger, key: str, label: str, data: dict[str, Any], severity: int) -> Draft:
    named = {"name": trigger.name, "title": trigger.title, "per": trigger.per, "key": key}
    common = {
        "object": trigger.subject,
        "title": heading(trigger, key, label).stored(),
        "trigger": named,
        "window_s": trigger.window_s,
        "at_least": trigger.at_least,
    }
    return Draft(
        type="request.triggered",
        source=SOURCE,
        subject=trigger.subject,
        resources=(key,) if key.startswith("user/") else (),
        data=common | data,
        severity=severity,
        dedup_key=f"request/{trigger.name}/{key}"[:255],
    )


def heading(trigger: Trigger, key: str, label: str = "") -> Said:
    """What an incident of it is called. `label`: what people call the one whom the key means."""
    if key == OTHERS:
        return say("{title}: more than {limit} at once", title=trigger.heading, limit=FIRING_LIMIT)
    if trigger.per == "all":
        return Said("{title}", {"title": trigger.heading})
    return say("{title}: {key}", title=trigger.heading, key=label or key)


def firings(
    hits: Iterable[tuple[datetime, str]], at_least: int, window_s: float, quiet_s: float
) -> int:
    """How often it would have begun to fire; `hits` in order of time, each with its key."""
    recent: dict[str, deque[datetime]] = {}
    last: dict[str, datetime] = {}
    begun = 0
    for at, key in hits:
        times = recent.setdefault(key, deque())
        times.append(at)
        while (at - times[0]).total_seconds() >= window_s:
            times.popleft()
        if len(times) < at_least:
            continue
        if key not in last or (at - last[key]).total_seconds() > quiet_s:
            begun += 1
        last[key] = at
    return begun
