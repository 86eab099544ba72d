"""What tasks keep of one person: all of it for themselves, and what becomes of it when they leave for good."""

from dataclasses import replace
from typing import Any

from bongsu.accounts.model import SYSTEM
from bongsu.db.session import Tx
from bongsu.kit.clock import SYSTEM_CLOCK, Clock
from bongsu.tasks import changes, store, store_leaving, store_lists, store_projects
from bongsu.tasks.model import Named, Task
from bongsu.tasks.news import tell_log
from bongsu.tasks.tables import task_assignee

PAGE = 500
NAMELESS = "Deleted person"  # as accounts call whoever has left


async def export(tx: Tx, user_id: int) -> dict[str, Any]:
    """For the export of one's own data: what they made or have, what they watch, where they are a member."""
    tasks: list[dict[str, Any]] = []
    after = 0
    while page := await store_lists.of_person(tx, user_id, after, PAGE):
        tasks += [one.shown() for one in page]
        after = page[-1].id
    views = await store_projects.views_of(tx, user_id, ())
    return {
        "tasks": tasks,
        "watched": await store_leaving.watched(tx, user_id),
        "projects": await store_leaving.memberships(tx, user_id),
        "views": [{"name": one.name, "query": one.query} for one in views],
    }


async def forget(tx: Tx, user_id: int, clock: Clock = SYSTEM_CLOCK) -> None:
    """Open tasks are nobody's again, and those who watch them are told. What is done keeps its shape: the name
    on it is nobody's any more. Views that a project shares stay with its managers."""
    while tasks := await store_leaving.open_tasks_of(tx, user_id, PAGE):
        for task in tasks:
            await _take_off(tx, task, user_id, clock)
    await store_leaving.drop(tx, user_id)


async def _take_off(tx: Tx, before: Task, user_id: int, clock: Clock) -> None:
    kept = [one.id for one in before.assignees if one.id != user_id]
    await store.hang_anew(tx, task_assignee, before.id, kept)
    await store.update(tx, before.id, before.version, updated_at=clock.now(), changed_by=None)
    after = await store.by_id(tx, before.id)
    found = (
        changes.compare(_nameless(before, user_id), _nameless(after, user_id)) if after else None
    )
    if after is not None and found is not None:
        tell_log(tx, SYSTEM, after, found, clock)


def _nameless(task: Task, user_id: int) -> Task:
    """The log does not say once more who it was."""
    return replace(
        task,
        assignees=_named(task.assignees, user_id),
        watchers=_named(task.watchers, user_id),
    )


def _named(people: tuple[Named, ...], user_id: int) -> tuple[Named, ...]:
    return tuple(Named(one.id, NAMELESS) if one.id == user_id else one for one in people)
