"""The `alarm` role: log → rules → incidents → plan → deliveries, five tasks in one process.

    follower  reads the log, acts by rules           ─ moved ─→
    planner   decides who is told about what is due  ─ queued ─→
    notices   tell what had to wait                  ─ queued ─→
    worker    sends
    reminders say what is due

Each looks by itself every quarter of a second; the wake-ups only make it sooner.
"""

import asyncio
import gc

from bongsu.db.session import Database
from bongsu.deliver.context import open_context
from bongsu.deliver.kinds import SHELF
from bongsu.deliver.pace import rest
from bongsu.deliver.presence import Presence
from bongsu.deliver.worker import Worker
from bongsu.gates import gates_of
from bongsu.incidents.worker import Planner
from bongsu.kit.clock import SYSTEM_CLOCK, Clock
from bongsu.kit.i18n import catalogue
from bongsu.kit.ids import uuid7
from bongsu.kit.roles import say_ready, together
from bongsu.kit.settings import Settings
from bongsu.rules.follower import RuleFollower
from bongsu.rules.model import ACTIONS
from bongsu.tasks.worker import Reminders
from bongsu.tell.access import guard
from bongsu.tell.model import Defaults
from bongsu.tell.worker import Notices

RELAY_S = 60.0


async def run(settings: Settings, stop: asyncio.Event, clock: Clock = SYSTEM_CLOCK) -> None:
    """Until `stop`; then within a second. Several of these may run on several machines.

    Raises Invalid for a mail server's address or an egress policy that cannot be.
    """
    defaults, db = Defaults.of(settings), Database.open(settings.database)
    presence = Presence(settings.data / "senders", uuid7())
    try:
        async with open_context(settings, clock) as context:
            gates = gates_of(settings)
            rules = RuleFollower(db, defaults, clock, gates)
            worker = Worker(db, context, clock, presence=presence, guard=guard(gates))
            planner = Planner(db, defaults, clock, queued=worker.wake)
            notices = Notices(db, gates, defaults, clock, queued=worker.wake)
            due, waited = asyncio.Event(), asyncio.Event()
            await asyncio.to_thread(_load)
            gc.freeze()  # a collection that walks all loaded code holds the loop for 100 ms
            say_ready()
            await together(
                stop,
                rules.follower.run(stop),
                _relay(stop, rules.follower.moved, due, worker.wake),
                planner.run(stop, due),
                notices.run(stop, waited),
                worker.run(stop),
                Reminders(db, clock).run(stop),
            )
    finally:
        presence.close()
        await db.close()


def _load() -> None:
    """What the first alarm would otherwise wait for."""
    ACTIONS.all()
    SHELF.module("mail")
    catalogue("ko")


async def _relay(stop: asyncio.Event, moved: asyncio.Event, *wakes: asyncio.Event) -> None:
    """A rule may leave something to plan, or, by a `deliver` action, something to send."""
    while not stop.is_set():
        await rest(stop, moved, RELAY_S)
        for wake in wakes:
            wake.set()
