"""The `watch` role: looks at every check on time and records what changes."""

import asyncio
from collections.abc import Callable

from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.roles import say_ready
from bongsu.kit.settings import Settings
from bongsu.watch.worker import Watch, opened


async def run(
    settings: Settings, stop: asyncio.Event, started: Callable[[Watch], None] | None = None
) -> None:
    """Until `stop`. `started` is handed the parts once looks are made; benches measure through it."""
    async with opened(settings, SYSTEM_CLOCK) as watch:
        await watch.start()
        say_ready()
        if started is not None:
            started(watch)
        await watch.run(stop)
