"""Where an alternative is filed: under the leaf that the fewest events are expected to satisfy
(docs/adr/0011).

How many events satisfy a leaf is not known. It is guessed from the rules themselves: a value that one
rule in three names on its path is taken to be in one event in three.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from bongsu.events.pattern.matchers import Absent, Key
from bongsu.events.pattern.postings import PRESENT
from bongsu.events.pattern.tree import Leaf

OTHER_VALUES = 10  # as many are assumed on a path besides those that rules name
PRESENT_SHARE, RANGE_SHARE = 1.0, 0.3  # of events
LETTER_SHARE = 0.2  # of texts that begin with a given letter


def keys_of(leaf: Leaf) -> tuple[Key, ...]:
    """Keys under one of which every event that has a fitting value is found; weak where some test
    has no key.
    """
    keys = [matcher.key for matcher in leaf.matchers if not isinstance(matcher, Absent)]
    known = tuple(dict.fromkeys(key for key in keys if key is not None))
    return known if len(keys) == len([key for key in keys if key is not None]) else (PRESENT,)


def is_sure(leaf: Leaf) -> bool:
    """Whether being found under a key is the whole test, so that the leaf need not be tried again."""
    return all(matcher.sure for matcher in leaf.matchers) and PRESENT not in keys_of(leaf)


class Uses:
    """How often the filed and waiting rules use each key on each path."""

    def __init__(self) -> None:
        self._keys: Counter[tuple[str, Key]] = Counter()
        self._paths: Counter[str] = Counter()

    def count(self, leaves: Iterable[Leaf], step: int) -> None:
        """`step` is 1 for rules that come and -1 for rules that go."""
        for leaf in leaves:
            for key in keys_of(leaf):
                self._paths[leaf.path] += step
                self._keys[leaf.path, key] += step
                if not self._keys[leaf.path, key]:
                    del self._keys[leaf.path, key]

    def share(self, leaf: Leaf) -> float:
        """The guessed share of events that satisfy the leaf."""
        return min(1.0, sum(self._key_share(leaf.path, key) for key in keys_of(leaf)))

    def _key_share(self, path: str, key: Key) -> float:
        if key == PRESENT:
            return PRESENT_SHARE
        if key[0] == "range":
            return RANGE_SHARE
        share = self._keys[path, key] / (self._paths[path] + OTHER_VALUES)
        return share + LETTER_SHARE ** len(key[1]) if key[0] in ("head", "tail") else share

    def choose(self, leaves: Sequence[Leaf]) -> tuple[Leaf | None, tuple[Leaf, ...]]:
        """The leaf to file under, if any must be there, and what is then left to test, most telling
        first.
        """
        ordered = sorted(leaves, key=self.share)
        chosen = next((leaf for leaf in ordered if not leaf.absent_fits), None)
        if chosen is None or not is_sure(chosen):
            return chosen, tuple(ordered)
        return chosen, tuple(leaf for leaf in ordered if leaf is not chosen)
