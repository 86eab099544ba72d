"""From one value of an event to what asks for it: ends of texts, addresses, ranges, and matchers worth trying.

What asks is a set of rules, an integer with a bit for each (docs/adr/0011). `toggle` adds a rule and, called again
with the same, takes it out; nothing empty stays behind.
"""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from operator import or_
from typing import Any

from bongsu.events.pattern.addresses import packed
from bongsu.events.pattern.matchers import (
    PART_LETTERS,
    Guard,
    Matcher,
    Network,
    Range,
    SameAddress,
)

Bits = int  # a set of rules


def toggled(table: dict[Any, Bits], key: Any, bit: Bits) -> None:
    bits = table.get(key, 0) ^ bit
    if bits:
        table[key] = bits
    else:
        del table[key]


def toggled_within(tables: dict[Any, dict[Any, Bits]], which: Any, key: Any, bit: Bits) -> None:
    table = tables.setdefault(which, {})
    toggled(table, key, bit)
    if not table:
        del tables[which]


class Ends:
    """Heads or tails of texts, by length: as many look-ups as there are lengths."""

    __slots__ = ("_at_head", "_by_length")

    def __init__(self, end: str) -> None:
        self._at_head = end == "head"
        self._by_length: dict[int, dict[str, Bits]] = {}

    def toggle(self, text: str, bit: Bits) -> None:
        toggled_within(self._by_length, len(text), text, bit)

    def bits_for(self, value: str) -> Bits:
        bits = 0
        for length, by_text in self._by_length.items():
            bits |= by_text.get(value[:length] if self._at_head else value[-length:], 0)
        return bits


class Addresses:
    """Networks by size and number of host bits; an address is a network without any."""

    __slots__ = ("_networks",)

    def __init__(self) -> None:
        self._networks: dict[tuple[int, int], dict[int, Bits]] = {}

    def toggle(self, matcher: SameAddress | Network, bit: Bits) -> None:
        if isinstance(matcher, SameAddress):
            first, host_bits = matcher.address, 0
        else:
            first, host_bits = matcher.first, matcher.host_bits()
        network = int.from_bytes(first, "big") >> host_bits
        toggled_within(self._networks, (len(first), host_bits), network, bit)

    def bits_for(self, value: str) -> Bits:
        address = packed(value)
        if address is None:
            return 0
        number, bits = int.from_bytes(address, "big"), 0
        for (size, host_bits), networks in self._networks.items():
            if size == len(address):
                bits |= networks.get(number >> host_bits, 0)
        return bits


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
        toggled(self._lows, (matcher.low, matcher.open_low), bit)
        toggled(self._highs, (matcher.high, not matcher.open_high), bit)
        self._built = False

    def bits_for(self, number: float) -> Bits:
        if not self._built:
            self._build()
        reached = self._low_sums[bisect_right(self._low_keys, (number, False))]
        return reached & self._high_sums[bisect_right(self._high_keys, (number, False))]

    def _build(self) -> None:
        self._low_keys, self._high_keys = sorted(self._lows), sorted(self._highs)
        lows = (self._lows[key] for key in self._low_keys)
        highs = (self._highs[key] for key in reversed(self._high_keys))
        self._low_sums = list(accumulate(lows, or_, initial=0))
        self._high_sums = list(accumulate(highs, or_, initial=0))[::-1]
        self._built = True


class Guarded:
    """Matchers, each under that one of its guards which has the fewest others at the time."""

    __slots__ = ("_chosen", "_tables")

    def __init__(self) -> None:
        # kind of guard → length of its text → text → matcher
        self._tables: dict[str, dict[int, dict[str, dict[Matcher, Bits]]]] = {}
        self._chosen: dict[Matcher, Guard] = {}

    def toggle(self, matcher: Matcher, guards: tuple[Guard, ...], bit: Bits) -> None:
        kind, text = self._chosen.setdefault(matcher, min(guards, key=self._crowd))
        by_length = self._tables.setdefault(kind, {})
        by_text = by_length.setdefault(len(text), {})
        toggled_within(by_text, text, matcher, bit)
        if matcher not in by_text.get(text, ()):
            del self._chosen[matcher]
        if not by_text:
            del by_length[len(text)]
        if not by_length:
            del self._tables[kind]

    def _crowd(self, guard: Guard) -> int:
        kind, text = guard
        return len(self._tables.get(kind, {}).get(len(text), {}).get(text, ()))

    def bits_for(self, value: str) -> Bits:
        bits = 0
        for kind, by_length in self._tables.items():
            if kind == "part":
                for under in _with_parts(by_length[PART_LETTERS], value):
                    bits |= _fitting(under, value)
                continue
            text = value.casefold() if kind in FOLDED else value
            for length, by_text in by_length.items():
                end = text if kind == "fold" else text[:length] if kind in HEADS else text[-length:]
                if end in by_text:
                    bits |= _fitting(by_text[end], value)
        return bits


FOLDED = frozenset({"fold", "fold-head", "fold-tail"})
HEADS = frozenset({"head", "fold-head"})


def _with_parts(
    by_text: dict[str, dict[Matcher, Bits]], value: str
) -> Iterator[dict[Matcher, Bits]]:
    if len(by_text) < len(value):
        yield from (under for part, under in by_text.items() if part in value)
        return
    for part in {value[at : at + PART_LETTERS] for at in range(len(value))}:
        if part in by_text:
            yield by_text[part]


def _fitting(under: dict[Matcher, Bits], value: str) -> Bits:
    bits = 0
    for matcher, asking in under.items():
        if matcher.test(value):
            bits |= asking
    return bits
