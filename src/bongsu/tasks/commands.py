"""`bongsu tasks …`: a client of the API."""

import json as codec
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import cyclopts

from bongsu.kit.api import Api, show
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say
from bongsu.tasks.people import number_of

app = cyclopts.App(name="tasks", help="Tasks, through the API (BONGSU_URL, BONGSU_TOKEN).")
COLUMNS = ("key", "column", "priority", "due", "assignees", "title")
PAGE = 500
Words = Annotated[str, cyclopts.Parameter(show_default=False)]
# `-` stands for the standard input, and is no option.
Dash = cyclopts.Parameter(show_default=False, allow_leading_hyphen=True)
Several = Annotated[tuple[str, ...], cyclopts.Parameter(show_default=False, negative=())]
Priority = Literal["low", "normal", "high", "urgent"]
_PRIORITIES = {"low": 1, "normal": 2, "high": 3, "urgent": 4}


@app.command(name="list")
def list_(
    *,
    project: Words = "",
    q: Words = "",
    assignee: Words = "",
    creator: Words = "",
    watcher: Words = "",
    status: Words = "open",
    label: Words = "",
    priority: Priority | None = None,
    due: Words = "",
    sort: Words = "",
    limit: int = 200,
    json: bool = False,
) -> None:
    """Tasks that you may see.

    Parameters
    ----------
    project
        The key of one project.
    q
        Words of the title or the text, or the key of a task.
    assignee
        A mail address, a name, a number, me or nobody; creator and watcher alike.
    status
        waiting, in_progress, done, open or all.
    due
        late, today, week or none.
    sort
        updated, created, due, priority, number or title; with a minus in front the other way round.
    limit
        The most that are listed.
    """
    api = Api.from_environment()
    people = {"assignee": assignee, "creator": creator, "watcher": watcher}
    asked: dict[str, str | int | None] = {
        "project": project, "q": q, "status": status, "label": label, "due": due, "sort": sort,
        "priority": _PRIORITIES[priority] if priority else None,
    }  # fmt: skip
    for name, word in people.items():
        asked[name] = word if word in {"", "me", "nobody"} else number_of(api, word)
    show([row if json else _row(row) for row in _pages(api, asked, limit)], COLUMNS, json)


def _pages(api: Api, asked: dict[str, str | int | None], limit: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    after = 0
    while len(rows) < limit:
        page = api.get("/tasks", **asked, after=after, limit=min(PAGE, limit - len(rows)))
        rows += page["tasks"]
        if page["next"] is None:
            break
        after = page["next"]
    return rows


@app.command(name="show")
def show_(key: str) -> None:
    """One task as JSON."""
    print(codec.dumps(Api.from_environment().get(f"/tasks/{key}"), indent=2, ensure_ascii=False))


@app.command
def create(
    project: str,
    title: str,
    *,
    description: Annotated[str, Dash] = "",
    column: Words = "",
    assign: Several = (),
    watch: Several = (),
    priority: Priority = "normal",
    label: Several = (),
    due: Words = "",
    point: Several = (),
    json: bool = False,
) -> None:
    """Make a task; everybody concerned is told at once.

    Parameters
    ----------
    project
        Its key, such as SHOP.
    description
        Markdown; `-` reads it from the standard input. @name tells somebody.
    column
        A column by name, or waiting, in_progress, done.
    assign
        Mail address, name, number or me; may be given several times, watch alike.
    label
        May be given several times; a new one is made.
    due
        2026-11-30 or "2026-11-30 14:00", in your time zone.
    point
        Of the checklist; may be given several times.
    """
    api = Api.from_environment()
    body: dict[str, Any] = {
        "project": project,
        "title": title,
        "description": sys.stdin.read() if description == "-" else description,
        "assignees": [number_of(api, one) for one in assign],
        "watchers": [number_of(api, one) for one in watch],
        "priority": _PRIORITIES[priority],
        "labels": list(label),
        "due": due or None,
        "checklist": [{"text": one} for one in point],
    }
    _print(api.call("POST", "/tasks", body | ({"column": column} if column else {})), json)


@app.command
def change(
    key: str,
    *,
    title: Words = "",
    description: Annotated[str | None, Dash] = None,
    column: Words = "",
    assign: Several = (),
    unassign: Several = (),
    priority: Priority | None = None,
    label: Several = (),
    due: Words = "",
    no_due: bool = False,
    json: bool = False,
) -> None:
    """Change a task; what is not named stays.

    Parameters
    ----------
    description
        Markdown; `-` reads it from the standard input. @name tells somebody.
    assign
        Added to those who have it: mail address, name, number or me; unassign takes away.
    label
        Added to those it has.
    due
        2026-11-30 or "2026-11-30 14:00".
    no_due
        Take the day away.
    """
    api = Api.from_environment()
    task = api.get(f"/tasks/{key}") if assign or unassign or label else {}
    body: dict[str, Any] = {
        name: value for name, value in (("title", title), ("column", column)) if value
    }
    if description is not None:
        body["description"] = sys.stdin.read() if description == "-" else description
    if assign or unassign:
        body["assignees"] = _people(api, task, assign, unassign)
    if label:
        body["labels"] = list(dict.fromkeys([*task["labels"], *label]))
    if priority:
        body["priority"] = _PRIORITIES[priority]
    if due or no_due:
        body["due"] = due or None
    if not body:
        said = say("Nothing was named that is to be changed. See: bongsu tasks change --help")
        raise Invalid(said)
    _print(api.call("PATCH", f"/tasks/{key}", body), json)


def _people(
    api: Api, task: dict[str, Any], assign: tuple[str, ...], unassign: tuple[str, ...]
) -> list[int]:
    gone = {number_of(api, one) for one in unassign}
    kept = [one["id"] for one in task["assignees"] if one["id"] not in gone]
    return list(dict.fromkeys([*kept, *(number_of(api, one) for one in assign)]))


@app.command
def move(
    key: str, column: str, *, after: Words = "", top: bool = False, json: bool = False
) -> None:
    """Put a task into a column.

    Parameters
    ----------
    column
        Its name, or waiting, in_progress, done.
    after
        The key of the task that it stands under; else it stands at the end.
    top
        Put it first.
    """
    body: dict[str, Any] = {"column": column} | ({"after": after or None} if after or top else {})
    _print(Api.from_environment().call("POST", f"/tasks/{key}/move", body), json)


@app.command
def done(*keys: str) -> None:
    """Into the first column that means done."""
    api = Api.from_environment()
    for key in keys:
        _print(api.call("PATCH", f"/tasks/{key}", {"status": "done"}), as_json=False)


@app.command
def comment(key: str, text: Annotated[str, Dash], *, json: bool = False) -> None:
    """Say something about a task; `-` reads it from the standard input. @name tells somebody."""
    api = Api.from_environment()
    said = {"text": sys.stdin.read() if text == "-" else text}
    written = api.call("POST", f"/notes?subject=task/{api.get(f'/tasks/{key}')['id']}", said)
    if json:
        show([written], (), as_json=True)
    sys.stderr.writelines(f"{line}\n" for line in written["not_told"])


@app.command
def delete(*keys: str) -> None:
    """Delete tasks. They can be taken back: bongsu tasks restore KEY."""
    api = Api.from_environment()
    for key in keys:
        api.call("DELETE", f"/tasks/{key}")


@app.command
def restore(*keys: str) -> None:
    """Take a deletion back."""
    api = Api.from_environment()
    for key in keys:
        _print(api.call("POST", f"/tasks/{key}/restore"), as_json=False)


@app.command
def history(key: str, *, json: bool = False) -> None:
    """Every change of a task, newest first."""
    rows = Api.from_environment().get(f"/tasks/{key}/history")["history"]
    show([row if json else _told(row) for row in rows], ("at", "what"), json)


def _told(row: dict[str, Any]) -> dict[str, Any]:
    changes = [f"{one['field']}: {one['before']} → {one['after']}" for one in row["rows"]]
    return {"at": row["at"], "what": " · ".join([row["what"], *changes]).replace("\n", " ")}


@app.command(name="import")
def import_(project: str, file: Annotated[Path, Dash], *, dry_run: bool = False) -> None:
    """Take in a file of CSV or JSON; all of it, or nothing with every line that is wrong.

    Parameters
    ----------
    project
        The key of the project.
    file
        `-` for the standard input.
    dry_run
        Only look at it.
    """
    data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    query = {"dry_run": "true"} if dry_run else {}
    answer = Api.from_environment().upload(f"/projects/{project}/import", data, **query)
    show([answer], ("tasks", "dry_run"), as_json=False)


@app.command
def export(project: str, *, format: Literal["csv", "json"] = "csv") -> None:  # noqa: A002  the flag's name
    """The whole project to the standard output; `import` takes it in again."""
    for part in Api.from_environment().download(f"/projects/{project}/export", format=format):
        sys.stdout.buffer.write(part)
    sys.stdout.buffer.flush()


def _row(task: dict[str, Any]) -> dict[str, Any]:
    names = ", ".join(one["name"] for one in task["assignees"])
    return {name: task[name] for name in COLUMNS} | {"assignees": names}


def _print(task: dict[str, Any], as_json: bool) -> None:
    show([task if as_json else _row(task)], COLUMNS, as_json)
    sys.stderr.writelines(f"{line}\n" for line in task.get("not_told", ()))
