"""/api/v1/projects: projects, members, columns, labels, saved views, and whole projects in and out."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import StreamingResponse

from bongsu.accounts.http import ApiCaller, ClockOf, Db
from bongsu.accounts.inputs import Number
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say
from bongsu.tasks import columns, projects, transfer, views
from bongsu.tasks.inputs import (
    ColumnChange,
    Membership,
    NewColumn,
    NewLabel,
    NewProject,
    ProjectChange,
    SaveView,
)
from bongsu.tasks.model import Project

router = APIRouter(prefix="/api/v1", tags=["tasks"])


def _shown(one: Project) -> dict[str, Any]:
    own = [{"id": c.id, "name": c.name, "status": c.status} for c in one.columns]
    labels = [{"id": label.id, "name": label.name} for label in one.labels]
    return one.shown() | {"id": one.id, "columns": own, "labels": labels}


@router.get("/projects")
async def list_projects(actor: ApiCaller, db: Db, archived: bool = False) -> dict[str, Any]:
    async with db.read() as tx:
        found = await projects.seen(tx, actor, archived=archived)
    return {"projects": [_shown(one) for one in found]}


@router.post("/projects", status_code=201)
async def create_project(
    form: NewProject, actor: ApiCaller, db: Db, clock: ClockOf
) -> dict[str, Any]:
    """Whoever makes it manages it. `everyone`: what people who are not named may do."""
    async with db.write() as tx:
        return _shown(await projects.create(tx, actor, form, clock))


@router.get("/projects/{key}")
async def get_project(key: str, actor: ApiCaller, db: Db) -> dict[str, Any]:
    async with db.read() as tx:
        entry = await projects.get(tx, actor, key)
        members = await projects.members(tx, actor, key)
    people = [{"id": one.user_id, "name": one.name, "role": one.role} for one in members]
    return _shown(entry.project) | {"role": entry.role, "members": people}


@router.patch("/projects/{key}")
async def change_project(
    key: str, form: ProjectChange, actor: ApiCaller, db: Db, clock: ClockOf
) -> dict[str, Any]:
    async with db.write() as tx:
        return _shown(await projects.change(tx, actor, key, form, clock))


@router.put("/projects/{key}/members/{user_id}", status_code=204)
async def put_member(
    key: str, user_id: Number, form: Membership, actor: ApiCaller, db: Db, clock: ClockOf
) -> None:
    async with db.write() as tx:
        await projects.put_member(tx, actor, key, user_id, form, clock)


@router.delete("/projects/{key}/members/{user_id}", status_code=204)
async def remove_member(
    key: str, user_id: Number, actor: ApiCaller, db: Db, clock: ClockOf
) -> None:
    async with db.write() as tx:
        await projects.remove_member(tx, actor, key, user_id, clock)


@router.post("/projects/{key}/columns", status_code=201)
async def add_column(
    key: str, form: NewColumn, actor: ApiCaller, db: Db, clock: ClockOf
) -> dict[str, Any]:
    async with db.write() as tx:
        return _shown(await columns.add_column(tx, actor, key, form, clock))


@router.patch("/projects/{key}/columns/{column_id}")
async def change_column(
    key: str, column_id: Number, form: ColumnChange, actor: ApiCaller, db: Db, clock: ClockOf
) -> dict[str, Any]:
    async with db.write() as tx:
        return _shown(await columns.change_column(tx, actor, key, column_id, form, clock))


@router.delete("/projects/{key}/columns/{column_id}")
async def delete_column(
    key: str, column_id: Number, actor: ApiCaller, db: Db, clock: ClockOf
) -> dict[str, Any]:
    async with db.write() as tx:
        return _shown(await columns.delete_column(tx, actor, key, column_id, clock))


@router.post("/projects/{key}/labels", status_code=201)
async def add_label(
    key: str, form: NewLabel, actor: ApiCaller, db: Db, clock: ClockOf
) -> dict[str, Any]:
    async with db.write() as tx:
        return _shown(await columns.add_label(tx, actor, key, form, clock))


@router.patch("/projects/{key}/labels/{label_id}")
async def rename_label(
    key: str, label_id: Number, form: NewLabel, actor: ApiCaller, db: Db, clock: ClockOf
) -> dict[str, Any]:
    """On every task that has it."""
    async with db.write() as tx:
        return _shown(await columns.rename_label(tx, actor, key, label_id, form, clock))


@router.delete("/projects/{key}/labels/{label_id}")
async def delete_label(
    key: str, label_id: Number, actor: ApiCaller, db: Db, clock: ClockOf
) -> dict[str, Any]:
    async with db.write() as tx:
        return _shown(await columns.delete_label(tx, actor, key, label_id, clock))


@router.get("/projects/{key}/export")
async def export(
    key: str,
    actor: ApiCaller,
    db: Db,
    format: Annotated[str, Query(pattern="^(csv|json)$")] = "json",  # noqa: A002  the API's name
) -> StreamingResponse:
    """Every task that is not deleted; either form can be taken in again."""
    async with db.read() as tx:
        name = (await projects.get(tx, actor, key)).project.key.lower()
    made, kind = (
        (transfer.csv_of(db, actor, key), "text/csv; charset=utf-8")
        if format == "csv"
        else (transfer.json_of(db, actor, key), "application/json")
    )
    headers = {"content-disposition": f'attachment; filename="{name}-tasks.{format}"'}
    return StreamingResponse(made, media_type=kind, headers=headers)


@router.post("/projects/{key}/import", status_code=201)
async def take_in(
    key: str, request: Request, actor: ApiCaller, db: Db, clock: ClockOf, dry_run: bool = False
) -> dict[str, Any]:
    """A body of CSV or JSON. Everything that is wrong is named and nothing is taken in; `dry_run` only looks."""
    body = await request.body()
    text = as_text(body)
    made = await transfer.take_in(db, actor, key, text, clock, dry_run=dry_run)
    return {"tasks": made, "dry_run": dry_run}


def as_text(body: bytes) -> str:
    """Raises Invalid for what is no UTF-8, such as a spreadsheet's own format."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(
            say("The file is no text in UTF-8. Save it as CSV in UTF-8 and send it again.")
        ) from error


@router.get("/views")
async def list_views(actor: ApiCaller, db: Db) -> dict[str, Any]:
    async with db.read() as tx:
        found = await views.seen(tx, actor)
    return {
        "views": [
            {
                "id": one.id,
                "name": one.name,
                "query": one.query,
                "mine": one.user_id == actor.id,
                "shared_with": one.shared_with,
            }
            for one in found
        ]
    }


@router.post("/views", status_code=201)
async def save_view(form: SaveView, actor: ApiCaller, db: Db, clock: ClockOf) -> dict[str, Any]:
    """`query` as in the address of the list; one's own view of that name is replaced."""
    async with db.write() as tx:
        kept = await views.save(tx, actor, form, clock)
    return {"name": form.name, "query": kept, "shared_with": form.shared_with}


@router.delete("/views/{view_id}", status_code=204)
async def delete_view(view_id: Number, actor: ApiCaller, db: Db) -> None:
    async with db.write() as tx:
        await views.delete(tx, actor, view_id)
