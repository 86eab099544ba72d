"""Registering, editing and deleting checks by hand: the form is that of the kind. The use cases ask who may."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, Response

from bongsu.accounts.http import Caller, ClockOf, Db
from bongsu.accounts.model import Actor, require
from bongsu.kit.errors import BongsuError, Conflict, Invalid
from bongsu.kit.i18n import say
from bongsu.kit.kind import Broken, Kind
from bongsu.kit.units import format_duration
from bongsu.services import service as services
from bongsu.watch import service as checks
from bongsu.watch.drafts import SHELF, CheckDraft, read_check
from bongsu.web.forms import read_form, text_of
from bongsu.web.shell import fragment, redirect, render

router = APIRouter(include_in_schema=False)
_FIELDS = ("every", "timeout", "confirm", "recover", "expect", "warn", "paused")
KindId = Annotated[str, Query(max_length=63)]


@router.get("/services/{name}/checks/new")
async def new_check(
    request: Request, name: str, actor: Caller, db: Db, kind: KindId = "http"
) -> HTMLResponse:
    require(actor, "check.create")
    async with db.read() as tx:
        owner = await services.get(tx, name)
    defaults = {"kind": kind, "every": "30s", "confirm": 2, "recover": 1}
    return _check_form(request, owner, None, defaults)


@router.get("/-/check-options")
async def options_part(request: Request, actor: Caller, kind: KindId = "http") -> HTMLResponse:
    """The options of another kind, when the person chooses it."""
    require(actor, "check.create")
    return fragment(request, "watch/_options.html", values={}, problems=(), **_parts(kind))


@router.get("/services/{name}/checks/{check}/edit")
async def edit_check(
    request: Request, name: str, check: str, actor: Caller, db: Db
) -> HTMLResponse:
    require(actor, "check.update")
    async with db.read() as tx:
        owner = await services.get(tx, name)
        found = await checks.get(tx, name, check)
    values = {
        "name": found.name,
        "kind": found.kind,
        "options": found.options,
        "every": format_duration(found.every_s),
        "timeout": format_duration(found.timeout_s),
        "confirm": found.confirm,
        "recover": found.recover,
        "expect": list(found.expect),
        "warn": list(found.warn),
        "paused": found.paused,
    }
    return _check_form(request, owner, found.name, values)


@router.post("/services/{name}/checks/new")
async def create_check(
    request: Request, name: str, actor: Caller, db: Db, clock: ClockOf
) -> Response:
    return await _save(request, actor, db, clock, name, None)


@router.post("/services/{name}/checks/{check}/edit")
async def change_check(
    request: Request, name: str, check: str, actor: Caller, db: Db, clock: ClockOf
) -> Response:
    return await _save(request, actor, db, clock, name, check)


async def _save(
    request: Request, actor: Actor, db: Db, clock: ClockOf, name: str, check: str | None
) -> Response:
    require(actor, "check.update" if check else "check.create")
    async with db.read() as tx:
        owner = await services.get(tx, name)
    values = _check_values(await request.form(), check)
    try:
        draft = read_check(_given(values))
        async with db.write() as tx:
            if check:
                await checks.change(tx, actor, name, check, draft, clock)
            else:
                await checks.register(tx, actor, name, draft, clock)
    except (Invalid, Conflict) as error:
        return _check_form(request, owner, check, values, error)
    said = say("Check {name} is saved. It is looked at now.", name=draft.name)
    return redirect(request, f"/services/{name}", toast=said)


@router.post("/services/{name}/checks/{check}/delete")
async def delete_check(
    request: Request, name: str, check: str, actor: Caller, db: Db, clock: ClockOf
) -> Response:
    async with db.write() as tx:
        await checks.delete(tx, actor, name, check, clock)
    toast = say("Check {name} is deleted. Its history stays.", name=check)
    return redirect(request, f"/services/{name}", toast=toast)


def _check_values(form: FormData, name: str | None) -> dict[str, Any]:
    """As posted; texts of lines become lists, options are read by the kind's own schema."""
    kind = text_of(form, "kind")
    plain = {field: text_of(form, field) for field in _FIELDS}
    values: dict[str, Any] = plain | {
        "name": name or text_of(form, "name"),
        "kind": kind,
        "expect": _lines(plain["expect"]),
        "warn": _lines(plain["warn"]),
        "paused": bool(plain["paused"]),
    }
    posted = {key: value for key, value in form.items() if isinstance(value, str)}
    values["options"] = read_form(_schema(kind), posted, "options") if kind in SHELF.ids() else {}
    return values


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _given(values: dict[str, Any]) -> dict[str, Any]:
    """What was left empty is left out, so that defaults hold."""
    return {name: value for name, value in values.items() if value not in ("", [])}


def _spec(kind: str) -> Kind:
    return SHELF.spec(kind if kind in SHELF.ids() else "http")


def _parts(kind: str) -> dict[str, Any]:
    """The options that a kind cannot do without, and the rest, which a form folds away."""
    schema = _schema(kind)
    needed = set(schema.get("required", ()))
    fields = schema["properties"].items()
    first = {name: field for name, field in fields if name in needed}
    more = {name: field for name, field in fields if name not in needed}
    return {"schema": {**schema, "properties": first}, "more": {**schema, "properties": more}}


def _schema(kind: str) -> dict[str, Any]:
    schema: dict[str, Any] = _spec(kind).options.model_json_schema()
    return schema


def _check_form(
    request: Request,
    owner: Any,
    check: str | None,
    values: dict[str, Any],
    error: BongsuError | None = None,
) -> HTMLResponse:
    kinds = [one for one in SHELF.all() if not isinstance(one, Broken)]
    kind = values.get("kind") or "http"
    return render(
        request,
        "watch/check_form.html",
        status=error.status if error else 200,
        owner=owner,
        check=check,
        values=dict.fromkeys(CheckDraft.model_fields, "") | values,
        kinds=kinds,
        **_parts(kind),
        error=error,
        problems=error.problems if isinstance(error, Invalid) else (),
    )
