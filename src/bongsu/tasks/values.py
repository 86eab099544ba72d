"""The columns of a task’s row that a save changes: pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bongsu.accounts.model import Actor
from bongsu.tasks.due import Due, parse_due
from bongsu.tasks.inputs import NewTask
from bongsu.tasks.model import Column, Task


def first_values(
    form: NewTask,
    project_id: int,
    number: int,
    column: Column,
    place: float,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """The whole row of a task that somebody makes."""
    return {
        "project_id": project_id,
        "number": number,
        "title": form.title,
        "description": form.description,
        "column_id": column.id,
        "status": column.status,
        "position": place,
        "priority": form.priority,
        "creator_id": actor.id or None,
        "checklist": [point.model_dump() for point in form.checklist],
        "comments": 0,
        "attachments": 0,
        "version": 1,
        "moved_version": 1,
        "text_version": 1,
        "changed_by": actor.id or None,
        "created_at": now,
        "updated_at": now,
        "done_at": now if column.status == "done" else None,
        **due_values(form.due, actor.time_zone or "UTC", column.status, now),
    }


def due_values(text: str | None, zone: str, status: str, now: datetime) -> dict[str, Any]:
    """Of a day that somebody in `zone` said; all empty for none."""
    if text is None:
        return dict.fromkeys(("due_on", "due_time", "due_zone", "due_at", "next_remind_at"))
    due = parse_due(text, zone)
    reminder = due.next_after(now) if status != "done" else None
    return {
        "due_on": due.day,
        "due_time": due.hour,
        "due_zone": due.zone,
        "due_at": due.at,
        "next_remind_at": reminder[1] if reminder else None,
    }


def due_of(task: Task) -> Due | None:
    if task.due_on is None:
        return None
    return Due(task.due_on, task.due_time, task.due_zone or "UTC")


def remind_values(task: Task, now: datetime) -> dict[str, Any]:
    """The reminder that is still to come for an open task."""
    due = due_of(task)
    reminder = due.next_after(now) if due and task.status != "done" else None
    return {"next_remind_at": reminder[1] if reminder else None}


def into(before: Task, column: Column, place: float, now: datetime) -> dict[str, Any]:
    """Of a move. Done ends the reminders; back from it they begin again."""
    values: dict[str, Any] = {
        "column_id": column.id,
        "status": column.status,
        "position": place,
        "moved_version": before.version + 1,
    }
    done = column.status == "done"
    if done == (before.status == "done"):
        return values
    due = due_of(before)
    reminder = due.next_after(now) if due and not done else None
    return values | {
        "done_at": now if done else None,
        "next_remind_at": reminder[1] if reminder else None,
    }


def applied(task: Task, values: Mapping[str, Any], column: Column | None = None) -> Task:
    """The task as it is once `values` are written. `column` is that of a move."""
    plain = {name: value for name, value in values.items() if name in _SAME}
    if "checklist" in values:
        plain["checklist"] = tuple((one["text"], one["done"]) for one in values["checklist"])
    if column is not None and "column_id" in values:
        plain["column"] = column.name
    return replace(task, **plain)


# Columns of the row that a task has under the same name.
_SAME = frozenset(
    {
        "title",
        "description",
        "priority",
        "due_on",
        "due_time",
        "due_zone",
        "due_at",
        "column_id",
        "status",
        "position",
    }
)
