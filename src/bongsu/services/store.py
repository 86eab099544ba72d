"""All SQL of services."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bongsu.accounts.tables import team
from bongsu.db.session import Tx
from bongsu.services.model import Service, ServiceDraft
from bongsu.services.tables import service, service_owner

LIST_LIMIT = 5000


async def by_name(tx: Tx, name: str) -> Service | None:
    found = await _load(tx, sa.select(service).where(service.c.name == name))
    return found[0] if found else None


async def by_id(tx: Tx, service_id: int) -> Service | None:
    found = await _load(tx, sa.select(service).where(service.c.id == service_id))
    return found[0] if found else None


async def every(tx: Tx, limit: int = LIST_LIMIT) -> list[Service]:
    """By group and title; two queries, however many there are."""
    order = (service.c.group_title, service.c.title, service.c.id)
    return await _load(tx, sa.select(service).order_by(*order).limit(limit))


async def _load(tx: Tx, query: sa.Select[Any]) -> list[Service]:
    rows = await tx.rows(query)
    owners = await owners_of(tx, [row.id for row in rows])
    return [_service(row, owners.get(row.id, ())) for row in rows]


async def owners_of(tx: Tx, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Names of the owning teams of each service (primary key of service_owner)."""
    query = (
        sa.select(service_owner.c.service_id, team.c.name)
        .join(team, team.c.id == service_owner.c.team_id)
        .where(service_owner.c.service_id.in_(ids))
        .order_by(team.c.name)
    )
    found: dict[int, tuple[str, ...]] = {}
    for row in await tx.rows(query) if ids else ():
        found[row.service_id] = (*found.get(row.service_id, ()), row.name)
    return found


def _service(row: sa.Row[Any], owners: tuple[str, ...]) -> Service:
    return Service(
        id=row.id,
        name=row.name,
        title=row.title,
        group=row.group_title,
        description=row.description,
        tags=tuple(row.tags),
        links=tuple(row.links),
        owners=owners,
        defined_in=row.defined_in,
    )


def _values(draft: ServiceDraft, now: datetime, defined_in: str | None) -> dict[str, Any]:
    return {
        "title": draft.title or draft.name,
        "group_title": draft.group,
        "description": draft.description,
        "tags": list(draft.tags),
        "links": [link.model_dump() for link in draft.links],
        "defined_in": defined_in,
        "updated_at": now,
    }


async def insert(tx: Tx, draft: ServiceDraft, now: datetime, defined_in: str | None) -> int:
    values = _values(draft, now, defined_in) | {"name": draft.name, "created_at": now}
    done = await tx.execute(sa.insert(service).values(**values).returning(service.c.id))
    return int(done.scalar_one())


async def update(
    tx: Tx, service_id: int, draft: ServiceDraft, now: datetime, defined_in: str | None
) -> None:
    values = _values(draft, now, defined_in)
    await tx.execute(sa.update(service).where(service.c.id == service_id).values(**values))


async def delete(tx: Tx, service_id: int) -> bool:
    done = await tx.execute(sa.delete(service).where(service.c.id == service_id))
    return done.rowcount == 1


async def set_owners(tx: Tx, service_id: int, team_ids: Sequence[int]) -> None:
    await tx.execute(sa.delete(service_owner).where(service_owner.c.service_id == service_id))
    if team_ids:
        rows = [{"service_id": service_id, "team_id": team_id} for team_id in team_ids]
        await tx.execute(sa.insert(service_owner), rows)


async def team_ids(tx: Tx, names: Sequence[str]) -> dict[str, int]:
    query = sa.select(team.c.name, team.c.id).where(team.c.name.in_(names))
    rows = await tx.rows(query) if names else []
    return {row.name: row.id for row in rows}
