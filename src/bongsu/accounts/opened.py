"""What is said of a session that was opened, by the server and by the function that signs in alike."""

import secrets
from datetime import datetime

from pydantic import BaseModel

from bongsu.accounts import entry, second_step, service
from bongsu.accounts.inputs_factors import SignInAtOnce
from bongsu.accounts.keys import SignedIn
from bongsu.accounts.model import Actor, User
from bongsu.accounts.vault import Vault
from bongsu.accounts.visit import Visit
from bongsu.db.session import Database, Tx
from bongsu.kit.clock import Clock
from bongsu.kit.errors import NotSignedIn
from bongsu.kit.i18n import say


class Person(BaseModel):
    id: int
    email: str
    name: str
    role: str
    language: str | None
    time_zone: str | None
    disabled: bool
    invited: bool  # the link has not been used yet
    verified: bool  # mail to the address has reached them
    created_at: datetime


class Me(Person):
    kind: str
    scopes: tuple[str, ...]


class Opened(BaseModel):
    """`csrf` goes back with every write, as the header X-CSRF-Token."""

    user: Me
    csrf: str


def fields_of(user: User) -> dict[str, object]:
    return user.shown() | {
        "id": user.id,
        "invited": user.invited,
        "created_at": user.created_at,
    }


async def me_of(tx: Tx, actor: Actor) -> Me:
    user = await service.get_user(tx, actor, actor.id)
    return Me.model_validate(fields_of(user) | {"kind": actor.kind, "scopes": actor.scopes})


async def opened(db: Database, found: SignedIn) -> Opened:
    async with db.read() as tx:
        me = await me_of(tx, found.actor)
    return Opened(user=me, csrf=found.session.shown_csrf(secrets.token_urlsafe(8)))


async def enter(
    db: Database, form: SignInAtOnce, visit: Visit, clock: Clock, vault: Vault
) -> tuple[str, Opened]:
    """The cookie, and what is said of the new session. Raises as `second_step.sign_in_at_once`."""
    cookie = await second_step.sign_in_at_once(db, form, visit, clock, vault)
    found = await entry.signed_in(db, cookie, clock.now())
    if found is None:
        raise NotSignedIn(say("The account was changed at this very moment. Sign in again."))
    return cookie, await opened(db, found)
