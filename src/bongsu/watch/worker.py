"""The watch role put together: what it is made of, in which order it starts and ends."""

import asyncio
import contextlib
import ctypes
import gc
import logging
import resource
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from bongsu.db.session import LOCK_TIMEOUT_S, Database
from bongsu.kit.clock import Clock
from bongsu.kit.errors import StateBusy
from bongsu.kit.roles import together
from bongsu.kit.settings import Settings
from bongsu.kit.wait import pause
from bongsu.lake.client import LakeClient
from bongsu.lake.spool import Shipper, Spool
from bongsu.net.fetch import Fetcher
from bongsu.net.guard import EgressPolicy
from bongsu.net.resolver import Resolver
from bongsu.objects.archive import Archive
from bongsu.objects.outbox import Outbox
from bongsu.objects.store import open_objects
from bongsu.watch import store_states
from bongsu.watch.absence import Absences
from bongsu.watch.engine import Engine
from bongsu.watch.looker import Looker
from bongsu.watch.outlets import Outlets
from bongsu.watch.own import OwnFaults
from bongsu.watch.probe import Prober
from bongsu.watch.recorder import Recorder
from bongsu.watch.roster import Roster
from bongsu.watch.trouble import Troubles

SNAPSHOT_S = 2.0
SPOOL_CAP_BYTES = 1 << 30
FILES_KEPT = 256  # for the database, spool, outbox and logs
CAPACITY_AT_MOST = 8192
_GC_THRESHOLDS = (
    20_000,
    50,
    100,
)  # a look leaves almost nothing behind; a full collection costs 100 ms
_M_ARENA_MAX = -8
Loop = Callable[[asyncio.Event], Awaitable[None]]
_logger = logging.getLogger("bongsu.watch")


@dataclass(slots=True)
class Watch:
    """All parts of the role, open. `loops` are those that run beside the engine and need no more."""

    location: str
    engine: Engine
    own: OwnFaults
    recorder: Recorder
    roster: Roster
    absences: Absences
    loops: tuple[Loop, ...]

    async def start(self) -> None:
        """Loads what there is to watch; a database that is busy is waited for."""
        while True:
            try:
                await self.roster.load()
            except StateBusy:
                _logger.warning("the database is busy; trying again")
                await asyncio.sleep(0.5)
            else:
                break
        self.own.start()
        settle_memory()
        _logger.info("watching %d checks from %s", len(self.engine.checks), self.location)

    async def run(self, stop: asyncio.Event) -> None:
        await together(
            stop,
            self.engine.run(stop),
            self.recorder.run(stop),
            self.roster.run(stop),
            self._snapshots(stop),
            *(loop(stop) for loop in self.loops),
        )

    async def _snapshots(self, stop: asyncio.Event) -> None:
        """One row says every 2 s that this location lives, and what it saw last. Packed beside the loop."""
        while not await pause(stop, SNAPSHOT_S):
            self.absences.pulse(self.recorder.trouble)
            looks = self.engine.snapshot()
            body = await asyncio.to_thread(store_states.pack, looks)
            self.recorder.snapshot(self.roster.generation, body)


@contextlib.asynccontextmanager
async def opened(
    settings: Settings, clock: Clock, lock_timeout_s: float = LOCK_TIMEOUT_S
) -> AsyncIterator[Watch]:
    """Everything open, and closed again in the opposite order."""
    tame_allocator()
    capacity = raise_file_limit()
    db, location = Database.open(settings.database, lock_timeout_s), settings.location
    resolver = Resolver.from_settings(settings, clock)
    fetcher = Fetcher(resolver, clock=clock)
    lake, absences = LakeClient(settings.lake), Absences(clock)
    spool = Spool(settings.data / "spool", SPOOL_CAP_BYTES, absences.spool_says, clock=clock)
    objects = open_objects(settings.objects)
    outbox = Outbox(settings.data / "outbox", objects, absences.outbox_says)
    archive = Archive(settings.data / "failed", outbox, clock)
    own = OwnFaults(clock, resolver.canary_ok)
    policy = EgressPolicy.parse(settings.checks_may_reach)
    looker = Looker(Prober(fetcher, policy, clock, own=own), own, resolver, policy, clock)
    recorder = Recorder(db, outbox, clock, location, Troubles(location))
    engine = Engine(looker, Outlets(location, recorder, spool, archive), clock, capacity)
    looker.slow_count = lambda: engine.lanes.slow_count
    roster = Roster(db, engine, recorder, clock, location)
    shipper = Shipper(spool, lake, absences.spool_says)
    loops = (spool.run, shipper.run, archive.run, outbox.run)
    try:
        yield Watch(location, engine, own, recorder, roster, absences, loops)
    finally:
        own.close()
        looker.close()
        await spool.close()
        await fetcher.close()
        await resolver.close()
        await lake.close()
        await db.close()


def raise_file_limit() -> int:
    """Takes all the descriptors we may have; gives how many looks may be under way."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return min(CAPACITY_AT_MOST, max(64, wanted - FILES_KEPT))


def settle_memory() -> None:
    """What is loaded now stays: the collector never walks it again (one walk cost 114 ms)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)
    with contextlib.suppress(OSError, AttributeError):  # not glibc
        ctypes.CDLL(None).malloc_trim(0)


def tame_allocator() -> None:
    """Few arenas: else each thread of ours keeps one of its own, with fragments of its own."""
    with contextlib.suppress(OSError, AttributeError):  # not glibc
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)
