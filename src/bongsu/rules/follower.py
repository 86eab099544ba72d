"""The reader of the log that acts: event → rules that fit → actions, each with its reason.

Rules are held in an index and read again when the log says that one changed, so that an event is always
judged by the rules in force at its place in the log.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from bongsu.db.session import Database, Tx
from bongsu.events.envelope import Event
from bongsu.events.follow import Follower
from bongsu.events.pattern import PatternIndex, compile_pattern
from bongsu.kit.clock import Clock
from bongsu.kit.errors import Invalid
from bongsu.rules import store
from bongsu.rules.model import ACTIONS, Rule

NAME = "rules"
_CHANGES = frozenset({"rule.created", "rule.updated", "rule.deleted"})
_logger = logging.getLogger("bongsu.rules")


@dataclass(slots=True)
class Book:
    """The rules in force."""

    rules: dict[int, Rule] = field(default_factory=dict)
    index: PatternIndex[int] = field(default_factory=PatternIndex)
    read: bool = False

    def replace(self, rules: Sequence[Rule]) -> None:
        """Only what changed is filed anew. A stored pattern that no longer compiles is left out, loudly."""
        wanted = {rule.id: rule for rule in rules}
        for rule_id in self.rules.keys() - wanted.keys():
            self.index.remove(rule_id)
        for rule in rules:
            before = self.rules.get(rule.id)
            if before is None or before.pattern != rule.pattern:
                self._file(rule)
        self.rules, self.read = wanted, True

    def _file(self, rule: Rule) -> None:
        try:
            self.index.add(rule.id, compile_pattern(rule.pattern))
        except Invalid:
            _logger.exception("rule %s is not used: its pattern does not compile", rule.name)

    def fitting(self, event: Event) -> list[Rule]:
        return [self.rules[rule_id] for rule_id in self.index.match(event.match_view())]


class RuleFollower:
    """`follower.run(stop)` is the alarm role's first task."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.clock, self.book = clock, Book()
        self.follower = Follower(db, NAME, self._handle, clock)

    async def _handle(self, tx: Tx, events: Sequence[Event]) -> None:
        if not self.book.read:
            await self._read(tx)
        for event in events:
            if event.type in _CHANGES:
                await self._read(tx)
            for rule in self.book.fitting(event):
                await self._act(tx, rule, event)

    async def _read(self, tx: Tx) -> None:
        self.book.replace(await store.every(tx, enabled_only=True))

    async def _act(self, tx: Tx, rule: Rule, event: Event) -> None:
        for action in rule.actions:
            ((kind, options),) = action.items()
            module = ACTIONS.module(kind)
            await module.act(
                tx, event, module.SPEC.options.model_validate(options), rule.name, self.clock
            )
