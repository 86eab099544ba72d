"""The tests that one value of an event can be put to.

Two matchers are equal when they test the same, however they were written (`shown`). A *guard* is a cheap
and necessary condition, by which an index finds the few that are worth trying: `("head", text)`,
`("tail", text)`, `("part", three letters)`; `fold`, `fold-head` and `fold-tail` are of the value's casefold.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol

from bongsu.events.pattern.addresses import packed
from bongsu.events.pattern.letters import Forms, after_head, folded, forms_of, is_tail
from bongsu.events.pattern.values import Token, is_number

Guard = tuple[str, str]
PART_LETTERS = 3  # of a guard that may stand anywhere
_FOLD_GUARDS = {"whole": "fold", "head": "fold-head", "tail": "fold-tail"}


class Matcher(Protocol):
    """`shown` is the matcher as it was written."""

    @property
    def shown(self) -> Any: ...
    def test(self, token: Token) -> bool: ...


@dataclass(frozen=True, slots=True)
class Exact:
    shown: Any = field(compare=False)
    token: Token

    def test(self, token: Token) -> bool:
        return token == self.token


@dataclass(frozen=True, slots=True)
class SameAddress:
    """A literal that is an IP address: any way of writing the same address fits."""

    shown: str = field(compare=False)
    address: bytes

    def test(self, token: Token) -> bool:
        return isinstance(token, str) and packed(token) == self.address


@dataclass(frozen=True, slots=True)
class Network:
    shown: Any = field(compare=False)
    first: bytes
    last: bytes

    def host_bits(self) -> int:
        return (int.from_bytes(self.first, "big") ^ int.from_bytes(self.last, "big")).bit_length()

    def test(self, token: Token) -> bool:
        address = packed(token) if isinstance(token, str) else None
        same_family = address is not None and len(address) == len(self.first)
        return same_family and self.first <= (address or b"") <= self.last


@dataclass(frozen=True, slots=True)
class Head:
    shown: Any = field(compare=False)
    text: str

    def test(self, token: Token) -> bool:
        return isinstance(token, str) and token.startswith(self.text)


@dataclass(frozen=True, slots=True)
class Tail:
    shown: Any = field(compare=False)
    text: str

    def test(self, token: Token) -> bool:
        return isinstance(token, str) and token.endswith(self.text)


@dataclass(frozen=True, slots=True)
class SameLetters:
    """`equals-ignore-case`; `end` chooses the whole text, its head or its tail."""

    shown: Any = field(compare=False)
    text: str
    end: str = "whole"
    forms: Forms = field(init=False, repr=False, compare=False)
    fold: str | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "forms", forms_of(self.text))
        object.__setattr__(self, "fold", folded(self.text))

    @property
    def guards(self) -> tuple[Guard, ...]:
        return ((_FOLD_GUARDS[self.end], self.fold),) if self.fold else ()

    def test(self, token: Token) -> bool:
        if not isinstance(token, str):
            return False
        if self.end == "tail":
            return is_tail(self.forms, token)
        stop = after_head(self.forms, token)
        return stop is not None and (self.end == "head" or stop == len(token))


@dataclass(frozen=True, slots=True)
class Wildcard:
    """Literal pieces with anything, also nothing and line breaks, between them. Pieces are searched
    one after the other, so that the time is linear in the value and no pattern can make it
    explode.
    """

    shown: Any = field(compare=False)
    pieces: tuple[str, ...]  # at least two; the first and the last stand at the ends

    @property
    def guards(self) -> tuple[Guard, ...]:
        head, *middle, tail = self.pieces
        ends = (("head", head), ("tail", tail))
        part = max(middle, key=len, default="")[:PART_LETTERS]
        found = [(kind, text) for kind, text in ends if text]
        return tuple(found + [("part", part)] * (len(part) == PART_LETTERS))

    def test(self, token: Token) -> bool:
        if not isinstance(token, str):
            return False
        head, *middle, tail = self.pieces
        if not (token.startswith(head) and token.endswith(tail)):
            return False
        at, end = len(head), len(token) - len(tail)
        for piece in middle:
            found = token.find(piece, at, end)
            if found < 0:
                return False
            at = found + len(piece)
        return at <= end


@dataclass(frozen=True, slots=True)
class Range:
    """`open_low` and `open_high`: the bound itself does not fit."""

    shown: Any = field(compare=False)
    low: float
    open_low: bool
    high: float
    open_high: bool

    def test(self, token: Token) -> bool:
        if not is_number(token):
            return False
        above = token > self.low if self.open_low else token >= self.low  # type: ignore[operator]
        return above and (token < self.high if self.open_high else token <= self.high)  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class AnythingBut:
    """Fits every value, of whatever type, that is none of these."""

    shown: Any = field(compare=False)
    tokens: frozenset[Token] = frozenset()
    matchers: tuple[Matcher, ...] = ()

    def test(self, token: Token) -> bool:
        if token in self.tokens:
            return False
        return not any(matcher.test(token) for matcher in self.matchers)


@dataclass(frozen=True, slots=True)
class Present:
    shown: Any = field(compare=False)

    def test(self, token: Token) -> bool:  # noqa: ARG002  (any value will do)
        return True


@dataclass(frozen=True, slots=True)
class Absent:
    """No value fits; the leaf itself knows that a missing field does."""

    shown: Any = field(compare=False)

    def test(self, token: Token) -> bool:  # noqa: ARG002
        return False
