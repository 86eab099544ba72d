"""An event as its fields: dotted path → values, visiting only what some pattern asks for.

Arrays vanish from paths: every element's value stands under the same name. Where an object or a list
lies inside an array, the *place* of its values is kept too, as (array, index) pairs from the outside
in; two fields from different elements of one array cannot satisfy one rule together. A plain value in
an array has no place in that array.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bongsu.events.pattern.json_text import Twice
from bongsu.events.pattern.values import Token, token_of

Place = tuple[tuple[int, int], ...]
Node = dict[str | None, Any]  # step → Node; None → the path, where one ends
Part = tuple[Node, dict[str, Any], Place]


@dataclass(slots=True)
class Fields:
    """`places[path]` maps the position in `values[path]` to its place; values outside of arrays of
    objects have none.
    """

    values: dict[str, list[Token]] = field(default_factory=dict)
    places: dict[str, dict[int, Place]] = field(default_factory=dict)
    arrays: int = 0  # how many were met; each gets a number

    def keep(self, node: Node, value: Any, place: Place) -> None:
        path = node.get(None)
        if path is None:
            return
        values = self.values.setdefault(path, [])
        if place:
            self.places.setdefault(path, {})[len(values)] = place
        values.append(token_of(value))


class Paths:
    """The paths that patterns ask for, as a tree of steps."""

    def __init__(self, paths: Iterable[str] = ()) -> None:
        self.root: Node = {}
        for path in paths:
            self.add(path)

    def add(self, path: str) -> None:
        node = self.root
        for step in path.split("."):
            node = node.setdefault(step, {})
        node[None] = path

    def flatten(self, view: dict[str, Any]) -> Fields:
        """`view` is a JSON object. Raises TypeError for values that JSON does not have."""
        fields = Fields()
        values = fields.values
        waiting: list[Part] = [(self.root, view, ())]
        while waiting:
            node, part, place = waiting.pop()
            for key, value in part.pairs if type(part) is Twice else part.items():
                below = node.get(key)
                if below is None:
                    below = _along(node, key) if "." in key else None
                    if below is None:
                        continue
                kind = type(value)
                if kind is str and not place:  # nearly every field of nearly every event
                    path = below.get(None)
                    if path is not None:
                        values.setdefault(path, []).append(value)
                elif isinstance(value, dict):
                    waiting.append((below, value, place))
                elif isinstance(value, list | tuple):
                    waiting += _elements(fields, below, value, place)
                else:
                    fields.keep(below, value, place)
        return fields


def _along(node: Node, key: str) -> Node | None:
    """`{"a.b": 1}` is `{"a": {"b": 1}}`."""
    below: Node | None = node
    for step in key.split("."):
        below = below.get(step) if below is not None else None
    return below


def _elements(fields: Fields, node: Node, items: Sequence[Any], place: Place) -> Iterator[Part]:
    """Keeps the plain values of an array, however deep, and gives the objects with their places."""
    waiting = [(items, place)]
    while waiting:
        items, place = waiting.pop()
        array, fields.arrays = fields.arrays, fields.arrays + 1
        for index, item in enumerate(items):
            if isinstance(item, dict):
                yield node, item, (*place, (array, index))
            elif isinstance(item, list | tuple):
                waiting.append((item, (*place, (array, index))))
            else:
                fields.keep(node, item, place)
