"""Saved views: a person's own lists by name, some of them shared with a project."""

from urllib.parse import parse_qsl

from bongsu.accounts.model import Actor, require
from bongsu.db.session import Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import Conflict, NotFound
from bongsu.kit.i18n import say
from bongsu.tasks import projects, query, store_projects
from bongsu.tasks.access import enter, enter_by_id
from bongsu.tasks.inputs import SaveView
from bongsu.tasks.store_projects import SavedView

LIMIT = 50  # of one person


async def seen(tx: Tx, actor: Actor) -> list[SavedView]:
    """One's own, and those that are shared with a project that one sees."""
    ids = [one.id for one in await projects.seen(tx, actor)]
    return await store_projects.views_of(tx, actor.id, ids)


async def save(tx: Tx, actor: Actor, form: SaveView, clock: Clock) -> str:
    """One's own view of that name is replaced. Gives the list's words as they are kept.

    Raises NotAllowed, NotFound for the project to share it with, Invalid for a list that cannot be made,
    Conflict at 50 of them.
    """
    require(actor, "task.write")
    asked = query.read(dict(parse_qsl(form.query.removeprefix("?"))))
    shared = None
    if form.shared_with is not None:
        shared = (await enter(tx, actor, form.shared_with, "member", "task.write")).project.id
    own = {one.name for one in await store_projects.views_of(tx, actor.id, ())}
    if form.name not in own and len(own) >= LIMIT:
        raise Conflict(
            say("You have {n} saved views, which is the most. Delete one first.", n=LIMIT)
        )
    kept = asked.address()
    await store_projects.save_view(tx, actor.id, form.name, kept, shared, clock.now())
    return kept


async def delete(tx: Tx, actor: Actor, view_id: int) -> None:
    """One's own; of those that are shared also a manager of the project. Raises NotFound, NotAllowed."""
    require(actor, "task.write")
    found = await store_projects.view(tx, view_id)
    if found is not None and found.user_id != actor.id and found.shared_with is not None:
        await enter_by_id(tx, actor, found.shared_with, "manager", projects.MANAGE)
    elif found is None or found.user_id != actor.id:
        raise NotFound(say("You have no saved view {id}. It may be gone already.", id=view_id))
    await store_projects.delete_view(tx, view_id)
