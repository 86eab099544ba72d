"""What one look costs the whole watch role: names, guard, conditions, verdict, spool, snapshots, polls and all.

Many checks with a short interval, so that a few seconds are enough; the same rate as the schedule bench.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bench import schedule, schedule_world

WARM_S, MEASURE_S = 4.0, 4.0
PLAIN_PER_S, SECURE_PER_S = 2000, 300
HOSTS = 200


class World(Protocol):
    """What bench/probes.py has running."""

    folder: Path
    plain: int
    secure: int
    authorities: Path
    names: int


@dataclass(frozen=True, slots=True)
class Measured:
    count: int
    took_s: float
    cpu_s: float

    @property
    def per_s(self) -> float:
        return self.count / self.took_s

    @property
    def per_cpu_s(self) -> float:
        return self.count / self.cpu_s


def measure(world: World, secure: bool) -> Measured:
    scheme, port = ("https", world.secure) if secure else ("http", world.plain)
    made = [
        {
            "service_id": number % schedule.SERVICES + 1,
            "name": f"c{number}",
            "options": {"url": f"{scheme}://h{number % HOSTS}.{schedule_world.ZONE}:{port}/"},
            "every_s": 1.0,
            "timeout_s": 0.9,
            "confirm": 20,
        }
        for number in range(SECURE_PER_S if secure else PLAIN_PER_S)
    ]
    folder = world.folder / "watch"
    seen = schedule.watch(
        folder, world.authorities, world.names, made, (WARM_S, MEASURE_S), known=True
    )
    shutil.rmtree(folder)
    if seen["failed"]:
        raise RuntimeError(f"{seen['failed']} of {seen['started']} looks failed: {seen}")
    return Measured(seen["started"], seen["took_s"], seen["cpu_s"])
