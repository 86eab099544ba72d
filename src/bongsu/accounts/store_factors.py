"""All SQL of second factors, recovery codes and half-opened sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bongsu.accounts.keys import HalfSession
from bongsu.accounts.tables import half_session, login_identity, recovery_code, second_factor
from bongsu.db.dialect import upsert
from bongsu.db.session import Tx

SEALED_LISTED = 1000


@dataclass(frozen=True, slots=True)
class Factor:
    """`secret` and `pending` are sealed. `secret` is None until a code of it was given once."""

    user_id: int
    secret: str | None
    last_step: int
    confirmed_at: datetime | None
    pending: str | None
    pending_at: datetime | None


# --- the factor


async def factor(tx: Tx, user_id: int, hold: bool = False) -> Factor | None:
    """By primary key. `hold`: nobody else takes a code of it before this transaction ends."""
    query = sa.select(second_factor).where(second_factor.c.user_id == user_id)
    row = await tx.row(query.with_for_update() if hold else query)
    return None if row is None else Factor(**row._mapping)  # noqa: SLF001  SQLAlchemy's public name


async def sealed(tx: Tx) -> list[tuple[int, str]]:
    """Whose, and what is sealed: the first thousand that are on (primary key)."""
    query = sa.select(second_factor.c.user_id, second_factor.c.secret)
    query = query.where(second_factor.c.confirmed_at.is_not(None))
    rows = await tx.rows(query.order_by(second_factor.c.user_id).limit(SEALED_LISTED))
    return [(row.user_id, row.secret) for row in rows]


async def is_on(tx: Tx, user_id: int) -> bool:
    found = await factor(tx, user_id)
    return found is not None and found.confirmed_at is not None


async def has_any(tx: Tx, user_id: int, *, oidc_trusted: bool) -> bool:
    """One of ours, or what the provider says of a person of it."""
    linked = sa.select(login_identity.c.id).where(login_identity.c.user_id == user_id)
    query = linked if oidc_trusted else linked.where(login_identity.c.strong)
    return await is_on(tx, user_id) or await tx.scalar(query.limit(1)) is not None


async def keep_pending(tx: Tx, user_id: int, sealed: str, now: datetime) -> None:
    """Takes the place of one that was shown and never confirmed; what is on stays on."""
    values = {"user_id": user_id, "pending": sealed, "pending_at": now, "last_step": 0}
    await tx.execute(upsert(tx, second_factor, values, ("user_id",), ("pending", "pending_at")))


async def confirm(tx: Tx, user_id: int, sealed: str, step: int, now: datetime) -> bool:
    """Switches on what was shown, if it still is what was shown."""
    this = (second_factor.c.user_id == user_id, second_factor.c.pending == sealed)
    values = {
        "secret": sealed,
        "last_step": step,
        "confirmed_at": now,
        "pending": None,
        "pending_at": None,
    }
    done = await tx.execute(sa.update(second_factor).where(*this).values(**values))
    return done.rowcount == 1


async def use_step(tx: Tx, user_id: int, step: int) -> bool:
    """True for exactly one caller: a code that was seen over somebody's shoulder counts no more."""
    this = (
        second_factor.c.user_id == user_id,
        second_factor.c.confirmed_at.is_not(None),
        second_factor.c.last_step < step,
    )
    done = await tx.execute(sa.update(second_factor).where(*this).values(last_step=step))
    return done.rowcount == 1


async def delete_factor(tx: Tx, user_id: int) -> bool:
    """With its recovery codes. True when it was on."""
    found = await factor(tx, user_id, hold=True)
    await tx.execute(sa.delete(second_factor).where(second_factor.c.user_id == user_id))
    await tx.execute(sa.delete(recovery_code).where(recovery_code.c.user_id == user_id))
    return found is not None and found.confirmed_at is not None


# --- recovery codes


async def replace_codes(tx: Tx, user_id: int, hashes: Sequence[str]) -> None:
    await tx.execute(sa.delete(recovery_code).where(recovery_code.c.user_id == user_id))
    rows = [{"user_id": user_id, "code_hash": one} for one in hashes]
    await tx.execute(sa.insert(recovery_code), rows)


async def use_code(tx: Tx, user_id: int, code_hash: str, now: datetime) -> bool:
    """True for exactly one caller, however many come at once."""
    this = (
        recovery_code.c.user_id == user_id,
        recovery_code.c.code_hash == code_hash,
        recovery_code.c.used_at.is_(None),
    )
    done = await tx.execute(sa.update(recovery_code).where(*this).values(used_at=now))
    return done.rowcount == 1


async def codes_left(tx: Tx, user_id: int) -> int:
    """By the first column of the primary key; there are ten."""
    this = (recovery_code.c.user_id == user_id, recovery_code.c.used_at.is_(None))
    found = await tx.scalar(sa.select(sa.func.count()).select_from(recovery_code).where(*this))
    return int(found or 0)


# --- half-opened sessions


async def insert_half(tx: Tx, made: HalfSession) -> None:
    """One for each person: an older one of theirs ends."""
    await tx.execute(sa.delete(half_session).where(half_session.c.user_id == made.user_id))
    values = {name: getattr(made, name) for name in HalfSession.__slots__}
    await tx.execute(sa.insert(half_session).values(**values))


async def half(tx: Tx, token_hash: str) -> HalfSession | None:
    query = sa.select(half_session).where(half_session.c.token_hash == token_hash)
    row = await tx.row(query)
    return None if row is None else HalfSession(**row._mapping)  # noqa: SLF001  as above


async def end_half(tx: Tx, token_hash: str) -> bool:
    """True for exactly one caller."""
    this = half_session.c.token_hash == token_hash
    return (await tx.execute(sa.delete(half_session).where(this))).rowcount == 1
