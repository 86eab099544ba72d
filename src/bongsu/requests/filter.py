"""Which requests somebody asks for: read from a query, checked, and written back into addresses. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, get_args

from bongsu.kit.clock import from_micros, iso, micros, parse_iso
from bongsu.kit.errors import Invalid, Problem
from bongsu.kit.i18n import Said, say
from bongsu.lake.schema import RAW_DAYS
from bongsu.requests.model import Outcome, Seen

PERIODS = {
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
USUAL_PERIOD = "24h"
OUTCOMES: tuple[str, ...] = get_args(Outcome)
TEXT_LIMIT = 200
_LARGEST_ID = 2**32 - 1
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_CURSOR = re.compile(r"([0-9]{1,16})-([0-9a-f-]{36})")
_TASK = re.compile(r"[A-Za-z][A-Za-z0-9]*-\d+")
# Buckets of a chart are as long as a clock is divided.
_STEPS_S = (
    10,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    10_800,
    21_600,
    43_200,
    86_400,
    172_800,
)
_BUCKETS = 60
_EPOCH = from_micros(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """None and empty: whatever it is. `object_kind` such as `task/` takes every task.

    Without `parts` those are left out that pages load and refresh by themselves, and streams.
    """

    since: datetime
    until: datetime
    person: int | None = None
    id: str = ""
    object: str = ""
    object_kind: str = ""
    route: str = ""
    method: str = ""
    outcome: str = ""
    address: str = ""
    slower_us: int | None = None
    text: str = ""
    parts: bool = True

    @property
    def step_s(self) -> int:
        """How long a bucket is so that at most 60 or so fill the span."""
        return _step_s(self.length_s)

    @property
    def length_s(self) -> float:
        return (self.until - self.since).total_seconds()


def _step_s(span_s: float) -> int:
    return next((s for s in _STEPS_S if span_s / s <= _BUCKETS), _STEPS_S[-1])


def _whole(since: datetime, until: datetime) -> datetime:
    """The beginning of the next bucket, so that the first one drawn is whole."""
    step_us = _step_s((until - since).total_seconds()) * 1_000_000
    return from_micros(-(-micros(since) // step_us) * step_us)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended; the next one begins behind it."""

    at_us: int
    id: str

    @classmethod
    def of(cls, seen: Seen) -> "Cursor":
        return cls(micros(seen.at), seen.id)

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        """None for the first page. Raises Invalid."""
        if not text:
            return None
        found = _CURSOR.fullmatch(text)
        if found is None or not _UUID.fullmatch(found[2]):
            raise _wrong(
                "before", say("This is no place in the list."), say("Begin at the first page.")
            )
        return cls(int(found[1]), found[2])

    def __str__(self) -> str:
        return f"{self.at_us}-{self.id}"


def read_filter(asked: Mapping[str, str], now: datetime, me: int) -> Filter:
    """`person` may be `me`, a number, or `nobody`; `period` counts unless `since` is given.

    Raises Invalid with each value that cannot be understood.
    """
    reading = _Reading(asked)
    since, until = reading.span(now)
    kind, thing = _object(asked.get("object", "").strip())
    found = Filter(
        since=since,
        until=until,
        person=reading.person(me),
        id=reading.request_id(),
        object=thing,
        object_kind=kind,
        route=asked.get("route", "").strip(),
        method=asked.get("method", "").strip().upper(),
        outcome=reading.outcome(),
        address=asked.get("address", "").strip(),
        slower_us=reading.slower_us(),
        parts=reading.parts(),
        text="" if reading.request_id() else asked.get("q", "").strip()[:TEXT_LIMIT],
    )
    if reading.problems:
        raise Invalid(say("The filter cannot be used."), tuple(reading.problems))
    return found


class _Reading:
    def __init__(self, asked: Mapping[str, str]) -> None:
        self.asked = asked
        self.problems: list[Problem] = []

    def request_id(self) -> str:
        """What was copied from an answer's X-Request-Id is looked for as such."""
        text = self.asked.get("q", "").strip().lower()
        return text if _UUID.fullmatch(text) else ""

    def person(self, me: int) -> int | None:
        given = self.asked.get("person", "").strip()
        if given in {"me", "nobody"}:
            return me if given == "me" else 0
        if re.fullmatch(r"[0-9]{1,10}", given) and int(given) <= _LARGEST_ID:
            return int(given)
        if given:
            todo = say("Write me, nobody or a number.")
            self._no("person", say("“{given}” is no number of a person.", given=given[:80]), todo)
        return None

    def outcome(self) -> str:
        given = self.asked.get("outcome", "").strip()
        if given and given not in OUTCOMES:
            todo = say("Known: {known}.", known=", ".join(OUTCOMES))
            self._no("outcome", say("“{given}” is no outcome.", given=given[:80]), todo)
        return given

    def parts(self) -> bool:
        """Always where somebody asks for one route."""
        given = self.asked.get("parts", "").strip() or "yes"
        if given not in {"yes", "no"}:
            todo = say("Known: {known}.", known="yes, no")
            self._no("parts", say("“{given}” is no answer.", given=given[:80]), todo)
        return given == "yes" or bool(self.asked.get("route", "").strip())

    def slower_us(self) -> int | None:
        given = self.asked.get("slower_ms", "").strip()
        if re.fullmatch(r"\d{1,9}(\.\d{1,3})?", given, re.ASCII):
            return round(float(given) * 1000)
        if given:
            self._no("slower_ms", say("“{given}” is no number of milliseconds.", given=given[:80]))
        return None

    def span(self, now: datetime) -> tuple[datetime, datetime]:
        latest = now + timedelta(seconds=1)  # what ends just now is in it
        until = min(self._time("until") or latest, latest)
        since = self._time("since")
        period = self.asked.get("period", "") or USUAL_PERIOD
        if since is None and period not in PERIODS:
            todo = say("Known: {known}.", known=", ".join(PERIODS))
            self._no("period", say("“{given}” is no period.", given=period[:80]), todo)
        since = since or _whole(until - PERIODS.get(period, PERIODS[USUAL_PERIOD]), until)
        since = max(since, until - timedelta(days=RAW_DAYS + 1), _EPOCH)
        if since >= until:
            self._no("until", say("The end lies before the beginning."), say("Turn them round."))
        return since, until

    def _time(self, name: str) -> datetime | None:
        given = self.asked.get(name, "").strip()
        try:
            return parse_iso(given) if given else None
        except (ValueError, OverflowError):
            todo = say("Write it like 2026-11-21T09:30:00Z.")
            self._no(name, say("“{given}” is no time.", given=given[:80]), todo)
            return None

    def _no(self, where: str, what: Said, todo: Said | None = None) -> None:
        self.problems.append(Problem(where, what, todo))


def _object(given: str) -> tuple[str, str]:
    """(kind, thing): `task/` and `task` mean every task, `TSK-42` the task of this key."""
    given = given[:TEXT_LIMIT]
    if _TASK.fullmatch(given):
        return "", f"task/{given.upper()}"
    if given and given.rstrip("/").isidentifier():
        return given.rstrip("/") + "/", ""
    return "", given


def _wrong(where: str, what: Said, todo: Said) -> Invalid:
    return Invalid(say("The filter cannot be used."), (Problem(where, what, todo),))


def query_of(asked: Mapping[str, Any], **changed: Any) -> dict[str, str]:
    """The query of the same filter with something changed; empty values are left out."""
    merged = {**asked, "before": "", **changed}
    return {name: str(value) for name, value in merged.items() if value not in {None, ""}}


def shown(wanted: Filter) -> dict[str, Any]:
    """For the API's answer: what the figures are of."""
    return {"since": iso(wanted.since), "until": iso(wanted.until), "step_s": wanted.step_s}
