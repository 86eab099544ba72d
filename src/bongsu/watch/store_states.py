"""What is known of checks: each location's verdict, what they amount to, and the last look at all of them."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from bongsu.db.dialect import upsert
from bongsu.db.session import Tx
from bongsu.kit.errors import NotFound, StateBusy
from bongsu.kit.i18n import Said, say
from bongsu.services.tables import service
from bongsu.watch.combine import Seen
from bongsu.watch.model import Check, State
from bongsu.watch.store import PAGE
from bongsu.watch.tables import check, check_state, location_state, snapshot
from bongsu.watch.verdict import LocationState

_STATE_COLUMNS = ("state", "since", "reason", "evidence", "event_id", "certificate")
_LOCATION_COLUMNS = ("state", "since", "reason", "at")
_ALIVE_SINCE = datetime(1970, 1, 1, tzinfo=UTC)  # of a location that never reported


@dataclass(slots=True)
class Known:
    """One check as its transaction finds it, and as it leaves it."""

    check: Check
    service: dict[str, Any]  # id, name, title, group: what events say of it
    paused: bool = False
    quorum: int = 1
    state: State | None = None
    since: datetime | None = None
    reason: dict[str, Any] | None = None
    evidence: str | None = None
    event_id: str | None = None
    certificate: dict[str, Any] | None = None  # None: as it was
    seen: dict[str, Seen] = field(default_factory=dict)
    changed: bool = False


async def known(tx: Tx, given: Mapping[int, Check], location: str) -> dict[int, Known]:
    """Those of the checks that still exist, as they stand now, with what other locations see of them.

    Few queries, and no column more than needed: thousands of changes may come at once. On PostgreSQL
    the definitions stay locked, so two locations take turns and no check is deleted meanwhile.
    """
    this = check.c.id.in_(given)
    if tx.dialect == "postgresql":
        # In a statement of its own: one that waited for a lock still sees what it joins as it was before.
        await tx.rows(sa.select(check.c.id).where(this).order_by(check.c.id).with_for_update())
    result: dict[int, Known] = {}
    services: dict[int, dict[str, Any]] = {}
    for row in await tx.rows(_STANDING.where(this)):
        check_id, paused, quorum, service_id, name, title, group, state, since = tuple(row)
        of = services.setdefault(
            service_id, {"id": service_id, "name": name, "title": title, "group": group}
        )
        result[check_id] = Known(given[check_id], of, bool(paused), quorum, state, since)
    await _add_seen(tx, result, location)
    return result


_STANDING = sa.select(
    check.c.id,
    check.c.paused,
    check.c.quorum,
    check.c.service_id,
    service.c.name,
    service.c.title,
    service.c.group_title,
    check_state.c.state,
    check_state.c.since,
).select_from(
    check.join(service, service.c.id == check.c.service_id).join(
        check_state, check_state.c.check_id == check.c.id, isouter=True
    )
)


async def _add_seen(tx: Tx, found: Mapping[int, Known], location: str) -> None:
    """What the other locations see; nothing to ask while there is none."""
    alive = await heartbeats(tx)
    if not alive.keys() - {location}:
        return
    others = (location_state.c.check_id.in_(list(found)), location_state.c.location != location)
    for row in await tx.rows(sa.select(location_state).where(*others)):
        if not found[row.check_id].check.is_looked_at_from(row.location):
            continue  # its verdict is from before the check was moved
        reason = Said.load(row.reason) if row.reason else None
        looked_at = max(alive.get(row.location, _ALIVE_SINCE), row.at)
        seen = Seen(row.location, row.state, row.since, looked_at, reason)
        found[row.check_id].seen[row.location] = seen


async def known_one(tx: Tx, of: Check) -> Known:
    """The same of one check, with the reason and evidence of its state. Raises NotFound when it is gone."""
    found = (await known(tx, {of.id: of}, "")).get(of.id)
    if found is None:
        raise NotFound(say("There is no check {name}. It may have been deleted.", name=of.title))
    row = await state_of(tx, of.id)
    if row is not None:
        found.reason, found.evidence = row.reason, row.evidence
    return found


async def save_states(tx: Tx, found: Sequence[Known]) -> None:
    """A certificate that was not seen now stays as it was."""
    for seen in (True, False):
        columns = _STATE_COLUMNS if seen else _STATE_COLUMNS[:-1]
        rows = [
            {"check_id": one.check.id} | {n: getattr(one, n) for n in columns}
            for one in found
            if one.changed and (one.certificate is not None) is seen
        ]
        await _upsert(tx, check_state, rows, ("check_id",), columns)


async def save_location_states(tx: Tx, location: str, found: Sequence[Known]) -> None:
    rows = []
    for one in found:
        seen = one.seen[location]
        reason = seen.reason.stored() if seen.reason else None
        row = {"check_id": one.check.id, "location": location, "state": seen.state}
        rows.append(row | {"since": seen.since, "reason": reason, "at": seen.looked_at})
    await _upsert(tx, location_state, rows, ("check_id", "location"), _LOCATION_COLUMNS)


async def _upsert(
    tx: Tx, table: sa.Table, rows: list[dict[str, Any]], keys: Sequence[str], update: Sequence[str]
) -> None:
    if rows:
        await tx.execute(upsert(tx, table, rows[0], keys, update), rows)


async def save_certificates(tx: Tx, certificates: Mapping[int, dict[str, Any]]) -> None:
    """Only beside a state that is there; a check that has none yet writes its certificate with it."""
    query = (
        sa.update(check_state)
        .where(check_state.c.check_id == sa.bindparam("of"))
        .values(certificate=sa.bindparam("seen"))
    )
    await tx.execute(query, [{"of": i, "seen": value} for i, value in certificates.items()])


async def location_states(tx: Tx, location: str, after_id: int) -> dict[int, LocationState]:
    """One page of what this location knew when it last ran (primary key)."""
    query = (
        sa.select(location_state)
        .where(location_state.c.location == location, location_state.c.check_id > after_id)
        .order_by(location_state.c.check_id)
        .limit(PAGE)
    )
    return {
        row.check_id: LocationState(
            row.state, row.since, Said.load(row.reason) if row.reason else None
        )
        for row in await tx.rows(query)
    }


async def certificates(tx: Tx, after_id: int) -> dict[int, dict[str, Any] | None]:
    """One page of the certificates seen last, so that a restart does not write them all again."""
    query = (
        sa.select(check_state.c.check_id, check_state.c.certificate)
        .where(check_state.c.check_id > after_id)
        .order_by(check_state.c.check_id)
        .limit(PAGE)
    )
    return {row.check_id: row.certificate for row in await tx.rows(query)}


async def state_of(tx: Tx, check_id: int) -> sa.Row[Any] | None:
    return await tx.row(sa.select(check_state).where(check_state.c.check_id == check_id))


async def save_snapshot(tx: Tx, location: str, now: datetime, generation: int, body: bytes) -> None:
    row = {"location": location, "at": now, "generation": generation, "body": body}
    await tx.execute(upsert(tx, snapshot, row, ("location",), ("at", "generation", "body")))


async def heartbeats(tx: Tx) -> dict[str, datetime]:
    """When each location last said that it lives."""
    rows = await tx.rows(sa.select(snapshot.c.location, snapshot.c.at))
    return {row.location: row.at for row in rows}


async def retire(tx: Tx, own: str, before: datetime) -> list[str]:
    """Forgets every location but `own` that last spoke before then, with what it saw; gives their names."""
    silent = (snapshot.c.at < before, snapshot.c.location != own)
    rows = await tx.rows(sa.delete(snapshot).where(*silent).returning(snapshot.c.location))
    names = [row.location for row in rows]
    if names:
        await tx.execute(sa.delete(location_state).where(location_state.c.location.in_(names)))
    return names


@dataclass(frozen=True, slots=True)
class Snapshot:
    location: str
    at: datetime
    generation: int
    looks: list[tuple[int, str, float | None, float]]  # check id, state, milliseconds, unix seconds


async def snapshots(tx: Tx) -> list[Snapshot]:
    rows = await tx.rows(sa.select(snapshot))
    return [Snapshot(r.location, r.at, r.generation, unpack(r.body)) for r in rows]


def pack(looks: Sequence[Any]) -> bytes:
    """zlib of JSON `[[check_id, state, ms, at_s], …]`."""
    return zlib.compress(msgspec.json.encode(looks), 1)


_LOOKS = msgspec.json.Decoder(list[tuple[int, str, float | None, float]])


def unpack(body: bytes) -> list[tuple[int, str, float | None, float]]:
    return _LOOKS.decode(zlib.decompress(body))


def trouble_of(error: BaseException) -> str | None:
    """`state_busy` or `disk_full` for what passes by itself; None for a mistake of ours."""
    if isinstance(error, StateBusy):
        return "state_busy"
    text = str(error).lower()
    if "disk is full" in text or "no space left" in text or "disk i/o error" in text:
        return "disk_full"
    away = (sa.exc.OperationalError, sa.exc.InterfaceError, OSError)
    return "state_busy" if isinstance(error, away) else None
