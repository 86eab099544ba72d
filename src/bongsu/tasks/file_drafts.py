"""A file of tasks as drafts, and everything that is wrong in it: pure but for giving way to others in between."""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from bongsu.kit.errors import Invalid, Problem
from bongsu.kit.i18n import Said, say
from bongsu.kit.problems import problems_of
from bongsu.tasks import csv_text
from bongsu.tasks.due import placed
from bongsu.tasks.inputs import NewTask
from bongsu.tasks.model import PRIORITIES, Project
from bongsu.tasks.wording import LABELS_OF_PROJECT, column_of

TASKS_LIMIT = 20_000
PROBLEMS_KEPT = 500
_TURN = 200  # tasks after which others are served
_LISTS = ("assignees", "labels")
_PRIORITY_WORDS = {
    said.to(language).casefold(): number
    for number, said in PRIORITIES.items()
    for language in ("en", "ko")
}


@dataclass(frozen=True, slots=True)
class FileRead:
    """`wrong` counts all places, `problems` holds the first 500 of them."""

    drafts: tuple[NewTask, ...]
    problems: tuple[Problem, ...]
    wrong: int

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for draft in self.drafts for name in draft.labels))


async def read(text: str, project: Project, people: Mapping[str, int]) -> FileRead:
    """`people`: mail address or name, in small letters → number of who may be assigned. Raises Invalid for
    what is neither CSV nor JSON of tasks."""
    drafts: list[NewTask] = []
    problems: list[Problem] = []
    wrong = 0
    for number, raw in raw_tasks(text):
        if (len(drafts) + wrong) % _TURN == _TURN - 1:
            await asyncio.sleep(0)
        found = read_one(number, raw, project, people)
        if len(drafts) >= TASKS_LIMIT:
            found = [_too_many(number)]
        if isinstance(found, NewTask):
            drafts.append(found)
            continue
        wrong += len(found)
        problems += found[: PROBLEMS_KEPT - len(problems)]
        if len(drafts) >= TASKS_LIMIT:
            break
    labels = _too_many_labels(project, drafts)
    return FileRead(tuple(drafts), (*problems, *labels), wrong + len(labels))


def _too_many(number: int) -> Problem:
    what = say("More than {n} tasks in one file.", n=TASKS_LIMIT)
    return Problem(f"line {number}", what, say("Cut it into several files."))


def _too_many_labels(project: Project, drafts: Sequence[NewTask]) -> list[Problem]:
    wanted = {name for draft in drafts for name in draft.labels}
    count = len(wanted | {one.name for one in project.labels})
    if count <= LABELS_OF_PROJECT:
        return []
    what = say(
        "{project} would have {n} labels; {most} is the most.",
        project=project.title,
        n=count,
        most=LABELS_OF_PROJECT,
    )
    return [Problem("labels", what, say("Use fewer of them in the file."))]


def raw_tasks(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """JSON when it begins like it, else CSV: number of the line (of the entry) and values. Raises Invalid."""
    if text.lstrip("\ufeff \t\r\n")[:1] in {"{", "["}:
        yield from enumerate(_json_tasks(text.lstrip("\ufeff")), 1)
    else:
        yield from csv_text.read(text)


def _json_tasks(text: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "file"
        problem = Problem(where, say("This is not valid JSON."))
        raise Invalid(say("The file cannot be read as JSON of tasks."), (problem,)) from None
    tasks = found.get("tasks") if isinstance(found, dict) else found
    if not isinstance(tasks, list) or not all(isinstance(one, dict) for one in tasks):
        problem = Problem("tasks", say("This must be a list."))
        raise Invalid(say("The file cannot be read as JSON of tasks."), (problem,))
    return tasks


def read_one(
    number: int, raw: Mapping[str, Any], project: Project, people: Mapping[str, int]
) -> NewTask | list[Problem]:
    """One task of a file, or what is wrong with it."""
    said, problems = _said(number, raw, people)
    try:
        draft = NewTask.model_validate(said | {"project": project.key})
        column_of(project, draft.column, draft.status)
    except ValidationError as error:
        found = problems_of(error.errors(include_url=False, include_input=False))
        return [*problems, *(Problem(f"line {number}, {one.where}", one.what) for one in found)]
    except Invalid as error:
        found = error.problems
        return [*problems, *(Problem(f"line {number}, {p.where}", p.what, p.todo) for p in found)]
    return problems or draft


def _said(
    number: int, raw: Mapping[str, Any], people: Mapping[str, int]
) -> tuple[dict[str, Any], list[Problem]]:
    said: dict[str, Any] = {
        name: raw[name] for name in ("title", "description", "due") if raw.get(name)
    }
    if "due" in said and raw.get("due_zone"):
        said["due"] = _placed(str(said["due"]), str(raw["due_zone"]))
    column = raw.get("column") or raw.get("status")
    if column:
        said["column"] = str(column).strip()
    for name in _LISTS:
        said[name] = _listed(raw.get(name) or [])
    points = raw.get("checklist") or []
    said["checklist"] = csv_text.points(points) if isinstance(points, str) else points
    if raw.get("priority"):
        said["priority"] = priority_of(raw["priority"])
    unknown: list[str] = []
    if isinstance(said["assignees"], list):
        said["assignees"], unknown = _people(said["assignees"], people)
    return said, [Problem(f"line {number}, assignees", _nobody(word)) for word in unknown]


def _placed(text: str, zone: str) -> str:
    """What is no day stays, for the form to refuse."""
    try:
        return placed(text, zone)
    except ValueError:
        return text


def _nobody(word: str) -> Said:
    return say("Nobody who can see the project is called {name}.", name=word)


def _listed(value: Any) -> Any:
    """What is no list is left as it is: the form says so."""
    return csv_text.split(value) if isinstance(value, str) else value


def priority_of(value: Any) -> Any:
    """Of a word in English or Korean; what is none stays, for the form to refuse."""
    word = str(value).strip()
    return (
        int(word)
        if word.isascii() and word.isdecimal()
        else _PRIORITY_WORDS.get(word.casefold(), word)
    )


def _people(words: Sequence[Any], people: Mapping[str, int]) -> tuple[list[int], list[str]]:
    found, unknown = [], []
    for word in words:
        name = str(word.get("name", "")) if isinstance(word, dict) else str(word)
        number = people.get(name.strip().casefold())
        if number is None:
            unknown.append(name)
        else:
            found.append(number)
    return list(dict.fromkeys(found)), unknown
