"""Tells what had to wait: edits that are over, the end of quiet hours, digests.

One round: who has something due → claim all of theirs → decide again whether they want it and may read it →
a mail for each run of edits, one for all the rest. A person whose news fail is tried again later, then given up.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bongsu.accounts import store as accounts
from bongsu.accounts.model import User
from bongsu.db.session import Database, Tx
from bongsu.deliver import outbox
from bongsu.deliver.pace import rest
from bongsu.events.envelope import Draft
from bongsu.events.log import record
from bongsu.kit.clock import Clock, SetBack
from bongsu.kit.errors import StateBusy
from bongsu.kit.i18n import Said, say
from bongsu.kit.redact import redact_text
from bongsu.kit.text import head
from bongsu.tell import store, store_notices
from bongsu.tell.access import Gates, why_not
from bongsu.tell.audience import person_listener
from bongsu.tell.hear import Hearing, concerned_one, desk_for, know, named_in
from bongsu.tell.letters import Piece, digest
from bongsu.tell.model import Defaults
from bongsu.tell.news import News
from bongsu.tell.preferences import RUN_S, refused
from bongsu.tell.store_notices import DIGEST, Notice

POLL_S = 0.25
LEASE = timedelta(minutes=1)
TRIES = 3
TAKEN_BACK = say("the edit was taken back before it was told")
GONE = say("what happened is no longer in the log")
FAILED = say("it could not be said, by a fault of ours")
_logger = logging.getLogger("bongsu.tell")


class Notices:
    """One for each `alarm` process. Sets `queued` after a commit that left something to send."""

    def __init__(
        self, db: Database, gates: Gates, defaults: Defaults, clock: Clock, queued: asyncio.Event
    ) -> None:
        self.db, self.gates, self.defaults, self.clock = db, gates, defaults, clock
        self.queued = queued
        self._set_back = SetBack(clock)

    async def run(self, stop: asyncio.Event, wake: asyncio.Event) -> None:
        """Until `stop`; looks at once at `wake`, otherwise every POLL_S."""
        while not stop.is_set():
            try:
                told = await self.step()
            except StateBusy:
                told = 0
            except Exception:
                _logger.exception("telling what waited failed; the next look tries again")
                told = 0
            if not told:
                await rest(stop, wake, POLL_S)

    async def step(self) -> int:
        """One batch in one transaction; how many people had something due."""
        now = self.clock.now()
        if self._set_back.happened():
            async with self.db.write() as tx:
                await store_notices.pull_forward(tx, now, now + timedelta(seconds=2 * RUN_S))
            self._set_back.settled()
        async with self.db.read() as tx:
            if not await store_notices.is_due(tx, now):
                return 0
        async with self.db.write() as tx:
            people = await store_notices.due_people(tx, now)
            for user_id in people:
                await self._tell_safely(tx, user_id)
        self.queued.set()
        return len(people)

    async def _tell_safely(self, tx: Tx, user_id: int) -> None:
        try:
            async with tx.savepoint():
                await self._tell(tx, user_id)
        except StateBusy:
            raise
        except Exception as error:
            _logger.exception("what waited for person %d could not be told", user_id)
            await self._put_off(tx, user_id, error)

    async def _put_off(self, tx: Tx, user_id: int, error: Exception) -> None:
        """Not at once again, and not for ever."""
        now = self.clock.now()
        failed = await store_notices.claim(tx, user_id, now, now + LEASE)
        given_up = [one for one in failed if one.tries >= TRIES]
        if not given_up:
            return
        await self._settle(tx, given_up, FAILED)
        text = head(redact_text(f"{type(error).__name__}: {error}"), 500)
        title = say("Somebody could not be told what changed")
        data = {"object": f"user/{user_id}", "error": text, "title": title.stored()}
        draft = Draft(
            type="own.telling_failed", source="bongsu.tell", subject=f"user/{user_id}",
            severity=4, data=data, dedup_key="own/telling",
        )  # fmt: skip
        record(tx, draft, self.clock)

    # --- one person

    async def _tell(self, tx: Tx, user_id: int) -> None:
        now = self.clock.now()
        claimed = await store_notices.claim(tx, user_id, now, now + LEASE)
        users = await accounts.users_by_ids(tx, [user_id]) if claimed else []
        hearing = Hearing(tx, self.gates, self.defaults, self.clock)
        wanted: list[tuple[Notice, News]] = []
        for one in claimed:
            news = await hearing.news_of(one)
            why = GONE if news is None else await self._refusal(tx, one, news, users[0])
            if news is None or why is not None:
                await self._settle(tx, [one], why or GONE)
            else:
                wanted.append((one, news))
        together = [pair for pair in wanted if pair[0].mode == DIGEST]
        alone = [pair for pair in wanted if pair[0].mode != DIGEST]
        if len(together) == 1:
            alone, together = together + alone, []
        for one, news in alone:
            await self._letter(hearing, users[0], one, news)
        if together:
            await self._digest(tx, users[0], together)
        await store_notices.done(tx, [one.id for one, _ in wanted])

    async def _refusal(self, tx: Tx, one: Notice, news: News, user: User) -> Said | None:
        if len(one.events) > 1 and news.is_empty:
            return TAKEN_BACK
        barred = person_listener(user, say("digest"), self.defaults).barred
        if barred is not None:
            return barred
        why = await why_not(tx, self.gates, one.subject, user.id)
        to = concerned_one(news, user.id)
        if why is not None or to is None:
            return why or TAKEN_BACK
        known = await know(tx, news, [user.id])
        return refused(known.choice(user.id), known.occasion(news, to))

    async def _settle(self, tx: Tx, notices: Sequence[Notice], why: Said) -> None:
        tellings = [one.telling_id for one in notices if one.telling_id is not None]
        await store.settle(tx, tellings, told=False, reason=why, now=self.clock.now())
        await store_notices.done(tx, [one.id for one in notices])

    async def _letter(self, hearing: Hearing, user: User, one: Notice, news: News) -> None:
        to = concerned_one(news, user.id)
        if to is not None:
            await hearing.creation_first(user, one.subject, to)
        await hearing.send(news, user, [one])

    async def _digest(self, tx: Tx, user: User, pairs: Sequence[tuple[Notice, News]]) -> None:
        pieces = [
            Piece(news, to) for _, news in pairs if (to := concerned_one(news, user.id)) is not None
        ]
        news = [one for _, one in pairs]
        named = sorted({who for one in news for who in named_in(one)})
        known = await know(tx, news[0], [user.id])
        users = {one.id: one for one in await accounts.users_by_ids(tx, named)}
        known = replace(known, users={**known.users, **users})
        desk = await desk_for(tx, news, known, [user.id], self.defaults, self.clock)
        listener = person_listener(user, say("digest"), self.defaults)
        key = f"digest/{user.id}/{pairs[0][0].id}"
        delivery_id = await outbox.enqueue(
            tx,
            key=key,
            kind=listener.kind,
            options=listener.options,
            recipient=listener.recipient,
            message=digest(desk, pieces, listener, key),
            subject=f"user/{user.id}",
            event_id=None,
            clock=self.clock,
        )
        tellings = [one.telling_id for one, _ in pairs if one.telling_id is not None]
        await store.settle(
            tx, tellings, told=True, reason=say("in a digest"), delivery_id=delivery_id,
            now=self.clock.now(),
        )  # fmt: skip
