"""What the log of requests costs each request, and how fast a million of them are searched and drawn.

The middleware is timed around an application that answers at once, beside the same application alone, in the same
run: the difference is the CPU time that a request pays until just after its last byte. What happens beside it
(encoding, the spool's file, triggers) is timed on batches as they come in 100 ms.

The million requests are made inside the engine, over 30 days: 300 people who ask unequally often, 120 routes, a
thing in one of three, 0.3 % failed, times log-normal. Timed is the whole way (question, socket, engine, JSON,
answer); each question is asked with another person, thing or text, so that none is answered from the one before.
"""

import asyncio
import contextlib
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from bongsu.accounts.model import Actor
from bongsu.db.session import Database
from bongsu.events.pattern import compile_pattern
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.errors import LakeAway
from bongsu.kit.ids import uuid7
from bongsu.lake.client import LakeClient
from bongsu.lake.spool import Spool
from bongsu.requests import recorder as recording_module
from bongsu.requests import service, store_lake
from bongsu.requests.builtin import BUILTIN
from bongsu.requests.filter import read_filter
from bongsu.requests.model import Seen
from bongsu.requests.recorder import Recorder
from bongsu.requests.recording import Recording
from bongsu.requests.watcher import Watcher

SEED = 20261128
ROWS = int(os.environ.get("BONGSU_BENCH_REQUESTS", "1000000"))
DAYS, PEOPLE = 30, 300
ASKED = int(os.environ.get("BONGSU_BENCH_ASKED", "60"))
MIDDLEWARE_US, PAGE_MS = 50.0, 200.0
ACTOR = Actor("user", 7, "Bob", "bob@example.com", "viewer")
HEADERS = [
    (b"host", b"bongsu.example.com"), (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64) Chrome/140"),
    (b"accept", b"text/html"), (b"accept-language", b"en-GB,en;q=0.8,ko;q=0.6"), (b"cookie", b"bongsu=x"),
    (b"accept-encoding", b"gzip, deflate, br"), (b"referer", b"https://bongsu.example.com/"),
]  # fmt: skip
Json = dict[str, Any]

GENERATE = f"""
INSERT INTO request
SELECT generateUUIDv7(), toDateTime64(now() - {DAYS} * 86400 + number * {DAYS * 86400} / {ROWS}, 6, 'UTC'),
    if(rand(1) % 20 = 0, 0, 1 + toUInt32(pow(rand(2) / 4294967296, 3) * {PEOPLE})) AS p,
    if(p = 0, '', concat('Person ', toString(p))), if(rand(3) % 5 = 0, p, 0), if(p = 0, 'none', 'session'),
    if(rand(4) % 10 = 0, 'POST', 'GET'), concat('/route/', toString(toUInt32(pow(rand(5) / 4294967296, 2) * 120))),
    if(rand(6) % 3 = 0, concat('task/TSK-', toString(rand(7) % 20000)), ''),
    multiIf(rand(8) % 300 = 0, 'failed', rand(8) % 90 = 0, 'refused', rand(8) % 50 = 0, 'invalid', 'ok'), 200,
    toUInt64(randLogNormal(9.5, 1.2, 9)), 2000 + rand(10) % 30000, false,
    concat('203.0.113.', toString(rand(11) % 200)), 'en', concat('Mozilla/5.0 agent ', toString(rand(12) % 40))
FROM numbers({ROWS}) SETTINGS max_threads = 2
"""


def _figure(
    name: str, value: float, unit: str, target: float | None = None, noise: str = ""
) -> Json:
    ok = None if target is None else value <= target
    return {
        "name": name, "value": round(value, 2), "unit": unit, "target": target, "ok": ok, "noise": noise,
    }  # fmt: skip


# --- what a request pays


class _Route:
    path = "/services/{name}"


async def _answer(scope: Any, _receive: Any, send: Any) -> None:
    scope["route"], scope["path_params"] = _Route, {"name": "shop"}
    scope["state"]["caller"] = ACTOR
    headers = [
        (b"content-type", b"text/html"),
        (b"content-language", b"en"),
        (b"content-length", b"2"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


async def _nothing(_message: Any) -> None:
    """Takes what is sent."""


async def _timed_us(app: Any, times: int) -> float:
    began = (
        time.process_time()
    )  # of this process alone: what else the machine does is not its price
    for _ in range(times):
        scope = {
            "type": "http", "method": "GET", "path": "/services/shop", "query_string": b"", "headers": HEADERS,
            "client": ("203.0.113.9", 40000), "state": {},
        }  # fmt: skip
        await app(scope, _nothing, _nothing)
    return (time.process_time() - began) * 1_000_000 / times


async def _middleware(folder: Path) -> list[Json]:
    db, lake = Database.open(f"sqlite:///{folder}/none.db"), LakeClient("http+unix:///nowhere")
    recorder = Recorder(folder, db, lake, SYSTEM_CLOCK, Watcher(db, SYSTEM_CLOCK))
    wrapped = Recording(_answer, recorder, SYSTEM_CLOCK, "127.0.0.1,::1")
    alone, recorded = [], []
    for _ in range(100):
        alone.append(await _timed_us(_answer, 300))
        recorded.append(await _timed_us(wrapped, 300))
        recorder._pending.clear()  # noqa: SLF001  what is kept is not measured here
    cost = min(recorded) - min(alone)
    noise = f"median {statistics.median(recorded) - statistics.median(alone):.1f}, the bare call {min(alone):.1f}"
    return [
        _figure("recording, a request, before its answer ends", cost, "µs", MIDDLEWARE_US, noise)
    ]


def _seen(pick: random.Random) -> Seen:
    return Seen(
        uuid7(), SYSTEM_CLOCK.now(), pick.randrange(300), "Person 7", 0, "session", "GET",
        f"/route/{pick.randrange(120)}", "task/TSK-42", "ok", 200, pick.randrange(100_000), 9000, False,
        "203.0.113.9", "en", "Mozilla/5.0 (X11; Linux x86_64) Chrome/140",
    )  # fmt: skip


async def _beside(folder: Path) -> list[Json]:
    pick, figures = random.Random(SEED), []
    batch = [_seen(pick) for _ in range(200)]
    spool = Spool(folder / "spool", 1 << 26)
    encode = recording_module._ENCODER.encode  # noqa: SLF001
    took_us = []
    for _ in range(50):
        began = time.perf_counter()
        spool.append("request", b"".join([encode(one.row()) + b"\n" for one in batch]))
        await spool.flush()
        took_us.append((time.perf_counter() - began) * 1_000_000 / len(batch))
    await spool.close()
    figures.append(_figure("beside it: to the spool's file, a request of 200", min(took_us), "µs"))
    size = sum(len(encode(one.row())) + 1 for one in batch) / len(batch)
    figures.append(_figure("a request in the spool", size, "bytes"))
    figures += [
        _figure(f"beside it: {count} triggers, a request", _triggers(batch, count), "µs")
        for count in (3, 200)
    ]
    return figures


def _triggers(batch: list[Seen], count: int) -> float:
    watcher = Watcher(Database.open("sqlite:////tmp/none.db"), SYSTEM_CLOCK)
    for number in range(count):
        pattern = BUILTIN[number % 3]["pattern"] | {"object": [{"anything-but": f"x/{number}"}]}
        watcher._index.add(number, compile_pattern(pattern))  # noqa: SLF001
    watcher._known = dict.fromkeys(range(count))  # type: ignore[arg-type]  # noqa: SLF001
    took_us = []
    for _ in range(20):
        began = time.perf_counter()
        watcher.see(batch)
        took_us.append((time.perf_counter() - began) * 1_000_000 / len(batch))
    return min(took_us)


# --- what the page asks


async def _ready(lake: LakeClient) -> None:
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(LakeAway):
                await lake.query("SELECT 1")
                return
            await asyncio.sleep(0.05)


def _asked(nth: int) -> dict[str, dict[str, str]]:
    """The filters of the page, each another time with something else in it."""
    month = {"period": "30d"}
    return {
        "list, everything": month,
        "list, one person": month | {"person": str(1 + nth * 5)},
        "list, one task": month | {"object": f"task/TSK-{nth * 311}"},
        "list, failed": month | {"outcome": "failed"},
        "list, slower than 1 s": month | {"slower_ms": str(1000 + nth)},
        "list, part of a route": month | {"q": f"/route/{nth}"},
        "list, text that is nowhere": month | {"q": f"nowhere-{nth}"},
        "list, person, failed and slow": month
        | {"person": str(1 + nth), "outcome": "failed", "slower_ms": "50"},
        "list, one request by its id": month | {"q": uuid7()},
    }


async def _questions(lake: LakeClient, pid: int) -> list[Json]:
    now = SYSTEM_CLOCK.now()
    asks: dict[str, list[Callable[[], Awaitable[Any]]]] = {}
    for nth in range(ASKED):
        for name, asked in _asked(nth).items():
            wanted = read_filter(asked, now, 1)
            asks.setdefault(name, []).append(lambda w=wanted: service.listed(lake, w))
        for period in ("24h", "30d"):
            shifted = read_filter({"period": period, "slower_ms": str(nth / 1000)}, now, 1)
            asks.setdefault(f"charts of {period}", []).append(
                lambda w=shifted: service.figures(lake, w)
            )
            asks.setdefault(f"routes of {period}", []).append(
                lambda w=shifted: service.top_routes(lake, w)
            )
    figures = []
    for name, ways in asks.items():
        before_ms = _cpu_ms(pid)
        sorted_ms = await _times_ms(ways)
        figures.append(_took(name, sorted_ms, (_cpu_ms(pid) - before_ms) / len(ways)))
    return figures


def _cpu_ms(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") * 1000


async def _times_ms(ways: list[Callable[[], Awaitable[Any]]]) -> list[float]:
    taken = []
    for ask in ways:
        began = time.perf_counter()
        await ask()
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken[2:])  # the first ones read the marks of the parts


def _took(name: str, sorted_ms: list[float], cpu_ms: float) -> Json:
    p95_ms = sorted_ms[int(len(sorted_ms) * 0.95)]
    spread = f"median {statistics.median(sorted_ms):.1f}, max {sorted_ms[-1]:.1f}"
    noise = f"{spread}, CPU of the store {cpu_ms:.1f} each"
    return _figure(f"{name}, {ROWS:,} requests, p95", p95_ms, "ms", PAGE_MS, noise)


async def _measure(folder: Path, pid: int) -> list[Json]:
    figures = await _middleware(folder) + await _beside(folder)
    async with LakeClient(f"http+unix://{folder / 'lake.sock'}") as lake:
        await _ready(lake)
        await lake.command(GENERATE, timeout_s=300)
        parts = "SELECT sum(rows), sum(bytes_on_disk) FROM system.parts WHERE active AND table = 'request'"
        rows, size = (await lake.query(parts))[0]
        figures.append(_figure("a request in the lake", size / rows, "bytes"))
        return figures + await _questions(lake, pid)


def run() -> list[Json]:
    folder = Path(tempfile.mkdtemp(prefix="bongsu-bench-requests-"))
    environment = os.environ | {"BONGSU_DATA_DIR": str(folder)}
    store_lake.WAIT_S = (
        60.0  # a machine that is busy with something else makes a figure worse, not none
    )
    process = subprocess.Popen([sys.executable, "-m", "bongsu.lake.store_process"], env=environment)
    try:
        return asyncio.run(_measure(folder, process.pid))
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder)


def main() -> int:
    figures = run()
    for one in figures:
        verdict = {True: "ok", False: "MISSED", None: ""}[one["ok"]]
        target = f"(target {one['target']:,})" if one["target"] else ""
        print(
            f"{one['name']:64} {one['value']:>10,} {one['unit']} {target} {verdict}  {one['noise']}"
        )
    return 1 if any(one["ok"] is False for one in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
