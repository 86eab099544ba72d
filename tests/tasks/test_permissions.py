"""Every route of the room × manager, member, viewer and stranger. A route that is not listed fails.

Who may is let in and it works; who may not changes nothing; and a stranger hears what one hears of what never was.
"""

from typing import Any

import pytest
import sqlalchemy as sa

from bongsu.db.schema import metadata
from bongsu.tasks import columns, views
from bongsu.tasks.inputs import NewColumn, NewLabel, SaveView
from tests.people import CLOCK
from tests.tasks.support import ROUTERS, House, World, house_of

# What a database says differently is tested beside the stores; here one engine is enough.
one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ROLES = ("stranger", "viewer", "member", "manager")
WHO = {"stranger": "sam", "viewer": "cho", "member": "ben", "manager": "ada"}
_CSV = "title\nFrom a file\n"
_NEW = {"title": "New one", "key": "", "description": "", "everyone": "none"}
_FORM = {"title": "x", "description": "", "column": "", "priority": "2", "labels": "", "due_on": "",
         "due_time": "", "checklist": "", "version": "1"}  # fmt: skip

# route → least role, and a body that is right: a form for pages, JSON for the API, text for a file
TABLE: dict[str, tuple[str, Any]] = {
    # --- for everybody who is signed in: what they see is theirs
    "GET /-/find": ("stranger", None),
    "GET /tasks": ("stranger", None),
    "GET /-/tasks/mine": ("stranger", None),
    "GET /-/tasks/count": ("stranger", None),
    "GET /tasks/list": ("stranger", None),
    "GET /-/tasks/list": ("stranger", None),
    "GET /tasks/feed": ("stranger", None),
    "GET /-/tasks/feed": ("stranger", None),
    "GET /projects/new": ("stranger", None),
    "POST /projects/new": ("stranger", _NEW),
    "GET /tasks/new": ("stranger", None),
    "GET /-/tasks/of/{family}/{ident}": ("stranger", None),
    "POST /tasks/views": ("stranger", {"name": "v", "query": "due=late"}),
    "GET /api/v1/tasks": ("stranger", None),
    "GET /api/v1/projects": ("stranger", None),
    "POST /api/v1/projects": ("stranger", {"key": "NEW", "title": "New one"}),
    "GET /api/v1/views": ("stranger", None),
    "POST /api/v1/views": ("stranger", {"name": "v", "query": "due=late"}),
    # --- who sees the project
    "POST /projects/{key}/telling": ("viewer", {"choice": "mute"}),
    "GET /projects/{key}": ("viewer", None),
    "GET /-/projects/{key}/board": ("viewer", None),
    "GET /projects/{key}/settings": ("viewer", None),
    "GET /tasks/{key}": ("viewer", None),
    "GET /tasks/by-id/{task_id}": ("viewer", None),
    "GET /-/tasks/{key}/body": ("viewer", None),
    "GET /-/tasks/history/{key}": ("viewer", None),
    "GET /tasks/{key}/edit": ("member", None),
    "POST /tasks/{key}/watch": ("viewer", {"on": "on"}),
    "POST /projects/{key}/members/{user_id}/remove": ("viewer", {}),  # oneself
    "GET /api/v1/projects/{key}": ("viewer", None),
    "GET /api/v1/projects/{key}/export": ("viewer", None),
    "GET /api/v1/tasks/{key}": ("viewer", None),
    "GET /api/v1/tasks/{key}/history": ("viewer", None),
    "POST /api/v1/tasks/{key}/watch": ("viewer", {"watch": True}),
    "DELETE /api/v1/projects/{key}/members/{user_id}": ("viewer", None),  # oneself
    # --- who works on it
    "GET /projects/{key}/import": ("member", None),
    "POST /projects/{key}/import": ("member", {"text": _CSV, "do": "take"}),
    "POST /tasks/new": ("member", _FORM | {"project": "TSK", "link": ""}),
    "POST /tasks/{key}/edit": ("member", _FORM),
    "POST /tasks/{key}/move": ("member", {"column": "{done}"}),
    "POST /tasks/{key}/back": ("member", {}),  # its values stand in the address
    "POST /tasks/{key}/take": ("member", {}),
    "POST /tasks/{key}/leave": ("member", {}),
    "POST /tasks/{key}/check": ("member", {"text": "read", "done": "on"}),
    "POST /tasks/{key}/links": ("member", {"target": "incident/7", "kind": "relates"}),
    "POST /tasks/{key}/links/{link_id}/delete": ("member", {}),
    "POST /tasks/{key}/delete": ("member", {}),
    "POST /tasks/{key}/restore": ("member", {}),
    "POST /api/v1/tasks": ("member", {"project": "TSK", "title": "x"}),
    "PATCH /api/v1/tasks/{key}": ("member", {"title": "x"}),
    "POST /api/v1/tasks/{key}/move": ("member", {"column": "done"}),
    "POST /api/v1/tasks/{key}/check": ("member", {"text": "read", "done": True}),
    "POST /api/v1/tasks/{key}/links": ("member", {"target": "incident/8"}),
    "DELETE /api/v1/tasks/{key}/links/{link_id}": ("member", None),
    "DELETE /api/v1/tasks/{key}": ("member", None),
    "POST /api/v1/tasks/{key}/restore": ("member", None),
    "POST /api/v1/projects/{key}/import": ("member", _CSV),
    # --- who manages it
    "POST /projects/{key}/settings": (
        "manager",
        {"title": "T", "description": "", "everyone": "none"},
    ),
    "POST /projects/{key}/archive": ("manager", {"archived": ""}),
    "POST /projects/{key}/members": ("manager", {"person": "root@example.com", "role": "viewer"}),
    "POST /projects/{key}/members/{user_id}": ("manager", {"role": "member"}),
    "POST /projects/{key}/columns": ("manager", {"name": "New column", "status": "done"}),
    "POST /projects/{key}/columns/{column_id}": ("manager", {"name": "Renamed"}),
    "POST /projects/{key}/columns/{column_id}/delete": ("manager", {}),
    "POST /projects/{key}/labels": ("manager", {"name": "new label"}),
    "POST /projects/{key}/labels/{label_id}": ("manager", {"name": "renamed"}),
    "POST /projects/{key}/labels/{label_id}/delete": ("manager", {}),
    "POST /tasks/views/{view_id}/delete": ("manager", {}),  # one that somebody else shares
    "PATCH /api/v1/projects/{key}": ("manager", {"title": "T"}),
    "PUT /api/v1/projects/{key}/members/{user_id}": ("manager", {"role": "member"}),
    "POST /api/v1/projects/{key}/columns": ("manager", {"name": "Other column", "status": "done"}),
    "PATCH /api/v1/projects/{key}/columns/{column_id}": ("manager", {"name": "Named"}),
    "DELETE /api/v1/projects/{key}/columns/{column_id}": ("manager", None),
    "POST /api/v1/projects/{key}/labels": ("manager", {"name": "other label"}),
    "PATCH /api/v1/projects/{key}/labels/{label_id}": ("manager", {"name": "named"}),
    "DELETE /api/v1/projects/{key}/labels/{label_id}": ("manager", None),
    "DELETE /api/v1/views/{view_id}": ("manager", None),
}
# Answered with what was refused, one by one.
MANY = {
    "POST /tasks/bulk": {"tasks": "{key}", "priority": "4", "do": "change"},
    "POST /tasks/restore": {},
    "POST /api/v1/tasks/bulk": {"tasks": ["{key}"], "priority": 4},
}


def routes() -> set[str]:
    """Of the room and of the palette, as the application declares them."""
    return {
        f"{method} {one.path}"
        for router in ROUTERS
        for one in router.routes
        for method in one.methods - {"HEAD"}
    }


def test_every_route_of_the_room_is_in_the_table():
    assert sorted(routes()) == sorted((*TABLE, *MANY))


async def _things(house: House, route: str, number: int = 0) -> dict[str, str]:
    """A task of their own for each request, and of what a manager may take away what the route names."""
    world = house.world
    task = await world.task(
        f"task {number}",
        checklist=[{"text": "read"}],
        links=[{"target": "incident/1"}],
        labels=[f"label {number}"],
    )
    makers = {"{column_id}": _column, "{label_id}": _label, "{view_id}": _view}
    return {
        "{key}": task.key,
        "{task_id}": str(task.id),
        "{link_id}": str(task.links[0].id),
        "{family}": "incident",
        "{ident}": "1",
        "{done}": str(world.project.columns[2].id),
        **{name: str(await make(world, number)) for name, make in makers.items() if name in route},
    }


async def _column(world: World, number: int) -> int:
    new = NewColumn(name=f"c {number}", status="in_progress")
    async with world.db.write() as tx:
        made = await columns.add_column(tx, world.ada, "TSK", new, CLOCK)
    return next(one.id for one in made.columns if one.name == new.name)


async def _label(world: World, number: int) -> int:
    new = NewLabel(name=f"l {number}")
    async with world.db.write() as tx:
        made = await columns.add_label(tx, world.ada, "TSK", new, CLOCK)
    return next(one.id for one in made.labels if one.name == new.name)


async def _view(world: World, number: int) -> int:
    shared = SaveView(name=f"view {number}", query="due=late", shared_with="TSK")
    async with world.db.write() as tx:
        await views.save(tx, world.root, shared, CLOCK)
        return max(one.id for one in await views.seen(tx, world.root))


async def _ask(
    house: House, client: Any, route: str, body: Any, things: dict[str, str], who: str
) -> Any:
    method, path = route.split(" ", 1)
    leaves = "remove" in path or method == "DELETE"  # oneself, but for the last manager
    user = getattr(house.world, who if leaves and who in {"ben", "cho"} else "cho").id
    named = things | {"{user_id}": str(user)}
    if path.startswith(("/projects/{key}", "/-/projects/{key}", "/api/v1/projects/{key}")):
        named = named | {"{key}": "TSK"}
    for name, value in named.items():
        path = path.replace(name, value)
    body = _filled(body, things)
    path += _query(route, things)
    if not path.startswith("/api/"):
        return await client.request(method, path, data=body, headers={"accept": "text/html"})
    if isinstance(body, str):
        return await client.request(method, path, content=body)
    return await client.request(method, path, json=body)


def _query(route: str, things: dict[str, str]) -> str:
    return {
        "POST /tasks/restore": f"?keys={things['{key}']}",
        "POST /tasks/{key}/back": f"?column={things['{done}']}&version=1",
    }.get(route, "")


def _filled(value: Any, things: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(one, things) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, things) for one in value]
    return things.get(value, value) if isinstance(value, str) else value


async def _state(house: House) -> dict[str, list[Any]]:
    """Every row of the room and of what it told the log."""
    names = {"project", "project_member", "project_column", "label", "task", "task_assignee", "task_watcher",
             "task_label", "task_link", "saved_view", "event"}  # fmt: skip
    found = {}
    async with house.world.db.read() as tx:
        for table in metadata.sorted_tables:
            if table.name in names:
                rows = await tx.rows(sa.select(table))
                found[table.name] = [tuple(one) for one in rows if "bongsu.accounts" not in one]
    return found


@one_engine
@pytest.mark.parametrize("role", ROLES)
async def test_each_role_may_what_is_its_own_and_no_more(db, role):
    wrong: dict[str, Any] = {}
    async with db() as database:
        house = await house_of(database)
        client = await house.client(WHO[role])
        for number, (route, (least, body)) in enumerate(TABLE.items()):
            if number % 8 == 0:
                await _anew(house)
            things = await _things(house, route, number)
            may = ROLES.index(role) >= ROLES.index(least)
            before = None if may else await _state(house)
            answer = await _ask(house, client, route, body, things, WHO[role])
            if may and answer.status_code >= 400:
                wrong[route] = (answer.status_code, answer.text[-300:])
            if not may and answer.status_code != (404 if role == "stranger" else 403):
                wrong[route] = answer.status_code
            if not may and await _state(house) != before:
                wrong[route] = "changed something"
            await _back_in(house, role)
        await client.aclose()

    assert wrong == {}


async def _anew(house: House) -> None:
    """Takes away what earlier requests left, so that the most columns are never reached."""
    async with house.world.db.write() as tx:
        for name in (
            "saved_view",
            "task_link",
            "task_label",
            "task_watcher",
            "task_assignee",
            "task",
            "label",
        ):
            await tx.execute(sa.delete(metadata.tables[name]))
        column = metadata.tables["project_column"]
        kept = [one.id for one in house.world.project.columns]
        await tx.execute(sa.delete(column).where(column.c.id.not_in(kept)))


async def _back_in(house: House, role: str) -> None:
    """Whoever left the project by a request is in it again."""
    if role == "stranger":
        return
    world = house.world
    member = metadata.tables["project_member"]
    async with world.db.write() as tx:
        for name, own in (("ada", "manager"), ("ben", "member"), ("cho", "viewer")):
            who = getattr(world, name).id
            this = (member.c.project_id == world.project.id, member.c.user_id == who)
            await tx.execute(sa.delete(member).where(*this))
            values = {"project_id": world.project.id, "user_id": who, "role": own}
            await tx.execute(sa.insert(member).values(values))


@one_engine
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("route", sorted(MANY))
async def test_of_many_each_is_refused_by_itself(db, role, route):
    async with db() as database:
        house = await house_of(database)
        things = await _things(house, route)
        before = await _state(house)
        async with await house.client(WHO[role]) as client:
            answer = await _ask(house, client, route, MANY[route], things, WHO[role])

        assert answer.status_code < 400
        may = role in {"member", "manager"} and route != "POST /tasks/restore"
        assert may == (await _state(house) != before)


@one_engine
@pytest.mark.parametrize("route", [one for one in TABLE if "{key}" in one or "{task_id}" in one])
async def test_a_stranger_hears_of_a_thing_what_one_hears_of_none(db, route):
    """Status and words are the same but for the name that was asked for."""
    async with db() as database:
        house = await house_of(database)
        things = await _things(house, route)
        body = TABLE[route][1]
        async with await house.client("sam") as client:
            there = await _ask(house, client, route, body, things, "sam")
            method, path = route.split(" ", 1)
            never = {
                "{key}": "NONE" if "projects/{key}" in path else "NONE-1",
                "{task_id}": "99999",
            }
            asked = things | never
            for name, value in (asked | {"{user_id}": "1"}).items():
                path = path.replace(name, value)
            filled = _filled(body, things)
            how = {"content": filled} if isinstance(filled, str) else {"json": filled}
            if not path.startswith("/api/"):
                how = {"data": filled}
            path += _query(route, things)
            none = await client.request(method, path, **how, headers={"accept": "application/json"})

        assert (404, 404) == (there.status_code, none.status_code)
