"""The whole watch role with a stop watch; one JSON line. Arguments: seconds to warm up, seconds to measure."""

import asyncio
import json
import os
import sys
import time

from bench.schedule_world import cpu_s, rss_mb
from bongsu.kit.roles import run_role
from bongsu.kit.settings import Settings
from bongsu.watch.role import run
from bongsu.watch.worker import Watch

WARM_S, MEASURE_S = float(sys.argv[1]), float(sys.argv[2])


async def role(settings: Settings, stop: asyncio.Event) -> None:
    measuring: list[asyncio.Task[None]] = []

    def started(watch: Watch) -> None:
        measuring.append(asyncio.create_task(measure(watch, stop)))

    await run(settings, stop, started)


async def measure(watch: Watch, stop: asyncio.Event) -> None:
    pid, figures = os.getpid(), watch.engine.figures
    await asyncio.sleep(WARM_S)
    cold = {"cold_p99_ms": figures.late_ms(0.99), "cold_max_ms": figures.most_late_us / 1000,
            "cold_skipped": dict(figures.skipped), "cold_own": figures.own}  # fmt: skip
    figures.forget()
    before_s, at_s = cpu_s(pid), time.monotonic()
    await asyncio.sleep(MEASURE_S)
    took_s, used_s = time.monotonic() - at_s, cpu_s(pid) - before_s
    states: dict[str, int] = {}
    for watched in watch.engine.checks.values():
        states[watched.shown] = states.get(watched.shown, 0) + 1
    now_mb, most_mb = rss_mb(pid)
    print(
        json.dumps(
            cold
            | {
                "took_s": took_s,
                "cpu_s": used_s,
                "started": figures.started,
                "failed": figures.failed,
                "own": figures.own,
                "skipped": dict(figures.skipped),
                "p50_ms": figures.late_ms(0.5),
                "p99_ms": figures.late_ms(0.99),
                "max_ms": figures.most_late_us / 1000,
                "rss_mb": now_mb,
                "rss_most_mb": most_mb,
                "states": states,
                "under_way": watch.engine.lanes.under_way,
                "waiting_to_record": watch.recorder.waiting,
            }
        ),
        flush=True,
    )
    stop.set()


if __name__ == "__main__":
    sys.exit(run_role("watch", role, Settings.load()))
