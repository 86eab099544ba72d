"""Watching a task, by whoever may see it: watchers are told what those are told who have it."""

from bongsu.accounts.model import Actor
from bongsu.db.session import Tx
from bongsu.kit.clock import Clock
from bongsu.tasks import changes, store
from bongsu.tasks.access import task_by_key
from bongsu.tasks.model import Task
from bongsu.tasks.news import tell_log


async def watch(tx: Tx, actor: Actor, key: str, *, on: bool, clock: Clock) -> Task:
    """Twice is once. Raises NotAllowed, NotFound."""
    before, _ = await task_by_key(tx, actor, key, "viewer", "task.comment")
    done = (
        await store.add_watcher(tx, before.id, actor.id)
        if on
        else await store.remove_watcher(tx, before.id, actor.id)
    )
    after = await store.by_id(tx, before.id)
    found = changes.compare(before, after) if done and after else None
    if after is None or found is None:
        return before
    tell_log(tx, actor, after, found, clock)
    return after
