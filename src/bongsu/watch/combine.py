"""What the locations' verdicts amount to: pure. One location is taken at its word.

- A location that has not looked for two intervals is stale and does not count.
- A location whose verdict is `unknown` has no vote: its own trouble says nothing about the target.
- Trouble needs `quorum` votes, but never more than there are locations. Where the missing votes could decide, the
  state is `unknown`, not a guess.
- `paused` and `maintenance` lie over the state; it goes on under them.

Dependencies between checks ("the router is down, so its shops are not counted") come later, as one more input.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bongsu.kit.i18n import Said, say
from bongsu.watch.model import Overlay, State
from bongsu.watch.verdict import our_fault

FRESH_INTERVALS = 2
FRESH_AT_LEAST_S = 10.0  # short intervals: a location reports every 2 s, a few of these may be late
_BAD: tuple[State, ...] = ("down", "degraded")


@dataclass(frozen=True, slots=True)
class Seen:
    """One location's verdict. `looked_at` is when it last looked at all, whatever it saw."""

    location: str
    state: State
    since: datetime
    looked_at: datetime
    reason: Said | None = None


@dataclass(frozen=True, slots=True)
class Combined:
    state: State
    since: datetime
    reason: Said
    locations: dict[str, State]
    overlay: Overlay | None = None


def is_fresh(looked_at: datetime, every_s: float, now: datetime) -> bool:
    limit_s = max(FRESH_INTERVALS * every_s, FRESH_AT_LEAST_S)
    return now - looked_at <= timedelta(seconds=limit_s)


def combine(
    seen: Sequence[Seen], quorum: int, every_s: float, overlay: Overlay | None, now: datetime
) -> Combined:
    """The state of a check; its reason is the worst voter's, with the count when locations disagree."""
    fresh = [one for one in seen if is_fresh(one.looked_at, every_s, now)]
    locations = {one.location: one.state for one in fresh}
    state, since, reason = _agree(fresh, max(1, min(quorum, len(seen))), now)
    return Combined(state, since, reason, locations, overlay)


def _agree(fresh: Sequence[Seen], needed: int, now: datetime) -> tuple[State, datetime, Said]:
    voters = [one for one in fresh if one.state != "unknown"]
    if not voters:
        return _nobody(fresh, now)
    for level in _BAD:
        votes = [one for one in voters if _at_least(one.state, level)]
        if len(votes) >= needed:
            return level, _reached(votes, needed), _why(votes, level, len(voters))
    troubled = [one for one in voters if one.state in _BAD]
    if troubled and len(voters) < needed:
        return "unknown", now, _too_few(len(troubled), needed, len(voters))
    return _well(voters, troubled, needed, now)


def _at_least(state: State, level: State) -> bool:
    return state in {"down", level}


def _reached(votes: Sequence[Seen], needed: int) -> datetime:
    """When the vote that completed the quorum came in."""
    return sorted(one.since for one in votes)[needed - 1]


def _why(votes: Sequence[Seen], level: State, voters: int) -> Said:
    first = min((one for one in votes if one.state == level), key=lambda one: one.since)
    reason = first.reason or say("The check failed without saying why.")
    if voters == 1:
        return reason
    return say(
        "From {count} of {all} locations: {reason}", count=len(votes), all=voters, reason=reason
    )


def _nobody(fresh: Sequence[Seen], now: datetime) -> tuple[State, datetime, Said]:
    if not fresh:
        return "unknown", now, our_fault("silent")
    first = min(fresh, key=lambda one: one.since)
    return "unknown", first.since, first.reason or our_fault("unknown")


def _too_few(troubled: int, needed: int, voters: int) -> Said:
    return say(
        "{count} of {all} locations see trouble, {needed} must agree, and the others are silent.",
        count=troubled,
        all=voters,
        needed=needed,
    )


def _outvoted(troubled: int, needed: int, voters: int) -> Said:
    return say(
        "{count} of {all} locations see trouble; {needed} must agree.",
        count=troubled,
        all=voters,
        needed=needed,
    )


def _well(
    voters: Sequence[Seen], troubled: Sequence[Seen], needed: int, now: datetime
) -> tuple[State, datetime, Said]:
    if troubled:
        return "up", now, _outvoted(len(troubled), needed, len(voters))
    last = max(voters, key=lambda one: one.since)
    return "up", last.since, last.reason or say("The first look was good.")
