"""Everything that all rules ask of one field, answered for one value at once."""

from collections.abc import Callable, Iterable

from bongsu.events.pattern.lookups import Addresses, Bits, Ends, Guarded, Numbers, toggled
from bongsu.events.pattern.matchers import (
    Absent,
    AnythingBut,
    Exact,
    Head,
    Matcher,
    Network,
    Present,
    Range,
    SameAddress,
    SameLetters,
    Tail,
    Wildcard,
)
from bongsu.events.pattern.values import Token

_ALONE = (AnythingBut, Range)  # their sets would mix if a leaf had two


class Column:
    """`toggle` adds a rule's matchers, and takes them out when called again with the same. `bits_for` is
    exact: it gives the rules of which some matcher fits the value.
    """

    __slots__ = (
        "_addresses", "_but", "_but_asked", "_exact", "_guarded", "_heads", "_numbers", "_of_text", "_present",
        "_tails", "_tests",
    )  # fmt: skip

    def __init__(self) -> None:
        self._exact: dict[Token, Bits] = {}
        self._present: Bits = 0
        self._numbers: Numbers | None = None
        self._heads: Ends | None = None
        self._tails: Ends | None = None
        self._addresses: Addresses | None = None
        self._guarded: Guarded | None = None
        self._of_text: tuple[Callable[[str], Bits], ...] = ()  # look-ups that texts need
        self._tests: dict[Matcher, Bits] = {}  # each is tried
        self._but: Column | None = None  # what anything-but excludes, as if it were asked for
        self._but_asked: Bits = 0

    def toggle(self, matchers: Iterable[Matcher], bit: Bits) -> None:
        """Of those that only work alone the first is looked up; further ones are tried."""
        alone: set[type] = set()
        for matcher in dict.fromkeys(matchers):
            kind = type(matcher)
            if kind in _ALONE and kind in alone:
                toggled(self._tests, matcher, bit)
            else:
                alone.add(kind)
                self._toggle_one(matcher, bit)
        used = (self._heads, self._tails, self._addresses, self._guarded)
        self._of_text = tuple(lookup.bits_for for lookup in used if lookup is not None)

    def _toggle_one(self, matcher: Matcher, bit: Bits) -> None:
        match matcher:
            case Exact():
                toggled(self._exact, matcher.token, bit)
            case Head(text=text) if text:
                self._heads = self._heads or Ends("head")
                self._heads.toggle(text, bit)
            case Tail(text=text) if text:
                self._tails = self._tails or Ends("tail")
                self._tails.toggle(text, bit)
            case SameAddress() | Network():
                self._addresses = self._addresses or Addresses()
                self._addresses.toggle(matcher, bit)
            case Range():
                self._numbers = self._numbers or Numbers()
                self._numbers.toggle(matcher, bit)
            case Present():
                self._present ^= bit
            case AnythingBut():
                self._toggle_but(matcher, bit)
            case Wildcard() | SameLetters() if matcher.guards:
                self._guarded = self._guarded or Guarded()
                self._guarded.toggle(matcher, matcher.guards, bit)
            case Absent():
                pass
            case _:
                toggled(self._tests, matcher, bit)

    def _toggle_but(self, matcher: AnythingBut, bit: Bits) -> None:
        self._but = self._but or Column()
        self._but_asked ^= bit
        excluded = [Exact(token, token) for token in matcher.tokens]
        self._but.toggle([*excluded, *matcher.matchers], bit)

    def bits_for(self, token: Token) -> Bits:
        bits = self._exact.get(token, 0) | self._present
        if isinstance(token, str):
            for lookup in self._of_text:
                bits |= lookup(token)
        elif self._numbers is not None and isinstance(token, int | float):
            bits |= self._numbers.bits_for(token)
        if self._tests:
            for matcher, asking in self._tests.items():
                if matcher.test(token):
                    bits |= asking
        if self._but is not None:
            bits |= self._but_asked & ~self._but.bits_for(token)
        return bits
