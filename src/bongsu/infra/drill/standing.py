"""How a part stands when something is lost."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from bongsu.kit.i18n import Said, say

State = Literal["serves", "degraded", "down"]
ORDER: tuple[State, ...] = ("serves", "degraded", "down")
WORDS: dict[State, Said] = {
    "serves": say("Serves"),
    "degraded": say("Degraded"),
    "down": say("Down"),
}


def worst(states: Iterable[State]) -> State:
    return max(states, key=ORDER.index, default="serves")


@dataclass(frozen=True, slots=True)
class Standing:
    """`share`: of the capacity that is needed, at once; `later`: when lost copies have been replaced.

    `why`: what the state follows from, the nearest cause first; `notes`: what happens without harm.
    """

    part: str
    state: State = "serves"
    share: float = 1.0
    later: float = 1.0
    why: tuple[Said, ...] = ()
    notes: tuple[Said, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "part": self.part,
            "state": self.state,
            "share": round(self.share, 3),
            "later": round(self.later, 3),
            "why": [said.stored() for said in self.why],
            "notes": [said.stored() for said in self.notes],
        }


StandingOf = Callable[[str], Standing]


@dataclass
class Verdict:
    """A standing in the making: each finding can only make it worse."""

    part: str
    state: State = "serves"
    share: float = 1.0
    later: float = 1.0

    def __post_init__(self) -> None:
        self.why: list[Said] = []
        self.notes: list[Said] = []

    def worse(self, state: State, *why: Said) -> None:
        self.state = worst((self.state, state))
        self.why += why

    def at_most(self, share: float, later: float) -> None:
        self.share, self.later = min(self.share, share), min(self.later, later)

    def done(self) -> Standing:
        if self.state == "down":
            self.share = 0.0
        texts = (_once(self.why), _once(self.notes))
        return Standing(self.part, self.state, self.share, self.later, *texts)


def _once(said: list[Said]) -> tuple[Said, ...]:
    return tuple(one for index, one in enumerate(said) if one not in said[:index])
