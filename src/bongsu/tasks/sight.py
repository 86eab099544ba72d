"""Which projects and tasks are hidden from somebody, for lists of other rooms that name them."""

from collections.abc import Collection

from bongsu.accounts.model import Actor
from bongsu.db.session import Tx
from bongsu.tasks import store_sight


async def hidden(tx: Tx, actor: Actor, names: Collection[str]) -> frozenset[str]:
    """Of names such as task/3 and project/1. What nobody knows is hidden as well."""
    tasks, projects = _numbered(names, "task/"), _numbered(names, "project/")
    if not tasks and not projects:
        return frozenset()
    seen = await store_sight.projects_seen(tx, actor.id)
    of = await store_sight.projects_of(tx, tasks.values()) if tasks else {}
    no_tasks = {name for name, number in tasks.items() if of.get(number) not in seen}
    return frozenset(no_tasks | {name for name, number in projects.items() if number not in seen})


def _numbered(names: Collection[str], family: str) -> dict[str, int]:
    found = {name: name.removeprefix(family) for name in names if name.startswith(family)}
    return {name: int(word) if word.isdecimal() else 0 for name, word in found.items()}
