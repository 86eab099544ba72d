"""A pattern as it was read: leaves under *every* (all must fit) and *either* (`$or`: one must).

`alternatives` multiplies the tree out into rules without `$or`. As in EventBridge a later test of a
path takes the place of an earlier one, so that the order of appearance decides (docs/adr/0010).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import prod

from bongsu.events.pattern.matchers import Absent, Exact, Matcher, Present
from bongsu.events.pattern.values import Token


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """The tests of one field. `path` is the field's name in the event, `where` its place in the pattern."""

    path: str
    where: str
    matchers: tuple[Matcher, ...]
    absent_fits: bool = field(init=False)
    fits: Callable[[Sequence[Token]], bool] = field(init=False)

    def __post_init__(self) -> None:
        absent = any(isinstance(matcher, Absent) for matcher in self.matchers)
        object.__setattr__(self, "absent_fits", absent)
        object.__setattr__(self, "fits", _test_of(self.matchers))


@dataclass(frozen=True, slots=True)
class Every:
    children: tuple["Leaf | Every | Either", ...]


@dataclass(frozen=True, slots=True)
class Either:
    children: tuple["Leaf | Every | Either", ...]
    where: str


Tree = Leaf | Every | Either


def _test_of(matchers: tuple[Matcher, ...]) -> Callable[[Sequence[Token]], bool]:
    """Whether any of a field's values passes any of the tests; literals are one look-up in a set."""
    exact = frozenset(m.token for m in matchers if isinstance(m, Exact))
    tests = [m.test for m in matchers if not isinstance(m, Exact | Absent)]
    if any(isinstance(matcher, Present) for matcher in matchers):
        return bool
    if not tests:
        return lambda tokens: not exact.isdisjoint(tokens)
    if len(tests) == 1 and not exact:
        return _only_test(tests[0])

    def fits(tokens: Sequence[Token]) -> bool:
        return not exact.isdisjoint(tokens) or any(test(t) for t in tokens for test in tests)

    return fits


def _only_test(test: Callable[[Token], bool]) -> Callable[[Sequence[Token]], bool]:
    def fits(tokens: Sequence[Token]) -> bool:
        for token in tokens:  # noqa: SIM110  (half the time of any() for one value)
            if test(token):
                return True
        return False

    return fits


Rule = dict[str, Leaf]  # one alternative: path → tests


def count(tree: Tree) -> int:
    """How many alternatives the tree multiplies out to."""
    if isinstance(tree, Leaf):
        return 1
    counts = [count(child) for child in tree.children]
    return prod(counts) if isinstance(tree, Every) else sum(counts)


def alternatives(tree: Tree) -> list[Rule]:
    return _extended([{}], tree)


def _extended(rules: list[Rule], tree: Tree) -> list[Rule]:
    if isinstance(tree, Leaf):
        return [rule | {tree.path: tree} for rule in rules]
    if isinstance(tree, Either):
        return [rule for child in tree.children for rule in _extended(rules, child)]
    for child in tree.children:
        rules = _extended(rules, child)
    return rules


def takes_place(tree: Tree, rules: Sequence[Rule]) -> bool:
    """Whether in some alternative one leaf took another's place, so that the tree alone does not
    say what counts.
    """
    return _leaf_uses(tree) != sum(len(rule) for rule in rules)


def _leaf_uses(tree: Tree) -> int:
    """Leaves over all alternatives, if none took another's place."""
    if isinstance(tree, Leaf):
        return 1
    uses = [_leaf_uses(child) for child in tree.children]
    if isinstance(tree, Either):
        return sum(uses)
    counts = [count(child) for child in tree.children]
    return sum(use * prod(counts[:i] + counts[i + 1 :]) for i, use in enumerate(uses))
