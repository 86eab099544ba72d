"""How long from the failing answer that decides to the mail server's acceptance; nobody forgotten under kill -9.

Latency: a whole `bongsu up` with 50 services that are looked at every second (confirm 1) and 10,000 checks beside
them; five services a second are broken one after the other, each is mended when its owner was told. The same again
while a client in a process of its own does nothing but export 10,000 rows (ten pages of /api/v1/checks?limit=1000)
and load the wall. The clock starts when the target has written the deciding answer and stops when the SMTP server
has the whole mail.

Kill: tests/journeys/kill.py. BONGSU_BENCH_ROUNDS (100) rounds of BONGSU_BENCH_SERVICES (50) services, which are
10,000 messages; no round begins after BONGSU_BENCH_KILL_S (2,400) seconds; the figures say how many were run.
"""

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor

from bench.seeded import seed_state
from tests.journeys.kill import Ledger, Report, rounds
from tests.journeys.target import Service, Target
from tests.journeys.world import Bongsu, Browser, wait_until

ROUNDS = int(os.environ.get("BONGSU_BENCH_ROUNDS", "100"))
SERVICES = int(os.environ.get("BONGSU_BENCH_SERVICES", "50"))
KILL_S = float(os.environ.get("BONGSU_BENCH_KILL_S", "2400"))
ALARMS = int(os.environ.get("BONGSU_BENCH_ALARMS", "300"))
WATCHED, SEEDED_SERVICES, SEEDED_CHECKS = 50, 500, 10_000
A_SECOND, TARGET_S, LOST_AFTER_S = 5.0, 1.0, 30.0
ROOT = Path(__file__).resolve().parent.parent
Json = dict[str, Any]

# In a process of its own, so that it takes time from Bongsu and not from the clock of this bench.
CLIENT = """
import sys, time, urllib.request
url, token, cookie = sys.argv[1:]
def get(path, **headers):
    with urllib.request.urlopen(urllib.request.Request(url + path, headers=headers), timeout=30) as answer:
        return answer.read()
exports = walls = 0
while True:
    for after in range(0, 10_000, 1000):
        get(f"/api/v1/checks?limit=1000&after={after}", authorization=f"Bearer {token}")
    exports += 1
    get("/", cookie=cookie)
    get("/-/checks.json", cookie=cookie)
    walls += 1
    print(exports, walls, flush=True)
"""


def run() -> list[Json]:
    with tempfile.TemporaryDirectory(prefix="bongsu-alarm-") as folder:
        figures = latency(Path(folder))
    with tempfile.TemporaryDirectory(prefix="bongsu-kill-") as folder:
        report = rounds(ROUNDS, SERVICES, Path(folder), until_s=time.monotonic() + KILL_S)
    return figures + kill_figures(report)


def figure(name: str, value: float, unit: str, target: float | None, *, most: bool = True) -> Json:
    ok = None if target is None else value <= target if most else value >= target
    shown = round(value, 3)
    return {"name": name, "value": shown, "unit": unit, "target": target, "ok": ok, "noise": ""}


# --- latency


def latency(folder: Path) -> list[Json]:
    asyncio.run(seed_state(f"sqlite:///{folder}/data/state.db", SEEDED_SERVICES, SEEDED_CHECKS))
    file = folder / "bongsu.yaml"
    with Target(WATCHED) as target, Ledger() as ledger:
        file.write_text(target.configuration(), encoding="utf-8")
        bongsu = Bongsu(folder, ledger)
        with bongsu.running(file):
            bongsu.become_admin()
            looked = [service.asked for service in target.services]
            wait_until("all were looked at", lambda: all(len(one) > 1 for one in looked), 60)
            quiet = alarms(target, ledger, ALARMS)
            with exporting(bongsu, folder) as exports:
                busy = alarms(target, ledger, ALARMS)
                done = exports()
    return [
        *_shown("deciding answer to acceptance", quiet),
        *_shown("the same while 10,000 rows are exported and the wall is loaded", busy),
        figure("exports of 10,000 rows and walls in that time", done, "", None),
    ]


def _shown(name: str, taken_s: list[float]) -> list[Json]:
    ordered = sorted(taken_s)
    at = {share: ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.99)}
    return [
        figure(f"{name}, p99 of {len(ordered)}", at[0.99], "s", TARGET_S)
        | {"noise": f"median {at[0.5]:.3f} s, at most {ordered[-1]:.3f} s"}
    ]


def alarms(target: Target, ledger: Ledger, count: int) -> list[float]:
    """Breaks `count` services, A_SECOND a second; seconds to each acceptance, LOST_AFTER_S where none came."""
    source, taken_s = random.Random(7), []
    free, broken, mending = target.shuffled(source), {}, {}
    started_s = time.monotonic()
    begun = 0
    while len(taken_s) < count:
        now_s = time.monotonic()
        if free and begun < count and now_s >= started_s + begun / A_SECOND:
            service = free.pop(source.randrange(len(free)))
            service.status, broken[service.name] = 500, (service, now_s)
            begun += 1
        taken_s += _told(ledger, broken, mending)
        free += _mended(ledger, mending)
        time.sleep(0.005)
    while mending:
        _mended(ledger, mending)
        time.sleep(0.05)
    return taken_s


Since = dict[str, tuple[Service, float]]


def _told(ledger: Ledger, broken: Since, mending: Since) -> Iterator[float]:
    """What was told goes over to `mending`."""
    now_s = time.monotonic()
    for name, (service, since_s) in list(broken.items()):
        mails = [m for m in ledger.since(since_s) if (m.service, m.occasion) == (name, "opened")]
        if mails or now_s - since_s > LOST_AFTER_S:
            accepted_s = mails[-1].at_s if mails else now_s
            yield accepted_s - service.failing_since(since_s)
            del broken[name]
            service.status, mending[name] = 200, (service, now_s)


def _mended(ledger: Ledger, mending: Since) -> list[Service]:
    """What is well again, and said so."""
    found = []
    for name, (service, since_s) in list(mending.items()):
        mails = ledger.since(since_s)
        told = any((m.service, m.occasion) == (name, "resolved") for m in mails)
        if told or time.monotonic() - since_s > LOST_AFTER_S:
            del mending[name]
            found.append(service)
    return found


def _cookies(browser: Browser) -> str:
    handlers = browser.opener.handlers
    jar = next(one.cookiejar for one in handlers if isinstance(one, HTTPCookieProcessor))
    return "; ".join(f"{one.name}={one.value}" for one in jar)


@contextlib.contextmanager
def exporting(bongsu: Bongsu, folder: Path) -> Iterator[Any]:
    """A client that never rests; gives a function that says how many whole rounds it has done."""
    browser = Browser(bongsu.url)
    password = "correct horse battery"
    browser.post("/sign-in", {"email": "dana@example.com", "password": password})
    script, log = folder / "client.py", folder / "client.log"
    script.write_text(CLIENT, encoding="utf-8")
    with log.open("wb") as out:
        argv = (sys.executable, str(script), bongsu.url, bongsu.token, _cookies(browser))
        client = subprocess.Popen(argv, stdout=out, stderr=subprocess.STDOUT)
        try:
            wait_until("the first export", lambda: log.read_text().strip(), 60)
            yield lambda: int(log.read_text().split()[-1])
        finally:
            client.send_signal(signal.SIGTERM)
            client.wait(10)


# --- kill -9


def kill_figures(report: Report) -> list[Json]:
    killed = ", ".join(f"{name} {count}" for name, count in sorted(report.kills.items()))
    late = sorted(report.latencies_s) or [0.0]
    alarms_sent = report.told_once + report.resolved
    counts = {
        "outages never told": len(report.never),
        "outages told by two messages": len(report.twice),
        "outages whose end was not told": len(report.unresolved),
        "told of an outage that was none": len(report.false),
        "recorded results lost": len(report.rows_lost),
        "results recorded twice": len(report.rows_twice),
    }
    ran = figure(f"kill -9 rounds of {report.services} services", report.rounds, "rounds", None)
    return [
        ran | {"noise": f"{report.took_s:.0f} s; killed: {killed}"},
        figure("alarms told in the kill rounds", alarms_sent, "messages", 10_000, most=False),
        *(figure(name, value, "", 0) for name, value in counts.items()),
        figure("copies of a message, same Message-ID", report.copies, "", None),
        figure("rows in the memory of a killed watch", report.rows_in_flight, "", None)
        | {"noise": f"of {report.requests} answered requests"},
        figure("deciding answer to acceptance under kill -9, p99", late[int(len(late) * 0.99)], "s", None)
        | {"noise": f"median {late[len(late) // 2]:.2f} s, at most {late[-1]:.2f} s"},
    ]  # fmt: skip
