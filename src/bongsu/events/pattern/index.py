"""Many patterns against one event, at a cost that hardly grows with their number.

Every alternative of every pattern has a number; sets of them are integers (docs/adr/0011). An event is
flattened once. Each of its fields tells which alternatives it contradicts; those that no field contradicts,
and that ask for no field the event lacks, fit. Only for events with objects inside of lists is each one that
was found tried in full.
"""

from collections.abc import Hashable
from itertools import compress
from typing import Any, Generic, TypeVar

from bongsu.events.pattern.columns import Column
from bongsu.events.pattern.flatten import Fields, Paths
from bongsu.events.pattern.lookups import Bits
from bongsu.events.pattern.pattern import Alternative, Pattern

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
SHAPES_LIMIT = 1000  # different sets of fields for which the answer is remembered
DENSE = 16  # from one bit in so many on, looking at every bit is faster than looking for the next
_ZERO_ONE = bytes.maketrans(b"01", b"\x00\x01")


class _Field:
    """One path: the rules that ask for it, those that are content without it, and their matchers."""

    __slots__ = ("asked", "column", "content", "others")

    def __init__(self) -> None:
        self.column = Column()
        self.asked: Bits = 0
        self.content: Bits = 0
        self.others: Bits = 0  # rules that do not ask for it


class PatternIndex(Generic[K]):
    """Keys to patterns. `add` and `remove` are cheap; the first `match` after them brings the rest up to date."""

    def __init__(self) -> None:
        self._numbers: dict[K, list[int]] = {}
        self._alternatives: list[tuple[K, Alternative] | None] = []
        self._everyone: Bits = 0
        self._fields: dict[str, _Field] = {}
        self._paths = Paths()
        self._shapes: dict[frozenset[str], Bits] = {}
        self._changed = False

    def __len__(self) -> int:
        return len(self._numbers)

    def add(self, key: K, pattern: Pattern) -> None:
        """A key that is there already gets the new pattern, and comes last."""
        self.remove(key)
        first = len(self._alternatives)
        self._numbers[key] = list(range(first, first + len(pattern.alternatives)))
        for alternative in pattern.alternatives:
            bit = 1 << len(self._alternatives)
            self._alternatives.append((key, alternative))
            self._toggle(alternative, bit)

    def remove(self, key: K) -> None:
        """A key that is not there is no error."""
        for number in self._numbers.pop(key, ()):
            held = self._alternatives[number]
            self._alternatives[number] = None
            if held is not None:
                self._toggle(held[1], 1 << number)

    def match(self, view: dict[str, Any]) -> list[K]:
        """Keys of the patterns that the event fits, in the order they were added."""
        if self._changed:
            self._update()
        fields = self._paths.flatten(view)
        left = self._with_these(fields)
        by_path, places = self._fields, fields.places
        for path, values in fields.values.items():
            field = by_path[path]
            # A field that some list element has may be missing from another one.
            fits = field.others | field.content if path in places else field.others
            for value in values:
                fits |= field.column.bits_for(value)
            left &= fits
            if not left:
                return []
        found = _chosen(self._alternatives, left)
        if places:
            found = [held for held in found if held is not None and held[1].fits(fields)]
        return list(dict.fromkeys([held[0] for held in found if held is not None]))

    def _toggle(self, alternative: Alternative, bit: Bits) -> None:
        self._changed = True
        self._everyone ^= bit
        for leaf in alternative.leaves:
            field = self._fields.get(leaf.path)
            if field is None:
                field = self._fields[leaf.path] = _Field()
                self._paths.add(leaf.path)
            field.column.toggle(leaf.matchers, bit)
            field.asked ^= bit
            field.content ^= bit if leaf.absent_fits else 0

    def _update(self) -> None:
        live = sum(len(numbers) for numbers in self._numbers.values())
        if len(self._alternatives) > 2 * live + 64:
            self._renumber()
        for field in self._fields.values():
            field.others = self._everyone ^ field.asked
        self._shapes = {}
        self._changed = False

    def _renumber(self) -> None:
        """After many removals: no gaps among the numbers, no paths that nobody asks for."""
        kept = [held for held in self._alternatives if held is not None]
        self._numbers = {key: [] for key in self._numbers}
        self._alternatives, self._everyone, self._fields, self._paths = [], 0, {}, Paths()
        for key, alternative in kept:
            self._numbers[key].append(len(self._alternatives))
            bit = 1 << len(self._alternatives)
            self._alternatives.append((key, alternative))
            self._toggle(alternative, bit)

    def _with_these(self, fields: Fields) -> Bits:
        """The alternatives that can do without every field the event lacks."""
        shape = frozenset(fields.values)
        bits = self._shapes.get(shape)
        if bits is None:
            bits = self._everyone
            for path, field in self._fields.items():
                if path not in shape:
                    bits &= field.others | field.content
            if len(self._shapes) >= SHAPES_LIMIT:
                self._shapes.clear()
            self._shapes[shape] = bits
        return bits


def _chosen(listed: list[T], bits: Bits) -> list[T]:
    """Those at the positions of the set bits."""
    digits = bin(bits)[:1:-1]
    if bits.bit_count() * DENSE > len(listed):
        return list(compress(listed, digits.encode().translate(_ZERO_ONE)))
    found, at = [], digits.find("1")
    while at >= 0:
        found.append(listed[at])
        at = digits.find("1", at + 1)
    return found
