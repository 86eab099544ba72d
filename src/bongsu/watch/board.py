"""The wall as the state has it, read again only where something moved. One for each `serve` process.

Ten thousand checks take a fifth of a second to read, and every open page asks for the whole in one line. What is
registered and how it stands changes only with an event, so the newest number of the log says whether it did; what
was looked at last changes with the snapshots of the locations, every two seconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bongsu.db.session import Tx
from bongsu.events import log
from bongsu.kit.clock import Clock
from bongsu.services.model import Service
from bongsu.watch import store_pages, store_states
from bongsu.watch.store_pages import Brief, Look, Wall
from bongsu.watch.views import ServiceTotals, WallView, service_totals, wall_view

FRESH_S = 10.0  # at most this old, also for the little that changes without an event


@dataclass(frozen=True, slots=True)
class _Standing:
    seq: int
    read_s: float
    services: Sequence[Service] = ()
    checks: Sequence[Brief] = ()
    totals: ServiceTotals = field(default_factory=dict)


class Board:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._standing = _Standing(-1, 0.0)
        self._looked: Mapping[str, datetime] | None = None
        self._looks: Mapping[int, Look] = {}

    async def wall(self, tx: Tx) -> Wall:
        """As of the snapshot that `tx` reads."""
        wall, _ = await self._read(tx)
        return wall

    async def view(self, tx: Tx, now: datetime) -> WallView:
        """The same as people see it."""
        wall, totals = await self._read(tx)
        return wall_view(wall, now, totals)

    async def _read(self, tx: Tx) -> tuple[Wall, ServiceTotals]:
        standing = await self._stands(tx)
        looks = await self._last_looks(tx)
        return Wall(standing.services, standing.checks, *looks), standing.totals

    async def _stands(self, tx: Tx) -> _Standing:
        seq, now_s = await log.newest_seq(tx), self._clock.monotonic_s()
        known = self._standing
        if seq != known.seq or now_s - known.read_s > FRESH_S:
            services, checks = await store_pages.read_standing(tx)
            known = _Standing(seq, now_s, services, checks, service_totals(checks))
            self._standing = known
        return known

    async def _last_looks(self, tx: Tx) -> tuple[Mapping[str, datetime], Mapping[int, Look]]:
        alive = await store_states.heartbeats(tx)
        if alive != self._looked:
            self._looks, self._looked = await store_pages.read_looks(tx)
        return alive, self._looks
