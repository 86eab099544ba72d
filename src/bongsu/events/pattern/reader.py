"""A pattern's JSON to its tree. All faults are collected, each with its place and what to do."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from bongsu.events.pattern.json_text import Twice
from bongsu.events.pattern.operands import SHOWN_LIMIT, Wrong
from bongsu.events.pattern.operators import OPERATORS, matcher_of
from bongsu.events.pattern.tree import Either, Every, Leaf, Tree
from bongsu.kit.errors import Problem
from bongsu.kit.i18n import Said, say
from bongsu.kit.text import head

OR = "$or"
DEPTH_LIMIT = 100
PROBLEMS_LIMIT = 20
RESERVED_IN_OR = frozenset(OPERATORS) | {
    *("=", "<", "<=", ">", ">="),
    *("regex", "not-wildcard", "not-equals-ignore-case"),
    *("date-after", "date-on-or-after", "date-before", "date-on-or-before", "in-date-range"),
    *("ip-address-in-range", "ip-address-not-in-range"),
}


@dataclass(slots=True)
class Reader:
    """`or_is_field`: `$or` is a field of the event like any other (see `compile.py`). `last_wins`:
    a key or path given twice is not a fault and the last one counts, as in EventBridge.
    """

    or_is_field: bool = False
    last_wins: bool = False
    problems: list[Problem] = field(default_factory=list)

    def read(self, source: dict[str, Any]) -> Tree:
        return self._object(source, _Place((), "", inside_or=False, seen=set()))

    def fault(self, where: str, what: Said, todo: Said | None = None) -> None:
        if len(self.problems) < PROBLEMS_LIMIT:
            self.problems.append(Problem(where or "pattern", what, todo))

    def _object(self, source: dict[str, Any], place: "_Place") -> Every:
        if not source:
            self.fault(
                place.where,
                say("An empty object would test nothing."),
                say("Name at least one field, or take the key out."),
            )
        if isinstance(source, Twice) and not self.last_wins:
            for key in source.repeated():
                self._repeated(place.below(key))
        if len(place.steps) >= DEPTH_LIMIT:
            self.fault(place.where, say("The pattern is more than {n} levels deep.", n=DEPTH_LIMIT))
            return Every(())
        entries: Iterable[tuple[Any, Any]] = source.items()
        if isinstance(source, Twice) and self.last_wins:
            entries = source.pairs
        children = [self._entry(key, value, place) for key, value in entries]
        return Every(tuple(child for child in children if child is not None))

    def _repeated(self, place: "_Place") -> None:
        self.fault(
            place.where,
            say("{name} is given twice; only one could count.", name=place.name()),
            say("Write all its values in one list."),
        )

    def _entry(self, key: Any, value: Any, place: "_Place") -> Tree | None:
        if not isinstance(key, str):
            self.fault(
                place.where,
                say("The field name {name} is not text.", name=str(key)),
                say("Put it in quotes."),
            )
            return None
        if key == OR and not self.or_is_field:
            return self._either(value, place)
        below = place.below(key)
        if place.inside_or and key in RESERVED_IN_OR:
            self.fault(
                below.where,
                say("{name} is a match type and cannot be a field inside $or.", name=key),
                say('Write {{"field": [{{"{name}": …}}]}} with the name of the field.', name=key),
            )
            return None
        if isinstance(value, dict):
            return self._object(value, below)
        if isinstance(value, list):
            return self._leaf(value, below)
        self.fault(
            below.where,
            say("{name} must be an object or a list.", name=below.name()),
            say("Put the value in brackets."),
        )
        return None

    def _leaf(self, values: list[Any], place: "_Place") -> Leaf | None:
        if not values:
            self.fault(
                place.where,
                say("An empty list would never fit."),
                say("Name at least one value, or take the key out."),
            )
        path = ".".join(place.steps)
        if path in place.seen and not self.last_wins:
            self._repeated(place)
        place.seen.add(path)
        matchers = []
        for index, value in enumerate(values):
            try:
                matchers.append(matcher_of(value))
            except Wrong as error:
                self.fault(f"{place.where}[{index}]", error.what, error.todo)
        return Leaf(path, place.where, tuple(matchers)) if matchers else None

    def _either(self, value: Any, place: "_Place") -> Either | None:
        where = place.joined(OR)
        if not isinstance(value, list) or len(value) < 2:
            self.fault(
                where,
                say("$or needs at least two alternatives in a list."),
                say('Write {"$or": [{"a": ["x"]}, {"b": ["y"]}]}, or leave $or out.'),
            )
            return None
        children: list[Tree] = []
        for index, alternative in enumerate(value):
            branch = _Place(place.steps, f"{where}[{index}]", inside_or=True, seen=set())
            if isinstance(alternative, dict):
                children.append(self._object(alternative, branch))
            else:
                self.fault(
                    branch.where,
                    say("Each alternative of $or is an object."),
                    say('Write {"field": ["value"]}.'),
                )
        return Either(tuple(children), where)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the reader is: the event path so far, the place in the pattern, and the paths this
    conjunction has tested.
    """

    steps: tuple[str, ...]
    where: str
    inside_or: bool
    seen: set[str]

    def joined(self, key: str) -> str:
        return f"{self.where}.{key}" if self.where else key

    def below(self, key: str) -> "_Place":
        return _Place((*self.steps, key), self.joined(key), self.inside_or, self.seen)

    def name(self) -> str:
        return head(self.steps[-1], SHOWN_LIMIT)
