"""/people/joining: who may join. Administrators only."""

from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from bongsu.accounts import policy
from bongsu.accounts.http import Caller, ClockOf, Db
from bongsu.accounts.inputs import PolicyChange
from bongsu.accounts.model import ROLE_TITLES, Actor
from bongsu.accounts.policy import JOIN_TITLES
from bongsu.accounts.posted import posted, read
from bongsu.db.session import Database
from bongsu.kit.errors import Invalid, Problem
from bongsu.kit.i18n import say
from bongsu.web.shell import redirect, render

router = APIRouter(include_in_schema=False)
SELF_MADE = ("viewer", "responder", "editor")


@router.get("/people/joining")
async def joining_page(request: Request, actor: Caller, db: Db) -> HTMLResponse:
    return await _page(request, actor, db)


async def _page(
    request: Request,
    actor: Actor,
    db: Database,
    values: dict[str, Any] | None = None,
    error: Invalid | None = None,
) -> HTMLResponse:
    async with db.read() as tx:
        rules = await policy.get(tx, actor)
    known = rules.shown() | {"domains": "\n".join(rules.domains)}
    return render(
        request,
        "accounts/joining.html",
        error.status if error else 200,
        values=known | (values or {}),
        joins=JOIN_TITLES,
        roles={name: ROLE_TITLES[name] for name in SELF_MADE},
        problems=_beside(error),
    )


def _beside(error: Invalid | None) -> tuple[Problem, ...]:
    """What is wrong with one domain is said beside all of them."""
    problems = error.problems if error else ()
    return tuple(replace(one, where=one.where.partition(".")[0]) for one in problems)


@router.post("/people/joining")
async def change(request: Request, actor: Caller, db: Db, clock: ClockOf) -> Response:
    values = await posted(request)
    given = values | {
        "domains": values.get("domains", "").replace(",", " ").split(),
        "mfa_required": values.get("mfa_required") == "on",
        "oidc_trusted": values.get("oidc_trusted") == "on",
    }
    try:
        form = read(PolicyChange, given)
        async with db.write() as tx:
            await policy.change(tx, actor, form, clock)
    except Invalid as error:
        return await _page(request, actor, db, given | {"domains": values["domains"]}, error)
    return redirect(request, "/people/joining", toast=say("Who may join is saved."))
