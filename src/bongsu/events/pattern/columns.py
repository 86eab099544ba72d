"""Everything that all rules ask of one field, answered for one value at once.

Rules are numbered; a set of rules is an integer with their bits set, so that a union of thousands is one operation
(docs/adr/0011). A column maps what rules ask for to the sets that ask for it.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate
from operator import or_
from typing import Any

from bongsu.events.pattern.addresses import packed
from bongsu.events.pattern.matchers import (
    Absent,
    AnythingBut,
    Exact,
    Head,
    Matcher,
    Present,
    Range,
    SameAddress,
    SameLetters,
    Tail,
    Wildcard,
)
from bongsu.events.pattern.values import Token

Bits = int  # a set of rules
Pieces = dict[int, dict[str, Any]]  # length of the piece → piece → what is kept under it


class Column:
    """`toggle` adds a rule's matchers, and takes them out when called again with the same. `bits_for` is
    exact: it gives the rules of which some matcher fits the value.
    """

    __slots__ = (
        "_addresses", "_but", "_but_asked", "_exact", "_folds", "_guarded_heads", "_guarded_tails", "_heads",
        "_numbers", "_present", "_tails", "_tests", "_texts",
    )  # fmt: skip

    def __init__(self) -> None:
        self._exact: dict[Token, Bits] = {}
        self._addresses: dict[bytes, Bits] = {}
        self._heads: Pieces = {}
        self._tails: Pieces = {}
        self._guarded_heads: Pieces = {}
        self._guarded_tails: Pieces = {}
        self._folds: dict[str, dict[Matcher, Bits]] = {}
        self._numbers = Numbers()
        self._present: Bits = 0
        self._tests: dict[Matcher, Bits] = {}  # each is tried
        self._but: Column | None = None  # what anything-but excludes, as if it were asked for
        self._but_asked: Bits = 0
        self._texts = False  # whether parts or forms of a text matter

    def toggle(self, matchers: Iterable[Matcher], bit: Bits) -> None:
        """Of those that only work alone (`anything-but`, ranges) the first is indexed; the rest are tried."""
        alone: set[type] = set()
        for matcher in dict.fromkeys(matchers):
            kind = type(matcher)
            if kind in _ALONE and kind in alone:
                _toggled(self._tests, matcher, bit)
            else:
                alone.add(kind)
                self._toggle_one(matcher, bit)
        self._texts = any(
            (self._heads, self._tails, self._guarded_heads, self._guarded_tails, self._folds, self._addresses)
        )  # fmt: skip

    def _toggle_one(self, matcher: Matcher, bit: Bits) -> None:
        match matcher:
            case Exact():
                _toggled(self._exact, matcher.token, bit)
            case Head(text=text) if text:
                _toggled_piece(self._heads, text, bit)
            case Tail(text=text) if text:
                _toggled_piece(self._tails, text, bit)
            case SameAddress():
                _toggled(self._addresses, matcher.address, bit)
            case Range():
                self._numbers.toggle(matcher, bit)
            case Present():
                self._present ^= bit
            case AnythingBut():
                self._toggle_but(matcher, bit)
            case Wildcard() | SameLetters():
                self._toggle_guarded(matcher, bit)
            case Absent():
                pass
            case _:
                _toggled(self._tests, matcher, bit)

    def _toggle_but(self, matcher: AnythingBut, bit: Bits) -> None:
        self._but = self._but or Column()
        self._but_asked ^= bit
        excluded = [Exact(token, token) for token in matcher.tokens]
        self._but.toggle([*excluded, *matcher.matchers], bit)

    def _toggle_guarded(self, matcher: Wildcard | SameLetters, bit: Bits) -> None:
        guard = matcher.guard
        if guard is None:
            _toggled(self._tests, matcher, bit)
        elif guard[0] == "fold":
            _toggled_under(self._folds, guard[1], matcher, bit)
        else:
            pieces = self._guarded_heads if guard[0] == "head" else self._guarded_tails
            by_text = pieces.setdefault(len(guard[1]), {})
            _toggled_under(by_text, guard[1], matcher, bit)
            if not by_text:
                del pieces[len(guard[1])]

    def bits_for(self, token: Token) -> Bits:
        bits = self._exact.get(token, 0) | self._present
        if isinstance(token, str):
            if self._texts:
                bits |= self._bits_for_text(token)
        elif isinstance(token, int | float):
            bits |= self._numbers.bits_for(token)
        for matcher, asking in self._tests.items():
            if matcher.test(token):
                bits |= asking
        if self._but is not None:
            bits |= self._but_asked & ~self._but.bits_for(token)
        return bits

    def _bits_for_text(self, token: str) -> Bits:
        bits = 0
        for length, by_text in self._heads.items():
            bits |= by_text.get(token[:length], 0)
        for length, by_text in self._tails.items():
            bits |= by_text.get(token[-length:], 0)
        for matcher, asking in self._guarded(token):
            if matcher.test(token):
                bits |= asking
        if self._addresses:
            address = packed(token)
            bits |= 0 if address is None else self._addresses.get(address, 0)
        return bits

    def _guarded(self, token: str) -> Iterator[tuple[Matcher, Bits]]:
        for length, by_text in self._guarded_heads.items():
            yield from by_text.get(token[:length], _NONE).items()
        for length, by_text in self._guarded_tails.items():
            yield from by_text.get(token[-length:], _NONE).items()
        if self._folds:
            yield from self._folds.get(token.casefold(), _NONE).items()


_ALONE = (AnythingBut, Range)
_NONE: dict[Matcher, Bits] = {}


class Numbers:
    """Ranges, as the lower bounds that a number reaches and the upper bounds that it stays under. Both are
    sorted, each with the union of all sets up to it, and built when first asked after a change.
    """

    __slots__ = (
        "_built", "_high_keys", "_high_sums", "_highs", "_low_keys", "_low_sums", "_lows",
    )  # fmt: skip

    def __init__(self) -> None:
        self._lows: dict[tuple[float, bool], Bits] = {}  # (bound, itself excluded)
        self._highs: dict[tuple[float, bool], Bits] = {}  # (bound, itself included)
        self._low_keys: list[tuple[float, bool]] = []
        self._low_sums: list[Bits] = [0]
        self._high_keys: list[tuple[float, bool]] = []
        self._high_sums: list[Bits] = [0]
        self._built = True

    def toggle(self, matcher: Range, bit: Bits) -> None:
        _toggled(self._lows, (matcher.low, matcher.open_low), bit)
        _toggled(self._highs, (matcher.high, not matcher.open_high), bit)
        self._built = False

    def bits_for(self, number: float) -> Bits:
        if not self._built:
            self._build()
        if not self._low_keys:
            return 0
        reached = self._low_sums[bisect_right(self._low_keys, (number, False))]
        return reached & self._high_sums[bisect_right(self._high_keys, (number, False))]

    def _build(self) -> None:
        self._low_keys, self._high_keys = sorted(self._lows), sorted(self._highs)
        lows = (self._lows[key] for key in self._low_keys)
        highs = (self._highs[key] for key in reversed(self._high_keys))
        self._low_sums = list(accumulate(lows, or_, initial=0))
        self._high_sums = list(accumulate(highs, or_, initial=0))[::-1]
        self._built = True


def _toggled(table: dict[Any, Bits], key: Any, bit: Bits) -> None:
    bits = table.get(key, 0) ^ bit
    if bits:
        table[key] = bits
    else:
        del table[key]


def _toggled_piece(pieces: Pieces, text: str, bit: Bits) -> None:
    by_text = pieces.setdefault(len(text), {})
    _toggled(by_text, text, bit)
    if not by_text:
        del pieces[len(text)]


def _toggled_under(table: dict[str, Any], key: str, matcher: Matcher, bit: Bits) -> None:
    under = table.setdefault(key, {})
    _toggled(under, matcher, bit)
    if not under:
        del table[key]
