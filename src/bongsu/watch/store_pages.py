"""What pages and the API read of checks: few queries, however many services and checks there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from bongsu.db.session import Tx
from bongsu.kit.clock import from_micros, iso
from bongsu.kit.errors import NotFound
from bongsu.kit.i18n import Said, say
from bongsu.services import store as services
from bongsu.services.model import Service
from bongsu.services.tables import service
from bongsu.watch import store
from bongsu.watch.model import Check, State
from bongsu.watch.store_states import snapshots
from bongsu.watch.tables import check, check_state, location_state
from bongsu.watch.target import target_of

WALL_LIMIT = 50_000  # checks on one wall
SERVICE_LIMIT = 1_000  # checks on one service's page


class Look(NamedTuple):
    """The last look at a check, of the location that looked last. A tuple: a wall has ten thousand."""

    state: str
    milliseconds: float | None
    at_s: float


class Brief(NamedTuple):
    """One check as the wall needs it. A tuple: a wall has ten thousand."""

    id: int
    service_id: int
    name: str
    kind: str
    paused: bool
    state: State | None  # None: not looked at yet
    since: datetime | None
    reason: Said | None  # None while it is up


@dataclass(frozen=True, slots=True)
class Wall:
    """All that the wall shows: four queries."""

    services: Sequence[Service]
    checks: Sequence[Brief]
    locations: Mapping[str, datetime]  # when each last said that it lives
    looks: Mapping[int, Look] = field(default_factory=dict)  # by check


async def read_wall(tx: Tx) -> Wall:
    looks, locations = await read_looks(tx)
    return Wall(*await read_standing(tx), locations, looks)


async def read_standing(tx: Tx) -> tuple[Sequence[Service], Sequence[Brief]]:
    """The part of a wall that changes only with an event."""
    return await services.every(tx), await _briefs(tx)


async def read_looks(tx: Tx) -> tuple[dict[int, Look], dict[str, datetime]]:
    looks: dict[int, Look] = {}
    taken = await snapshots(tx)
    for one in taken:
        for check_id, state, milliseconds, at_s in one.looks:
            if at_s and (check_id not in looks or looks[check_id].at_s < at_s):
                looks[check_id] = Look(state, milliseconds, at_s)
    return looks, {one.location: one.at for one in taken}


async def _briefs(tx: Tx) -> list[Brief]:
    """Plain columns: ten thousand rows must not pay for types that most of them do not need."""
    query = (
        sa.select(
            check.c.id,
            check.c.service_id,
            check.c.name,
            check.c.kind,
            check.c.paused,
            check_state.c.state,
            sa.type_coerce(check_state.c.since, sa.BigInteger).label("since"),
            sa.case((check_state.c.state != "up", sa.cast(check_state.c.reason, sa.Text))).label(
                "reason"
            ),
        )
        .join_from(check, check_state, check_state.c.check_id == check.c.id, isouter=True)
        .order_by(check.c.id)
        .limit(WALL_LIMIT)
    )
    return [_brief(*tuple(row)) for row in await tx.rows(query)]


def _brief(
    check_id: int,
    service_id: int,
    name: str,
    kind: str,
    paused: Any,
    state: State | None,
    since: int | None,
    reason: str | None,
) -> Brief:
    at = None if since is None else from_micros(since)
    said = Said.load(msgspec.json.decode(reason)) if reason and reason != "null" else None
    return Brief(check_id, service_id, name, kind, bool(paused), state, at, said)


@dataclass(frozen=True, slots=True)
class Detail:
    """One check with all that is known of it now."""

    check: Check
    state: State | None
    since: datetime | None
    reason: Said | None
    evidence: str | None
    event_id: str | None
    certificate: dict[str, Any] | None
    look: Look | None
    locations: dict[str, State]


@dataclass(frozen=True, slots=True)
class ServicePage:
    """A service and its checks: six queries."""

    service: Service
    checks: Sequence[Detail]
    locations: dict[str, datetime]


async def read_service(tx: Tx, name: str) -> ServicePage:
    """Raises NotFound."""
    found = await services.by_name(tx, name)
    if found is None:
        raise NotFound(say("There is no service {name}. It may have been deleted.", name=name))
    checks = await store.checks_of(tx, found.id)
    looks, locations = await read_looks(tx)
    details = await _details(tx, checks, looks)
    return ServicePage(found, details, locations)


async def read_check(tx: Tx, service_name: str, name: str) -> Detail | None:
    found = await store.check_named(tx, service_name, name)
    if found is None:
        return None
    looks, _ = await read_looks(tx)
    return (await _details(tx, [found], looks))[0]


async def _details(tx: Tx, checks: Sequence[Check], looks: dict[int, Look]) -> list[Detail]:
    ids = [one.id for one in checks]
    rows = await tx.rows(sa.select(check_state).where(check_state.c.check_id.in_(ids)))
    states = {row.check_id: row for row in rows}
    seen = await _by_location(tx, checks)
    return [_detail(one, states.get(one.id), looks.get(one.id), seen[one.id]) for one in checks]


async def _by_location(tx: Tx, checks: Sequence[Check]) -> dict[int, dict[str, State]]:
    """What each location says of each check that it looks at."""
    columns = (location_state.c.check_id, location_state.c.location, location_state.c.state)
    of = {one.id: one for one in checks}
    found: dict[int, dict[str, State]] = {one.id: {} for one in checks}
    for row in await tx.rows(sa.select(*columns).where(location_state.c.check_id.in_(of))):
        if of[row.check_id].is_looked_at_from(row.location):
            found[row.check_id][row.location] = row.state
    return found


def _detail(
    one: Check, row: sa.Row[Any] | None, look: Look | None, locations: dict[str, State]
) -> Detail:
    if row is None:
        return Detail(one, None, None, None, None, None, None, look, locations)
    reason = Said.load(row.reason) if row.reason else None
    return Detail(
        one,
        row.state,
        row.since,
        reason,
        row.evidence,
        row.event_id,
        row.certificate,
        look,
        locations,
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Filters of a listing; None takes all."""

    service: str | None = None
    state: str | None = None
    kind: str | None = None
    text: str | None = None


async def list_checks(tx: Tx, wanted: Wanted, after_id: int, limit: int) -> list[dict[str, Any]]:
    """One page by id (primary key)."""
    state = sa.func.coalesce(check_state.c.state, "unknown")
    query = (
        sa.select(
            check.c.id, service.c.name.label("service"), check.c.name, check.c.kind, check.c.options,
            check.c.every_s, check.c.paused, state.label("state"), check_state.c.since,
            check_state.c.reason,
        )
        .join(service, service.c.id == check.c.service_id)
        .join(check_state, check_state.c.check_id == check.c.id, isouter=True)
        .where(check.c.id > after_id)
        .order_by(check.c.id)
        .limit(limit)
    )  # fmt: skip
    pairs = ((service.c.name, wanted.service), (state, wanted.state), (check.c.kind, wanted.kind))
    for column, value in pairs:
        query = query if value is None else query.where(column == value)
    if wanted.text:
        named = (service.c.name, service.c.title, check.c.name)
        query = query.where(sa.or_(*(c.icontains(wanted.text, autoescape=True) for c in named)))
    return [_listed(row) for row in await tx.rows(query)]


def _listed(row: sa.Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "service": row.service,
        "name": row.name,
        "kind": row.kind,
        "target": target_of(row.options),
        "every_s": row.every_s,
        "paused": row.paused,
        "state": row.state,
        "since": iso(row.since) if row.since else None,
        "reason": str(Said.load(row.reason)) if row.reason else None,
    }


async def state_shown(tx: Tx, of: Check) -> dict[str, Any]:
    """The present state for the API, with each location's own."""
    row = await tx.row(sa.select(check_state).where(check_state.c.check_id == of.id))
    locations = (await _by_location(tx, [of]))[of.id]
    if row is None:
        return {"state": "unknown", "since": None, "reason": None, "locations": locations}
    return {
        "state": row.state,
        "since": iso(row.since),
        "reason": str(Said.load(row.reason)) if row.reason else None,
        "evidence": row.evidence,
        "certificate": row.certificate,
        "locations": locations,
    }


async def check_ids_of(tx: Tx, service_name: str) -> list[int]:
    """Raises NotFound for an unknown service."""
    found = await services.by_name(tx, service_name)
    if found is None:
        raise NotFound(
            say("There is no service {name}. It may have been deleted.", name=service_name)
        )
    query = sa.select(check.c.id).where(check.c.service_id == found.id).order_by(check.c.name)
    return [row.id for row in await tx.rows(query.limit(SERVICE_LIMIT))]
