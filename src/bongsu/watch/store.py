"""What checks are: their definitions, and the number that moves when any of them changes."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bongsu.db.dialect import insert_ignore
from bongsu.db.session import Tx
from bongsu.events.tables import event
from bongsu.services.tables import service
from bongsu.watch.model import Check, CheckId, ServiceId
from bongsu.watch.tables import check, generation

PAGE = 1000  # rows a keyset page has; the engine's loop breathes between pages
_PLAIN = (
    "kind",
    "options",
    "every_s",
    "timeout_s",
    "confirm",
    "recover",
    "expect",
    "warn",
    "paused",
)
COLUMNS = (*_PLAIN, "locations", "quorum")


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a check and its service were last changed, in microseconds: what tells the engine to load it again."""

    id: int
    changed: tuple[int, int]


async def checks(tx: Tx, ids: Sequence[int] | None = None, after_id: int = 0) -> list[Check]:
    """By id, one page (primary key); with `ids` exactly those, at most a page of them."""
    query = _select().where(check.c.id > after_id).order_by(check.c.id).limit(PAGE)
    if ids is not None:
        query = query.where(check.c.id.in_(ids))
    return [load(row) for row in await tx.rows(query)]


async def checks_of(tx: Tx, service_id: int) -> list[Check]:
    """By name (unique key of service_id and name); at most a page."""
    query = _select().where(check.c.service_id == service_id).order_by(check.c.name).limit(PAGE)
    return [load(row) for row in await tx.rows(query)]


async def check_named(tx: Tx, service_name: str, name: str) -> Check | None:
    query = _select().where(service.c.name == service_name, check.c.name == name)
    row = await tx.row(query)
    return None if row is None else load(row)


async def check_by_id(tx: Tx, check_id: int) -> Check | None:
    row = await tx.row(_select().where(check.c.id == check_id))
    return None if row is None else load(row)


def _select() -> sa.Select[Any]:
    columns = [check.c[name] for name in ("id", "name", "service_id", *COLUMNS)]
    return sa.select(*columns, service.c.name.label("service")).join(
        service, service.c.id == check.c.service_id
    )


def load(row: sa.Row[Any]) -> Check:
    """Twenty thousand of these live in one process, so equal strings are kept once."""
    return Check(
        id=CheckId(row.id),
        name=sys.intern(row.name),
        service_id=ServiceId(row.service_id),
        service=sys.intern(row.service),
        kind=sys.intern(row.kind),
        options={sys.intern(key): value for key, value in row.options.items()},
        every_s=row.every_s,
        timeout_s=row.timeout_s,
        confirm=row.confirm,
        recover=row.recover,
        expect=tuple(map(sys.intern, row.expect)),
        warn=tuple(map(sys.intern, row.warn)),
        paused=row.paused,
        locations=tuple(map(sys.intern, row.locations)),
        quorum=row.quorum,
    )


async def stamps(tx: Tx, after_id: int) -> list[Stamp]:
    """One page by id: cheap enough to find out what changed, whatever the clock did in between."""
    changed = sa.type_coerce(check.c.updated_at, sa.BigInteger).label("changed")
    service_changed = sa.type_coerce(service.c.updated_at, sa.BigInteger).label("service_changed")
    query = (
        sa.select(check.c.id, changed, service_changed)
        .join(service, service.c.id == check.c.service_id)
        .where(check.c.id > after_id)
        .order_by(check.c.id)
        .limit(PAGE)
    )
    return [Stamp(r.id, (r.changed, r.service_changed)) for r in await tx.rows(query)]


async def insert(tx: Tx, service_id: int, name: str, values: dict[str, Any], now: datetime) -> int:
    row = values | {"service_id": service_id, "name": name, "created_at": now, "updated_at": now}
    done = await tx.execute(sa.insert(check).values(**row).returning(check.c.id))
    return int(done.scalar_one())


async def update(tx: Tx, check_id: int, values: dict[str, Any], now: datetime) -> bool:
    query = sa.update(check).where(check.c.id == check_id).values(**values, updated_at=now)
    return (await tx.execute(query)).rowcount == 1


async def delete(tx: Tx, check_id: int) -> bool:
    return (await tx.execute(sa.delete(check).where(check.c.id == check_id))).rowcount == 1


async def count(tx: Tx) -> int:
    return int(await tx.scalar(sa.select(sa.func.count()).select_from(check)))


async def configuration(tx: Tx) -> tuple[int, int]:
    """Moves whenever a check changes, or a service is renamed or deleted (ix_event_type_seq)."""
    row = await tx.row(_CONFIGURATION)
    return (0, 0) if row is None else (row.number, row.newest)


def _configuration() -> sa.Select[Any]:
    number = sa.select(sa.func.coalesce(sa.func.max(generation.c.number), 0)).scalar_subquery()
    services_too = event.c.type.in_(("service.updated", "service.deleted"))
    newest = sa.select(sa.func.coalesce(sa.func.max(event.c.seq), 0)).where(services_too)
    return sa.select(number.label("number"), newest.scalar_subquery().label("newest"))


_CONFIGURATION = _configuration()  # made once: it is asked four times a second, for ever


async def bump(tx: Tx) -> int:
    """Moves the generation; the row is made by the first change."""
    await tx.execute(insert_ignore(tx, generation, {"id": 1, "number": 0}))
    moved = sa.update(generation).values(number=generation.c.number + 1)
    done = await tx.execute(moved.where(generation.c.id == 1).returning(generation.c.number))
    return int(done.scalar_one())
