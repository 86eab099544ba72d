"""Many patterns against one event, at a cost that hardly grows with their number.

Each alternative of a pattern is filed under one of its leaves only. An event is flattened once; its
values find the alternatives filed under them; only those are tried. What has no field that must be
there (`exists: false` alone) is tried always.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from bongsu.events.pattern.filing import Uses, keys_of
from bongsu.events.pattern.flatten import Fields, Paths
from bongsu.events.pattern.matchers import Key
from bongsu.events.pattern.pattern import Alternative, Pattern
from bongsu.events.pattern.postings import Postings
from bongsu.events.pattern.tree import Leaf

K = TypeVar("K", bound=Hashable)


@dataclass(slots=True, eq=False)
class _Entry(Generic[K]):
    """One alternative of one pattern: the path and keys it is filed under, and what is left to test
    when found.
    """

    key: K
    order: int
    alternative: Alternative
    path: str = ""
    keys: tuple[Key, ...] = ()
    rest: tuple[Leaf, ...] = ()


class PatternIndex(Generic[K]):
    """`add` and `remove` are cheap; after many changes the first `match` files everything anew."""

    def __init__(self) -> None:
        self._entries: dict[K, list[_Entry[K]]] = {}
        self._order = 0
        self._uses = Uses()
        self._postings: dict[str, Postings] = {}
        self._always: list[_Entry[K]] = []
        self._paths = Paths()
        self._waiting: dict[K, None] = {}  # added and not filed yet
        self._gone = 0  # taken out since everything was filed anew

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, key: K, pattern: Pattern) -> None:
        """A key that is there already gets the new pattern."""
        self.remove(key)
        self._order += 1
        self._entries[key] = [_Entry(key, self._order, one) for one in pattern.alternatives]
        for entry in self._entries[key]:
            self._uses.count(entry.alternative.leaves, 1)
        self._waiting[key] = None

    def remove(self, key: K) -> None:
        """A key that is not there is no error."""
        filed = key not in self._waiting
        self._waiting.pop(key, None)
        for entry in self._entries.pop(key, ()):
            self._uses.count(entry.alternative.leaves, -1)
            if filed:
                self._take_out(entry)
                self._gone += 1

    def match(self, view: dict[str, Any]) -> list[K]:
        """Keys of the patterns that the event fits, in the order they were added."""
        if self._waiting or self._gone > len(self._entries):
            self._file_waiting()
        fields = self._paths.flatten(view)
        candidates = list(self._always)
        for path, values in fields.values.items():
            postings = self._postings.get(path)
            if postings is not None:
                postings.find(values, candidates)
        found = (
            _tried_in_places(candidates, fields) if fields.places else _tried(candidates, fields)
        )
        return [found[order] for order in sorted(found)]

    def _file_waiting(self) -> None:
        """Files what was added; everything anew where half is new, for then the shares have
        changed, or where more has gone than is left, so that its paths are forgotten.
        """
        waiting: Iterable[K] = self._waiting
        if 2 * len(self._waiting) >= len(self._entries) or self._gone > len(self._entries):
            self._postings, self._always, self._paths, self._gone = {}, [], Paths(), 0
            waiting = self._entries
        for key in waiting:
            for entry in self._entries[key]:
                self._file(entry)
        self._waiting = {}

    def _file(self, entry: _Entry[K]) -> None:
        chosen, entry.rest = self._uses.choose(entry.alternative.leaves)
        for leaf in entry.alternative.leaves:
            self._paths.add(leaf.path)
        if chosen is None:
            self._always.append(entry)
            return
        entry.path, entry.keys = chosen.path, keys_of(chosen)
        postings = self._postings.setdefault(entry.path, Postings())
        for key in entry.keys:
            postings.add(key, entry)

    def _take_out(self, entry: _Entry[K]) -> None:
        if not entry.keys:
            self._always.remove(entry)
        for key in entry.keys:
            self._postings[entry.path].remove(key, entry)


def _tried(candidates: Iterable[_Entry[K]], fields: Fields) -> dict[int, K]:
    found: dict[int, K] = {}
    get = fields.values.get
    for entry in candidates:
        for leaf in entry.rest:
            values = get(leaf.path)
            if values is None:
                if not leaf.absent_fits:
                    break
            elif not leaf.fits(values):
                break
        else:
            found[entry.order] = entry.key
    return found


def _tried_in_places(candidates: Iterable[_Entry[K]], fields: Fields) -> dict[int, K]:
    return {entry.order: entry.key for entry in candidates if entry.alternative.fits(fields)}
