"""A state with many services and checks in it, written straight into the tables, and their history in the lake.

3 checks in 100 are not well. The checks are another location's (`far`), so that a running `watch` leaves them be.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bongsu.db.migrate import migrate
from bongsu.db.session import Database, Tx
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.i18n import say
from bongsu.lake.client import LakeClient
from bongsu.services.tables import service
from bongsu.watch import store_states
from bongsu.watch.tables import check, check_state, location_state

LOCATION, SEED = "far", 20261121
GROUPS = ("Accounts", "Shop", "Search", "Media", "Partners", "Mobile", "Billing", "Back office")
DAYS, BATCH = 90, 500
Json = dict[str, Any]


async def seed_state(url: str, services: int, checks: int) -> None:
    """Numbers from 1: check n belongs to service 1 + (n - 1) mod services."""
    await migrate(url)
    db, now = Database.open(url), SYSTEM_CLOCK.now()
    states = list(_states(checks, now))
    try:
        async with db.write() as tx:
            await _insert(tx, service, [_service(number, now) for number in range(services)])
            await _insert(tx, check, [_check(number, services, now) for number in range(checks)])
            await _insert(tx, check_state, states)
            await _insert(tx, location_state, [_location_state(one) for one in states])
        await snapshot(db, states)
    finally:
        await db.close()


async def snapshot(db: Database, states: list[Json]) -> None:
    """What `watch` writes every two seconds."""
    source, now = random.Random(SEED), SYSTEM_CLOCK.now()
    looks = [
        [one["check_id"], one["state"], round(source.lognormvariate(4, 0.6), 3), now.timestamp()]
        for one in states
    ]
    async with db.write() as tx:
        await store_states.save_snapshot(tx, LOCATION, now, 1, store_states.pack(looks))


async def _insert(tx: Tx, table: sa.Table, rows: list[Json]) -> None:
    for first in range(0, len(rows), BATCH):
        await tx.execute(sa.insert(table), rows[first : first + BATCH])


def _service(number: int, now: datetime) -> Json:
    group = GROUPS[number % len(GROUPS)]
    plain = {"description": "", "tags": [], "links": [], "created_at": now, "updated_at": now}
    title = f"{group} {number // len(GROUPS) + 1}"
    return plain | {"name": f"service-{number + 1}", "title": title, "group_title": group}


def _check(number: int, services: int, now: datetime) -> Json:
    return {
        "service_id": 1 + number % services,
        "name": f"page-{number // services + 1}",
        "kind": "http",
        "options": {"url": f"https://h{number}.example.com/health"},
        "every_s": 30.0, "timeout_s": 10.0, "confirm": 2, "recover": 1, "expect": [], "warn": [],
        "paused": number % 997 == 0, "locations": [LOCATION], "quorum": 1,
        "created_at": now, "updated_at": now,
    }  # fmt: skip


def _states(checks: int, now: datetime) -> Iterator[Json]:
    source = random.Random(SEED)
    well = say("The first look was good.").stored()
    reasons = {
        "up": well,
        "degraded": say("It took {ms} ms.", ms=1840).stored(),
        "down": say("Answered {status}, expected {expected}.", status=503, expected=200).stored(),
        "unknown": say("Our fault, not the service’s: {why}.", why="no location").stored(),
    }
    for number in range(checks):
        state = source.choices(tuple(reasons), weights=(970, 15, 12, 3))[0]
        yield {
            "check_id": number + 1,
            "state": state,
            "since": now - timedelta(seconds=source.randrange(60, 3_000_000)),
            "reason": reasons[state],
            "evidence": None,
            "event_id": None,
            "certificate": None,
        }


def _location_state(state: Json) -> Json:
    kept = {name: state[name] for name in ("check_id", "state", "since", "reason")}
    return kept | {"location": LOCATION, "at": state["since"]}


# A day of a check: well all day, or down for some minutes (1 in 50).
_DAYS = f"""
INSERT INTO check_day (check_id, day, loc, up_n, up_ms, down_n, down_ms, answered_n, total_us, max_us)
SELECT 1 + number % {{checks}}, today() - intDiv(number, {{checks}}), '{LOCATION}', 2880, 86400000 - bad,
    intDiv(bad, 30000), if(cityHash64(number) % 50 = 0, 420000, 0) AS bad, 2880, 172800000, 900000
FROM numbers({{checks}} * {DAYS})
"""
# An answer an hour, for the line of the last day; the views make the roll-ups.
_HOURS = f"""
INSERT INTO check_result (check_id, ts, loc, level, state, every_ms, status, first_byte_us)
SELECT 1 + number % {{checks}}, now64(3) - toIntervalHour(intDiv(number, {{checks}})), '{LOCATION}', 'up', 'up',
    3600000, 200, 20000 + cityHash64(number) % 90000
FROM numbers({{checks}} * 24)
"""


async def seed_history(lake_url: str, checks: int) -> None:
    async with LakeClient(lake_url) as lake:
        for statement in (_DAYS, _HOURS):
            await lake.command(statement.format(checks=checks), timeout_s=120.0)
