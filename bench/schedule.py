"""Is the whole watch process on time, and what does it cost? 20,000 plain and 3,000 TLS checks every 10 s.

A real process with a real SQLite state, over 2,300 host names through a name server, against one nginx; then
the same with half of the targets swallowing every SYN. The load's own cost (nginx, names) runs beside it on the
same cores, as on the machine of somebody who tries it.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench import schedule_world as world
from bongsu.db.migrate import migrate
from bongsu.db.session import Database
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.settings import Settings
from bongsu.services.tables import service
from bongsu.watch.tables import check, check_state, location_state

PLAIN, SECURE, HOSTS, EVERY_S, TIMEOUT_S = 20_000, 3_000, 2_300, 10.0, 5.0
SERVICES = 500
WARM_S, MEASURE_S = 14.0, 20.0
ROOT = Path(__file__).resolve().parent.parent


async def fill(settings: Settings, checks: list[dict[str, Any]], *, known: bool) -> None:
    """The state, written in few statements: registering is measured elsewhere.

    `known`: all were up when the process last ended, else each is new and tells its first state.
    """
    await migrate(settings.database)
    db, now = Database.open(settings.database), SYSTEM_CLOCK.now()
    plain = {
        "group_title": "",
        "description": "",
        "tags": [],
        "links": [],
        "created_at": now,
        "updated_at": now,
    }
    services = [plain | {"name": f"s{n}", "title": f"S{n}"} for n in range(1, SERVICES + 1)]
    same = {
        "kind": "http", "every_s": EVERY_S, "timeout_s": TIMEOUT_S, "confirm": 2, "recover": 1, "expect": [],
        "warn": [], "paused": False, "locations": [], "quorum": 1, "created_at": now, "updated_at": now,
    }  # fmt: skip
    async with db.write() as tx:
        await tx.execute(sa.insert(service), services)
        await tx.execute(sa.insert(check), [same | one for one in checks])
        if known:
            up = [{"check_id": n, "state": "up", "since": now} for n in range(1, len(checks) + 1)]
            await tx.execute(sa.insert(check_state), up)
            await tx.execute(
                sa.insert(location_state), [one | {"location": "here", "at": now} for one in up]
            )
    await db.close()


def checks(
    plain_port: int, secure_port: int, hole: int | None, count: tuple[int, int]
) -> list[dict[str, Any]]:
    """With a hole, every second host leads there: a whole site that is gone, for all of its checks."""
    made = []
    for number in range(sum(count)):
        host, secure = number % HOSTS, number >= count[0]
        port = hole if hole and host % 2 else (secure_port if secure else plain_port)
        url = f"http{'s' * secure}://h{host}.{world.ZONE}:{port}/{number}"
        name = f"c{number // SERVICES}"
        made.append({"service_id": number % SERVICES + 1, "name": name, "options": {"url": url}})
    return made


def watch(
    folder: Path,
    authorities: Path,
    dns: int,
    made: list[dict[str, Any]],
    times: tuple[float, float],
    *,
    known: bool = False,
) -> dict[str, Any]:
    """Runs the role over these checks; what its stop watch printed."""
    settings = Settings(data_dir=str(folder), nameservers=f"127.0.0.1:{dns}")
    asyncio.run(fill(settings, made, known=known))
    environment = os.environ | settings.environment() | {
        "SSL_CERT_FILE": str(authorities), "BONGSU_LOG_LEVEL": "WARNING", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    argv = [sys.executable, "-m", "bench.schedule_child", *map(str, times)]
    done = subprocess.run(
        argv, env=environment, stdout=subprocess.PIPE, text=True, cwd=ROOT, check=True
    )
    seen: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    print(json.dumps(seen), file=sys.stderr)
    return seen


def run() -> list[dict[str, Any]]:
    with (
        tempfile.TemporaryDirectory(prefix="bongsu-bench-") as name,
        world.names() as dns,
        world.nginx(Path(name)) as (plain, secure, authorities),
        world.black_hole() as hole,
    ):
        folder, count = Path(name), (PLAIN, SECURE)
        all_well = checks(plain, secure, None, count)
        half_gone = checks(plain, secure, hole, count)
        well = watch(folder / "well", authorities, dns, all_well, (WARM_S, MEASURE_S), known=True)
        half = watch(
            folder / "half", authorities, dns, half_gone, (2 * WARM_S, MEASURE_S), known=True
        )
    return [*_well(well), *_half(half)]


def _well(seen: dict[str, Any]) -> list[dict[str, Any]]:
    cores = seen["cpu_s"] / seen["took_s"]
    missed = sum(seen["skipped"].values())
    per_s = seen["started"] / seen["took_s"]
    return [
        _figure(
            "23,000 checks per 10 s: CPU of watch", round(cores, 2), "cores", "≤ 1", cores <= 1
        ),
        _figure("… started", round(per_s), "per s", "2,300", per_s >= 2290),
        _figure("… start lateness p99", seen["p99_ms"], "ms", "≤ 50", seen["p99_ms"] <= 50),
        _figure("… missed or skipped", missed, "slots", "0", missed == 0),
        _figure(
            "… resident memory", round(seen["rss_mb"]), "MB", "(≤ 150 with half black-holed)", None
        ),
    ]


def _half(seen: dict[str, Any]) -> list[dict[str, Any]]:
    skipped, most_mb = sum(seen["skipped"].values()), seen["rss_most_mb"]
    late = (
        "half black-holed: start lateness p99",
        seen["p99_ms"],
        "ms",
        "≤ 50",
        seen["p99_ms"] <= 50,
    )
    return [
        _figure(*late),
        _figure("… at most", round(seen["max_ms"], 1), "ms", "≤ 250", seen["max_ms"] <= 250),
        _figure("… resident memory, at most", round(most_mb), "MB", "≤ 150", most_mb <= 150),
        _figure("… skipped", skipped, "slots", "0", skipped == 0),
    ]


def _figure(name: str, value: float, unit: str, target: str, ok: bool | None) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "target": target, "ok": ok}


if __name__ == "__main__":
    print(json.dumps(run(), indent=1, ensure_ascii=False))
