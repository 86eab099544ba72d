"""Whom a description names. Who is named for the first time watches the task from then on, as after a comment."""

from bongsu.db.session import Tx
from bongsu.kit.i18n import Said
from bongsu.notes.gate import Subject
from bongsu.notes.mentions import resolve
from bongsu.tasks import store
from bongsu.tasks.gate import GATE
from bongsu.tasks.model import Task


async def newly_mentioned(tx: Tx, task: Task, before: str = "") -> tuple[int, ...]:
    """Who may see the task, is named in its description and was not in `before`, which stood there until now."""
    if task.description == before or "@" not in task.description:
        return ()
    subject = _subject(task)
    named = (await resolve(tx, GATE, subject, task.description)).ids
    known = (await resolve(tx, GATE, subject, before)).ids if named and before else ()
    new = tuple(one for one in named if one not in known)
    for user_id in new:
        await store.add_watcher(tx, task.id, user_id)
    return new


async def not_told(tx: Tx, task: Task) -> tuple[Said, ...]:
    """Who is named in the description and does not count, each with the reason, in the words of comments."""
    if "@" not in task.description:
        return ()
    return (await resolve(tx, GATE, _subject(task), task.description)).refused


def _subject(task: Task) -> Subject:
    return Subject(task.subject, task.key, task.href, (), task.people)
