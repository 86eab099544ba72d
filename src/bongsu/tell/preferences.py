"""What one person wants to be told, when, and what follows from it for one piece of news: pure.

muted, not theirs, switched off  → Never(reason)
always at once                   → Now
quiet hours, digest              → Later(until, reason)
a text that may be edited on     → Later(a few seconds after the last edit)
else                             → Now
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta, tzinfo

from bongsu.kit.i18n import Said, say

CHANNELS = ("mail",)  # by which people may be told; each is a column of the matrix
# What people may be told of, the most telling first: a save may be several of them.
KINDS: dict[str, Said] = {
    "assigned": say("Being assigned"),
    "mentioned": say("Mentions"),
    "due": say("Due dates"),
    "created": say("Created, deleted, restored"),
    "status": say("Status changes"),
    "commented": say("Comments"),
    "attached": say("Attachments"),
    "changed": say("Text and details"),
}
AT_ONCE = ("assigned", "mentioned", "due")  # may be told to pass by digest and quiet hours
OWN_TIES = frozenset({"assigned", "creator", "was_assigned", "mentioned"})
RUN_S = 5.0  # after the last edit of a text
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_LONGEST_DAYS = 5  # a night, a weekend and a night


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """As they are for whoever has chosen nothing. Hours are the person's own."""

    off: bool = False  # no mails about tasks at all
    own: bool = True  # one's own changes too
    never: Mapping[str, frozenset[str]] = field(default_factory=dict)  # kinds, by channel
    at_once: frozenset[str] = frozenset(AT_ONCE)
    digest: str = "at_once"
    digest_hour: int = 8
    quiet_from: time | None = None
    quiet_until: time | None = None
    quiet_weekends: bool = False

    def wants(self, kind: str, channel: str = "mail") -> bool:
        return kind not in self.never.get(channel, frozenset())

    def switched(self, kind: str, wanted: bool, channel: str = "mail") -> "Preferences":
        """The same, with that kind by that channel on or off."""
        now = self.never.get(channel, frozenset())
        after = now - {kind} if wanted else now | {kind}
        return replace(self, never={**self.never, channel: after})


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """One piece of news for one person."""

    thing: str  # TSK-42
    project: str
    ties: tuple[str, ...]  # what joins the person to the thing, strongest first
    kinds: tuple[str, ...]  # what the news is to them, most telling first
    own: bool  # they did it themselves
    is_text: bool  # a text that may be edited on in the next seconds
    at: datetime  # of the last edit
    muted: bool = False
    project_choice: str = ""

    @property
    def kind(self) -> str:
        return self.kinds[0]


@dataclass(frozen=True, slots=True)
class Now:
    pass


@dataclass(frozen=True, slots=True)
class Later:
    """`is_run`: only until the edits end; otherwise it waits to be told together with others."""

    until: datetime
    reason: Said
    is_run: bool = False


@dataclass(frozen=True, slots=True)
class Never:
    reason: Said


def decide(choice: Preferences, one: Occasion, zone: tzinfo, now: datetime) -> Now | Later | Never:
    why_not = refused(choice, one)
    if why_not is not None:
        return Never(why_not)
    if choice.at_once.intersection(one.kinds):
        return Now()
    waits = waiting(choice, zone, now)
    if waits is not None:
        return waits
    if one.is_text:
        until = one.at + timedelta(seconds=RUN_S)
        return Later(until, say("further edits are waited for"), is_run=True)
    return Now()


def refused(choice: Preferences, one: Occasion) -> Said | None:
    """Why the person does not want to hear it at all."""
    foreign = one.project_choice == "mine" and OWN_TIES.isdisjoint(one.ties)
    unwanted = not any(choice.wants(kind) for kind in one.kinds)
    reasons = (
        (choice.off, say("mails about tasks are switched off")),
        (one.muted, say("{thing} is muted", thing=one.thing)),
        (one.project_choice == "mute", say("the project {project} is muted", project=one.project)),
        (foreign, say("of the project {project} only one’s own tasks", project=one.project)),
        (one.own and not choice.own, say("one’s own changes are switched off")),
        (unwanted, say("switched off: {what}", what=KINDS[one.kind])),
    )
    return next((why for holds, why in reasons if holds), None)


def waiting(choice: Preferences, zone: tzinfo, now: datetime) -> Later | None:
    """Until when it waits to be told together with others; None: it does not."""
    if choice.digest != "at_once":
        slot = next_open(choice, zone, next_slot(choice, zone, now))
        reason = say("waits for the daily digest")
        return Later(
            slot, say("waits for the hourly digest") if choice.digest == "hourly" else reason
        )
    if is_quiet(choice, zone, now):
        return Later(next_open(choice, zone, now), say("quiet hours"))
    return None


# --- the person's clock


def is_quiet(choice: Preferences, zone: tzinfo, at: datetime) -> bool:
    here = at.astimezone(zone)
    if choice.quiet_weekends and here.weekday() >= 5:
        return True
    if choice.quiet_from is None or choice.quiet_until is None:
        return False
    start, end, now = choice.quiet_from, choice.quiet_until, here.time()
    return start <= now < end if start <= end else now >= start or now < end


def next_open(choice: Preferences, zone: tzinfo, at: datetime) -> datetime:
    """The first moment from `at` on that is not quiet, whatever clocks do in between."""
    if not is_quiet(choice, zone, at):
        return at
    ends = sorted(end for end in _ends(choice, zone, at) if end > at)
    return next((end for end in ends if not is_quiet(choice, zone, end)), at)


def _ends(choice: Preferences, zone: tzinfo, at: datetime) -> Iterator[datetime]:
    """Moments at which quiet may end: the hour, midnight after a weekend, a change of the clocks."""
    first = at.astimezone(zone).date()
    hours = {time(0), choice.quiet_until or time(0)}
    for day in range(_LONGEST_DAYS):
        for hour in hours:
            wall = datetime.combine(first + timedelta(days=day), hour, zone)
            yield from (wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
        yield from _change_of_clocks(zone, at + day * _DAY, at + (day + 1) * _DAY)


def _change_of_clocks(zone: tzinfo, start: datetime, end: datetime) -> Iterator[datetime]:
    """To the minute; at most one in a day."""
    before = start.astimezone(zone).utcoffset()
    if before == end.astimezone(zone).utcoffset():
        return
    low, high = start.replace(second=0, microsecond=0), end
    while high - low > _MINUTE:
        middle = (low + (high - low) / 2).replace(second=0, microsecond=0)
        low, high = (
            (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
        )
    yield high


def next_slot(choice: Preferences, zone: tzinfo, now: datetime) -> datetime:
    """When the next digest is due: the full hour, or the hour of the day; strictly after `now`."""
    if choice.digest == "hourly":
        here = now.astimezone(zone)
        past = timedelta(minutes=here.minute, seconds=here.second, microseconds=here.microsecond)
        return now - past + timedelta(hours=1)
    first = now.astimezone(zone).date()
    days = (first + timedelta(days=day) for day in range(3))
    slots = (datetime.combine(day, time(choice.digest_hour), zone).astimezone(UTC) for day in days)
    return next(slot for slot in slots if slot > now)
