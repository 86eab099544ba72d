"""Many tasks in and out: a file is read and checked whole before anything is written.

Written in batches of 100, so that an alarm never waits for an import; what is written is an event each, of a type
of its own (`task.imported`), about which nobody is mailed.
"""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

from bongsu.accounts import store as accounts
from bongsu.accounts.model import Actor
from bongsu.db.session import Database, Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import Said, say_n
from bongsu.tasks import changes, csv_text, store, store_lists, store_projects
from bongsu.tasks.access import Entry, enter
from bongsu.tasks.file_drafts import FileRead, read
from bongsu.tasks.inputs import NewTask
from bongsu.tasks.model import GAP, Project
from bongsu.tasks.news import tell_log, tell_of_project
from bongsu.tasks.tables import task_assignee, task_label
from bongsu.tasks.values import due_of, first_values
from bongsu.tasks.wording import column_of, ensure_labels

BATCH = 100


async def assignable(tx: Tx, project: Project) -> dict[str, int]:
    """By mail address and by name, in small letters; a name that two people share means nobody."""
    readers = await store_projects.readers(tx, project)
    users = await accounts.users_by_ids(tx, [one.id for one in readers])
    names: dict[str, list[int]] = {}
    for one in users:
        names.setdefault(one.name.casefold(), []).append(one.id)
    found = {name: ids[0] for name, ids in names.items() if len(ids) == 1}
    return found | {one.email.casefold(): one.id for one in users}


async def look_at(db: Database, actor: Actor, key: str, text: str) -> tuple[Entry, FileRead]:
    """What a file would make and what is wrong in it. Raises NotAllowed, NotFound; Invalid for no such file."""
    async with db.read() as tx:
        entry = await enter(tx, actor, key, "member", "task.write")
        people = await assignable(tx, entry.project)
    return entry, await read(text, entry.project, people)


async def take_in(
    db: Database, actor: Actor, key: str, text: str, clock: Clock, *, dry_run: bool = False
) -> int:
    """How many tasks were (or would be) made. Raises NotAllowed, NotFound; Invalid with every line that is
    wrong (the first 500), and then nothing is written."""
    _, found = await look_at(db, actor, key, text)
    if found.wrong:
        raise Invalid(refusal(found), found.problems)
    if dry_run or not found.drafts:
        return len(found.drafts)
    for start in range(0, len(found.drafts), BATCH):
        async with db.write() as tx:
            await _write(tx, actor, key, found.drafts[start : start + BATCH], clock)
    async with db.write() as tx:
        entry = await enter(tx, actor, key, "member", "task.write")
        after = {"tasks": len(found.drafts)}
        tell_of_project(tx, actor, entry.project, "imported", clock, after=after)
    return len(found.drafts)


def refusal(found: FileRead) -> Said:
    return say_n(
        "{n} place of the file is wrong. Nothing was taken in.",
        "{n} places of the file are wrong. Nothing was taken in.",
        found.wrong,
    )


async def _write(tx: Tx, actor: Actor, key: str, drafts: Sequence[NewTask], clock: Clock) -> None:
    """Few statements for many tasks: whoever else writes waits for this."""
    project = (await enter(tx, actor, key, "member", "task.write")).project
    first = await store_projects.take_numbers(tx, project.id, len(drafts))
    rows = await _rows(tx, actor, project, drafts, first, clock)
    ids = await store.insert_many(tx, project.id, rows)
    made = [(ids[number], draft) for number, draft in enumerate(drafts, first)]
    names = list(dict.fromkeys(name for draft in drafts for name in draft.labels))
    await ensure_labels(tx, project, names)
    labels = await store_projects.label_ids(tx, project.id, names)
    people = [(task_id, one) for task_id, draft in made for one in draft.assignees]
    await store.hang_on(tx, task_assignee, people)
    marks = [(task_id, labels[name]) for task_id, draft in made for name in draft.labels]
    await store.hang_on(tx, task_label, marks)
    await _tell(tx, actor, project, range(first, first + len(drafts)), clock)


async def _rows(
    tx: Tx, actor: Actor, project: Project, drafts: Sequence[NewTask], first: int, clock: Clock
) -> list[dict[str, Any]]:
    """One under the other at the end of their columns."""
    places: dict[int, float] = {}
    rows = []
    for number, draft in enumerate(drafts, first):
        column = column_of(project, draft.column, draft.status) or project.columns[0]
        if column.id not in places:
            places[column.id] = await store.last_position(tx, column.id) or 0.0
        places[column.id] += GAP
        place = places[column.id]
        rows.append(first_values(draft, project.id, number, column, place, actor, clock.now()))
    return rows


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
            due = due_of(one)
            shown = one.shown() | {"assignees": [emails[who.id] for who in one.assignees]}
            shown |= {"due": due.text if due else None}
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
