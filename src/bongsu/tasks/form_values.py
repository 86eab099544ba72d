"""What the form of a task shows and says: its difference from what it showed, so that whatever somebody else
changed meanwhile stays as it is. Pure."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from bongsu.tasks import csv_text
from bongsu.tasks.model import Task

Said = dict[str, Any]
_BLANK = re.compile(r"\A(?:[ \t]*\n)+")
PEOPLE = ("assignees", "watchers")
_LISTS = (*PEOPLE, "labels")
# What the form calls each thing that it says.
_FIELDS = {
    "title": ("title",),
    "description": ("description",),
    "column": ("column",),
    "assignees": ("assignees",),
    "watchers": ("watchers",),
    "priority": ("priority",),
    "labels": ("labels",),
    "due": ("due_on", "due_time"),
    "checklist": ("checklist",),
}


def values_of(task: Task, zone: tzinfo) -> dict[str, Any]:
    """A task as its form shows it, to somebody in `zone`."""
    due_on, due_time = _due(task, zone)
    return {
        "title": task.title,
        "description": task.description,
        "column": str(task.column_id),
        "assignees": [one.id for one in task.assignees],
        "watchers": [one.id for one in task.watchers],
        "priority": str(task.priority),
        "labels": _labels(task.labels),
        "due_on": due_on,
        "due_time": due_time,
        "checklist": _lines(task.checklist),
        "version": task.version,
    }


def _due(task: Task, zone: tzinfo) -> tuple[str, str]:
    """What is saved from the form is taken as said in the zone of who saves it."""
    if task.due_time is None or task.due_at is None:
        return task.due_on or "", ""
    here = task.due_at.astimezone(zone)
    return here.date().isoformat(), f"{here:%H:%M}"


def _labels(names: Sequence[str]) -> str:
    return ", ".join(csv_text.joined([name]) for name in names)


def _lines(points: Sequence[tuple[str, bool]]) -> str:
    return "\n".join(f"{'[x]' if done else '[ ]'} {text}" for text, done in points)


def said_of(values: Mapping[str, Any]) -> Said:
    """The values of a form as our inputs take them."""
    due = f"{values['due_on']} {values['due_time']}".strip() if values["due_on"] else None
    return {
        "title": values["title"],
        "description": _text(values["description"]),
        "assignees": values["assignees"],
        "watchers": values["watchers"],
        "priority": values["priority"] or "2",
        "labels": csv_text.split(values["labels"]),
        "due": due,
        "checklist": csv_text.points(values["checklist"]),
        **({"column": values["column"]} if values["column"] else {}),
    }


def _text(typed: str) -> str:
    """Without empty lines around it; what the first line is indented by means something in Markdown."""
    return _BLANK.sub("", typed.replace("\r\n", "\n").replace("\r", "\n")).rstrip()


def kept(said: Said) -> str:
    """What the form showed, for the form to bring it back."""
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def read_kept(text: str) -> Said:
    """Empty for what no form of ours brought: then everything counts as said."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    whole = isinstance(found, dict) and found.keys() >= _FIELDS.keys()
    return found if whole and all(isinstance(found[one], list) for one in _LISTS) else {}


def merged(said: Said, was: Said, task: Task) -> Said:
    """What a form that showed `was` changes in the task as it is now."""
    changed = {name: said[name] for name in said if _differs(name, said, was)}
    if not was:
        return changed
    now: dict[str, list[Any]] = {
        "assignees": [one.id for one in task.assignees],
        "watchers": [one.id for one in task.watchers],
        "labels": list(task.labels),
    }
    lists = {
        name: _joined(now[name], was[name], changed[name]) for name in _LISTS if name in changed
    }
    if "checklist" in changed:
        lists["checklist"] = _ticked(changed["checklist"], was["checklist"], dict(task.checklist))
    return changed | lists


def _differs(name: str, said: Said, was: Said) -> bool:
    if name not in was:
        return True
    if name in _LISTS:
        return set(said[name]) != set(was[name])
    return bool(said[name] != was[name])


def _joined(now: Sequence[Any], was: Sequence[Any], said: Sequence[Any]) -> list[Any]:
    """Who was put in comes, who was taken out goes, and what others did to the list stays."""
    stay = [one for one in now if one in said or one not in was]
    return stay + [one for one in said if one not in was and one not in stay]


def _ticked(
    said: Sequence[Said], was: Sequence[Any], now: Mapping[str, bool]
) -> list[dict[str, Any]]:
    """A point that was left as it stood keeps the tick that it has by now."""
    return [
        one | {"done": now.get(one["text"], one["done"])} if one in was else one for one in said
    ]


def refreshed(values: Mapping[str, Any], was: Said, task: Task, zone: tzinfo) -> dict[str, Any]:
    """The form again after somebody was faster: what was typed stays, all else is as it is now."""
    now = values_of(task, zone)
    changed = merged(said_of(values), was, task)
    typed = {
        field: values[field] for name in changed for field in _FIELDS[name] if name not in _LISTS
    }
    if "labels" in changed:
        typed["labels"] = _labels(changed["labels"])
    people = {name: changed[name] for name in PEOPLE if name in changed}
    return now | typed | people
