"""/api/v1/checks"""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from bongsu.accounts.http import ApiCaller, ClockOf, Db
from bongsu.accounts.model import require
from bongsu.kit.errors import Invalid, Problem
from bongsu.kit.i18n import say
from bongsu.watch import service, store_pages
from bongsu.watch.drafts import CheckDraft, read_check

router = APIRouter(prefix="/api/v1/checks", tags=["checks"])
Values = Annotated[dict[str, Any], Body()]


def _body_of(*models: dict[str, Any]) -> dict[str, Any]:
    """The body's schema for the documentation: read by us, so that everything wrong is said at once."""
    schema = {"oneOf": list(models)} if len(models) > 1 else models[0]
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


_DRAFT = CheckDraft.model_json_schema()
_NEW = _DRAFT | {
    "properties": {"service": {"type": "string", "title": "Service"}, **_DRAFT["properties"]},
    "required": ["service", *_DRAFT["required"]],
}


class Now(BaseModel):
    """Which checks to look at: by id, or all of one service."""

    model_config = ConfigDict(extra="forbid")
    checks: list[int] = Field([], max_length=service.ASK_AT_MOST)
    service: str | None = Field(None, max_length=63)
    wait_s: float = Field(5.0, ge=0, le=25, description="How long to wait for answers")


@router.get("")
async def list_checks(
    actor: ApiCaller,
    db: Db,
    service: Annotated[str | None, Query(max_length=63)] = None,
    state: Annotated[str | None, Query(pattern="^(up|degraded|down|unknown)$")] = None,
    kind: Annotated[str | None, Query(max_length=63)] = None,
    q: Annotated[str | None, Query(max_length=120, description="Part of a name")] = None,
    after: Annotated[int, Query(ge=0, lt=2**63, description="`next` of the page before")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    require(actor, "check.read")
    wanted = store_pages.Wanted(service=service, state=state, kind=kind, text=q)
    async with db.read() as tx:
        found = await store_pages.list_checks(tx, wanted, after, limit)
    return {"checks": found, "next": found[-1]["id"] if len(found) == limit else None}


@router.post("", status_code=201, openapi_extra=_body_of(_NEW))
async def register_check(
    values: Values, actor: ApiCaller, db: Db, clock: ClockOf
) -> dict[str, Any]:
    require(actor, "check.create")
    name = values.pop("service", None)
    if not isinstance(name, str):
        problem = Problem(
            "service", say("This is missing."), say("Name the service it belongs to.")
        )
        raise Invalid(say("The check cannot be saved."), (problem,))
    draft = read_check(values)
    async with db.write() as tx:
        return service.shown(await service.register(tx, actor, name, draft, clock))


@router.post("/now")
async def look_now(wanted: Now, actor: ApiCaller, db: Db, clock: ClockOf) -> dict[str, Any]:
    """Looks at once; answers that do not come in time are listed as waiting."""
    async with db.write() as tx:
        ids = list(wanted.checks)
        if wanted.service is not None:
            ids += await store_pages.check_ids_of(tx, wanted.service)
        asked = await service.ask_now(tx, actor, ids, clock)
    answers = await service.wait_for(db, list(asked.values()), wanted.wait_s, clock)
    done = [answers[request] for request in asked.values() if request in answers]
    waiting = [check_id for check_id, request in asked.items() if request not in answers]
    return {"looks": done, "waiting": waiting}


@router.get("/{check_id}")
async def get_check(check_id: int, actor: ApiCaller, db: Db) -> dict[str, Any]:
    require(actor, "check.read")
    async with db.read() as tx:
        check = await service.get_by_id(tx, check_id)
        return service.shown(check) | {"now": await store_pages.state_shown(tx, check)}


@router.put("/{check_id}", openapi_extra=_body_of(_DRAFT))
async def change_check(
    check_id: int, values: Values, actor: ApiCaller, db: Db, clock: ClockOf
) -> dict[str, Any]:
    require(actor, "check.update")
    async with db.write() as tx:
        check = await service.get_by_id(tx, check_id)
        draft = read_check(values, check.name)
        if draft.name != check.name:
            problem = Problem(
                "name", say("A check keeps its name."), say("Register a new one instead.")
            )
            raise Invalid(say("The check {name} cannot be saved.", name=check.name), (problem,))
        changed = await service.change(tx, actor, check.service, check.name, draft, clock)
        return service.shown(changed)


@router.post("/{check_id}/pause")
async def pause_check(check_id: int, actor: ApiCaller, db: Db, clock: ClockOf) -> dict[str, Any]:
    return await _pause(check_id, actor, db, clock, paused=True)


@router.post("/{check_id}/resume")
async def resume_check(check_id: int, actor: ApiCaller, db: Db, clock: ClockOf) -> dict[str, Any]:
    return await _pause(check_id, actor, db, clock, paused=False)


async def _pause(
    check_id: int, actor: ApiCaller, db: Db, clock: ClockOf, *, paused: bool
) -> dict[str, Any]:
    async with db.write() as tx:
        check = await service.get_by_id(tx, check_id)
        after = await service.pause(
            tx, actor, check.service, check.name, paused=paused, clock=clock
        )
        return service.shown(after)


@router.delete("/{check_id}", status_code=204)
async def delete_check(check_id: int, actor: ApiCaller, db: Db, clock: ClockOf) -> Response:
    require(actor, "check.delete")
    async with db.write() as tx:
        check = await service.get_by_id(tx, check_id)
        await service.delete(tx, actor, check.service, check.name, clock)
    return Response(status_code=204)
