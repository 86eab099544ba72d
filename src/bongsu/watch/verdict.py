"""What one location makes of what it sees: pure.

`judge(state, observation) → (state', Transition | None)`. A change for the worse needs `confirm` observations in a
row, a change for the better `recover`; what says nothing about the target (an *own* observation) leads to
`unknown` after `confirm` and to nothing else. The first good look at a new check counts at once.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from bongsu.kit.i18n import Said, say, say_n
from bongsu.watch.model import Observation, State

Direction = Literal["worse", "better", "ours"]
_RANK: dict[State, int] = {"up": 0, "degraded": 1, "down": 2}
_FAR_END: dict[Direction, State] = {"worse": "down", "better": "up", "ours": "unknown"}


@dataclass(frozen=True, slots=True)
class Run:
    """Observations in a row."""

    count: int
    began: datetime

    def longer(self) -> "Run":
        return Run(self.count + 1, self.began)


@dataclass(frozen=True, slots=True)
class Streak:
    """Observations in a row that all point away from the state, the same way.

    `end` is the part of it, up to now, at the far end (`down` or `up`): without it one slow answer
    before an outage would hide the outage behind `degraded`.
    """

    direction: Direction
    whole: Run
    end: Run | None


@dataclass(frozen=True, slots=True)
class LocationState:
    """`state` is None until the first verdict about a new check."""

    state: State | None = None
    since: datetime | None = None
    reason: Said | None = None
    streak: Streak | None = None


NEW = LocationState()


@dataclass(frozen=True, slots=True)
class Transition:
    """One location's change of mind."""

    before: State | None
    after: State
    since: datetime  # the first observation of the streak that led here
    at: datetime
    reason: Said


def judge(
    state: LocationState, seen: Observation, confirm: int, recover: int
) -> tuple[LocationState, Transition | None]:
    """`confirm` and `recover` count observations in a row; values below 1 count as 1."""
    direction = _direction(state.state, seen)
    if direction is None:
        return _calm(state, seen), None
    streak = _longer(state.streak, direction, seen)
    reached = _reached(streak, _needed(state.state, direction, confirm, recover))
    if reached is None:
        return replace(state, streak=streak), None
    level, run = reached
    transition = Transition(
        before=state.state,
        after=level,
        since=run.began,
        at=seen.at,
        reason=_reason(state.state, level, run.count, seen),
    )
    rest = streak.end if level == "degraded" else None
    left = Streak(direction, rest, rest) if rest else None
    return LocationState(level, run.began, transition.reason, left), transition


def restated(state: LocationState, seen: Observation) -> Transition | None:
    """The verdict that stands, once more; None while there is none."""
    if state.state is None or state.since is None:
        return None
    reason = state.reason or _reason(state.state, state.state, 1, seen)
    return Transition(state.state, state.state, state.since, seen.at, reason)


def _direction(current: State | None, seen: Observation) -> Direction | None:
    """Which way an observation points from the state; None when it agrees with it."""
    level: State = "unknown" if seen.own else seen.level
    if level == current:
        return None
    if level == "unknown":
        return "ours"
    if current is None or current == "unknown":
        return "better" if level == "up" else "worse"
    return "worse" if _RANK[level] > _RANK[current] else "better"


def _calm(state: LocationState, seen: Observation) -> LocationState:
    """The observation agrees: no streak, and a bad state keeps its newest reason."""
    newest = seen.reason if state.state in {"down", "degraded"} else None
    if state.streak is None and (newest is None or newest == state.reason):
        return state
    return replace(state, streak=None, reason=newest or state.reason)


def _longer(streak: Streak | None, direction: Direction, seen: Observation) -> Streak:
    first = Run(1, seen.at)
    at_end = seen.level == _FAR_END[direction]
    if streak is None or streak.direction != direction:
        return Streak(direction, first, first if at_end else None)
    end = streak.end.longer() if streak.end else first
    return Streak(direction, streak.whole.longer(), end if at_end else None)


def _reached(streak: Streak, needed: int) -> tuple[State, Run] | None:
    """The farthest level that enough observations in a row agree on."""
    if streak.direction == "ours":
        return ("unknown", streak.whole) if streak.whole.count >= needed else None
    if streak.end and streak.end.count >= needed:
        return _FAR_END[streak.direction], streak.end
    return ("degraded", streak.whole) if streak.whole.count >= needed else None


def _needed(current: State | None, direction: Direction, confirm: int, recover: int) -> int:
    if direction != "better":
        return confirm
    return 1 if current is None else recover


def _reason(before: State | None, level: State, count: int, seen: Observation) -> Said:
    if level == "unknown":
        if seen.reason is not None and seen.own not in _OURS:
            return seen.reason
        return our_fault(seen.own or "unknown")
    if level in {"down", "degraded"}:
        return seen.reason or say("The check failed without saying why.")
    if before is None:
        return say("The first look was good.")
    return say_n("One look was good.", "{n} looks in a row were good.", count)


_OURS = {
    "loop_late": say("this machine was too busy to measure"),
    "late_start": say("the check could not start in time"),
    "clock_jump": say("the clock of this machine jumped"),
    "resolver": say("our own name resolution does not answer"),
    "not_looked": say("the check was not run for two intervals"),
    "silent": say("no location has looked lately"),
}


def our_fault(why: str) -> Said:
    """`why` is an own-fault code (`loop_late`, `EMFILE` …)."""
    known = _OURS.get(why, say("this machine ran out of something it needs ({code})", code=why))
    return say("Our fault, not the service’s: {why}.", why=known)
