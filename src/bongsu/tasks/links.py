"""Links of tasks: to other tasks, and to an incident, a check or a deployment."""

from collections.abc import Sequence
from datetime import datetime

from bongsu.accounts.model import Actor
from bongsu.db.session import Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import Conflict, Invalid, NotFound, Problem
from bongsu.kit.i18n import say
from bongsu.tasks import changes, store
from bongsu.tasks.access import task_by_key
from bongsu.tasks.inputs import LinkTo
from bongsu.tasks.model import Task
from bongsu.tasks.news import tell_log

LIMIT = 50


async def put_links(
    tx: Tx, actor: Actor, task_id: int, links: Sequence[LinkTo], now: datetime
) -> None:
    """Raises Invalid for a task that the actor cannot see."""
    for link in links:
        target, title = await _target(tx, actor, link.target)
        values = {
            "task_id": task_id,
            "kind": link.kind,
            "target": target,
            "title": title[:256],
            "closes": link.closes and target.startswith("incident/"),
            "created_at": now,
        }
        await store.insert_link(tx, values)


async def _target(tx: Tx, actor: Actor, said: str) -> tuple[str, str]:
    """As it is kept, and a name for people. Other rooms' things keep their own name: nobody asks them."""
    if not said.startswith("task/") and "/" in said:
        return said, said
    try:
        key = said if "/" not in said else await _key(tx, int(said.partition("/")[2]))
        found, _ = await task_by_key(tx, actor, key, "viewer", "task.read")
    except NotFound as error:
        raise Invalid(say("The link was not made."), (Problem("target", error.said),)) from None
    return found.subject, f"{found.key} {found.title}"


async def _key(tx: Tx, task_id: int) -> str:
    found = await store.by_id(tx, task_id)
    return found.key if found else f"?-{task_id}"


async def link(tx: Tx, actor: Actor, key: str, form: LinkTo, clock: Clock) -> Task:
    """Raises NotAllowed, NotFound, Invalid; Conflict when it is there already or there are 50 of them."""
    before, _ = await task_by_key(tx, actor, key, "member", "task.write")
    if len(before.links) >= LIMIT:
        raise Conflict(say("{key} has {n} links, which is the most.", key=before.key, n=LIMIT))
    await put_links(tx, actor, before.id, [form], clock.now())
    return await _told(tx, actor, before, clock)


async def unlink(tx: Tx, actor: Actor, key: str, link_id: int, clock: Clock) -> Task:
    """Raises NotAllowed, NotFound for the task and for the link."""
    before, _ = await task_by_key(tx, actor, key, "member", "task.write")
    if not await store.delete_link(tx, before.id, link_id):
        raise NotFound(
            say("{key} has no link {id}. It may be gone already.", key=before.key, id=link_id)
        )
    return await _told(tx, actor, before, clock)


async def _told(tx: Tx, actor: Actor, before: Task, clock: Clock) -> Task:
    after = await store.by_id(tx, before.id)
    found = changes.compare(before, after) if after else None
    if after is None or found is None:
        raise Conflict(say("{key} has that link already.", key=before.key))
    tell_log(tx, actor, after, found, clock)
    return after


async def linked_to(tx: Tx, actor: Actor, target: str) -> list[Task]:
    """Tasks that point at something and that the actor may see; the newest first."""
    found = []
    for task in await store.linked_to(tx, target):
        try:
            found.append((await task_by_key(tx, actor, task.key, "viewer", "task.read"))[0])
        except NotFound:
            continue
    return found
