"""`bongsu projects …`: a client of the API."""

import json as codec
from typing import Annotated, Any, Literal

import cyclopts

from bongsu.kit.api import Api, show
from bongsu.tasks.people import number_of

app = cyclopts.App(
    name="projects", help="Projects of tasks, through the API (BONGSU_URL, BONGSU_TOKEN)."
)
COLUMNS = ("key", "title", "everyone", "columns", "archived")
MEMBER_COLUMNS = ("id", "name", "role")
Words = Annotated[str, cyclopts.Parameter(show_default=False)]
Role = Literal["viewer", "member", "manager"]


@app.command(name="list")
def list_(*, archived: bool = False, json: bool = False) -> None:
    """Projects that you may see; `--archived` those as well that were put away."""
    query = {"archived": "true"} if archived else {}
    found = Api.from_environment().get("/projects", **query)["projects"]
    show([one if json else _row(one) for one in found], COLUMNS, json)


@app.command(name="show")
def show_(key: str) -> None:
    """One project with columns, labels and members, as JSON."""
    found = Api.from_environment().get(f"/projects/{key}")
    print(codec.dumps(found, indent=2, ensure_ascii=False))


@app.command
def create(
    key: str,
    title: str,
    *,
    description: Words = "",
    everyone: Literal["none", "viewer", "member"] = "none",
    json: bool = False,
) -> None:
    """Make a project; you manage it.

    Parameters
    ----------
    key
        2 to 10 of A–Z and 0–9: what its tasks' keys begin with.
    everyone
        What people may do who are not named in it.
    """
    body = {"key": key, "title": title, "description": description, "everyone": everyone}
    made = Api.from_environment().call("POST", "/projects", body)
    show([made if json else _row(made)], COLUMNS, json)


@app.command
def members(key: str, *, json: bool = False) -> None:
    """Who is named in a project, and what each may do."""
    show(Api.from_environment().get(f"/projects/{key}")["members"], MEMBER_COLUMNS, json)


@app.command
def add(key: str, person: str, *, role: Role = "member") -> None:
    """Add somebody, or give them another role.

    Parameters
    ----------
    person
        Mail address, name, number or me.
    """
    api = Api.from_environment()
    api.call("PUT", f"/projects/{key}/members/{number_of(api, person)}", {"role": role})


@app.command
def remove(key: str, person: str) -> None:
    """Take somebody out of a project, also yourself (me)."""
    api = Api.from_environment()
    api.call("DELETE", f"/projects/{key}/members/{number_of(api, person)}")


@app.command
def archive(key: str, *, back: bool = False) -> None:
    """Put a project away, or with `--back` bring it back."""
    Api.from_environment().call("PATCH", f"/projects/{key}", {"archived": not back})


def _row(one: dict[str, Any]) -> dict[str, Any]:
    names = ", ".join(column["name"] for column in one["columns"])
    return one | {"columns": names}
