"""/people: who is here, in which teams. Administrators change it there; everybody else sees it."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from bongsu.accounts import factors, service, store
from bongsu.accounts.http import Caller, ClockOf, Db, PartsOf, visit_of
from bongsu.accounts.inputs import NewPerson, NewTeam, Number, PersonChange, TeamChange
from bongsu.accounts.model import ROLE_TITLES, Actor, Team, User, allowed, require
from bongsu.accounts.posted import posted, read
from bongsu.db.session import Database, Tx
from bongsu.kit.errors import BongsuError, Conflict, Invalid
from bongsu.kit.i18n import Said, say
from bongsu.web.shell import fragment, redirect, render, state_of

router = APIRouter(include_in_schema=False)
PAGE = 100


@router.get("/people")
async def people_page(request: Request, actor: Caller, db: Db, after: int = 0) -> HTMLResponse:
    return render(request, "accounts/people.html", **await _everybody(db, actor, after))


@router.get("/-/people")
async def people_part(request: Request, actor: Caller, db: Db, after: int = 0) -> HTMLResponse:
    return fragment(request, "accounts/_people.html", **await _everybody(db, actor, after))


async def _everybody(db: Database, actor: Actor, after: int) -> dict[str, Any]:
    start = max(0, min(after, 2**62))
    async with db.read() as tx:
        users = await service.list_users(tx, actor, start, PAGE + 1)
        teams = await service.list_teams(tx, actor, 0, store.PAGE_LIMIT)
        members = await store.users_by_ids(tx, {one for team in teams for one in team.members})
    shown = users[:PAGE]
    return {
        "users": shown,
        "teams": teams,
        "names": {one.id: one.name for one in members},
        "teams_of": _teams_of(teams),
        "roles": ROLE_TITLES,
        "may_edit": allowed(actor, "user.update"),
        "older": f"/people?after={shown[-1].id}" if len(users) > PAGE else "",
        "query": f"?after={start}" if start else "",
    }


def _teams_of(teams: Sequence[Team]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for team in teams:
        for user_id in team.members:
            found.setdefault(user_id, []).append(team.title)
    return found


def _role_options(request: Request) -> list[tuple[str, str]]:
    language = state_of(request).language
    return [(role, title.to(language)) for role, title in ROLE_TITLES.items()]


def _wrong(error: BongsuError | None) -> dict[str, Any]:
    """What a form shows of a refusal: beside its fields, or above them."""
    beside = error.problems if isinstance(error, Invalid) else ()
    return {"problems": beside, "error": error.said if error and not beside else None}


# --- people


@router.get("/people/new")
async def new_person_page(request: Request, actor: Caller) -> HTMLResponse:
    require(actor, "user.create")
    return _new_person(request, {})


def _new_person(
    request: Request, values: dict[str, Any], error: BongsuError | None = None
) -> HTMLResponse:
    shown = {"email": "", "name": "", "role": ""} | values
    options = _role_options(request)
    status = error.status if error else 200
    template = "accounts/person_new.html"
    return render(request, template, status, values=shown, role_options=options, **_wrong(error))


@router.post("/people/new")
async def invite(
    request: Request, actor: Caller, db: Db, clock: ClockOf, parts: PartsOf
) -> HTMLResponse:
    require(actor, "user.create")
    values = await posted(request)
    try:
        form = read(NewPerson, values)
        async with db.write() as tx:
            made, token = await service.invite(tx, actor, form, visit_of(request), clock)
    except (Invalid, Conflict) as error:
        return _new_person(request, values, error)
    return _link(
        request, made, parts.door_url(token), say("Hand this link to {name}", name=made.name)
    )


def _link(request: Request, user: User, link: str, heading: Said) -> HTMLResponse:
    """Answered to the very request, as it is kept nowhere: a redirect would need it again."""
    lead = say("It opens once, within 24 hours, for {email}.", email=user.email)
    template = "accounts/secret.html"
    return render(request, template, heading=heading, lead=lead, secret=link, back="/people")


@router.get("/people/{user_id}")
async def person_page(request: Request, user_id: Number, actor: Caller, db: Db) -> HTMLResponse:
    require(actor, "user.update")
    return await _person(request, db, actor, user_id)


async def _person(
    request: Request,
    db: Database,
    actor: Actor,
    user_id: int,
    values: dict[str, Any] | None = None,
    error: BongsuError | None = None,
) -> HTMLResponse:
    async with db.read() as tx:
        one = await service.get_present(tx, actor, user_id)
        has_factor = await factors.of_person(tx, actor, user_id)
        teams = await service.list_teams(tx, actor, 0, store.PAGE_LIMIT)
    return render(
        request,
        "accounts/person.html",
        error.status if error else 200,
        one=one,
        has_factor=has_factor,
        own=one.id == actor.id,
        values={"name": one.name, "role": one.role} | (values or {}),
        teams=_teams_of(teams).get(one.id, []),
        role_options=_role_options(request),
        **_wrong(error),
    )


@router.post("/people/{user_id}")
async def change_person(
    request: Request, user_id: Number, actor: Caller, db: Db, clock: ClockOf
) -> Response:
    values = await posted(request)
    try:
        form = read(PersonChange, values)
        async with db.write() as tx:
            after = await service.update_user(tx, actor, user_id, form, clock)
    except (Invalid, Conflict) as error:
        return await _person(request, db, actor, user_id, values, error)
    return redirect(request, "/people", toast=say("{name} is changed.", name=after.name))


@router.post("/people/{user_id}/disable")
async def disable(
    request: Request, user_id: Number, actor: Caller, db: Db, clock: ClockOf
) -> Response:
    return await _switch(request, user_id, actor, db, clock, disabled=True)


@router.post("/people/{user_id}/enable")
async def enable(
    request: Request, user_id: Number, actor: Caller, db: Db, clock: ClockOf
) -> Response:
    return await _switch(request, user_id, actor, db, clock, disabled=False)


async def _switch(
    request: Request, user_id: int, actor: Actor, db: Database, clock: ClockOf, *, disabled: bool
) -> Response:
    try:
        async with db.write() as tx:
            after = await service.update_user(
                tx, actor, user_id, PersonChange(disabled=disabled), clock
            )
    except Conflict as error:
        return await _person(request, db, actor, user_id, error=error)
    off, on = (
        say("{name} is disabled.", name=after.name),
        say("{name} is enabled.", name=after.name),
    )
    return redirect(request, f"/people/{user_id}", toast=off if disabled else on)


@router.post("/people/{user_id}/second-factor/reset")
async def reset_factor(
    request: Request, user_id: Number, actor: Caller, db: Db, clock: ClockOf
) -> Response:
    try:
        async with db.write() as tx:
            user = await factors.reset(tx, actor, user_id, visit_of(request), clock)
    except Conflict as error:
        return await _person(request, db, actor, user_id, error=error)
    said = say("The second factor of {name} is reset.", name=user.name)
    return redirect(request, f"/people/{user_id}", toast=said)


@router.post("/people/{user_id}/link")
async def make_link(
    request: Request, user_id: Number, actor: Caller, db: Db, clock: ClockOf, parts: PartsOf
) -> HTMLResponse:
    async with db.write() as tx:
        user, token = await service.reset_link(tx, actor, user_id, visit_of(request), clock)
    return _link(
        request, user, parts.door_url(token), say("Hand this link to {name}", name=user.name)
    )


# --- teams


@router.get("/people/teams/new")
async def new_team_page(request: Request, actor: Caller, db: Db) -> HTMLResponse:
    require(actor, "team.create")
    return await _team(request, db, None, {})


@router.post("/people/teams/new")
async def create_team(request: Request, actor: Caller, db: Db, clock: ClockOf) -> Response:
    require(actor, "team.create")
    values = await posted(request, "members")
    try:
        form = read(NewTeam, values)
        async with db.write() as tx:
            made = await service.create_team(tx, actor, form, clock)
    except (Invalid, Conflict) as error:
        return await _team(request, db, None, values, error)
    return redirect(request, "/people", toast=say("The team {name} is there.", name=made.title))


@router.get("/people/teams/{team_id}")
async def team_page(request: Request, team_id: Number, actor: Caller, db: Db) -> HTMLResponse:
    require(actor, "team.update")
    async with db.read() as tx:
        team = await service.get_team(tx, actor, team_id)
    return await _team(request, db, team, {})


@router.post("/people/teams/{team_id}")
async def change_team(
    request: Request, team_id: Number, actor: Caller, db: Db, clock: ClockOf
) -> Response:
    values = await posted(request, "members")
    try:
        form = read(TeamChange, values)
        async with db.write() as tx:
            after = await service.update_team(tx, actor, team_id, form, clock)
    except (Invalid, Conflict) as error:
        async with db.read() as tx:
            team = await service.get_team(tx, actor, team_id)
        return await _team(request, db, team, values, error)
    return redirect(request, "/people", toast=say("{name} is changed.", name=after.title))


@router.post("/people/teams/{team_id}/delete")
async def delete_team(
    request: Request, team_id: Number, actor: Caller, db: Db, clock: ClockOf
) -> Response:
    async with db.write() as tx:
        gone = await service.delete_team(tx, actor, team_id, clock)
    return redirect(request, "/people", toast=say("The team {name} is deleted.", name=gone.title))


async def _team(
    request: Request,
    db: Database,
    team: Team | None,
    values: dict[str, Any],
    error: BongsuError | None = None,
) -> HTMLResponse:
    async with db.read() as tx:
        users = await _choices(tx, team)
    known = {
        "name": "",
        "title": team.title if team else "",
        "members": list(team.members) if team else [],
    }
    shown = known | values
    shown["members"] = {
        int(one) for one in shown["members"] if str(one).isdecimal() and len(str(one)) < 16
    }
    status = error.status if error else 200
    return render(
        request, "accounts/team.html", status, team=team, users=users, values=shown, **_wrong(error)
    )


async def _choices(tx: Tx, team: Team | None) -> list[User]:
    """Who may be put into a team: active people, and whoever is in it already."""
    inside = set(team.members) if team else set()
    return [
        one for one in await store.users(tx, 0, store.PAGE_LIMIT) if one.active or one.id in inside
    ]
