"""/api/v1: people, teams, and one's own profile, sessions and tokens."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from bongsu.accounts import joining_api, service, sessions, tokens
from bongsu.accounts.http import ApiCaller, ClockOf, Db, PartsOf, find_session, put_cookie, visit_of
from bongsu.accounts.inputs import (
    NewPerson,
    NewTeam,
    NewToken,
    Number,
    PasswordChange,
    PersonChange,
    ProfileChange,
    TeamChange,
)
from bongsu.accounts.keys import ApiToken
from bongsu.accounts.model import Team, User
from bongsu.accounts.opened import Me, Person, fields_of, me_of

router = APIRouter(prefix="/api/v1", tags=["accounts"])
router.include_router(joining_api.router)
After = Annotated[int, Query(ge=0, lt=2**63, description="Give `next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=1000)]


class People(BaseModel):
    users: list[Person]
    next: int | None


class WithLink(Person):
    """`link` is shown this once. It opens for one person, once, for 24 hours."""

    link: str


class TeamOut(BaseModel):
    id: int
    name: str
    title: str
    members: list[int]


class Teams(BaseModel):
    teams: list[TeamOut]
    next: int | None


class SessionOut(BaseModel):
    id: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    agent: str
    opened_by: list[str]  # password, link or oidc; then mfa, totp or recovery
    current: bool


class Sessions(BaseModel):
    sessions: list[SessionOut]


class TokenOut(BaseModel):
    id: int
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


class NewTokenOut(TokenOut):
    """`token` is shown this once."""

    token: str


class Tokens(BaseModel):
    tokens: list[TokenOut]


def _person(user: User) -> Person:
    return Person.model_validate(fields_of(user))


def _team(team: Team) -> TeamOut:
    return TeamOut(id=team.id, **team.shown())


def _token(token: ApiToken) -> TokenOut:
    return TokenOut.model_validate(token.shown())


# --- people


@router.get("/users")
async def list_users(actor: ApiCaller, db: Db, after: After = 0, limit: Limit = 100) -> People:
    async with db.read() as tx:
        found = await service.list_users(tx, actor, after, limit)
    more = found[-1].id if len(found) == limit else None
    return People(users=[_person(user) for user in found], next=more)


@router.post("/users", status_code=201)
async def invite(
    form: NewPerson, request: Request, actor: ApiCaller, db: Db, clock: ClockOf, parts: PartsOf
) -> WithLink:
    """Invites a person, by mail and by the link of the answer. Only an administrator may."""
    async with db.write() as tx:
        made, token = await service.invite(tx, actor, form, visit_of(request), clock)
    return WithLink.model_validate(fields_of(made) | {"link": parts.door_url(token)})


@router.get("/users/{user_id}")
async def get_user(user_id: Number, actor: ApiCaller, db: Db) -> Person:
    async with db.read() as tx:
        return _person(await service.get_user(tx, actor, user_id))


@router.patch("/users/{user_id}")
async def update_user(
    user_id: Number, form: PersonChange, actor: ApiCaller, db: Db, clock: ClockOf
) -> Person:
    """Name, role, disabled. Only an administrator may; the last one stays one."""
    async with db.write() as tx:
        return _person(await service.update_user(tx, actor, user_id, form, clock))


@router.post("/users/{user_id}/link", status_code=201)
async def make_link(
    user_id: Number, request: Request, actor: ApiCaller, db: Db, clock: ClockOf, parts: PartsOf
) -> WithLink:
    """A link to set a new password, or the invitation again. Only an administrator may."""
    async with db.write() as tx:
        found, token = await service.reset_link(tx, actor, user_id, visit_of(request), clock)
    return WithLink.model_validate(fields_of(found) | {"link": parts.door_url(token)})


# --- teams


@router.get("/teams")
async def list_teams(actor: ApiCaller, db: Db, after: After = 0, limit: Limit = 100) -> Teams:
    async with db.read() as tx:
        found = await service.list_teams(tx, actor, after, limit)
    more = found[-1].id if len(found) == limit else None
    return Teams(teams=[_team(team) for team in found], next=more)


@router.post("/teams", status_code=201)
async def create_team(form: NewTeam, actor: ApiCaller, db: Db, clock: ClockOf) -> TeamOut:
    async with db.write() as tx:
        return _team(await service.create_team(tx, actor, form, clock))


@router.get("/teams/{team_id}")
async def get_team(team_id: Number, actor: ApiCaller, db: Db) -> TeamOut:
    async with db.read() as tx:
        return _team(await service.get_team(tx, actor, team_id))


@router.patch("/teams/{team_id}")
async def update_team(
    team_id: Number, form: TeamChange, actor: ApiCaller, db: Db, clock: ClockOf
) -> TeamOut:
    async with db.write() as tx:
        return _team(await service.update_team(tx, actor, team_id, form, clock))


@router.delete("/teams/{team_id}", status_code=204)
async def delete_team(team_id: Number, actor: ApiCaller, db: Db, clock: ClockOf) -> None:
    async with db.write() as tx:
        await service.delete_team(tx, actor, team_id, clock)


# --- oneself


@router.get("/me")
async def get_me(actor: ApiCaller, db: Db) -> Me:
    """Who this token or session is."""
    async with db.read() as tx:
        return await me_of(tx, actor)


@router.patch("/me")
async def update_me(form: ProfileChange, actor: ApiCaller, db: Db, clock: ClockOf) -> Person:
    """Name, language and time zone. Not for tokens."""
    async with db.write() as tx:
        return _person(await service.change_profile(tx, actor, form, clock))


@router.post("/me/password", status_code=204)
async def change_password(
    form: PasswordChange,
    request: Request,
    response: Response,
    actor: ApiCaller,
    db: Db,
    clock: ClockOf,
) -> None:
    """Ends every session and begins a new one. Not for tokens."""
    cookie = await sessions.change_password(db, actor, form, visit_of(request), clock)
    put_cookie(request, response, cookie)


@router.get("/sessions")
async def list_sessions(request: Request, actor: ApiCaller, db: Db, clock: ClockOf) -> Sessions:
    current = await find_session(request)
    here = current.session.id if current else ""
    async with db.read() as tx:
        found = await sessions.own_sessions(tx, actor, clock)
    return Sessions(
        sessions=[SessionOut.model_validate(one.shown(current=one.id == here)) for one in found]
    )


@router.delete("/sessions/{session_id}", status_code=204)
async def end_session(session_id: str, actor: ApiCaller, db: Db, clock: ClockOf) -> None:
    async with db.write() as tx:
        await sessions.end_session(tx, actor, session_id, clock)


@router.get("/tokens")
async def list_tokens(actor: ApiCaller, db: Db) -> Tokens:
    async with db.read() as tx:
        return Tokens(tokens=[_token(one) for one in await tokens.own_tokens(tx, actor)])


@router.post("/tokens", status_code=201)
async def create_token(form: NewToken, actor: ApiCaller, db: Db, clock: ClockOf) -> NewTokenOut:
    """Not for tokens: a leaked one must not make itself another."""
    async with db.write() as tx:
        made, token = await tokens.create(tx, actor, form, clock)
    return NewTokenOut(**_token(made).model_dump(), token=token)


@router.delete("/tokens/{token_id}", status_code=204)
async def revoke_token(token_id: Number, actor: ApiCaller, db: Db, clock: ClockOf) -> None:
    async with db.write() as tx:
        await tokens.revoke(tx, actor, token_id, clock)
