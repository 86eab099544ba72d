"""`/rules`: the list with switches, one rule as a form. The log's pages stand beside in log_pages.py."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, Response

from bongsu.accounts.http import Caller, ClockOf, Db
from bongsu.accounts.model import allowed, require
from bongsu.accounts.posted import read
from bongsu.events.pattern.json_text import parse_json
from bongsu.kit.errors import Conflict, Invalid, Problem
from bongsu.kit.i18n import say
from bongsu.kit.kind import Broken
from bongsu.rules import service, store
from bongsu.rules.log_pages import router as log_router
from bongsu.rules.model import ACTIONS, RuleDraft
from bongsu.web.shell import redirect, render

router = APIRouter(include_in_schema=False)
router.include_router(log_router)
Text = Annotated[str, Form(max_length=16_384)]
_EXAMPLE = {
    "name": "",
    "when": '{\n  "detail-type": ["check.state_changed"],\n  "detail": {"after": {"state": ["down"]}}\n}',
    "do": '[\n  {"incident": {"severity": 4, "tell": "owners"}}\n]',
    "enabled": True,
}


@router.get("/rules")
async def rules_page(request: Request, actor: Caller, db: Db) -> HTMLResponse:
    require(actor, "rule.read")
    async with db.read() as tx:
        rules = await store.every(tx)
    return render(
        request, "rules/rules.html", rules=rules, may_change=allowed(actor, "rule.update")
    )


@router.get("/rules/new")
async def new_page(request: Request, actor: Caller) -> HTMLResponse:
    require(actor, "rule.create")
    return _form(request, actor, None, dict(_EXAMPLE))


@router.get("/rules/{name}")
async def rule_page(request: Request, name: str, actor: Caller, db: Db) -> HTMLResponse:
    require(actor, "rule.read")
    async with db.read() as tx:
        rule = await service.get(tx, name)
    values = {
        "name": rule.name,
        "when": json.dumps(rule.pattern, indent=2, ensure_ascii=False),
        "do": json.dumps(list(rule.actions), indent=2, ensure_ascii=False),
        "enabled": rule.enabled,
    }
    return _form(request, actor, rule, values)


@router.post("/rules")
async def save(
    request: Request,
    actor: Caller,
    db: Db,
    clock: ClockOf,
    name: Text = "",
    when: Text = "",
    do: Text = "",
    enabled: Text = "",
    known: Text = "",
) -> Response:
    """`known` is the name of the rule that is changed; empty for a new one."""
    require(actor, "rule.update" if known else "rule.create")
    values = {"name": known or name, "when": when, "do": do, "enabled": bool(enabled)}
    rule = None
    try:
        draft = _draft(values)
        async with db.write() as tx:
            if known:
                rule = await service.get(tx, known)
                await service.update(tx, actor, known, draft, clock)
            else:
                await service.create(tx, actor, draft, clock)
    except (Invalid, Conflict) as error:
        return _form(request, actor, rule, values, error)
    return redirect(request, "/rules", toast=say("Rule {name} is saved.", name=draft.name))


@router.post("/rules/{name}/switch")
async def switch(
    request: Request, name: str, actor: Caller, db: Db, clock: ClockOf, enabled: Text = ""
) -> Response:
    async with db.write() as tx:
        rule = await service.switch(tx, actor, name, bool(enabled), clock)
    said = (
        say("Rule {name} is on.", name=name)
        if rule.enabled
        else say("Rule {name} is off.", name=name)
    )
    return redirect(request, "/rules", toast=said)


@router.post("/rules/{name}/delete")
async def delete(request: Request, name: str, actor: Caller, db: Db, clock: ClockOf) -> Response:
    async with db.write() as tx:
        await service.delete(tx, actor, name, clock)
    return redirect(request, "/rules", toast=say("Rule {name} is deleted.", name=name))


def _draft(values: dict[str, Any]) -> RuleDraft:
    """Raises Invalid with the field that is not JSON, or not what a rule holds."""
    said = say("Rule {name} cannot be saved.", name=values["name"] or "?")
    parsed = dict(values)
    problems: list[Problem] = []
    for field in ("when", "do"):
        try:
            parse_json(values[field], field)  # says where and why not, and stops at any depth
            parsed[field] = json.loads(values[field])
        except Invalid as error:
            problems += error.problems
    if problems:
        raise Invalid(said, tuple(problems))
    return read(RuleDraft, parsed, said)


def _form(
    request: Request, actor: Any, rule: Any, values: dict[str, Any], error: Any = None
) -> HTMLResponse:
    kinds = [kind for kind in ACTIONS.all() if not isinstance(kind, Broken)]
    action = "rule.update" if rule else "rule.create"
    return render(
        request,
        "rules/rule.html",
        status=error.status if error else 200,
        rule=rule,
        values=values,
        error=error,
        kinds=kinds,
        may_change=allowed(actor, action),
        may_delete=bool(rule) and not rule.builtin and allowed(actor, "rule.delete"),
    )
