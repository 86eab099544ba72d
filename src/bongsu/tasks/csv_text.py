"""Tasks as CSV and back: pure. What goes out comes in again unchanged."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

from bongsu.kit.errors import Invalid, Problem
from bongsu.kit.i18n import say
from bongsu.tasks.model import Task
from bongsu.tasks.values import due_of

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
_PART = re.compile(r'\s*"(?:[^"]|"")*"(?=\s*(?:[;,]|$))|[^;,]+')
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")  # one at a time: a file may be large
_MARKS = {"[x]": True, "[ ]": False}


def head() -> str:
    return _line(COLUMNS)


def rows(tasks: Iterable[Task], emails: dict[int, str]) -> str:
    """Lists are separated by `;`, people are their mail addresses, the hour of a due date has its offset."""
    return "".join(_line([_safe(text) for text in _cells(task, emails)]) for task in tasks)


def _cells(task: Task, emails: dict[int, str]) -> list[str]:
    shown = task.shown()
    people = [emails.get(one.id, one.name) for one in task.assignees]
    due = due_of(task)
    points = [f"{'[x]' if done else '[ ]'} {text}" for text, done in task.checklist]
    special = {
        "assignees": joined(people),
        "labels": joined(task.labels),
        "checklist": "\n".join(points),
        "due": due.text if due else "",
        "creator": emails.get(task.creator.id, task.creator.name) if task.creator else "",
    }
    return [special.get(name, str(shown.get(name) or "")) for name in COLUMNS]


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


def _safe(text: str) -> str:
    """What begins with quotes before a formula gets one more, so that taking one away is always right."""
    return f"'{text}" if text.lstrip("'").startswith(_FORMULA) else text


def _plain(text: str) -> str:
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_FORMULA) else text


def read(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line number and raw values of each task, as `transfer.read_one` takes them; unknown columns are left out.

    Raises Invalid for a text without a column for the title.
    """
    plain = text.removeprefix("\ufeff")
    lines = _lines(plain)
    names = [_name(cell) for cell in next(lines, (1, []))[1]]
    if "title" not in names:
        todo = say("Name the columns in the first line: {known}.", known=", ".join(COLUMNS[:10]))
        problem = Problem("line 1", say("There is no column “title”."), todo)
        raise Invalid(say("The file cannot be read as CSV of tasks."), (problem,))
    for number, cells in lines:
        if any(cell.strip() for cell in cells):
            found = dict(zip(names, map(_plain, cells), strict=False))
            yield number, {name: found[name] for name in COLUMNS if name in found}


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """With the number of the line that each begins in: a description may go over many."""
    reader, first = csv.reader((one[0] for one in _LINE.finditer(text)), _dialect(text)), 1
    try:
        for cells in reader:
            yield first, cells
            first = reader.line_num + 1
    except csv.Error as error:
        problem = Problem(f"line {first}", say("{reason}", reason=str(error)))
        raise Invalid(say("The file cannot be read as CSV of tasks."), (problem,)) from error


def _dialect(text: str) -> type[csv.Dialect]:
    """A spreadsheet of some countries separates by `;`."""
    found = _LINE.match(text)
    first = found[0] if found else ""

    class Found(csv.excel):
        delimiter = max((",", ";", "\t"), key=first.count)

    return Found


def _name(cell: str) -> str:
    plain = cell.strip().casefold()
    return _OTHER_NAMES.get(plain, plain)


def joined(words: Iterable[str]) -> str:
    """By `;`. A word that holds a separator or a quote stands in quotes."""
    return ";".join(_quoted(word) if set(word) & set(';,"') else word for word in words)


def _quoted(word: str) -> str:
    doubled = word.replace('"', '""')
    return f'"{doubled}"'


def split(text: str) -> list[str]:
    """What `joined` gave, and what people write: `tls, shop; "a, b"`."""
    parts = (_unquoted(part.strip()) for part in _PART.findall(text))
    return [part for part in parts if part]


def _unquoted(part: str) -> str:
    quoted = len(part) > 1 and part.startswith('"') and part.endswith('"')
    return part[1:-1].replace('""', '"').strip() if quoted else part


def points(text: str) -> list[dict[str, Any]]:
    """`[x] done` and `[ ] open`, one a line; a line without a mark is open."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        mark = line[:3].lower()
        rest = line[3:].strip() if mark in _MARKS else line
        found.append({"text": rest, "done": _MARKS.get(mark, False)})
    return found
