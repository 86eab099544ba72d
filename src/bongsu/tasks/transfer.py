"""Many tasks in and out: a file is read and checked whole before anything is written.

Written in batches of 100, so that an alarm never waits for an import; what is written is an event each, of a type
of its own (`task.imported`), about which nobody is mailed.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from bongsu.accounts import store as accounts
from bongsu.accounts.model import Actor
from bongsu.db.session import Database, Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import Invalid, Problem
from bongsu.kit.i18n import say
from bongsu.kit.problems import problems_of
from bongsu.tasks import changes, csv_text, store, store_lists, store_projects
from bongsu.tasks.access import Entry, enter
from bongsu.tasks.inputs import NewTask
from bongsu.tasks.model import GAP, PRIORITIES, Project
from bongsu.tasks.news import tell_log, tell_of_project
from bongsu.tasks.tables import task_assignee
from bongsu.tasks.values import due_values
from bongsu.tasks.wording import column_of, ensure_labels

TASKS_LIMIT = 20_000
PROBLEMS_SHOWN = 20
BATCH = 100
_LISTS = ("assignees", "labels")
_PRIORITY_WORDS = {
    said.to(language).casefold(): number
    for number, said in PRIORITIES.items()
    for language in ("en", "ko")
}


@dataclass(frozen=True, slots=True)
class Read:
    """What a file says: drafts, and everything that is wrong in it."""

    drafts: tuple[NewTask, ...]
    problems: tuple[Problem, ...]


def raw_tasks(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """JSON when it begins like it, else CSV: number of the line (of the entry) and values. Raises Invalid."""
    if text.lstrip()[:1] in {"{", "["}:
        yield from enumerate(_json_tasks(text), 1)
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


async def read(text: str, entry: Entry, people: Mapping[str, int]) -> Read:
    """`people`: mail address or name, in small letters → number of who may be assigned."""
    drafts: list[NewTask] = []
    problems: list[Problem] = []
    for number, raw in raw_tasks(text):
        if number % 200 == 0:
            await asyncio.sleep(0)  # others are served in between
        if len(drafts) >= TASKS_LIMIT:
            what = say("More than {n} tasks in one file.", n=TASKS_LIMIT)
            problems.append(Problem(f"line {number}", what, say("Cut it into several files.")))
            break
        found = read_one(number, raw, entry.project, people)
        if isinstance(found, NewTask):
            drafts.append(found)
        else:
            problems += found
    return Read(tuple(drafts), tuple(problems))


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
    for name in ("column", "status"):
        if raw.get(name) and "column" not in said:
            said["column"] = str(raw[name]).strip()
    for name in _LISTS:
        value = raw.get(name)
        said[name] = csv_text.split(value) if isinstance(value, str) else list(value or ())
    points = raw.get("checklist") or ""
    said["checklist"] = csv_text.points(points) if isinstance(points, str) else points
    problems = []
    if raw.get("priority"):
        said["priority"] = _priority(raw["priority"])
    said["assignees"], unknown = _people(said["assignees"], people)
    for word in unknown:
        what = say("Nobody who can see the project is called {name}.", name=word)
        problems.append(Problem(f"line {number}, assignees", what))
    return said, problems


def _priority(value: Any) -> Any:
    word = str(value).strip()
    return int(word) if word.isdecimal() else _PRIORITY_WORDS.get(word.casefold(), word)


def _people(words: Sequence[Any], people: Mapping[str, int]) -> tuple[list[int], list[str]]:
    found, unknown = [], []
    for word in words:
        name = str(word.get("name", "")) if isinstance(word, dict) else str(word)
        number = people.get(name.casefold())
        if number is None:
            unknown.append(name)
        else:
            found.append(number)
    return found, unknown


async def assignable(tx: Tx, project: Project) -> dict[str, int]:
    """By mail address and by name, in small letters; a name that two people share means nobody."""
    readers = await store_projects.readers(tx, project)
    users = await accounts.users_by_ids(tx, [one.id for one in readers])
    names: dict[str, list[int]] = {}
    for one in users:
        names.setdefault(one.name.casefold(), []).append(one.id)
    found = {name: ids[0] for name, ids in names.items() if len(ids) == 1}
    return found | {one.email.casefold(): one.id for one in users}


async def take_in(
    db: Database, actor: Actor, key: str, text: str, clock: Clock, *, dry_run: bool = False
) -> int:
    """How many tasks were (or would be) made. Raises NotAllowed, NotFound; Invalid with every line that is
    wrong, and then nothing is written."""
    async with db.read() as tx:
        entry = await enter(tx, actor, key, "member", "task.write")
        people = await assignable(tx, entry.project)
    found = await read(text, entry, people)
    if found.problems:
        said = say("{n} places of the file are wrong. Nothing was taken in.", n=len(found.problems))
        raise Invalid(said, found.problems[:PROBLEMS_SHOWN])
    if dry_run:
        return len(found.drafts)
    for start in range(0, len(found.drafts), BATCH):
        async with db.write() as tx:
            await _write(tx, actor, key, found.drafts[start : start + BATCH], clock)
    async with db.write() as tx:
        entry = await enter(tx, actor, key, "member", "task.write")
        after = {"tasks": len(found.drafts)}
        tell_of_project(tx, actor, entry.project, "imported", clock, after=after)
    return len(found.drafts)


async def _write(tx: Tx, actor: Actor, key: str, drafts: Sequence[NewTask], clock: Clock) -> None:
    project = (await enter(tx, actor, key, "member", "task.write")).project
    first = await store_projects.take_numbers(tx, project.id, len(drafts))
    names = list(dict.fromkeys(name for draft in drafts for name in draft.labels))
    await ensure_labels(tx, project, names)
    labels = await store_projects.label_ids(tx, project.id, names)
    places: dict[int, float] = {}
    for number, draft in enumerate(drafts, first):
        column = column_of(project, draft.column, draft.status) or project.columns[0]
        if column.id not in places:
            places[column.id] = await store.last_position(tx, column.id) or 0.0
        places[column.id] += GAP
        now = clock.now()
        values = {
            "project_id": project.id,
            "number": number,
            "title": draft.title,
            "description": draft.description,
            "column_id": column.id,
            "status": column.status,
            "position": places[column.id],
            "priority": draft.priority,
            "creator_id": actor.id or None,
            "checklist": [point.model_dump() for point in draft.checklist],
            **dict.fromkeys(("comments", "attachments"), 0),
            **dict.fromkeys(("version", "moved_version", "text_version"), 1),
            "changed_by": actor.id or None,
            "created_at": now,
            "updated_at": now,
            "done_at": now if column.status == "done" else None,
            **due_values(draft.due, actor.time_zone or "UTC", column.status, now),
        }
        task_id = await store.insert(tx, values)
        await store.set_people(tx, task_assignee, task_id, draft.assignees, fresh=True)
        await store.set_labels(tx, task_id, [labels[name] for name in draft.labels], fresh=True)
    await _tell(tx, actor, project, range(first, first + len(drafts)), clock)


async def _tell(
    tx: Tx, actor: Actor, project: Project, numbers: Sequence[int], clock: Clock
) -> None:
    for made in await store.by_numbers(tx, project.id, numbers):
        change = changes.created(made)
        tell_log(tx, actor, made, changes.Change("imported", {}, change.after), clock)


async def csv_of(db: Database, actor: Actor, key: str) -> AsyncIterator[str]:
    """The whole project as CSV, page by page."""
    yield csv_text.head()
    async for tasks, emails in _pages(db, actor, key):
        yield csv_text.rows(tasks, emails)


async def json_of(db: Database, actor: Actor, key: str) -> AsyncIterator[str]:
    """The same as one JSON document, one task a line."""
    async with db.read() as tx:
        project = (await enter(tx, actor, key, "viewer", "task.read")).project
    yield f'{{"project": {json.dumps(project.shown(), ensure_ascii=False)}, "tasks": ['
    separator = "\n"
    async for tasks, emails in _pages(db, actor, key):
        for one in tasks:
            shown = one.shown() | {"assignees": [emails[who.id] for who in one.assignees]}
            yield f"{separator}{json.dumps(shown, ensure_ascii=False)}"
            separator = ",\n"
    yield "\n]}\n"


async def _pages(
    db: Database, actor: Actor, key: str
) -> AsyncIterator[tuple[list[Any], dict[int, str]]]:
    after = 0
    while True:
        async with db.read() as tx:
            project = (await enter(tx, actor, key, "viewer", "task.read")).project
            tasks = await store_lists.everything(tx, project.id, after, 500)
            ids = {one.id for found in tasks for one in (*found.assignees, found.creator) if one}
            emails = {one.id: one.email for one in await accounts.users_by_ids(tx, ids)}
        if not tasks:
            return
        yield tasks, emails
        after = tasks[-1].id
