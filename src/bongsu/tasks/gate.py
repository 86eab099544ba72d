"""What the room `notes` asks about tasks, and what the log hears when a note was written."""

from bongsu.accounts.model import Actor
from bongsu.db.session import Tx
from bongsu.kit.clock import Clock
from bongsu.notes.gate import NoteData, Subject, What
from bongsu.tasks import store, store_projects
from bongsu.tasks.access import Entry, task_by_id
from bongsu.tasks.changes import Change
from bongsu.tasks.model import Task
from bongsu.tasks.news import tell_log


class TaskGate:
    async def read(self, tx: Tx, actor: Actor, ident: int) -> Subject:
        return _subject(*await task_by_id(tx, actor, ident, "viewer", "task.read"))

    async def write(self, tx: Tx, actor: Actor, ident: int) -> Subject:
        """Whoever sees a task may say something about it; only members attach and change."""
        return _subject(*await task_by_id(tx, actor, ident, "viewer", "task.comment"))

    async def may_read(self, tx: Tx, subject: Subject, user_id: int) -> bool:
        return await store_projects.sees_task(tx, int(subject.key.partition("/")[2]), user_id)

    async def heard(
        self, tx: Tx, actor: Actor, subject: Subject, what: What, note: NoteData, clock: Clock
    ) -> None:
        """One event, the card's counts, and whoever wrote or was mentioned watches from now on."""
        task_id = int(subject.key.partition("/")[2])
        comments = {"commented": 1, "comment_deleted": -1}.get(what, 0) if note.id else 0
        files = len(note.files) * (-1 if what == "detached" else 1)
        await store.count_notes(tx, task_id, comments, files, clock.now())
        if what in {"commented", "attached"} and actor.id:
            await store.add_watcher(tx, task_id, actor.id)
        for user_id in note.mentions:
            await store.add_watcher(tx, task_id, user_id)
        task = await store.by_id(tx, task_id)
        if task is not None:
            more = {
                "note": {"id": note.id, "text": note.text, "mentions": list(note.mentions)},
                "files": [{"id": one.id, "name": one.name} for one in note.files],
            }
            tell_log(tx, actor, task, _change(what, note), clock, more=more)


def _change(what: What, note: NoteData) -> Change:
    names = [one.name for one in note.files]
    before: dict[str, object] = {}
    after: dict[str, object] = {}
    if note.id:
        before["comment"], after["comment"] = note.before or None, note.text or None
    if names:
        before["attachment"] = names if what == "detached" else None
        after["attachment"] = None if what == "detached" else names
    return Change(what, before, after)


def _subject(task: Task, entry: Entry) -> Subject:
    return Subject(
        key=task.subject,
        title=f"{task.key} {task.title}",
        href=task.href,
        resources=(f"project/{task.project_id}",),
        people=task.people,
        manager=entry.may("manager"),
        name=f"task/{task.key}",
    )


GATE = TaskGate()
