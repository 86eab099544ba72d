"""What one save changed and what it is called: pure. One save is one event and one mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bongsu.tasks.model import Task

# The most telling of what a save changed gives the event its name.
_NAMES = (("status", "status_changed"), ("column", "status_changed"), ("assignees", "assigned"))


@dataclass(frozen=True, slots=True)
class Change:
    """`before` and `after` hold only what differs; `due_zones` in which zone the hour of a due date was said."""

    what: str
    before: dict[str, Any]
    after: dict[str, Any]
    due_zones: tuple[str | None, str | None] = (None, None)

    @property
    def changed(self) -> list[str]:
        return list(self.after)


def compare(before: Task, after: Task) -> Change | None:
    """None when the save changed nothing that anybody would notice."""
    was, now = before.fields(), after.fields()
    names = [
        name for name in now if was[name] != now[name] or _same_hour_elsewhere(name, before, after)
    ]
    if not names:
        return None
    return Change(
        name_of(names),
        {name: was[name] for name in names},
        {name: now[name] for name in names},
        (before.hour_zone, after.hour_zone),
    )


def _same_hour_elsewhere(name: str, before: Task, after: Task) -> bool:
    """14:00 in Seoul is another moment than 14:00 in Berlin."""
    return name == "due" and before.hour_zone != after.hour_zone and before.due_at != after.due_at


def reordered(before: Task, after: Task) -> Change | None:
    """Another place in the same column: every open board hears of it, nobody is mailed."""
    if before.position == after.position:
        return None
    return Change("reordered", {"place": before.position}, {"place": after.position})


def name_of(changed: Sequence[str]) -> str:
    return next((what for field, what in _NAMES if field in changed), "updated")


def created(task: Task) -> Change:
    """Only what was said: an empty description is no news."""
    said = {name: value for name, value in task.fields().items() if value}
    return Change("created", {}, said, (None, task.hour_zone))
