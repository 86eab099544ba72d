"""`/requests/triggers`: the list with switches and what fires now; one as a form, tried before it is saved."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import HTMLResponse, Response

from bongsu.accounts.http import Caller, ClockOf, Db, PartsOf
from bongsu.accounts.model import Actor, allowed, require
from bongsu.accounts.posted import read
from bongsu.db.session import Database
from bongsu.events.pattern.json_text import parse_json
from bongsu.kit.errors import BongsuError, Conflict, Invalid, LakeAway
from bongsu.kit.i18n import say
from bongsu.requests import store, trigger_service
from bongsu.requests.model import FIELDS
from bongsu.requests.trigger_service import Trial
from bongsu.requests.triggers import PER_WORDS, Firing, Trigger, TriggerDraft
from bongsu.web.shell import fragment, is_htmx, redirect, render

router = APIRouter(include_in_schema=False)
Text = Annotated[str, Form(max_length=16_384)]
_LIMIT = 16_384  # characters of one field
_EXAMPLE = {
    "name": "",
    "title": "",
    "pattern": '{\n  "route": [{"prefix": "/api/"}],\n  "outcome": ["failed"]\n}',
    "at_least": "5",
    "window_s": "60",
    "per": "all",
    "severity": "3",
    "enabled": True,
}


@router.get("/requests/triggers")
async def triggers_page(request: Request, actor: Caller, db: Db) -> HTMLResponse:
    return render(request, "requests/triggers.html", **await _listed(db, actor))


@router.get("/-/requests/triggers")
async def triggers_part(request: Request, actor: Caller, db: Db) -> HTMLResponse:
    return fragment(request, "requests/_triggers.html", **await _listed(db, actor))


async def _listed(db: Database, actor: Actor) -> dict[str, Any]:
    require(actor, "request_trigger.read")
    async with db.read() as tx:
        triggers = await store.every(tx)
        firing = await store.firing(tx)
    by_trigger: dict[int, list[Firing]] = {}
    for one in firing:
        by_trigger.setdefault(one.trigger_id, []).append(one)
    return {
        "triggers": triggers,
        "firing": by_trigger,
        "per_words": PER_WORDS,
        "may_create": allowed(actor, "request_trigger.create"),
        "may_change": allowed(actor, "request_trigger.update"),
    }


@router.get("/requests/triggers/new")
async def new_page(request: Request, actor: Caller) -> HTMLResponse:
    require(actor, "request_trigger.create")
    return _form(request, actor, None, dict(_EXAMPLE))


@router.get("/requests/triggers/{name}")
async def trigger_page(request: Request, name: str, actor: Caller, db: Db) -> HTMLResponse:
    require(actor, "request_trigger.read")
    async with db.read() as tx:
        trigger = await trigger_service.get(tx, name)
    pattern = json.dumps(trigger.pattern, indent=2, ensure_ascii=False)
    return _form(request, actor, trigger, trigger.shown() | {"pattern": pattern})


async def _posted(request: Request) -> dict[str, Any]:
    """`known` is the name of the trigger that is changed; empty for a new one."""
    form = await request.form()
    values: dict[str, Any] = {
        name: str(form.get(name, ""))[:_LIMIT] for name in (*_EXAMPLE, "known")
    }
    values["enabled"] = bool(values["enabled"])
    values["name"] = values["known"] or values["name"]
    return values


Posted = Annotated[dict[str, Any], Depends(_posted)]


@router.post("/requests/triggers")
async def save(request: Request, actor: Caller, db: Db, clock: ClockOf, values: Posted) -> Response:
    known = values["known"]
    require(actor, "request_trigger.update" if known else "request_trigger.create")
    trigger = None
    try:
        draft = _draft(values)
        async with db.write() as tx:
            if known:
                trigger = await trigger_service.get(tx, known)
                await trigger_service.update(tx, actor, known, draft, clock)
            else:
                await trigger_service.create(tx, actor, draft, clock)
    except (Invalid, Conflict) as error:
        return _form(request, actor, trigger, values, error)
    said = say("Trigger {name} is saved.", name=draft.name)
    return redirect(request, "/requests/triggers", toast=said)


@router.post("/requests/triggers/try")
async def try_it(
    request: Request, actor: Caller, parts: PartsOf, db: Db, values: Posted
) -> Response:
    """What it would have done in the last hour: in place, or without script on the form's own page."""
    require(actor, "request_trigger.create")
    trial, error = None, None
    try:
        draft = _draft(values | {"name": "trial", "title": values["title"] or "trial"})
        trial = await trigger_service.try_out(
            parts.lake, actor, draft.pattern, draft.at_least, draft.window_s, draft.per, parts.clock
        )
    except (Invalid, LakeAway) as failure:
        error = failure
    if is_htmx(request):
        return fragment(request, "requests/_trial.html", trial=trial, error=error)
    trigger = None
    if values["known"]:
        async with db.read() as tx:
            trigger = await trigger_service.get(tx, values["known"])
    return _form(request, actor, trigger, values, error, trial)


@router.post("/requests/triggers/{name}/switch")
async def switch(
    request: Request, name: str, actor: Caller, db: Db, clock: ClockOf, enabled: Text = ""
) -> Response:
    async with db.write() as tx:
        trigger = await trigger_service.switch(tx, actor, name, bool(enabled), clock)
    said = (
        say("Trigger {name} is on.", name=name)
        if trigger.enabled
        else say("Trigger {name} is off.", name=name)
    )
    return redirect(request, "/requests/triggers", toast=said)


@router.post("/requests/triggers/{name}/delete")
async def delete(request: Request, name: str, actor: Caller, db: Db, clock: ClockOf) -> Response:
    async with db.write() as tx:
        await trigger_service.delete(tx, actor, name, clock)
    said = say("Trigger {name} is deleted.", name=name)
    return redirect(request, "/requests/triggers", toast=said)


def _draft(values: dict[str, Any]) -> TriggerDraft:
    """Raises Invalid with the field that is not JSON, or not what a trigger holds."""
    parse_json(values["pattern"], "pattern")  # says where and why not, and stops at any depth
    parsed = {name: value for name, value in values.items() if name != "known"}
    said = say("Trigger {name} cannot be saved.", name=values["name"] or "?")
    return read(TriggerDraft, parsed | {"pattern": json.loads(values["pattern"])}, said)


def _form(
    request: Request,
    actor: Actor,
    trigger: Trigger | None,
    values: dict[str, Any],
    error: BongsuError | None = None,
    trial: Trial | None = None,
) -> HTMLResponse:
    action = "request_trigger.update" if trigger else "request_trigger.create"
    may_delete = trigger is not None and not trigger.builtin
    return render(
        request,
        "requests/trigger.html",
        status=error.status if error else 200,
        trigger=trigger,
        values=values,
        error=error,
        trial=trial,
        fields=sorted(FIELDS),
        per_words=list(PER_WORDS.items()),
        may_change=allowed(actor, action),
        may_delete=may_delete and allowed(actor, "request_trigger.delete"),
    )
