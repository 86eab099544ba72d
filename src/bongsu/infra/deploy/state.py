"""A stack as CloudFormation tells of it: how it stands, what happens to it, what was changed by hand. Pure."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bongsu.kit.errors import Conflict
from bongsu.kit.i18n import say

WAIT_S = 5.0  # between two looks


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a resource while a stack was changed."""

    stack: str
    id: str
    type: str
    status: str
    reason: str

    @property
    def failed(self) -> bool:
        return self.status.endswith("_FAILED") and "cancelled" not in self.reason


@dataclass(frozen=True, slots=True)
class Standing:
    """A stack as it is in AWS."""

    name: str
    status: str
    outputs: dict[str, str] = field(default_factory=dict)
    protected: bool = False

    @property
    def is_new(self) -> bool:
        """A change set that was never executed leaves a stack with nothing in it."""
        return self.status == "REVIEW_IN_PROGRESS"

    @property
    def never_was(self) -> bool:
        """Its first deployment failed: nothing ever ran in it, and AWS takes no change of it."""
        return self.status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED")


@dataclass(frozen=True, slots=True)
class Drift:
    """A resource that somebody changed or deleted by hand. `differences`: property → (template, found)."""

    stack: str
    id: str
    type: str
    status: str
    differences: dict[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Timing:
    """`sleep` and `now` are given by tests."""

    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.monotonic
    wait_s: float = WAIT_S

    def looks(self, for_s: float, what: str) -> Iterator[None]:
        """Again and again, with a pause between. Raises Conflict when it takes longer than that."""
        end = self.now() + for_s
        while self.now() < end:
            yield
            self.sleep(self.wait_s)
        raise Conflict(
            say(
                "{what} is not done after {seconds} s. Look at it in AWS.",
                what=what,
                seconds=int(for_s),
            )
        )


def refuse_unready(standing: Standing | None) -> None:
    """Raises Conflict for a stack that cannot be changed now."""
    if standing is None or standing.is_new:
        return
    what = {"stack": standing.name, "status": standing.status}
    if standing.status.endswith("_IN_PROGRESS"):
        raise Conflict(
            say(
                "The stack {stack} is being changed right now ({status}). Wait for its end.", **what
            )
        )
    if standing.status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"):
        raise Conflict(
            say(
                "The stack {stack} was never finished ({status}). Delete it and deploy again.",
                **what,
            )
        )
    if standing.status == "UPDATE_ROLLBACK_FAILED":
        raise Conflict(
            say(
                "The stack {stack} got stuck on its way back. Continue its roll-back in AWS.",
                **what,
            )
        )


def failure(standing: Standing, failed: list[Event]) -> Conflict:
    first = failed[0] if failed else None
    why = f"{first.id}: {first.reason}" if first else standing.status
    return Conflict(
        say(
            "The stack {stack} failed ({status}): {why}",
            stack=standing.name,
            status=standing.status,
            why=why,
        )
    )


def event_of(stack: str, raw: Mapping[str, Any]) -> Event:
    return Event(
        stack,
        str(raw.get("LogicalResourceId", stack)),
        str(raw.get("ResourceType", "")),
        str(raw.get("ResourceStatus", "")),
        str(raw.get("ResourceStatusReason", "") or ""),
    )


def drift_of(stack: str, raw: Mapping[str, Any]) -> Drift:
    differences = {
        str(one["PropertyPath"]): (str(one["ExpectedValue"]), str(one["ActualValue"]))
        for one in raw.get("PropertyDifferences", [])
    }
    id, type = str(raw["LogicalResourceId"]), str(raw["ResourceType"])  # noqa: A001
    return Drift(stack, id, type, str(raw["StackResourceDriftStatus"]), differences)
