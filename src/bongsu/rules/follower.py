"""The reader of the log that acts: event → rules that fit → actions, each with its reason.

All in the transaction that moves the cursor. A rule that fails is tried again in a savepoint, then set aside
for this event with `own.rule_failed`; the other rules, and the log, go on.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from bongsu.db.session import Database, Tx
from bongsu.events.envelope import Event
from bongsu.events.follow import TRIES, Follower
from bongsu.events.pattern import PatternIndex
from bongsu.kit.clock import Clock
from bongsu.kit.errors import Invalid, StateBusy
from bongsu.kit.i18n import say
from bongsu.notes.gate import Gate
from bongsu.rules import store
from bongsu.rules.call import Call
from bongsu.rules.model import ACTIONS, Compiled, Rule, Step, because, compiled, may_act
from bongsu.tell.model import Defaults

NAME = "rules"
BATCH = 50
PAGE = 50  # rules compiled at a stretch: the loop is not held longer than about 10 ms
CHANGES_LIMIT = 1000
_logger = logging.getLogger("bongsu.rules")


@dataclass(slots=True)
class Book:
    """The rules in force as of a place in the log (-1: not read yet).

    The place, not the events that pass by, tells what is stale: of several `alarm` processes that share one
    cursor each sees only a part of the events.
    """

    rules: dict[str, Compiled] = field(default_factory=dict)
    index: PatternIndex[str] = field(default_factory=PatternIndex)
    as_of: int = -1

    def put(self, name: str, rule: Rule | None) -> None:
        """A stored rule that can no longer be used is left out, loudly."""
        self.index.remove(name)
        self.rules.pop(name, None)
        if rule is None or not rule.enabled:
            return
        try:
            made = compiled(rule)
        except Invalid:
            _logger.exception("rule %s is not used", rule.name)
            return
        self.rules[name] = made
        self.index.add(name, made.pattern)

    def fitting(self, event: Event) -> Iterable[Compiled]:
        return [self.rules[name] for name in self.index.match(event.match_view())]


class RuleFollower:
    """`follower.run(stop)` is the alarm role's first task; `follower.moved` wakes the next."""

    def __init__(
        self,
        db: Database,
        defaults: Defaults,
        clock: Clock,
        gates: Mapping[str, Gate] = MappingProxyType({}),
    ) -> None:
        """`gates` answer, by the family of a subject, who may hear of it."""
        self.defaults, self.clock, self.book, self.gates = defaults, clock, Book(), gates
        self.follower = Follower(db, NAME, self._handle, clock, batch=BATCH)

    async def _handle(self, tx: Tx, events: Sequence[Event]) -> None:
        await self._refresh(tx)
        for event in events:
            if may_act(event):
                for one in self.book.fitting(event):
                    await self._apply(tx, one, event)
            await asyncio.sleep(0)

    # --- acting

    async def _apply(self, tx: Tx, one: Compiled, event: Event) -> None:
        rule = one.rule.name
        call = Call(tx, event, rule, because(one, event), self.clock, self.defaults, self.gates)
        error = None
        for _ in range(TRIES):
            error = await self._try(one.steps, call)
            if error is None:
                return
        if error is not None:
            _logger.warning("rule %s failed at event %d: %s", rule, event.seq, error)
            title = say("Rule {rule} fails", rule=rule).stored()
            key = f"own/rule/{rule}"
            await self.follower.put_aside(tx, event, error, key, rule=rule, title=title)

    async def _try(self, steps: Sequence[Step], call: Call) -> Exception | None:
        """All actions of the rule, or none."""
        try:
            async with call.tx.savepoint():
                for step in steps:
                    await ACTIONS.module(step.kind).act(step.options, call)
        except StateBusy:
            raise
        except Exception as error:  # noqa: BLE001  one rule's fault must not stop the others
            return error
        return None

    # --- the rules as they are

    async def _refresh(self, tx: Tx) -> None:
        newest = await store.newest_change(tx)
        if newest == self.book.as_of:
            return
        changed = await store.changed_after(tx, self.book.as_of, CHANGES_LIMIT)
        if self.book.as_of < 0 or len(changed) == CHANGES_LIMIT:
            self.book = await self._read_all(tx)
        else:
            for name in dict.fromkeys(changed):
                self.book.put(name, await store.by_name(tx, name))
        self.book.as_of = newest

    async def _read_all(self, tx: Tx) -> Book:
        book, after = Book(), 0
        while page := await store.page(tx, after, PAGE):
            for rule in page:
                book.put(rule.name, rule)
            after = page[-1].id
            await asyncio.sleep(0)
        return book
