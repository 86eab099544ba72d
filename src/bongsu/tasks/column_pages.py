"""Columns and labels on the settings of a project."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from bongsu.accounts.http import Caller, ClockOf, Db
from bongsu.accounts.inputs import Number
from bongsu.db.session import Tx
from bongsu.kit.i18n import say
from bongsu.tasks import columns
from bongsu.tasks.inputs import ColumnChange, NewColumn, NewLabel
from bongsu.tasks.project_pages import done, read

router = APIRouter(include_in_schema=False)
Words = Annotated[str, Form(max_length=4000)]


@router.post("/projects/{key}/columns")
async def add_column(
    request: Request,
    key: str,
    actor: Caller,
    db: Db,
    clock: ClockOf,
    name: Words = "",
    status: Words = "",
) -> Response:
    async def act(tx: Tx) -> None:
        form = read(NewColumn, {"name": name, "status": status})
        await columns.add_column(tx, actor, key, form, clock)

    said = say("The column {name} is made.", name=name)
    return await done(request, key, actor, db, clock, act, said, "#columns")


@router.post("/projects/{key}/columns/{column_id}")
async def change_column(
    request: Request,
    key: str,
    column_id: Number,
    actor: Caller,
    db: Db,
    clock: ClockOf,
    name: Words = "",
    position: Annotated[int | None, Form()] = None,
) -> Response:
    values = {"name": name} if position is None else {"position": position}

    async def act(tx: Tx) -> None:
        await columns.change_column(tx, actor, key, column_id, read(ColumnChange, values), clock)

    return await done(
        request, key, actor, db, clock, act, say("The column is changed."), "#columns"
    )


@router.post("/projects/{key}/columns/{column_id}/delete")
async def delete_column(
    request: Request, key: str, column_id: Number, actor: Caller, db: Db, clock: ClockOf
) -> Response:
    async def act(tx: Tx) -> None:
        await columns.delete_column(tx, actor, key, column_id, clock)

    return await done(request, key, actor, db, clock, act, say("The column is gone."), "#columns")


@router.post("/projects/{key}/labels")
async def add_label(
    request: Request, key: str, actor: Caller, db: Db, clock: ClockOf, name: Words = ""
) -> Response:
    async def act(tx: Tx) -> None:
        await columns.add_label(tx, actor, key, read(NewLabel, {"name": name}), clock)

    said = say("The label {name} is made.", name=name)
    return await done(request, key, actor, db, clock, act, said, "#labels")


@router.post("/projects/{key}/labels/{label_id}")
async def rename_label(
    request: Request,
    key: str,
    label_id: Number,
    actor: Caller,
    db: Db,
    clock: ClockOf,
    name: Words = "",
) -> Response:
    async def act(tx: Tx) -> None:
        form = read(NewLabel, {"name": name})
        await columns.rename_label(tx, actor, key, label_id, form, clock)

    return await done(request, key, actor, db, clock, act, say("The label is renamed."), "#labels")


@router.post("/projects/{key}/labels/{label_id}/delete")
async def delete_label(
    request: Request, key: str, label_id: Number, actor: Caller, db: Db, clock: ClockOf
) -> Response:
    async def act(tx: Tx) -> None:
        await columns.delete_label(tx, actor, key, label_id, clock)

    return await done(request, key, actor, db, clock, act, say("The label is gone."), "#labels")
