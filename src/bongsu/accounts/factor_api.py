"""/api/v1: one's own second factor, and an administrator's reset. None of it is for tokens but the reset."""

from datetime import datetime
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from bongsu.accounts import factors, identities, sessions, totp
from bongsu.accounts.http import (
    ApiCaller,
    ClockOf,
    Db,
    VaultOf,
    find_session,
    parts_of,
    put_cookie,
    visit_of,
)
from bongsu.accounts.inputs import Number
from bongsu.accounts.inputs_factors import ConfirmFactor, FactorOff, NewCodes, NewFactor
from bongsu.accounts.keys import SignedIn
from bongsu.accounts.model import Actor, require
from bongsu.kit.errors import Conflict, NotSignedIn
from bongsu.kit.i18n import say

router = APIRouter(prefix="/api/v1", tags=["accounts"])
PATH = "/me/second-factor"


class FactorOut(BaseModel):
    """`pending`: one was shown and waits for its first code."""

    on: bool
    since: datetime | None
    pending: bool
    recovery_codes_left: int
    compulsory: bool


class NewFactorOut(BaseModel):
    """Shown until it is confirmed. `address` is what a QR code of it says."""

    secret: str
    address: str


class RecoveryCodes(BaseModel):
    """Shown this once."""

    recovery_codes: list[str]


class IdentityOut(BaseModel):
    id: int
    issuer: str
    subject: str
    email: str
    created_at: datetime
    used_at: datetime


class Identities(BaseModel):
    identities: list[IdentityOut]


class Ended(BaseModel):
    ended: int


async def _session(request: Request, actor: Actor) -> SignedIn:
    require(actor, "factor.own")  # which no token may, so that it is said in those words
    found = await find_session(request)
    if found is None:
        raise NotSignedIn(say("Your session has ended. Sign in and go on."))
    return found


@router.get(PATH)
async def get_factor(actor: ApiCaller, db: Db, clock: ClockOf) -> FactorOut:
    async with db.read() as tx:
        now = await factors.standing(tx, actor, clock)
    return FactorOut(
        on=now.on,
        since=now.on_since,
        pending=now.pending,
        recovery_codes_left=now.codes_left,
        compulsory=now.required,
    )


@router.post(PATH, status_code=201)
async def begin(
    form: NewFactor,
    request: Request,
    response: Response,
    actor: ApiCaller,
    db: Db,
    clock: ClockOf,
    vault: VaultOf,
) -> NewFactorOut:
    """A new secret. Where one is on already, password and code are needed, and it counts until the new one
    is confirmed."""
    await factors.begin(db, actor, form, visit_of(request), clock, vault)
    secret = await factors.shown_secret(db, actor, clock, vault)
    if secret is None:
        raise Conflict(
            say("There is no second factor to confirm. Begin anew and scan the new code.")
        )
    response.headers["cache-control"] = "no-store"
    place = urlsplit(parts_of(request).settings.public).hostname or ""
    return NewFactorOut(secret=secret, address=totp.address(secret, actor.email, place))


@router.post(f"{PATH}/confirm")
async def confirm(
    form: ConfirmFactor,
    request: Request,
    response: Response,
    actor: ApiCaller,
    db: Db,
    clock: ClockOf,
    vault: VaultOf,
) -> RecoveryCodes:
    """Switches it on, ends every other session and renews this one. `password` only where the session is
    older than ten minutes."""
    found, visit = await _session(request, actor), visit_of(request)
    cookie, made = await factors.confirm(db, actor, found.session, form, visit, clock, vault)
    put_cookie(request, response, cookie)
    response.headers["cache-control"] = "no-store"
    return RecoveryCodes(recovery_codes=list(made))


@router.post(f"{PATH}/codes")
async def renew_codes(
    form: NewCodes,
    request: Request,
    response: Response,
    actor: ApiCaller,
    db: Db,
    clock: ClockOf,
    vault: VaultOf,
) -> RecoveryCodes:
    made = await factors.renew_codes(db, actor, form, visit_of(request), clock, vault)
    response.headers["cache-control"] = "no-store"
    return RecoveryCodes(recovery_codes=list(made))


@router.post(f"{PATH}/off", status_code=204)
async def switch_off(
    form: FactorOff, request: Request, actor: ApiCaller, db: Db, clock: ClockOf, vault: VaultOf
) -> None:
    """Asks for password and code. Not where a second factor is compulsory."""
    await factors.switch_off(db, actor, form, visit_of(request), clock, vault)


@router.delete("/users/{user_id}/second-factor", status_code=204)
async def reset(
    user_id: Number, request: Request, actor: ApiCaller, db: Db, clock: ClockOf
) -> None:
    """Takes away somebody's second factor and ends their sessions; they are told by mail. Only an
    administrator may."""
    async with db.write() as tx:
        await factors.reset(tx, actor, user_id, visit_of(request), clock)


@router.delete("/sessions")
async def end_others(request: Request, actor: ApiCaller, db: Db, clock: ClockOf) -> Ended:
    """Every session of one's own but this one. Not for tokens."""
    found = await _session(request, actor)
    async with db.write() as tx:
        return Ended(ended=await sessions.end_others(tx, actor, found.session, clock))


@router.get("/me/identities")
async def list_identities(actor: ApiCaller, db: Db) -> Identities:
    """Who one is at the provider. They are linked on the page /me, as that leads through the provider."""
    async with db.read() as tx:
        found = await identities.linked(tx, actor)
    return Identities(
        identities=[
            IdentityOut(
                id=one.id,
                issuer=one.issuer,
                subject=one.subject,
                email=one.email,
                created_at=one.created_at,
                used_at=one.used_at,
            )
            for one in found
        ]
    )


@router.delete("/me/identities/{identity_id}", status_code=204)
async def unlink(identity_id: Number, actor: ApiCaller, db: Db, clock: ClockOf) -> None:
    async with db.write() as tx:
        await identities.unlink(tx, actor, identity_id, clock)
