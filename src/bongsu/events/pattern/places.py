"""Array consistency: whether a rule's leaves can be satisfied without two elements of one array.

Leaves are taken in the order of their paths. Each state is a set of choices (array, index) made so far;
a leaf keeps the states that one of its fitting values agrees with. `exists: false` fits where no value
of the field agrees with the choices made so far, so that the order matters, as in EventBridge. Choices
in arrays that no later leaf can meet are forgotten: the number of states stays that of one array, not
the product of all.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bongsu.events.pattern.flatten import Fields, Place
from bongsu.events.pattern.tree import Leaf

State = frozenset[tuple[int, int]]
_END = -1  # a place ends at this node; array numbers are not negative


def consistent(ordered: Sequence[Leaf], fields: Fields) -> bool:
    """`ordered`: by path. True when one choice of elements satisfies every leaf."""
    states: set[State] = {frozenset()}
    for leaf, arrays in zip(ordered, _later_arrays(ordered, fields), strict=True):
        choices = _Choices(leaf, fields)
        states = {
            frozenset(pair for pair in choice if pair[0] in arrays)
            for state in states
            for choice in choices.after(state)
        }
        if not states:
            return False
    return True


def _later_arrays(ordered: Sequence[Leaf], fields: Fields) -> list[set[int]]:
    """For each leaf the arrays in which leaves after it have values."""
    later: list[set[int]] = []
    arrays: set[int] = set()
    for leaf in reversed(ordered):
        later.append(set(arrays))
        for place in fields.places.get(leaf.path, {}).values():
            arrays.update(array for array, _ in place)
    return later[::-1]


class _Choices:
    """What one leaf lets each state become."""

    def __init__(self, leaf: Leaf, fields: Fields) -> None:
        values = fields.values.get(leaf.path, [])
        places = fields.places.get(leaf.path, {})
        self._absent_fits = leaf.absent_fits
        self._all = _PlaceTree(places.get(at, ()) for at in range(len(values)))
        self._fitting = _PlaceTree(
            places.get(at, ()) for at, value in enumerate(values) if leaf.fits((value,))
        )

    def after(self, state: State) -> Iterator[State]:
        chosen = dict(state)
        if self._absent_fits and next(self._all.agreeing(chosen), None) is None:
            yield state
        for place in self._fitting.agreeing(chosen):
            yield state.union(place)


class _PlaceTree:
    """Places by array and index, so that those which agree with a choice are found without trying all."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._root: dict[int, Any] = {}
        for place in places:
            node = self._root
            for array, index in place:
                node = node.setdefault(array, {}).setdefault(index, {})
            node[_END] = True

    def agreeing(self, chosen: dict[int, int]) -> Iterator[Place]:
        waiting: list[tuple[dict[int, Any], Place]] = [(self._root, ())]
        while waiting:
            node, place = waiting.pop()
            for array, elements in node.items():
                if array == _END:
                    yield place
                elif array not in chosen:
                    waiting += [(n, (*place, (array, i))) for i, n in elements.items()]
                elif chosen[array] in elements:
                    waiting.append((elements[chosen[array]], (*place, (array, chosen[array]))))
