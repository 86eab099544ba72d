"""All SQL of who people are at the OIDC provider, and of the ways there and back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bongsu.accounts.tables import login_identity, oidc_flow
from bongsu.db.dialect import insert_ignore
from bongsu.db.session import Tx

IDENTITIES_A_PERSON = 20


@dataclass(frozen=True, slots=True)
class Identity:
    """`email` is what the provider last said, for people to tell them apart; nothing is decided by it."""

    id: int
    user_id: int
    issuer: str
    subject: str
    email: str
    strong: bool
    created_at: datetime
    used_at: datetime


@dataclass(frozen=True, slots=True)
class Flow:
    """One way to the provider. `user_id`: who wants it linked to their account; None to sign in."""

    state_hash: str
    browser_hash: str
    issuer: str
    user_id: int | None
    after: str
    expires_at: datetime


async def identity_of(tx: Tx, issuer: str, subject: str) -> Identity | None:
    """By the unique key; held, so that it is not unlinked before the session is there."""
    this = (login_identity.c.issuer == issuer, login_identity.c.subject == subject)
    row = await tx.row(sa.select(login_identity).where(*this).with_for_update())
    return None if row is None else _identity(row)


async def identities(tx: Tx, user_id: int) -> list[Identity]:
    """Oldest first (ix_login_identity_user)."""
    query = sa.select(login_identity).where(login_identity.c.user_id == user_id)
    rows = await tx.rows(query.order_by(login_identity.c.id).limit(IDENTITIES_A_PERSON))
    return [_identity(row) for row in rows]


async def insert_identity(tx: Tx, values: dict[str, Any]) -> bool:
    """False when this person of the provider is linked already, to whomever."""
    done = await tx.execute(insert_ignore(tx, login_identity, values))
    return done.rowcount == 1


async def note_used(tx: Tx, identity_id: int, email: str, now: datetime, *, strong: bool) -> None:
    values = {"email": email, "strong": strong, "used_at": now}
    this = login_identity.c.id == identity_id
    await tx.execute(sa.update(login_identity).where(this).values(**values))


async def delete_identity(tx: Tx, user_id: int, identity_id: int) -> Identity | None:
    """What was there, when it was this person's."""
    this = (login_identity.c.id == identity_id, login_identity.c.user_id == user_id)
    row = await tx.row(sa.select(login_identity).where(*this).with_for_update())
    if row is None:
        return None
    await tx.execute(sa.delete(login_identity).where(*this))
    return _identity(row)


def _identity(row: sa.Row[Any]) -> Identity:
    return Identity(**row._mapping)  # noqa: SLF001  SQLAlchemy's public name for it


# --- ways there and back


async def insert_flow(tx: Tx, made: Flow, now: datetime) -> None:
    """Clears away what nobody came back from (ix_oidc_flow_expires)."""
    await tx.execute(sa.delete(oidc_flow).where(oidc_flow.c.expires_at <= now))
    values = {name: getattr(made, name) for name in Flow.__slots__}
    await tx.execute(sa.insert(oidc_flow).values(**values))


async def take_flow(tx: Tx, state_hash: str) -> Flow | None:
    """Gives it once: who comes second with the same state finds nothing."""
    query = sa.select(oidc_flow).where(oidc_flow.c.state_hash == state_hash)
    row = await tx.row(query.with_for_update())
    if row is None:
        return None
    await tx.execute(sa.delete(oidc_flow).where(oidc_flow.c.state_hash == state_hash))
    return Flow(**row._mapping)  # noqa: SLF001  as above
