"""Who may see and change what in a project. A stranger is told that there is nothing, as for what never was."""

from dataclasses import dataclass

from bongsu.accounts.model import Actor, require
from bongsu.db.session import Tx
from bongsu.kit.errors import Conflict, NotAllowed, NotFound
from bongsu.kit.i18n import Said, say
from bongsu.tasks import store, store_projects
from bongsu.tasks.model import ROLE_TITLES, Project, Task, project_role, reaches


@dataclass(frozen=True, slots=True)
class Entry:
    """A project and what the actor is in it."""

    project: Project
    role: str

    def may(self, least: str) -> bool:
        return reaches(self.role, least)


async def enter(tx: Tx, actor: Actor, key: str, least: str, action: str) -> Entry:
    """Raises NotAllowed for the action or the role in the project, NotFound for strangers."""
    require(actor, action)
    return await _enter(tx, actor, await store_projects.by_key(tx, key.upper()), key, least)


async def enter_by_id(tx: Tx, actor: Actor, project_id: int, least: str, action: str) -> Entry:
    require(actor, action)
    found = await store_projects.by_id(tx, project_id)
    return await _enter(tx, actor, found, str(project_id), least)


async def _enter(tx: Tx, actor: Actor, found: Project | None, name: str, least: str) -> Entry:
    role = await role_in(tx, actor, found) if found else None
    if found is None or role is None:
        raise NotFound(
            say("There is no project {key} that you may see. Ask its manager to add you.", key=name)
        )
    if not reaches(role, least):
        raise NotAllowed(
            say(
                "This needs “{needed}” in {project}; you have “{yours}”. Ask a manager of the project.",
                needed=ROLE_TITLES[least],
                project=found.title,
                yours=ROLE_TITLES[role],
            )
        )
    if least != "viewer" and found.archived_at is not None and least != "manager":
        raise Conflict(
            say("{project} is archived. A manager can bring it back first.", project=found.title)
        )
    return Entry(found, role)


async def role_in(tx: Tx, actor: Actor, one: Project) -> str | None:
    own = await store_projects.role_of(tx, one.id, actor.id) if actor.id else None
    return project_role(actor, one.everyone, own)


def no_task(name: object) -> Said:
    return say("There is no task {key} that you may see. Look for it in the list.", key=str(name))


def split_key(key: str) -> tuple[str, int]:
    """`TSK-42` → TSK and 42. Raises NotFound for what cannot be one."""
    project, _, number = key.upper().rpartition("-")
    if not project or not number.isascii() or not number.isdigit() or len(number) > 9:
        raise NotFound(no_task(key))
    return project, int(number)


async def task_by_key(
    tx: Tx, actor: Actor, key: str, least: str, action: str, *, deleted: bool = False
) -> tuple[Task, Entry]:
    """With `deleted`, also one that can still be taken back. Raises NotAllowed, NotFound, Conflict."""
    require(actor, action)
    project, number = split_key(key)
    return await _checked(tx, actor, await store.by_key(tx, project, number), key, least, deleted)


async def task_by_id(
    tx: Tx, actor: Actor, task_id: int, least: str, action: str
) -> tuple[Task, Entry]:
    require(actor, action)
    return await _checked(tx, actor, await store.by_id(tx, task_id), task_id, least, deleted=False)


async def _checked(
    tx: Tx, actor: Actor, found: Task | None, name: object, least: str, deleted: bool
) -> tuple[Task, Entry]:
    if found is None or (found.deleted_at is not None and not deleted):
        raise NotFound(no_task(name))
    try:
        project = await store_projects.by_id(tx, found.project_id)
        return found, await _enter(tx, actor, project, found.project, least)
    except NotFound:
        raise NotFound(no_task(name)) from None
