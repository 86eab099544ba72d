"""Who is told what now: PURE. (incident, audience, what was told, now) → decisions, each with its reason.

    opened     everybody of the audience, at once
    worse      the severity rose; at most one message in five minutes to each, later ones wait
    resolved   exactly those who were told that it is open
    passed     it was over before anybody could be told: said once, to the audience
    handed     it was handed over (told by the service, counted here)

Once somebody has it, only they hear of what comes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from bongsu.incidents.model import HAPPENED, WELL, Incident, Touched
from bongsu.kit.i18n import Said, say
from bongsu.tell.model import Decision, Deliver, Listener, Skip, Told
from bongsu.web.format import clock

QUIET = timedelta(minutes=5)  # between messages about one incident to one listener
CALM = timedelta(hours=1)  # after which what only happened counts as over
OPENINGS = frozenset(
    {"opened", "worse", "handed"}
)  # whoever heard one of these knows that it is open
ENDINGS = frozenset({"resolved", "passed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The incident as the plan sees it."""

    severity: int
    zone: tzinfo
    resolved_at: datetime | None = None
    by_hand: bool = False  # a person has taken or ended it
    holder: str | None = None  # key of the listener who has it
    holder_name: str = ""
    held_since: datetime | None = None
    stopped: Said | None = None  # why telling stops altogether


@dataclass(frozen=True, slots=True)
class Plan:
    decisions: tuple[Decision, ...]
    next_at: datetime | None = None


def plan(
    standing: Standing,
    audience: Sequence[Listener],
    listening: Sequence[Listener],
    tellings: Sequence[Told],
    now: datetime,
) -> Plan:
    """`listening`: those told so far, at the addresses used then. Never decides the same thing twice."""
    if standing.resolved_at is not None:
        found = list(_over(standing, audience, listening, tellings))
    else:
        told = {one.key for one in tellings if one.told}
        inside = {one.key for one in audience}
        # Whoever it was handed to may stand outside of the audience.
        holder = [o for o in listening if o.key == standing.holder and o.key not in inside]
        found = [
            decision
            for listener in [*audience, *holder]
            for decision in _open(standing, listener, tellings, told, now)
        ]
    waits = [d.until for d in found if isinstance(d, Skip) and d.until is not None]
    fresh = tuple(decision for decision in found if not _known(decision, tellings))
    return Plan(fresh, min(waits, default=None))


def _known(decision: Decision, tellings: Sequence[Told]) -> bool:
    """A skip is kept once; a delivery is fresh by the way it was decided."""
    if isinstance(decision, Deliver):
        return False
    return any(
        not one.told
        and (one.key, one.occasion, one.severity, one.reason.text)
        == (decision.listener.key, decision.occasion, decision.severity, decision.reason.text)
        for one in tellings
    )


def _open(
    standing: Standing,
    listener: Listener,
    tellings: Sequence[Told],
    told: set[str],
    now: datetime,
) -> Iterator[Decision]:
    heard = [one for one in tellings if one.told and one.key == listener.key]
    worst = max((one.severity for one in heard), default=0)
    if listener.key in told and standing.severity <= worst:
        return
    occasion = "worse" if listener.key in told else "opened"
    why_not = listener.barred or standing.stopped or _taken(standing, listener)
    if why_not is not None:
        yield Skip(listener, occasion, standing.severity, why_not)
    elif occasion == "opened":
        yield Deliver(listener, occasion, standing.severity, listener.reason)
    else:
        yield _worse(standing, listener, worst, max(one.at for one in heard), now)


def _worse(
    standing: Standing, listener: Listener, worst: int, last_at: datetime, now: datetime
) -> Decision:
    until = last_at + QUIET
    if now < until:
        at = clock(last_at, standing.zone)
        why_not = say("already told at {time}; later changes are on the page", time=at)
        return Skip(listener, "worse", standing.severity, why_not, until)
    why = say("severity rose from {before} to {after}", before=worst, after=standing.severity)
    return Deliver(listener, "worse", standing.severity, why)


def _taken(standing: Standing, listener: Listener) -> Said | None:
    if standing.holder is None or standing.held_since is None or standing.holder == listener.key:
        return None
    at = clock(standing.held_since, standing.zone)
    return say("{holder} has it since {time}", holder=standing.holder_name, time=at)


def _over(
    standing: Standing,
    audience: Sequence[Listener],
    listening: Sequence[Listener],
    tellings: Sequence[Told],
) -> Iterator[Decision]:
    opened = {one.key for one in tellings if one.told and one.occasion in OPENINGS}
    ended = {one.key for one in tellings if one.told and one.occasion in ENDINGS}
    for listener in listening:
        if listener.key in opened - ended:
            why = say("was told that it is open")
            yield Deliver(listener, "resolved", standing.severity, why)
    if opened or ended or standing.by_hand:
        return
    for listener in audience:
        if listener.barred is not None:
            yield Skip(listener, "passed", standing.severity, listener.barred)
        else:
            yield Deliver(listener, "passed", standing.severity, listener.reason)


@dataclass(frozen=True, slots=True)
class Calm:
    """Whether an incident ends by itself, and when to look again."""

    over: bool
    look_at: datetime | None = None


def calm(incident: Incident, touched: Sequence[Touched], now: datetime) -> Calm:
    """What only happened is never reported well; an hour without another word counts as that."""
    wrong = [one for one in touched if one.state != WELL]
    if incident.resolved_at is not None or not wrong or any(o.state != HAPPENED for o in wrong):
        return Calm(over=False)
    due = max(one.since for one in wrong) + CALM
    return Calm(over=True) if now >= due else Calm(over=False, look_at=due)
