"""The parts of a condition after reading, before they mean anything. Columns count from 0."""

from collections.abc import Callable
from dataclasses import dataclass

PathStep = str | int


@dataclass(frozen=True, slots=True)
class Literal:
    """Text as it stands; in quotes it is never taken for a number."""

    text: str
    value: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """`[STATUS]`, `[BODY].items[0]`, `[HEADER].Server` (whose path is the name in lower case)."""

    text: str
    name: str
    path: tuple[PathStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """`len(…)`, `has(…)`, `age(…)`."""

    text: str
    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class Match:
    """`pat(…)`, `re(…)`."""

    text: str
    matches: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Choice:
    """`any(…)`."""

    text: str
    options: tuple["Literal | Place | Call", ...]


Value = Literal | Place | Call
Operand = Value | Match | Choice


@dataclass(frozen=True, slots=True)
class Comparison:
    """`value sign other`; `flipped` when `other`, a pattern or a choice, stands on the left."""

    start: int
    end: int
    value: Value
    sign: str
    other: Operand
    flipped: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """All of the parts (`and`) or one of them (`or`)."""

    every: bool
    parts: tuple["Comparison | Joined", ...]


Expression = Comparison | Joined
