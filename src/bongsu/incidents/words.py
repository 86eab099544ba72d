"""Sentences of incidents that need more than one line to make."""

from datetime import datetime

from bongsu.incidents.model import HAPPENED, STATE_WORDS, Sighting
from bongsu.kit.i18n import Said, say

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def length(start: datetime, end: datetime) -> Said:
    """How long, in the largest units, not yet in a language."""
    seconds = max(0, int((end - start).total_seconds()))
    if seconds < _MINUTE:
        return say("{n} s", n=seconds)
    if seconds < _HOUR:
        return say("{n} min", n=seconds // _MINUTE)
    if seconds < _DAY:
        hours, minutes = divmod(seconds // _MINUTE, _MINUTE)
        return say("{h} h {m} min", h=hours, m=minutes) if minutes else say("{n} h", n=hours)
    return say("{n} d", n=seconds // _DAY)


def change(seen: Sighting) -> Said:
    """`home: up → down`"""
    if seen.state == HAPPENED:
        return seen.heading
    after = STATE_WORDS[seen.state]
    if seen.before is None:
        return say("{thing} is {state}", thing=seen.title, state=after)
    before = STATE_WORDS[seen.before]
    return say("{thing}: {before} → {after}", thing=seen.title, before=before, after=after)


def own(words: str) -> Said:
    """A person's own words: stored like a sentence, never translated."""
    return say("{words}", words=words)


def names(people: list[str]) -> Said:
    """At most three by name."""
    if len(people) <= 3:
        return own(", ".join(people))
    return say("{names} and {n} more", names=", ".join(people[:3]), n=len(people) - 3)
