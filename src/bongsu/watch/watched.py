"""One check and what this location makes of it."""

from dataclasses import dataclass
from typing import Any

from bongsu.watch.model import Check, Observation, State
from bongsu.watch.target import host_of
from bongsu.watch.verdict import LocationState, Transition, judge, restated


@dataclass(eq=False, slots=True)
class Watched:
    check: Check
    host: str
    state: LocationState
    looked_us: int  # grid time of the last look, or when the check came
    entry: list[Any]  # its line in the snapshot: id, state, milliseconds, unix seconds
    certificate: tuple[Any, ...] | None = None
    running: bool = False
    slow: bool = False
    unsaid: bool = False  # others vote on it now: its state is to be said once more

    @property
    def shown(self) -> State:
        return self.state.state or "unknown"

    def redefine(self, check: Check) -> None:
        """Its state stays. Where others vote now, the next look says it once more, so that what all amount to
        is made up anew."""
        self.unsaid = self.unsaid or self.check.voters != check.voters
        self.check, self.host = check, host_of(check.options)

    def see(self, seen: Observation) -> Transition | None:
        """Takes an observation into the state; what is to be said of that."""
        self.state, move = judge(self.state, seen, self.check.confirm, self.check.recover)
        self.entry[1] = self.shown
        if self.unsaid:
            self.unsaid, move = False, move or restated(self.state, seen)
        return move
