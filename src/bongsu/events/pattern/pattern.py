"""A compiled pattern, and whether an event fits it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bongsu.events.pattern.flatten import Fields, Paths
from bongsu.events.pattern.places import consistent
from bongsu.events.pattern.tree import Leaf, Rule, Tree


@dataclass(frozen=True, slots=True, eq=False)
class Alternative:
    """A rule without `$or`: every leaf must fit. `leaves` are in the order of their paths."""

    leaves: tuple[Leaf, ...]

    @classmethod
    def of(cls, rule: Rule) -> "Alternative":
        return cls(tuple(rule[path] for path in sorted(rule, key=_utf16)))

    def fits(self, fields: Fields) -> bool:
        placed = len([leaf for leaf in self.leaves if leaf.path in fields.places])
        if placed > 1:
            return self._may_fit(fields) and consistent(self.leaves, fields)
        return all(self._leaf_fits(leaf, fields) for leaf in self.leaves)

    def _leaf_fits(self, leaf: Leaf, fields: Fields) -> bool:
        values = fields.values.get(leaf.path)
        return leaf.absent_fits if values is None else leaf.fits(values)

    def _may_fit(self, fields: Fields) -> bool:
        """Spares the search among places where some leaf fits nowhere."""
        return all(leaf.absent_fits or self._leaf_fits(leaf, fields) for leaf in self.leaves)


def _utf16(path: str) -> bytes:
    """The order of Java's strings, in which EventBridge takes paths."""
    return path.encode("utf-16-be", "surrogatepass")


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """Made by `compile_pattern`. `source` is the pattern as a JSON object."""

    source: dict[str, Any]
    tree: Tree = field(repr=False)
    rules: Sequence[Rule] = field(repr=False)
    alternatives: tuple[Alternative, ...] = field(init=False, repr=False)
    _paths: Paths = field(init=False, repr=False)

    def __post_init__(self) -> None:
        made = tuple(Alternative.of(rule) for rule in self.rules)
        object.__setattr__(self, "alternatives", made)
        object.__setattr__(self, "_paths", Paths(self.paths()))

    def paths(self) -> set[str]:
        return {path for rule in self.rules for path in rule}

    def fields(self, view: dict[str, Any]) -> Fields:
        """Those fields of the event that this pattern asks for."""
        return self._paths.flatten(view)

    def matches(self, view: dict[str, Any]) -> bool:
        """`view` is the event as a JSON object, e.g. `Event.match_view()`."""
        fields = self.fields(view)
        return any(alternative.fits(fields) for alternative in self.alternatives)
