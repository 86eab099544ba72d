"""From an event to everybody whom it concerns: told now, told later, or not told, each with the reason.

All in the transaction of the reader of the log, so that a mail is queued when the event is read, not later.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bongsu.accounts import store as accounts
from bongsu.accounts.model import User
from bongsu.db.session import Tx
from bongsu.deliver.store import causes
from bongsu.events.envelope import Event
from bongsu.kit.clock import Clock
from bongsu.kit.i18n import Said
from bongsu.tell import store, store_choices, store_notices
from bongsu.tell.access import Gates, why_not
from bongsu.tell.audience import person_listener
from bongsu.tell.concerned import TIES, Concerned, concerned
from bongsu.tell.letters import Desk, letter
from bongsu.tell.model import Defaults, Deliver, Listener, Skip, zone_of
from bongsu.tell.news import News, merged, read
from bongsu.tell.preferences import (
    Later,
    Never,
    Occasion,
    Preferences,
    decide,
)
from bongsu.tell.service import carry_out, queue
from bongsu.tell.store_choices import NOTHING_CHOSEN, Project
from bongsu.tell.store_notices import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is in the tables about the people whom one thing concerns."""

    users: Mapping[int, User]
    preferences: Mapping[int, Preferences]
    projects: Mapping[int, Project]
    muted: frozenset[int]
    unaware: frozenset[int] = frozenset()  # that the thing was created waits to be told to them

    def choice(self, user_id: int) -> Preferences:
        return self.preferences.get(user_id, NOTHING_CHOSEN)

    def occasion(self, news: News, to: Concerned) -> Occasion:
        project = self.projects.get(to.user_id)
        return Occasion(
            thing=news.thing.name,
            project=news.thing.project_title,
            ties=to.ties,
            kinds=to.kinds,
            own=news.by == to.user_id,
            is_text=bool(news.run),
            at=news.at,
            muted=to.user_id in self.muted,
            project_choice=project.choice if project else "",
        )


async def know(tx: Tx, news: News, people: Collection[int]) -> Known:
    """Five look-ups for all of them together."""
    had, have = news.people("assignees")
    others = {*news.thing.assignees, *had, *have, *(() if news.by is None else (news.by,))}
    found = await accounts.users_by_ids(tx, sorted({*people, *others}))
    project = news.thing.project
    return Known(
        users={one.id: one for one in found},
        preferences=await store_choices.preferences_of(tx, people),
        projects=await store_choices.choices_about(tx, people, project) if project else {},
        muted=await store_choices.who_muted(tx, people, news.thing.subject),
        unaware=await store_notices.await_creation(tx, news.thing.subject),
    )


async def desk_for(
    tx: Tx, news: Sequence[News], users: Mapping[int, User], people: Collection[int],
    defaults: Defaults, clock: Clock,
) -> Desk:  # fmt: skip
    things = {one.thing.subject: one.thing for one in news}
    headings = {
        subject: await store_choices.first_heading(tx, subject, thing.heading, thing.path)
        for subject, thing in things.items()
    }
    keys = await store_choices.keys_of(tx, {one: secrets.token_urlsafe(32) for one in people})
    names = {user.id: user.name for user in users.values()}
    return Desk(
        public_url=defaults.public_url, now=clock.now(), names=names, headings=headings, keys=keys
    )


class Hearing:
    """One event and everybody whom it concerns."""

    def __init__(self, tx: Tx, gates: Gates, defaults: Defaults, clock: Clock) -> None:
        self.tx, self.gates, self.defaults, self.clock = tx, gates, defaults, clock

    async def hear(self, event: Event) -> None:
        """Nothing for what is no news, or concerns nobody."""
        news = read(event)
        if news is None:
            return
        thing = news.thing
        if news.run:
            now = self.clock.now()
            await store_notices.end_runs(self.tx, thing.subject, news.run, news.by, now)
        followers = await store_choices.followers(self.tx, thing.project) if thing.project else []
        people = concerned(news, followers)
        ids = [one.user_id for one in people]
        known = await know(self.tx, news, ids)
        present = [one for one in people if one.user_id in known.users]
        desk = await desk_for(
            self.tx,
            [news],
            known.users,
            [one.user_id for one in present],
            self.defaults,
            self.clock,
        )
        for to in present:
            await self._decide(news, to, known, desk)

    async def _decide(self, news: News, to: Concerned, known: Known, desk: Desk) -> None:
        user = known.users[to.user_id]
        listener = person_listener(user, TIES[to.ties[0]][0], self.defaults)
        barred = listener.barred or await why_not(self.tx, self.gates, news.thing.subject, user.id)
        if barred is not None:
            await self._skip(news, to, listener, barred)
            return
        await self._remember_project(news, to, known)
        zone, now = zone_of(listener.time_zone), self.clock.now()
        made = decide(known.choice(user.id), known.occasion(news, to), zone, now)
        if isinstance(made, Never):
            await self._skip(news, to, listener, made.reason)
        elif isinstance(made, Later):
            await self._later(news, to, listener, made)
        else:
            if user.id in known.unaware:
                await self.creation_first(user, news.thing.subject, to)
            await self._now(news, to, listener, desk)

    async def _remember_project(self, news: News, to: Concerned, known: Known) -> None:
        thing, heard = news.thing, known.projects.get(to.user_id)
        if thing.project and (heard is None or heard.title != thing.project_title[:254]):
            await store_choices.heard_of(self.tx, to.user_id, thing.project, thing.project_title)

    # --- what is done with a decision

    async def _skip(self, news: News, to: Concerned, listener: Listener, why: Said) -> None:
        decision = Skip(listener, to.kinds[0], news.severity, why)
        now, subject = self.clock.now(), news.thing.subject
        await store.insert(self.tx, subject, decision, None, now, news.event_id)

    async def _later(self, news: News, to: Concerned, listener: Listener, made: Later) -> None:
        subject, now = news.thing.subject, self.clock.now()
        if news.run and await store_notices.go_on(
            self.tx, to.user_id, subject, news.by, news.run, news.event_id, made.until
        ):
            return
        decision = Skip(listener, to.kinds[0], news.severity, made.reason, made.until)
        number = await store.insert(self.tx, subject, decision, None, now, news.event_id)
        await store_notices.insert(
            self.tx,
            user_id=to.user_id,
            subject=subject,
            by_id=news.by,
            run=news.run,
            mode=store_notices.RUN if made.is_run else store_notices.DIGEST,
            kind=to.kinds[0] if news.type != "task.created" else "created",
            event_id=news.event_id,
            telling_id=number,
            due_at=made.until,
            now=now,
        )

    async def _now(self, news: News, to: Concerned, listener: Listener, desk: Desk) -> None:
        decision = Deliver(listener, to.kinds[0], news.severity, listener.reason, news.event_id)
        await carry_out(
            self.tx,
            [decision],
            subject=news.thing.subject,
            compose=lambda made, key: letter(desk, news, to, made.listener, key),
            event_id=news.event_id,
            clock=self.clock,
        )

    async def creation_first(self, user: User, subject: str, to: Concerned) -> None:
        """Nobody hears of a comment before they hear that the task was created."""
        if "created" in to.kinds:
            return
        for one in await store_notices.take_creation(self.tx, user.id, subject):
            news = await self.news_of(one)
            if news is not None:
                await self.send(news, user, [one])

    # --- what waited

    async def news_of(self, one: Notice) -> News | None:
        """None when its events are no longer in the log."""
        events = await causes(self.tx, one.events)
        found = [read(events[event_id]) for event_id in one.events if event_id in events]
        run = [news for news in found if news is not None]
        return merged(run) if len(run) > 1 else run[0] if run else None

    async def send(self, news: News, user: User, waited: Sequence[Notice]) -> None:
        """What waited, as a mail of its own in the thread of its thing."""
        to = concerned_one(news, user.id)
        if to is None:
            return
        known = await know(self.tx, news, [user.id])
        desk = await desk_for(self.tx, [news], known.users, [user.id], self.defaults, self.clock)
        listener = person_listener(user, TIES[to.ties[0]][0], self.defaults)
        decision = Deliver(listener, to.kinds[0], news.severity, listener.reason, news.event_id)
        delivery_id = await queue(
            self.tx,
            decision,
            news.thing.subject,
            lambda made, key: letter(desk, news, to, made.listener, key),
            news.event_id,
            self.clock,
        )
        tellings = [one.telling_id for one in waited if one.telling_id is not None]
        await store.settle(
            self.tx, tellings, told=True, reason=listener.reason, delivery_id=delivery_id,
            now=self.clock.now(),
        )  # fmt: skip


def concerned_one(news: News, user_id: int) -> Concerned | None:
    """As when it was decided; who followed the project then still does, or is told all the same."""
    return next((one for one in concerned(news, [user_id]) if one.user_id == user_id), None)
