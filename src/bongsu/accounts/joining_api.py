"""/api/v1: who may join, signing up, links by mail, another address, one's own data, leaving."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from bongsu.accounts import addresses, joining, leaving, policy
from bongsu.accounts.http import ApiCaller, ClockOf, Db, drop_cookie, visit_of
from bongsu.accounts.inputs import (
    AskMail,
    Confirmed,
    NewAddress,
    Number,
    PolicyChange,
    SignUp,
)
from bongsu.accounts.leaving_pages import export_file, here
from bongsu.accounts.model import require
from bongsu.accounts.policy import Policy
from bongsu.kit.i18n import Said, say
from bongsu.web.shell import state_of

router = APIRouter(tags=["accounts"])


class PolicyOut(BaseModel):
    """`domains` empty: all. `role` is what a self-made account gets."""

    join: str
    role: str
    domains: list[str]
    mfa_required: bool
    oidc_trusted: bool


class Sent(BaseModel):
    """The same whether the address is known or not."""

    message: str


def _policy(found: Policy) -> PolicyOut:
    return PolicyOut.model_validate(found.shown())


def _sent(request: Request, said: Said) -> Sent:
    return Sent(message=said.to(state_of(request).language))


_MAIL = say("A mail is on its way to this address, if there is anything to say to it.")


@router.get("/policy")
async def get_policy(actor: ApiCaller, db: Db) -> PolicyOut:
    """Who may join. Only an administrator may see it."""
    async with db.read() as tx:
        return _policy(await policy.get(tx, actor))


@router.patch("/policy")
async def change_policy(form: PolicyChange, actor: ApiCaller, db: Db, clock: ClockOf) -> PolicyOut:
    """What is left out stays. Only an administrator may."""
    async with db.write() as tx:
        return _policy(await policy.change(tx, actor, form, clock))


@router.post("/sign-up", status_code=202)
async def sign_up(form: SignUp, request: Request, db: Db, clock: ClockOf) -> Sent:
    """An account that can do nothing until the link of the mail is used. 403 where nobody may sign up."""
    if form.language is None:
        form = form.model_copy(update={"language": state_of(request).language})
    await joining.sign_up(db, form, visit_of(request), clock)
    return _sent(request, _MAIL)


@router.post("/sign-up/again", status_code=202)
async def verify_again(form: AskMail, request: Request, db: Db, clock: ClockOf) -> Sent:
    """The link that verifies the address, once more."""
    await joining.ask_verification(db, form, visit_of(request), clock)
    return _sent(request, _MAIL)


@router.post("/forgot", status_code=202)
async def forgot(form: AskMail, request: Request, db: Db, clock: ClockOf) -> Sent:
    """A link that sets a new password."""
    await joining.ask_reset(db, form, visit_of(request), clock)
    return _sent(request, _MAIL)


# --- oneself


@router.post("/me/email", status_code=202)
async def change_email(
    form: NewAddress, request: Request, actor: ApiCaller, db: Db, clock: ClockOf
) -> Sent:
    """Mails a link to the new address; the old one counts until it is used. Not for tokens."""
    require(actor, "profile.own")
    await addresses.ask_change(db, await here(request), form, visit_of(request), clock)
    return _sent(request, _MAIL)


@router.get("/me/export")
async def export(request: Request, actor: ApiCaller, db: Db, clock: ClockOf) -> Response:
    """Everything that is kept about oneself, as one document. Not for tokens."""
    return await export_file(request, actor, db, clock)


@router.post("/me/delete", status_code=204)
async def leave(
    form: Confirmed, request: Request, response: Response, actor: ApiCaller, db: Db, clock: ClockOf
) -> None:
    """Deletes one's own account for good. Not for tokens."""
    require(actor, "profile.own")
    partings = request.app.state.partings
    await leaving.leave(db, await here(request), form, partings, visit_of(request), clock)
    drop_cookie(request, response)


@router.delete("/users/{user_id}", status_code=204)
async def delete_user(
    user_id: Number, request: Request, actor: ApiCaller, db: Db, clock: ClockOf
) -> None:
    """A disabled person, for good. Only an administrator may."""
    async with db.write() as tx:
        await leaving.delete_person(tx, actor, user_id, request.app.state.partings, clock)
