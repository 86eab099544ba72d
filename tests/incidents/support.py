"""A small house for the alarm line: people, a team, a service, and events about its checks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bongsu.accounts import store as accounts
from bongsu.accounts.model import Actor
from bongsu.db.session import Database, Tx
from bongsu.deliver import store_listing as deliveries
from bongsu.deliver.tables import channel
from bongsu.events import log
from bongsu.events.envelope import Draft, Event
from bongsu.kit.clock import ManualClock, iso
from bongsu.kit.i18n import say
from bongsu.services import store as services
from bongsu.services.model import ServiceDraft
from bongsu.tell.model import Defaults
from tests.people import person

DEFAULTS = Defaults("https://bongsu.example.com", "en", "Asia/Seoul")
START = datetime(2026, 11, 21, 0, 41, tzinfo=UTC)  # 09:41 in Seoul
STATE_SEVERITY = {"down": 4, "degraded": 3, "unknown": 3, "up": 1}


@dataclass
class House:
    db: Database
    clock: ManualClock
    service_id: int = 0
    team_id: int = 0
    people: dict[str, Actor] = field(default_factory=dict)

    async def event(self, name: str = "home", state: str = "down", **values: Any) -> Event:
        """A `check.state_changed` as watch writes it, recorded and read back."""
        return await self.record(self.draft(name, state, **values))

    def draft(
        self,
        name: str = "home",
        state: str = "down",
        before: str = "up",
        overlay: str | None = None,
        key: str = "service/shop",
        service_id: int | None = None,
        reason: Any = None,
    ) -> Draft:
        now = self.clock.now()
        number = sum(name.encode()) % 1000
        failed = {"condition": "[STATUS] == 200", "ok": False, "text": "[STATUS] (503) == 200"}
        data = {
            "object": f"check/{number}",
            "service": {"id": service_id or self.service_id, "name": "shop", "title": "Shop"},
            "check": {"id": number, "name": name, "kind": "http", "target": "https://shop"},
            "before": {"state": before, "since": None},
            "after": {"state": state, "since": iso(now)},
            "changed": ["state"],
            "reason": (reason or say("it answers {status}", status=503)).stored(),
            "evidence": f"evidence/shop/{name}/x.json" if state != "up" else None,
            "overlay": overlay,
            "observation": {"status": 503, "conditions": [failed] if state != "up" else []},
        }
        return Draft(
            type="check.state_changed",
            source="bongsu.watch",
            subject=f"check/{number}",
            resources=(f"service/{self.service_id}",),
            data=data,
            severity=STATE_SEVERITY[state],
            actor="location/here",
            dedup_key=key,
            time=now,
        )

    async def record(self, draft: Draft) -> Event:
        async with self.db.write() as tx:
            event_id = log.record(tx, draft, self.clock)
        async with self.db.read() as tx:
            found = await log.get(tx, event_id)
        assert found is not None
        return found

    async def events(self, prefix: str) -> list[Event]:
        async with self.db.read() as tx:
            return list(reversed(await log.search(tx, type_prefix=prefix, limit=1000)))

    async def sent(self) -> list[deliveries.Row]:
        """The outbox, oldest first."""
        async with self.db.read() as tx:
            return list(reversed(await deliveries.listed(tx, limit=200)))

    async def subjects(self) -> list[tuple[str, str]]:
        return [(row.delivery.recipient, row.delivery.key) for row in await self.sent()]


async def house(db: Database, members: Sequence[str] = ("Kim", "Lee")) -> House:
    """Shop, owned by shop-team; Alice is the administrator."""
    made = House(db, ManualClock(START))
    made.people["Alice"] = await person(db, "Alice", "admin")
    for name in members:
        made.people[name] = await person(db, name, "responder")
    async with db.write() as tx:
        team_id = await accounts.insert_team(tx, "shop-team", "Shop team", made.clock.now())
        assert team_id is not None
        made.team_id = team_id
        await accounts.set_members(tx, team_id, [made.people[name].id for name in members])
        draft = ServiceDraft(name="shop", title="Shop", owners=("shop-team",))
        made.service_id = await services.insert(tx, draft, made.clock.now(), None)
        await services.set_owners(tx, made.service_id, [team_id])
    return made


async def add_channel(
    tx: Tx, name: str, now: datetime, enabled: bool = True, **values: Any
) -> None:
    given = {
        "name": name,
        "kind": "webhook",
        "options": {"url": "https://hooks.example.com/x"},
        "enabled": enabled,
        "created_at": now,
        "updated_at": now,
    }
    await tx.execute(sa.insert(channel).values(**(given | values)))
