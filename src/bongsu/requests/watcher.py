"""The triggers at work, in each `serve` process: matches every batch, counts with the others, tells the log.

    batch → index of patterns → hits in memory → once a second, one transaction: hits written, everybody's
    hits of the window summed → enough: whoever inserts the row of the firing records the event, once

A process that dies loses at most one second of hits; the window itself is in the state.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from bongsu.accounts import store as accounts
from bongsu.db.session import Database, Tx
from bongsu.events.log import record
from bongsu.events.pattern import PatternIndex, compile_pattern
from bongsu.kit.clock import Clock
from bongsu.kit.errors import Invalid, StateBusy
from bongsu.kit.wait import pause
from bongsu.lake.trouble import Trouble
from bongsu.requests import store
from bongsu.requests.model import Seen
from bongsu.requests.own import OwnTroubles
from bongsu.requests.triggers import (
    FIRING_LIMIT,
    LONGEST_WINDOW_S,
    OTHERS,
    Firing,
    Hit,
    Trigger,
    fired,
    key_of,
    quiet,
)

SHARE_S = 1.0
RELOAD_S = 2.0
FORGET_S = 60.0
KEYS_HELD = 2000  # of one second; a storm with more different keys is seen by its first ones
KEYS_SHARED = 100  # in one transaction, the largest first
Key = tuple[int, str]
_logger = logging.getLogger("bongsu.requests")


class Watcher:
    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock
        self._index: PatternIndex[int] = PatternIndex()
        self._known: dict[int, Trigger] = {}
        self._hits: dict[Key, Hit] = {}
        self._own = OwnTroubles(clock)
        self._reloaded_s = self._forgot_s = -FORGET_S

    def see(self, batch: Sequence[Seen]) -> None:
        """Cheap, never waits. Costs nothing while no trigger is on."""
        if not self._known:
            return
        for seen in batch:
            for trigger_id in self._index.match(seen.document()):
                self._count(trigger_id, seen)

    def _count(self, trigger_id: int, seen: Seen) -> None:
        key = (trigger_id, key_of(self._known[trigger_id].per, seen))
        hit = self._hits.get(key)
        if hit is None:
            if len(self._hits) >= KEYS_HELD:
                return
            hit = self._hits[key] = Hit()
        hit.add(seen)

    def spool_says(self, trouble: Trouble) -> None:
        self._own.note(trouble)

    async def run(self, stop: asyncio.Event) -> None:
        while not await pause(stop, SHARE_S):
            await self.step()
        await self.step()

    async def step(self) -> None:
        """Never raises: a database that is away is asked again in a second, with what was counted meanwhile."""
        try:
            await self._reload()
            await self._share()
            await self._end_quiet()
            await self._tell_own()
        except StateBusy:
            _logger.warning("the state takes no hits of triggers; they are kept")
        except Exception:
            _logger.exception("the triggers of requests went wrong")

    async def _reload(self) -> None:
        now_s = self._clock.monotonic_s()
        if now_s - self._reloaded_s < RELOAD_S:
            return
        async with self._db.read() as tx:
            found = await store.every(tx, enabled_only=True)
        self._reloaded_s = now_s
        self._use(found)

    def _use(self, triggers: Iterable[Trigger]) -> None:
        """Compiles those that changed. One that cannot be compiled any more is left out, and said."""
        wanted = {one.id: one for one in triggers}
        for gone in [number for number in self._known if self._known[number] != wanted.get(number)]:
            del self._known[gone]
            self._index.remove(gone)
        for number, trigger in wanted.items():
            if number in self._known:
                continue
            try:
                self._index.add(number, compile_pattern(trigger.pattern))
            except Invalid:
                _logger.exception("trigger %s is not used", trigger.name)
            else:
                self._known[number] = trigger

    async def _share(self) -> None:
        taken, self._hits = self._hits, {}
        if not taken:
            return
        largest = sorted(taken, key=lambda key: taken[key].count, reverse=True)[:KEYS_SHARED]
        try:
            async with self._db.write() as tx:
                # As they are now: one that was deleted or switched off since counts nothing more.
                current = {one.id: one for one in await store.every(tx, enabled_only=True)}
                hits = {key: taken[key] for key in largest if key[0] in current}
                if hits:
                    await self._decide(tx, current, hits)
        except StateBusy:
            self._put_back(taken)
            raise

    def _put_back(self, taken: Mapping[Key, Hit]) -> None:
        newer, self._hits = self._hits, dict(taken)
        for key, hit in newer.items():
            if key in self._hits:
                self._hits[key].merge(hit)
            elif len(self._hits) < KEYS_HELD:
                self._hits[key] = hit

    async def _decide(
        self, tx: Tx, current: Mapping[int, Trigger], hits: Mapping[Key, Hit]
    ) -> None:
        now = self._clock.now()
        await store.add_hits(tx, hits)
        for trigger_id in {number for number, _ in hits}:
            trigger = current[trigger_id]
            mine = {key: hit for (number, key), hit in hits.items() if number == trigger_id}
            since = now - timedelta(seconds=trigger.window_s)
            counted = await store.counts(tx, trigger_id, list(mine), since)
            enough = {key: n for key, n in counted.items() if n >= trigger.at_least}
            if enough:
                await self._fire(tx, trigger, enough, mine, now)

    async def _fire(
        self,
        tx: Tx,
        trigger: Trigger,
        enough: Mapping[str, int],
        mine: Mapping[str, Hit],
        now: datetime,
    ) -> None:
        firing = {one.key for one in await store.firing_of(tx, trigger.id)}
        for key, count in enough.items():
            # A storm from everywhere is told by its first twenty, and one more for all the others.
            told = key if key in firing or len(firing - {OTHERS}) < FIRING_LIMIT else OTHERS
            if told not in firing and await store.begin(tx, trigger.id, told, count, now):
                firing.add(told)
                samples = await store.samples(tx, trigger.id, key)
                label = await _label(tx, told)
                record(tx, fired(trigger, told, count, now, samples, label), self._clock)
            else:
                await store.go_on(tx, trigger.id, told, mine[key].count, now)

    async def _end_quiet(self) -> None:
        now, now_s = self._clock.now(), self._clock.monotonic_s()
        async with self._db.read() as tx:
            still = [one for one in await store.firing(tx) if self._is_quiet(one, now)]
        forget = now_s - self._forgot_s >= FORGET_S
        if not still and not forget:
            return
        async with self._db.write() as tx:
            for one in still:
                if await store.end(tx, one):
                    trigger = self._known[one.trigger_id]
                    record(tx, quiet(trigger, one, now, await _label(tx, one.key)), self._clock)
            if forget:
                await store.forget_hits(tx, now - timedelta(seconds=2 * LONGEST_WINDOW_S))
                self._forgot_s = now_s

    def _is_quiet(self, one: Firing, now: datetime) -> bool:
        trigger = self._known.get(one.trigger_id)
        return trigger is not None and (now - one.last_at).total_seconds() > trigger.quiet_s

    async def _tell_own(self) -> None:
        drafts = self._own.untold()
        if not drafts:
            return
        async with self._db.write() as tx:
            for draft in drafts:
                record(tx, draft, self._clock)
        self._own.told(drafts)


async def _label(tx: Tx, key: str) -> str:
    """`user/3` as the person is called."""
    kind, _, number = key.partition("/")
    user = (
        await accounts.user_by_id(tx, int(number)) if kind == "user" and number.isdigit() else None
    )
    return user.name if user is not None else key
