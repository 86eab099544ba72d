"""One check's 90 days out of 50 million results, what a result costs on disk, and how fast results come in.

The results are made inside the engine, day by day, through the same table and the same materialised views as real
ones: latencies are log-normal about a base of each check's own, starts are late by some milliseconds, names are
looked up for one probe in ten, 0.5 % fail in runs, six checks in ten answer with a constant size. Every check has
250,020 results (one in 31 s); their number is asserted. What is timed is the whole way: question, socket, engine,
JSON, answer. Checks are asked in random order, each once, so nothing is answered from the result of another.

BONGSU_BENCH_ROWS (50,000,000) says how many results; fewer rows mean fewer checks, not shorter histories.
"""

import asyncio
import contextlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bongsu.kit.clock import SYSTEM_CLOCK, iso
from bongsu.kit.errors import LakeAway
from bongsu.lake import results
from bongsu.lake.client import LakeClient
from bongsu.lake.results import TABLE, ResultRow

SEED = 20261121
ROWS = int(os.environ.get("BONGSU_BENCH_ROWS", "50000000"))
DAYS, A_DAY = 90, 2778  # results of a check in a day: one in 31.1 s
CHECKS = max(1, -(-ROWS // (DAYS * A_DAY)))
STEP_MS = 86_400_000 // A_DAY
TARGET_MS, TARGET_BYTES = 50.0, 25.0
Json = dict[str, Any]

GENERATE = f"""
INSERT INTO check_result (check_id, ts, loc, level, state, every_ms, status, name_us, connect_us, tls_us,
    first_byte_us, transfer_us, bytes, fault, own)
SELECT check, fromUnixTimestamp64Milli(at_ms, 'UTC'), 'here', seen, seen, {STEP_MS},
    multiIf(seen != 'down', 200, run % 3 = 0, 0, 503),
    if(rand(1) % 10 = 0, toUInt32(randLogNormal(6.9, 0.6, 1)), 0),
    toUInt32(base * randLogNormal(0, 0.15, 2)),
    if(check % 10 < 7, toUInt32(base * 1.6 * randLogNormal(0, 0.15, 3)), 0),
    toUInt32(base * 2 * randLogNormal(0.2, 0.35, 4)),
    toUInt32(300 * randLogNormal(0, 0.5, 5)),
    if(check % 10 < 6, 1000 + cityHash64(check) % 50000, toUInt32(20000 + rand(6) % 3000)),
    if(seen = 'down', ['timeout', 'connect_refused', 'tls'][1 + run % 3], ''), ''
FROM (
    SELECT toUInt32(1 + number % {CHECKS}) AS check, intDiv(number, {CHECKS}) AS slot,
        cityHash64(check, {{day}}, intDiv(slot, 20)) AS run, exp(7.6 + cityHash64(check, 7) % 4000 / 1000) AS base,
        {{start}} + slot * {STEP_MS} + cityHash64(check) % {STEP_MS} + toInt64(randExponential(0.3, 7)) AS at_ms,
        multiIf(run % 200 = 0, 'down', run % 97 = 0 AND rand(8) % 3 = 0, 'degraded', 'up') AS seen
    FROM numbers({CHECKS * A_DAY})
) SETTINGS max_threads = 2, max_insert_threads = 1
"""


def _figure(
    name: str, value: float, unit: str, target: float | None = None, noise: str = ""
) -> Json:
    ok = None if target is None else value <= target
    return {
        "name": name,
        "value": round(value, 2),
        "unit": unit,
        "target": target,
        "ok": ok,
        "noise": noise,
    }


@dataclass
class Store:
    """The process under test, and the way to it."""

    process: subprocess.Popen[bytes]
    lake: LakeClient

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mib(self) -> float:
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * 4 / 1024

    async def timed(self, asked: list[Callable[[], Awaitable[Any]]]) -> tuple["Took", list[Any]]:
        took_ms, answers, cpu_s = [], [], self.cpu_s()
        for ask in asked:
            began = time.perf_counter()
            answers.append(await ask())
            took_ms.append((time.perf_counter() - began) * 1000)
        return Took(sorted(took_ms), (self.cpu_s() - cpu_s) * 1000 / len(asked)), answers


@dataclass
class Took:
    sorted_ms: list[float]
    cpu_ms: float

    @property
    def median_ms(self) -> float:
        return self.sorted_ms[len(self.sorted_ms) // 2]

    def figure(self, name: str, target: float | None = None) -> Json:
        high, most = self.sorted_ms[int(len(self.sorted_ms) * 0.95)], self.sorted_ms[-1]
        noise = f"p95 {high:.1f}, max {most:.1f}, CPU of the store {self.cpu_ms:.1f} each"
        return _figure(
            f"{name}; median of {len(self.sorted_ms)}", self.median_ms, "ms", target, noise
        )


def _spin() -> float:
    """What the machine does to 10 ms of arithmetic: everything above is noise of others."""
    took_ms = []
    for _ in range(50):
        began = time.perf_counter()
        sum(range(300_000))
        took_ms.append((time.perf_counter() - began) * 1000)
    took_ms.sort()
    return took_ms[47] / took_ms[0]


async def _generate(lake: LakeClient, start: datetime) -> list[Json]:
    began = time.perf_counter()
    for day in range(DAYS):
        first_ms = int((start + timedelta(days=day)).timestamp() * 1000)
        await lake.command(GENERATE.format(day=day, start=first_ms), timeout_s=600)
    took_s = time.perf_counter() - began
    rows = (await lake.query("SELECT count() FROM check_result"))[0][0]
    rolled = (
        await lake.query("SELECT sum(up_n + degraded_n + down_n + unknown_n) FROM check_hour")
    )[0][0]
    if not rows == rolled == CHECKS * DAYS * A_DAY >= ROWS:
        raise AssertionError(
            f"{rows} results and {rolled} in the hours; {CHECKS * DAYS * A_DAY} were made"
        )
    return [
        _figure("results in the table (asserted)", rows, "rows"),
        _figure("results made inside the engine, with roll-ups", rows / took_s, "rows/s"),
    ]


async def _sizes(lake: LakeClient) -> list[Json]:
    """After merging, as a fortnight is a while after it ended; before, the roll-ups are a little larger."""
    for table in ("check_result", "check_hour", "check_day"):
        await lake.command(f"OPTIMIZE TABLE {table} FINAL", timeout_s=600)
    parts = await lake.query(
        "SELECT table, sum(bytes_on_disk), sum(rows) FROM system.parts WHERE active AND database = 'bongsu'"
        " GROUP BY table"
    )
    size = {table: bytes_on_disk for table, bytes_on_disk, _ in parts}
    rows = CHECKS * DAYS * A_DAY
    return [
        _figure("a result on disk", size["check_result"] / rows, "bytes", TARGET_BYTES),
        _figure(
            "the same with its share of the roll-ups",
            sum(size.values()) / rows,
            "bytes",
            TARGET_BYTES,
        ),
    ]


async def _questions(store: Store, start: datetime, now: datetime) -> list[Json]:
    lake = store.lake
    checks = list(range(1, CHECKS + 1))
    random.Random(SEED).shuffle(checks)
    some = checks[:60]
    took, found = await store.timed(
        [lambda c=c: results.window_exact(lake, c, start) for c in some]
    )
    if {window.results for window in found} != {DAYS * A_DAY}:
        raise AssertionError("a check has another number of results")
    figures = [took.figure("one check, 90 days: uptime, p50, p95 from its results", TARGET_MS)]
    asked: dict[str, Callable[[int], Awaitable[Any]]] = {
        "the same from the hours": lambda c: results.window(lake, c, start, now),
        "one check, now 24 h 7 d 30 d": lambda c: results.windows(lake, c, now),
        "one check, latency of 24 h in 120 parts": lambda c: results.series(
            lake, c, now - timedelta(days=1), now
        ),
        "one check, latency of 90 days": lambda c: results.series(lake, c, start, now),
        "one check, newest 50": lambda c: results.newest(lake, c),
        "200 checks, strips of 90 days": lambda _: results.uptime(lake, checks[:200], 90, now),
        "200 checks, p95 of 24 hours": lambda _: results.sparks(lake, checks[:200], now),
    }
    for name, ask in asked.items():
        took, _ = await store.timed([lambda c=c, ask=ask: ask(c) for c in some])
        figures.append(took.figure(name))
    return figures


def _batch(size: int, number: int, now: datetime) -> bytes:
    pick = random.Random(SEED + number)
    rows = (
        ResultRow(
            check_id=pick.randrange(10_000),
            at=now - timedelta(milliseconds=pick.randrange(1000)),
            location="here",
            level="up",
            state="up",
            every_s=10,
            status=200,
            phases_us=(
                0,
                pick.randrange(900, 1500),
                0,
                pick.randrange(4000, 90_000),
                pick.randrange(50, 900),
            ),
            size_bytes=pick.randrange(20_000, 23_000),
        )
        for _ in range(size)
    )
    return b"".join(row.encode() for row in rows)


async def _ingest(store: Store, now: datetime) -> list[Json]:
    figures = []
    for size in (100, 1000, 5000):
        batches = {f"bench-{size}-{number}": _batch(size, number, now) for number in range(20)}
        inserts = [lambda t=t, b=b: store.lake.insert(TABLE, b, t) for t, b in batches.items()]
        took, _ = await store.timed(inserts)
        rate = size * len(inserts) / sum(took.sorted_ms) * 1000
        noise = f"an insert {took.median_ms:.1f} ms, {took.cpu_ms:.1f} of CPU"
        figures.append(
            _figure(f"results in over the socket, {size:,} an insert", rate, "rows/s", noise=noise)
        )
    return figures


async def _measure(folder: Path, process: subprocess.Popen[bytes]) -> list[Json]:
    async with LakeClient(f"http+unix://{folder / 'lake.sock'}") as lake:
        async with asyncio.timeout(30):
            while True:
                with contextlib.suppress(LakeAway):
                    await lake.query("SELECT 1")
                    break
                await asyncio.sleep(0.05)
        store, now = Store(process, lake), SYSTEM_CLOCK.now()
        start = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS)
        print(f"{CHECKS} checks from {iso(start)}", file=sys.stderr)
        figures = [_figure("noise of this machine: a fixed sum, p95 ÷ fastest", _spin(), "×")]
        figures += await _generate(lake, start)
        figures += await _sizes(lake)
        figures += await _questions(store, start, now)
        figures += await _ingest(store, now)
        return [
            *figures,
            _figure("memory of the store process afterwards", store.memory_mib(), "MiB"),
        ]


def run() -> list[Json]:
    folder = Path(tempfile.mkdtemp(prefix="bongsu-bench-lake-"))
    environment = os.environ | {"BONGSU_DATA_DIR": str(folder)}
    process = subprocess.Popen([sys.executable, "-m", "bongsu.lake.store_process"], env=environment)
    try:
        return asyncio.run(_measure(folder, process))
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder)


def main() -> int:
    figures = run()
    for figure in figures:
        verdict = {True: "ok", False: "MISSED", None: ""}[figure["ok"]]
        target = f"(target {figure['target']:,})" if figure["target"] else ""
        print(
            f"{figure['name']:60} {figure['value']:>14,} {figure['unit']} {target} {verdict}  {figure['noise']}"
        )
    return 1 if any(figure["ok"] is False for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
