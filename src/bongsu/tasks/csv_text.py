"""Tasks as CSV and back: pure. What goes out comes in again unchanged."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from bongsu.kit.errors import Invalid, Problem
from bongsu.kit.i18n import say
from bongsu.tasks.model import Task

COLUMNS = ("key", "title", "description", "status", "column", "assignees", "priority", "labels", "due",
           "checklist", "creator", "created_at", "updated_at", "done_at")  # fmt: skip
# What other tools call the same things.
_OTHER_NAMES = {
    "summary": "title",
    "name": "title",
    "subject": "title",
    "body": "description",
    "notes": "description",
    "state": "status",
    "list": "column",
    "bucket": "column",
    "assignee": "assignees",
    "assigned to": "assignees",
    "members": "assignees",
    "tags": "labels",
    "label": "labels",
    "due date": "due",
    "due_date": "due",
    "deadline": "due",
}
# A spreadsheet runs a cell that begins like this as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MARKS = {"[x]": True, "[ ]": False}


def head() -> str:
    return _line(COLUMNS)


def rows(tasks: Iterable[Task], emails: dict[int, str]) -> str:
    """Lists are separated by `;`, people are their mail addresses."""
    return "".join(_line([_safe(text) for text in _cells(task, emails)]) for task in tasks)


def _cells(task: Task, emails: dict[int, str]) -> list[str]:
    shown = task.shown()
    people = [emails.get(one.id, one.name) for one in task.assignees]
    points = [f"{'[x]' if done else '[ ]'} {text}" for text, done in task.checklist]
    special = {
        "assignees": ";".join(people),
        "labels": ";".join(task.labels),
        "checklist": "\n".join(points),
        "creator": emails.get(task.creator.id, task.creator.name) if task.creator else "",
    }
    return [special.get(name, str(shown.get(name) or "")) for name in COLUMNS]


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _plain(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def read(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line number and raw values of each task, as `transfer.read_one` takes them; unknown columns are left out.

    Raises Invalid for a text without a column for the title.
    """
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), _dialect(text))
    names = [_name(cell) for cell in next(reader, [])]
    if "title" not in names:
        todo = say("Name the columns in the first line: {known}.", known=", ".join(COLUMNS[:10]))
        problem = Problem("line 1", say("There is no column “title”."), todo)
        raise Invalid(say("The file cannot be read as CSV of tasks."), (problem,))
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found = dict(zip(names, map(_plain, cells), strict=False))
                yield reader.line_num, {name: found[name] for name in COLUMNS if name in found}
    except csv.Error as error:
        problem = Problem(f"line {reader.line_num}", say("{reason}", reason=str(error)))
        raise Invalid(say("The file cannot be read as CSV of tasks."), (problem,)) from error


def _dialect(text: str) -> type[csv.Dialect]:
    """A spreadsheet of some countries separates by `;`."""
    first = text.partition("\n")[0]

    class Found(csv.excel):
        delimiter = max((",", ";", "\t"), key=first.count)

    return Found


def _name(cell: str) -> str:
    plain = cell.strip().casefold()
    return _OTHER_NAMES.get(plain, plain)


def split(text: str) -> list[str]:
    return [part.strip() for part in text.replace(",", ";").split(";") if part.strip()]


def points(text: str) -> list[dict[str, Any]]:
    """`[x] done` and `[ ] open`, one a line; a line without a mark is open."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        mark = line[:3].lower()
        rest = line[3:].strip() if mark in _MARKS else line
        found.append({"text": rest, "done": _MARKS.get(mark, False)})
    return found
