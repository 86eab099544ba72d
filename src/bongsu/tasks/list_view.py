"""How lists show tasks: groups of days, columns that sort, chips of what was asked for. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from itertools import groupby
from typing import Any

from bongsu.kit.i18n import Said, say
from bongsu.tasks.model import PRIORITIES, STATUS_WORDS, Column, Named, Project, Task, reaches
from bongsu.tasks.page_view import day_name
from bongsu.tasks.query import Query
from bongsu.tasks.told import Told

GROUPS = {
    "late": say("Late"),
    "today": say("Today"),
    "week": say("This week"),
    "later": say("Later"),
    "none": say("Without a day"),
}
DUE_WORDS = {
    "late": say("Late"),
    "today": say("Due today"),
    "week": say("Due this week"),
    "none": say("Without a day"),
}
STATUS_CHOICES = {"open": say("Not done"), **STATUS_WORDS}
HEADS = {
    "number": say("Key"),
    "title": say("Title"),
    "": say("Status"),
    "assignee": say("Assigned to"),
    "priority": say("Priority"),
    "due": say("Due"),
    "updated": say("Changed"),
}
_SORTED = ("number", "title", "priority", "due", "updated")
_FALLING = frozenset({"priority", "updated", "created"})  # the largest first unless turned round
_WEEK = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Group:
    id: str
    name: Said
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that was asked for, and the address of the list without it."""

    text: Said
    without: str


# --- what is assigned to somebody, by day


def grouped(tasks: Iterable[Task], now: datetime, zone: tzinfo) -> list[Group]:
    """In the order of GROUPS, empty ones left out; within each the nearest first, then the more urgent."""
    found: dict[str, list[Task]] = {name: [] for name in GROUPS}
    for task in sorted(tasks, key=_rank):
        found[group_of(task, now, zone)].append(task)
    return [Group(name, GROUPS[name], tuple(some)) for name, some in found.items() if some]


def _rank(task: Task) -> tuple[float, int, int]:
    return (task.due_at.timestamp() if task.due_at else 0.0, -task.priority, task.id)


def group_of(task: Task, now: datetime, zone: tzinfo) -> str:
    """Days are the reader's; an hour that was said elsewhere falls on the day that it is here."""
    if task.due_on is None or task.due_at is None:
        return "none"
    if task.is_late(now):
        return "late"
    on = task.due_at.astimezone(zone).date() if task.due_time else date.fromisoformat(task.due_on)
    today = now.astimezone(zone).date()
    if on <= today:
        return "today"
    return "week" if on <= today + _WEEK else "later"


def next_column(project: Project | None, task: Task) -> Column | None:
    """Where one button moves a task; none from the last column."""
    columns = project.columns if project else ()
    at = next((n for n, one in enumerate(columns) if one.id == task.column_id), len(columns))
    return columns[at + 1] if at + 1 < len(columns) else None


# --- a list


def heads(asked: Query) -> list[dict[str, Any]]:
    """Of `c.table`: a click sorts, a second one turns round."""
    return [_head(name, said, asked) for name, said in HEADS.items()]


def _head(name: str, said: Said, asked: Query) -> dict[str, Any]:
    shown: dict[str, Any] = {"said": said, "class": f"t-{name or 'status'}"}
    if name not in _SORTED:
        return shown
    here = asked.order == name
    turned = asked.sort.startswith("-")
    shown["href"] = f"/tasks/list?{asked.address(sort=f'-{name}' if here and not turned else name)}"
    if here:
        falls = (name in _FALLING) != turned
        shown["sort"] = "descending" if falls else "ascending"
    return shown


def chips(asked: Query, people: Mapping[int, str], projects: Sequence[Project]) -> list[Chip]:
    """What narrows the list, each with the way to take it off."""
    found = []
    for name, word in asked.words().items():
        if name != "sort":
            text = _chip(name, word, people, projects)
            found.append(Chip(text, f"/tasks/list?{asked.address(**{name: ''})}"))
    return found


_CHIPS: dict[str, Callable[[str], Said]] = {
    "q": lambda word: say("Words: {words}", words=word),
    "status": lambda word: say("Status: {status}", status=STATUS_CHOICES.get(word, say("all"))),
    "label": lambda word: say("Label: {label}", label=word),
    "priority": lambda word: say("Priority: {priority}", priority=PRIORITIES[int(word)]),
    "due": lambda word: DUE_WORDS[word],
}
_PEOPLE_CHIPS = {
    "assignee": say("Assigned to: {person}"),
    "creator": say("Made by: {person}"),
    "watcher": say("Watched by: {person}"),
}


def _chip(name: str, word: str, people: Mapping[int, str], projects: Sequence[Project]) -> Said:
    if name in _CHIPS:
        return _CHIPS[name](word)
    if name in _PEOPLE_CHIPS:
        return Said(_PEOPLE_CHIPS[name].text, {"person": person_words(word, people)})
    if name == "incident":
        one = say("From an incident")
        return one if word == "any" else say("From INC-{number}", number=word)
    if name == "column":
        columns = (column for project in projects for column in project.columns)
        named = next((one.name for one in columns if one.id == int(word)), word)
        return say("Column: {column}", column=named)
    title = next((one.title for one in projects if one.key == word), word)
    return say("Project: {project}", project=title)


def person_words(word: str, people: Mapping[int, str]) -> Said | str:
    known = {"me": say("me"), "nobody": say("nobody")}
    return known.get(word) or people.get(int(word), f"#{word}")


def labels_of(projects: Iterable[Project]) -> list[str]:
    return sorted({label.name for one in projects for label in one.labels})


def writable(roles: Mapping[int, str | None], projects: Iterable[Project]) -> set[int]:
    """Where tasks may be changed."""
    return {
        one.id
        for one in projects
        if reaches(roles.get(one.id), "member")
        and (one.archived_at is None or roles[one.id] == "manager")
    }


def by_name(people: Iterable[Named]) -> dict[int, str]:
    return {one.id: one.name for one in people}


# --- what happened, by day


def days(
    found: Sequence[Told], now: datetime, zone: tzinfo, language: str
) -> list[tuple[Said | str, list[Told]]]:
    today = now.astimezone(zone).date()
    return [
        (_day(day, today, language), list(some))
        for day, some in groupby(found, key=lambda one: one.at.astimezone(zone).date())
    ]


def _day(day: date, today: date, language: str) -> Said | str:
    near = {0: say("Today"), 1: say("Yesterday")}
    return near.get((today - day).days) or day_name(day, today, language)
