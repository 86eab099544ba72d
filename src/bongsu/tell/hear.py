"""From an event to everybody whom it concerns: told now, told later, or not told, each with the reason.

All in the transaction of the reader of the log, so that a mail is queued when the event is read, not later.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bongsu.accounts import store as accounts
from bongsu.accounts.model import User
from bongsu.db.session import Tx
from bongsu.deliver.model import Message
from bongsu.deliver.store import causes
from bongsu.events.envelope import Event
from bongsu.kit.clock import Clock
from bongsu.tell import store, store_choices, store_notices
from bongsu.tell.access import Gates, why_not
from bongsu.tell.audience import person_listener
from bongsu.tell.concerned import TIES, Concerned, concerned
from bongsu.tell.letters import Desk, letter
from bongsu.tell.model import Decision, Defaults, Deliver, Listener, Skip, zone_of
from bongsu.tell.news import News, merged, read
from bongsu.tell.preferences import (
    Later,
    Never,
    Occasion,
    Preferences,
    decide,
)
from bongsu.tell.service import carry_out, queue
from bongsu.tell.store_notices import Notice
from bongsu.tell.store_standings import Standing, standings


@dataclass(frozen=True, slots=True)
class Known:
    """What is in the tables about the people whom one thing concerns."""

    users: Mapping[int, User]
    standings: Mapping[int, Standing]

    def choice(self, user_id: int) -> Preferences:
        return self.standings[user_id].preferences

    def followers(self) -> list[int]:
        found = ((one, standing.project) for one, standing in self.standings.items())
        return [one for one, project in found if project and project.choice == "all"]

    def occasion(self, news: News, to: Concerned) -> Occasion:
        standing = self.standings[to.user_id]
        return Occasion(
            thing=news.thing.name,
            project=news.thing.project_title,
            ties=to.ties,
            kinds=to.kinds,
            own=news.by == to.user_id,
            is_text=bool(news.run),
            at=news.at,
            muted=standing.muted,
            project_choice=standing.project.choice if standing.project else "",
        )


async def know(tx: Tx, news: News, people: Collection[int]) -> Known:
    """Two look-ups for all of them, and for those who follow the project."""
    thing = news.thing
    found = await standings(tx, people, thing.subject, thing.project)
    users = await accounts.users_by_ids(tx, sorted({*people, *found, *named_in(news)}))
    return Known({one.id: one for one in users}, found)


def named_in(news: News) -> set[int]:
    """Whose names the news may say."""
    had, have = news.people("assignees")
    by = set() if news.by is None else {news.by}
    return {*had, *have, *news.thing.assignees, *by}


async def desk_for(
    tx: Tx,
    news: Sequence[News],
    known: Known,
    people: Collection[int],
    defaults: Defaults,
    clock: Clock,
) -> Desk:
    things = {one.thing.subject: one.thing for one in news}
    headings = {
        subject: await store_choices.first_heading(tx, subject, thing.heading, thing.path)
        for subject, thing in things.items()
    }
    keys = {
        one: known.standings[one].secret
        or await store_choices.make_key(tx, one, secrets.token_urlsafe(32))
        for one in people
    }
    names = {user.id: user.name for user in known.users.values()}
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
        if news.run:
            now, subject = self.clock.now(), news.thing.subject
            await store_notices.end_runs(self.tx, subject, news.run, news.by, now)
        known = await know(self.tx, news, [one.user_id for one in concerned(news)])
        people = [
            one for one in concerned(news, known.followers()) if one.user_id in known.standings
        ]
        decided = [(to, await self._decide(news, to, known)) for to in people]
        await self._carry_out(news, known, [(to, one) for to, one in decided if one is not None])

    async def _decide(self, news: News, to: Concerned, known: Known) -> Decision | None:
        """None when it waits."""
        user, kind = known.users[to.user_id], to.kinds[0]
        listener = person_listener(user, TIES[to.ties[0]][0], self.defaults)
        barred = listener.barred or await why_not(self.tx, self.gates, news.thing.subject, user.id)
        if barred is not None:
            return Skip(listener, kind, news.severity, barred)
        await self._remember_project(news, to, known)
        zone, now = zone_of(listener.time_zone), self.clock.now()
        made = decide(known.choice(user.id), known.occasion(news, to), zone, now)
        if isinstance(made, Never):
            return Skip(listener, kind, news.severity, made.reason)
        if isinstance(made, Later):
            await self._later(news, to, listener, made)
            return None
        if known.standings[user.id].unaware:
            await self.creation_first(user, news.thing.subject, to)
        return Deliver(listener, kind, news.severity, listener.reason, news.event_id)

    async def _remember_project(self, news: News, to: Concerned, known: Known) -> None:
        thing, heard = news.thing, known.standings[to.user_id].project
        if thing.project and (heard is None or heard.title != thing.project_title[:254]):
            await store_choices.heard_of(self.tx, to.user_id, thing.project, thing.project_title)

    async def _carry_out(
        self, news: News, known: Known, decided: Sequence[tuple[Concerned, Decision]]
    ) -> None:
        told = {to.user_id: to for to, one in decided if isinstance(one, Deliver)}
        desk = None
        if told:
            desk = await desk_for(self.tx, [news], known, told, self.defaults, self.clock)

        def compose(made: Deliver, key: str) -> Message:
            if desk is None or made.listener.user_id is None:
                raise ValueError(f"{key} is written to nobody")
            return letter(desk, news, told[made.listener.user_id], made.listener, key)

        await carry_out(
            self.tx,
            [one for _, one in decided],
            subject=news.thing.subject,
            compose=compose,
            event_id=news.event_id,
            clock=self.clock,
        )

    # --- what is done with a decision

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
        desk = await desk_for(self.tx, [news], known, [user.id], self.defaults, self.clock)
        listener = person_listener(user, TIES[to.ties[0]][0], self.defaults)
        decision = Deliver(listener, to.kinds[0], news.severity, listener.reason, news.event_id)
        queued = await queue(
            self.tx,
            [decision],
            news.thing.subject,
            lambda made, key: letter(desk, news, to, made.listener, key),
            news.event_id,
            self.clock,
        )
        tellings = [one.telling_id for one in waited if one.telling_id is not None]
        await store.settle(
            self.tx, tellings, told=True, reason=listener.reason,
            delivery_id=next(iter(queued.values()), None),
            now=self.clock.now(),
        )  # fmt: skip


def concerned_one(news: News, user_id: int) -> Concerned | None:
    """As when it was decided; who followed the project then still does, or is told all the same."""
    return next((one for one in concerned(news, [user_id]) if one.user_id == user_id), None)
