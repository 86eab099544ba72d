"""Under one path: which rules may fit, found from the event's values without trying every rule."""

from collections.abc import Sequence
from typing import Any

from bongsu.events.pattern.addresses import packed
from bongsu.events.pattern.matchers import Key
from bongsu.events.pattern.ranges import Interval, Intervals
from bongsu.events.pattern.values import Token

Entry = Any  # what is found; kept by identity
PRESENT: Key = ("present",)  # the key of a test that most values pass


class Postings:
    """Entries by key (see `matchers.py`). Ranges are built into a tree when first asked after a change."""

    __slots__ = (
        "_addresses",
        "_exact",
        "_folds",
        "_heads",
        "_intervals",
        "_present",
        "_ranges",
        "_tails",
        "_texts",
    )

    def __init__(self) -> None:
        self._exact: dict[Token, list[Entry]] = {}
        self._present: list[Entry] = []
        self._heads: dict[int, dict[str, list[Entry]]] = {}
        self._tails: dict[int, dict[str, list[Entry]]] = {}
        self._folds: dict[str, list[Entry]] = {}
        self._addresses: dict[bytes, list[Entry]] = {}
        self._ranges: list[Interval] = []
        self._intervals: Intervals | None = None
        self._texts = False  # whether anything is found by a part or form of a text

    def add(self, key: Key, entry: Entry) -> None:
        if key[0] == "range":
            self._ranges.append((key[1], key[2], entry))
            self._intervals = None
        else:
            self._list(key).append(entry)
            self._note()

    def remove(self, key: Key, entry: Entry) -> None:
        if key[0] == "range":
            self._ranges = [kept for kept in self._ranges if kept[2] is not entry]
            self._intervals = None
            return
        entries = self._list(key)
        entries[:] = [kept for kept in entries if kept is not entry]
        if not entries and key is not PRESENT:
            self._forget(key)
        self._note()

    def find(self, tokens: Sequence[Token], found: list[Entry]) -> None:
        """Adds the entries that may fit one of the tokens; one may come twice."""
        if self._present:
            found += self._present
        for token in tokens:
            entries = self._exact.get(token)
            if entries is not None:
                found += entries
            if self._texts and isinstance(token, str):
                self._find_text(token, found)
            elif self._ranges and isinstance(token, int | float):
                found += self._tree().around(token)

    def _find_text(self, token: str, found: list[Entry]) -> None:
        for length, heads in self._heads.items():
            entries = heads.get(token[:length])
            if entries is not None:
                found += entries
        for length, tails in self._tails.items():
            entries = tails.get(token[-length:])
            if entries is not None:
                found += entries
        if self._folds:
            found += self._folds.get(token.casefold(), ())
        if self._addresses:
            address = packed(token)
            if address is not None:
                found += self._addresses.get(address, ())

    def _tree(self) -> Intervals:
        if self._intervals is None:
            self._intervals = Intervals(self._ranges)
        return self._intervals

    def _list(self, key: Key) -> list[Entry]:
        kind = key[0]
        if kind == "present":
            return self._present
        if kind == "is":
            return self._exact.setdefault(key[1], [])
        if kind == "head":
            return self._heads.setdefault(len(key[1]), {}).setdefault(key[1], [])
        if kind == "tail":
            return self._tails.setdefault(len(key[1]), {}).setdefault(key[1], [])
        if kind == "fold":
            return self._folds.setdefault(key[1], [])
        return self._addresses.setdefault(key[1], [])

    def _forget(self, key: Key) -> None:
        """Drops the empty list under `key`, so that rules that come and go leave nothing behind."""
        kind = key[0]
        if kind in ("head", "tail"):
            by_length = self._heads if kind == "head" else self._tails
            del by_length[len(key[1])][key[1]]
            if not by_length[len(key[1])]:
                del by_length[len(key[1])]
        else:
            tables: dict[str, dict[Any, list[Entry]]] = {
                "is": self._exact,
                "fold": self._folds,
                "address": self._addresses,
            }
            del tables[kind][key[1]]

    def _note(self) -> None:
        self._texts = bool(self._heads or self._tails or self._folds or self._addresses)
