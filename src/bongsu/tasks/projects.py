"""Use cases of projects and their members. One transaction each; columns and views are beside."""

from collections.abc import Iterator, Sequence

from bongsu.accounts import store as accounts
from bongsu.accounts.model import Actor, User, require
from bongsu.db.session import Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import Conflict, Invalid, NotFound, Problem
from bongsu.kit.i18n import say
from bongsu.tasks import store_projects
from bongsu.tasks.access import Entry, enter
from bongsu.tasks.inputs import Membership, NewProject, ProjectChange
from bongsu.tasks.model import STATUS_WORDS, STATUSES, Project, project_role
from bongsu.tasks.news import tell_of_project
from bongsu.tasks.store_projects import Member
from bongsu.tell import choices, store_choices

MANAGE = "project.manage"


async def seen(tx: Tx, actor: Actor, *, archived: bool = False) -> list[Project]:
    """Those that the actor may see, by title."""
    require(actor, "task.read")
    every = actor.role == "admin" or actor.kind == "system"
    found = await store_projects.seen_by(tx, actor.id, every=every)
    return [one for one in found if archived or one.archived_at is None]


async def roles(tx: Tx, actor: Actor, some: Sequence[Project]) -> dict[int, str | None]:
    """What the actor is in each of them."""
    own = await store_projects.roles_of(tx, actor.id)
    return {one.id: project_role(actor, one.everyone, own.get(one.id)) for one in some}


async def get(tx: Tx, actor: Actor, key: str) -> Entry:
    return await enter(tx, actor, key, "viewer", "task.read")


async def telling_of(tx: Tx, actor: Actor, project: Project) -> str:
    """What the actor chose to be told of it; empty: what concerns them."""
    chosen = await store_choices.choices_about(tx, [actor.id], f"project/{project.id}")
    return chosen[actor.id].choice if actor.id in chosen else ""


async def choose_telling(
    tx: Tx, actor: Actor, key: str, choice: choices.Choice, clock: Clock
) -> Project:
    """For everybody who sees it. Raises NotAllowed, NotFound."""
    one = (await get(tx, actor, key)).project
    await choices.follow_project(tx, actor, f"project/{one.id}", one.title, choice, clock)
    return one


async def create(
    tx: Tx, actor: Actor, form: NewProject, clock: Clock, language: str | None = None
) -> Project:
    """With the three usual columns, named in `language` or that of whoever makes it, who manages it.

    Raises NotAllowed, Conflict when the key is taken.
    """
    require(actor, "project.create")
    values = {
        "key": form.key,
        "title": form.title,
        "description": form.description,
        "everyone": form.everyone,
        "next_number": 1,
        "creator_id": actor.id or None,
        "created_at": clock.now(),
    }
    project_id = await store_projects.insert(tx, values)
    if project_id is None:
        problem = Problem("key", say("Another project has it."), say("Choose another key."))
        raise Conflict(
            say(
                "A project with the key {key} already exists. {what}",
                key=form.key,
                what=problem.todo,
            )
        )
    for position, status in enumerate(STATUSES):
        name = STATUS_WORDS[status].to(language or actor.language or "en")
        await store_projects.insert_column(tx, project_id, name, status, position)
    if actor.id:
        await store_projects.put_member(tx, project_id, actor.id, "manager")
    made = await again(tx, form.key)
    tell_of_project(tx, actor, made, "created", clock, after=made.shown())
    return made


async def free_key(tx: Tx, title: str) -> str:
    """A key that nobody has, made from the title; P and a number where the title has no Latin letters."""
    for candidate in keys_of(title):
        if await store_projects.by_key(tx, candidate) is None:
            return candidate
    return ""  # the form says that one is needed


def keys_of(title: str) -> Iterator[str]:
    """Pure."""
    plain = "".join(c for c in title.upper() if c.isascii() and c.isalnum()).lstrip("0123456789")
    stem = plain[:4] if len(plain) > 1 else "P"
    if len(stem) > 1:
        yield stem
    yield from (f"{stem}{number}" for number in range(2 if len(stem) > 1 else 1, 200))


async def change(tx: Tx, actor: Actor, key: str, form: ProjectChange, clock: Clock) -> Project:
    """What is left out stays. Raises NotAllowed, NotFound."""
    before = (await enter(tx, actor, key, "manager", MANAGE)).project
    values = form.model_dump(exclude_none=True, exclude={"archived"})
    if form.archived is not None:
        values["archived_at"] = clock.now() if form.archived else None
    if values:
        await store_projects.update(tx, before.id, **values)
    return await told(tx, actor, before, "updated", clock)


# --- members


async def members(tx: Tx, actor: Actor, key: str) -> list[Member]:
    entry = await enter(tx, actor, key, "viewer", "task.read")
    return await store_projects.members(tx, entry.project.id)


async def everybody(tx: Tx, actor: Actor) -> list[User]:
    """Active people whom a manager may add, by number; at most 1,000."""
    require(actor, "user.read")
    found = await accounts.users(tx, limit=accounts.PAGE_LIMIT)
    return [one for one in found if one.active]


async def person(tx: Tx, actor: Actor, key: str, words: str) -> User:
    """By mail address, by name, or as the list offers both: `Ben <ben@example.com>`.

    Raises NotAllowed and NotFound as `put_member`, Invalid for nobody and for several of one name.
    """
    await enter(tx, actor, key, "manager", MANAGE)
    name, _, rest = words.partition("<")
    wanted = (rest.rpartition(">")[0] or name).strip().casefold()
    active = await everybody(tx, actor)
    found = [one for one in active if one.email.casefold() == wanted]
    found = found or [one for one in active if one.name.casefold() == wanted]
    if len(found) == 1:
        return found[0]
    what = (
        say("Several people are called {name}. Write the mail address.", name=words)
        if found
        else say("Nobody here is called {name}. Invite them first, on the page People.", name=words)
    )
    raise Invalid(say("Nobody was added."), (Problem("person", what),))


async def put_member(
    tx: Tx, actor: Actor, key: str, user_id: int, form: Membership, clock: Clock
) -> None:
    """Adds a person or gives them another role. Raises NotAllowed, NotFound, Invalid for a disabled account,
    Conflict for the last manager."""
    project = (await enter(tx, actor, key, "manager", MANAGE)).project
    person = await accounts.user_by_id(tx, user_id)
    if person is None or not person.active:
        what = say("There is no enabled account {id}.", id=user_id)
        raise Invalid(say("Nobody was added."), (Problem("user_id", what),))
    before = await store_projects.role_of(tx, project.id, user_id)
    if before == form.role:
        return
    if before == "manager":
        await _not_the_last(tx, project, user_id)
    await store_projects.put_member(tx, project.id, user_id, form.role)
    was, now = {"person": person.name, "role": before}, {"person": person.name, "role": form.role}
    tell_of_project(tx, actor, project, "member_changed", clock, before=was, after=now)


async def remove_member(tx: Tx, actor: Actor, key: str, user_id: int, clock: Clock) -> None:
    """Also oneself, whatever one's role. Raises NotAllowed, NotFound, Conflict for the last manager."""
    least = "viewer" if user_id == actor.id else "manager"
    project = (await enter(tx, actor, key, least, MANAGE)).project
    role = await store_projects.role_of(tx, project.id, user_id)
    if role is None:
        raise NotFound(
            say("Person {id} is no member of {project}.", id=user_id, project=project.title)
        )
    if role == "manager":
        await _not_the_last(tx, project, user_id)
    person = await accounts.user_by_id(tx, user_id)
    await store_projects.remove_member(tx, project.id, user_id)
    was = {"person": person.name if person else str(user_id), "role": role}
    now = was | {"role": None}
    tell_of_project(tx, actor, project, "member_changed", clock, before=was, after=now)


async def _not_the_last(tx: Tx, project: Project, user_id: int) -> None:
    others = [
        one
        for one in await store_projects.members(tx, project.id)
        if one.role == "manager" and one.user_id != user_id
    ]
    if not others:
        raise Conflict(
            say(
                "{project} would have no manager. Make somebody else one first.",
                project=project.title,
            )
        )


async def again(tx: Tx, key: str) -> Project:
    """As it is now, for whoever has been let in. Raises NotFound."""
    found = await store_projects.by_key(tx, key.upper())
    if found is None:
        raise NotFound(say("There is no project {key}.", key=key))
    return found


async def told(tx: Tx, actor: Actor, before: Project, what: str, clock: Clock) -> Project:
    after = await again(tx, before.key)
    if after.shown() != before.shown() or after.labels != before.labels:
        was = before.shown() | {"labels": [one.name for one in before.labels]}
        now = after.shown() | {"labels": [one.name for one in after.labels]}
        tell_of_project(tx, actor, after, what, clock, before=was, after=now)
    return after
