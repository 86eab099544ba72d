"""What one wants to be told: use cases. Each runs inside the caller's transaction and asks `require` first.

A choice holds from the next decision on; what waits for a digest moves to its new hour.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import time
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bongsu.accounts.audit import audit
from bongsu.accounts.model import Actor, require
from bongsu.db.session import Tx
from bongsu.kit.clock import Clock, iso
from bongsu.kit.errors import Invalid, NotFound, Problem
from bongsu.kit.i18n import say
from bongsu.tell import store_choices, store_notices
from bongsu.tell.access import Gates
from bongsu.tell.model import zone_of
from bongsu.tell.preferences import AT_ONCE, CHANNELS, KINDS, Preferences, waiting
from bongsu.tell.store_choices import Muted, Project

Kind = Literal[
    "assigned", "mentioned", "due", "created", "status", "commented", "attached", "changed"
]
Choice = Literal["", "all", "mine", "mute"]
Hour = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", examples=["22:00"])]


class Quiet(BaseModel):
    """Nothing comes in between, but what always comes at once. Both hours, or neither."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    since: Hour | None = Field(default=None, alias="from")
    until: Hour | None = None
    weekends: bool = False


class TellingChange(BaseModel):
    """What is left out stays."""

    model_config = ConfigDict(extra="forbid")

    off: bool | None = Field(default=None, description="No mails about tasks at all")
    own: bool | None = Field(default=None, description="One's own changes too")
    kinds: dict[Literal["mail"], dict[Kind, bool]] | None = Field(
        default=None, description="What is told by which channel"
    )
    at_once: list[Literal["assigned", "mentioned", "due"]] | None = Field(
        default=None, description="What passes by digest and quiet hours"
    )
    digest: Literal["at_once", "hourly", "daily"] | None = None
    digest_hour: int | None = Field(default=None, ge=0, le=23, description="Of the daily digest")
    quiet: Quiet | None = None
    projects: dict[str, Choice] | None = Field(
        default=None, description="By project/1: all, mine, mute, or empty as everywhere"
    )

    @field_validator("quiet")
    @classmethod
    def _both_or_neither(cls, value: Quiet | None) -> Quiet | None:
        if value is not None and (value.since is None) != (value.until is None):
            raise ValueError(say("Quiet hours need both a beginning and an end, or neither."))
        return value


@dataclass(frozen=True, slots=True)
class Mine:
    """Everything that one has chosen."""

    preferences: Preferences
    projects: tuple[Project, ...]
    muted: tuple[Muted, ...]

    def shown(self) -> dict[str, Any]:
        return shown(self.preferences) | {
            "projects": [
                {"project": one.project, "title": one.title, "choice": one.choice}
                for one in self.projects
            ],
            "muted": [
                {"subject": one.subject, "heading": one.heading, "at": iso(one.at)}
                for one in self.muted
            ],
        }


def shown(choice: Preferences) -> dict[str, Any]:
    return {
        "off": choice.off,
        "own": choice.own,
        "kinds": {
            channel: {kind: choice.wants(kind, channel) for kind in KINDS} for channel in CHANNELS
        },
        "at_once": [kind for kind in AT_ONCE if kind in choice.at_once],
        "digest": choice.digest,
        "digest_hour": choice.digest_hour,
        "quiet": {
            "from": f"{choice.quiet_from:%H:%M}" if choice.quiet_from else None,
            "until": f"{choice.quiet_until:%H:%M}" if choice.quiet_until else None,
            "weekends": choice.quiet_weekends,
        },
    }


async def mine(tx: Tx, actor: Actor) -> Mine:
    require(actor, "telling.read")
    return Mine(
        await store_choices.preferences(tx, actor.id),
        tuple(await store_choices.projects_of(tx, actor.id)),
        tuple(await store_choices.muted_by(tx, actor.id)),
    )


async def change(tx: Tx, actor: Actor, form: TellingChange, zone: str, clock: Clock) -> Mine:
    """`zone` is the person's own, for what waits. Raises Invalid for a project that they never heard of."""
    require(actor, "telling.own")
    for project, choice in (form.projects or {}).items():
        await _choose_project(tx, actor, project, choice, clock)
    await put(tx, actor, _applied(await store_choices.preferences(tx, actor.id), form), zone, clock)
    return await mine(tx, actor)


def _applied(before: Preferences, form: TellingChange) -> Preferences:
    after = before
    for channel, kinds in (form.kinds or {}).items():
        for kind, wanted in kinds.items():
            after = after.switched(kind, wanted, channel)
    given = form.model_dump(include={"off", "own", "digest", "digest_hour"}, exclude_none=True)
    after = replace(after, **given)
    if form.at_once is not None:
        after = replace(after, at_once=frozenset(form.at_once))
    if form.quiet is not None:
        after = replace(
            after,
            quiet_from=time.fromisoformat(form.quiet.since) if form.quiet.since else None,
            quiet_until=time.fromisoformat(form.quiet.until) if form.quiet.until else None,
            quiet_weekends=form.quiet.weekends,
        )
    return after


async def put(tx: Tx, actor: Actor, after: Preferences, zone: str, clock: Clock) -> None:
    """For whoever has asked already who may: keeps the choice, says so in the log."""
    before = await store_choices.preferences(tx, actor.id)
    if before == after:
        return
    await store_choices.save(tx, actor.id, after, clock.now())
    say_changed(tx, actor, shown(before), shown(after), clock)
    if _when(before) != _when(after):
        waits = waiting(after, zone_of(zone), clock.now())
        due = waits.until if waits else clock.now()
        await store_notices.move_digest(tx, actor.id, due)


def _when(choice: Preferences) -> tuple[Any, ...]:
    quiet = (choice.quiet_from, choice.quiet_until, choice.quiet_weekends)
    return (choice.digest, choice.digest_hour, *quiet)


def say_changed(
    tx: Tx, actor: Actor, before: Mapping[str, Any], after: Mapping[str, Any], clock: Clock
) -> None:
    audit(
        tx, actor, "telling.changed", f"user/{actor.id}", clock, before=before, after=after
    )  # fmt: skip


async def _choose_project(tx: Tx, actor: Actor, project: str, choice: str, clock: Clock) -> None:
    known = await store_choices.choices_about(tx, [actor.id], project)
    if actor.id not in known:
        what = say("You have heard of no project {project} yet.", project=project)
        todo = say("It stands here after the first mail about one of its tasks.")
        raise Invalid(say("Nothing was changed."), (Problem("projects", what, todo),))
    before = known[actor.id]
    if before.choice == choice:
        return
    await store_choices.choose_project(tx, actor.id, project, choice)
    say_changed(tx, actor, {project: before.choice}, {project: choice}, clock)


async def follow_project(
    tx: Tx, actor: Actor, project: str, title: str, choice: Choice, clock: Clock
) -> None:
    """From the project's own page, whose room has asked whether the person may see it."""
    require(actor, "telling.own")
    await store_choices.heard_of(tx, actor.id, project, title)
    await _choose_project(tx, actor, project, choice, clock)


async def mute(tx: Tx, actor: Actor, gates: Gates, subject: str, clock: Clock) -> str:
    """Nothing more about one thing; its heading. Raises NotFound for what is not theirs to see."""
    require(actor, "telling.own")
    family, _, number = subject.partition("/")
    gate = gates.get(family)
    if gate is None or not number.isascii() or not number.isdigit() or len(number) > 18:
        raise NotFound(say("There is no {subject} that anybody is told about.", subject=subject))
    found = await gate.read(tx, actor, int(number))
    heading, path = await store_choices.thread_of(tx, subject) or (found.title, found.href)
    if await store_choices.mute(tx, actor.id, subject, heading, path, clock.now()):
        say_changed(tx, actor, {"muted": []}, {"muted": [subject]}, clock)
    return heading


async def unmute(tx: Tx, actor: Actor, subject: str, clock: Clock) -> None:
    """Raises NotFound for what is not muted."""
    require(actor, "telling.own")
    if not await store_choices.unmute(tx, actor.id, subject):
        raise NotFound(say("{subject} is not muted. You are told about it.", subject=subject))
    say_changed(tx, actor, {"muted": [subject]}, {"muted": []}, clock)


async def export(tx: Tx, user_id: int) -> dict[str, Any]:
    """For the export of one's own data."""
    found = Mine(
        await store_choices.preferences(tx, user_id),
        tuple(await store_choices.projects_of(tx, user_id)),
        tuple(await store_choices.muted_by(tx, user_id)),
    )
    return found.shown()
