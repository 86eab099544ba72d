"""How long until a command answers, and until a new installation has recorded its first look.

Commands: ten runs each, the median; `noise` is the fastest and the slowest. `up`: an empty folder, a file with one
check at its default interval, three runs, the median. "Recorded" is when a row about the check can be read: in the
state (its first verdict or the snapshot) or in the lake, whichever comes first.
"""

import contextlib
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BONGSU = (sys.executable, "-m", "bongsu")
TIMES, STARTS = 10, 3
VERSION_MS, HELP_MS, RECORDED_S = 250.0, 400.0, 5.0
Json = dict[str, Any]


def run() -> list[Json]:
    figures = [
        command("bongsu --version", ("--version",), VERSION_MS),
        command("bongsu checks list --help", ("checks", "list", "--help"), HELP_MS),
    ]
    with tempfile.TemporaryDirectory() as folder:
        runs = [first_look(Path(folder) / str(number)) for number in range(STARTS)]
    recorded, answered = (sorted(times) for times in zip(*runs, strict=True))
    figures.append(figure("bongsu up to the first look recorded", recorded, "s", RECORDED_S))
    figures.append(figure("bongsu up to the first page", answered, "s", None))
    return figures


def figure(name: str, values: list[float], unit: str, target: float | None) -> Json:
    value = round(statistics.median(values), 2)
    noise = f"{min(values):.2f} to {max(values):.2f}"
    ok = None if target is None else value <= target
    return {"name": name, "value": value, "unit": unit, "target": target, "ok": ok, "noise": noise}


def command(name: str, words: tuple[str, ...], target_ms: float) -> Json:
    taken_ms = []
    for _ in range(TIMES):
        started = time.perf_counter()
        subprocess.run((*BONGSU, *words), check=True, capture_output=True, cwd=ROOT)
        taken_ms.append((time.perf_counter() - started) * 1000)
    return figure(name, taken_ms, "ms", target_ms)


class _Well(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Silent: standard output is the figures'."""


@contextlib.contextmanager
def site() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Well)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def first_look(folder: Path) -> tuple[float, float]:
    """Seconds until a look is recorded, and until a page answers."""
    folder.mkdir()
    with site() as port, socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        listen = f"127.0.0.1:{held.getsockname()[1]}"
        held.close()
        file = folder / "bongsu.yaml"
        check = f'{{http: "http://127.0.0.1:{port}/"}}'
        file.write_text(f"services: {{shop: {{checks: {{home: {check}}}}}}}\n", encoding="utf-8")
        with started(folder, listen, file) as begun:
            recorded_s = until(lambda: is_recorded(folder / "data"), begun, 90)
            answered_s = until(lambda: answers(f"http://{listen}/healthz/live"), begun, 90)
    return recorded_s, answered_s


@contextlib.contextmanager
def started(folder: Path, listen: str, file: Path) -> Iterator[float]:
    begun = time.perf_counter()
    with (folder / "log").open("wb") as log:
        argv = (*BONGSU, "up", "--data", str(folder / "data"), "--listen", listen, str(file))
        process = subprocess.Popen(argv, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=ROOT)
        try:
            yield begun
        finally:
            process.terminate()
            process.wait(10)


def until(ask: Callable[[], bool], begun: float, limit_s: float) -> float:
    while not ask():
        if time.perf_counter() - begun > limit_s:
            return limit_s
        time.sleep(0.01)
    return time.perf_counter() - begun


def is_recorded(data: Path) -> bool:
    """A verdict in the state. It comes before the snapshot (2 s) and the lake (a second and more)."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{data}/state.db?mode=ro", uri=True)) as db:
            return bool(db.execute("SELECT count(*) FROM check_state").fetchone()[0])
    except sqlite3.Error:
        return False  # not there yet


def answers(url: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=1) as answer:
        return bool(answer.status == 200)
    return False
