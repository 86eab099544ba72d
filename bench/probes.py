"""What does one probe cost? The engine against blackbox_exporter, and against wrk as the limit.

All against one nginx, with new connections. Each figure is the middle one of five ratios, each of two runs a
second apart, so that a slow moment of the machine counts for both sides. `noise` is how far they lie apart.
CPU time is that of the probing process alone. Whoever verifies, verifies against one authority.

- engine: `Fetcher.fetch` in a process of its own, 64 at once, nothing around it.
- prober: the same with what a check adds: name from the resolver's cache, conditions, own-fault judgement.
- blackbox_exporter: Debian's package, asked on /probe by wrk over kept-alive connections, 16 at once.
- wrk: one thread, 64 connections, `Connection: close`; plain C that looks at nothing.
- watch: the whole role, when a module `bench.pipeline` offers `measure(world, secure) -> Measured`.
"""

import contextlib
import importlib
import importlib.util
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import schedule_world as load

ROUNDS, RUN_S, AT_ONCE = 5, 1, 64
PIPELINE_ROUNDS = 3  # each takes several seconds
PEM_HEAD = "-----BEGIN CERTIFICATE-----"
HAS_PIPELINE = importlib.util.find_spec("bench.pipeline") is not None
ROOT = Path(__file__).resolve().parent.parent
# blackbox_exporter resolves nothing here: it is given addresses, and the name to verify.
MODULES = """
modules:
  plain: {{prober: http, timeout: 5s, http: {{preferred_ip_protocol: ip4}}}}
  secure:
    prober: http
    timeout: 5s
    http:
      preferred_ip_protocol: ip4
      tls_config: {{ca_file: {authorities}, server_name: h1.{zone}}}
"""
LUA = """
local n = 0
request = function()
  n = n + 1
  local host = string.format("127.1.%d.%d", math.floor(n / 250) % 250, 1 + n % 250)
  return wrk.format("GET", "/probe?module={module}&target={scheme}://" .. host .. ":{port}/")
end
"""


@dataclass(frozen=True, slots=True)
class World:
    """Where everything listens."""

    folder: Path
    plain: int
    secure: int
    authorities: Path
    names: int

    def port(self, *, secure: bool) -> int:
        return self.secure if secure else self.plain


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


def run() -> list[dict[str, Any]]:
    with (
        tempfile.TemporaryDirectory(prefix="bongsu-bench-") as name,
        load.names() as names,
        load.nginx(Path(name)) as (plain, secure, authorities),
    ):
        # blackbox_exporter reads its file of authorities for every probe: 11 ms for the system's bundle.
        own = Path(name) / "authority.pem"
        own.write_text(PEM_HEAD + authorities.read_text().rpartition(PEM_HEAD)[2])
        world = World(Path(name), plain, secure, own, names)
        with exporter(world) as asked:
            return [*_plain(world, asked), *_secure(world, asked)]


def _plain(world: World, asked: "Exporter") -> list[dict[str, Any]]:
    rounds = [
        {
            "engine": child(world, "engine", secure=False),
            "wrk": wrk(f"http://127.0.0.1:{world.plain}/", "-H", "Connection: close"),
            "peer": asked.measure(secure=False),
            "prober": child(world, "prober", secure=False),
            **(pipeline(world, secure=False) if number < PIPELINE_ROUNDS else {}),
        }
        for number in range(ROUNDS)
    ]
    return [
        cpu_ratio("engine ÷ blackbox_exporter, plain", rounds, "engine", 5),
        cpu_ratio("prober ÷ blackbox_exporter, plain", rounds, "prober", None),
        *watch_ratio("watch ÷ blackbox_exporter, plain", rounds, 3),
        figure(
            "engine ÷ wrk, probes per second",
            [one["engine"].per_s / one["wrk"].per_s for one in rounds],
            0.45,
        ),
        *absolute(rounds, "plain"),
    ]


def _secure(world: World, asked: "Exporter") -> list[dict[str, Any]]:
    rounds = [
        {
            "engine": child(world, "engine", secure=True),
            "peer": asked.measure(secure=True),
            "prober": child(world, "prober", secure=True),
            **(pipeline(world, secure=True) if number < PIPELINE_ROUNDS else {}),
        }
        for number in range(ROUNDS)
    ]
    return [
        cpu_ratio("engine ÷ blackbox_exporter, TLS", rounds, "engine", 1.6),
        cpu_ratio("prober ÷ blackbox_exporter, TLS", rounds, "prober", None),
        *watch_ratio("watch ÷ blackbox_exporter, TLS", rounds, 1.2),
        *absolute(rounds, "TLS"),
    ]


def cpu_ratio(
    name: str, rounds: list[dict[str, Measured]], who: str, target: float | None
) -> dict[str, Any]:
    return figure(
        f"{name}, probes per CPU second",
        [one[who].per_cpu_s / one["peer"].per_cpu_s for one in rounds],
        target,
    )


def figure(name: str, ratios: list[float], target: float | None) -> dict[str, Any]:
    middle = statistics.median(ratios)
    return {
        "name": name,
        "value": round(middle, 2),
        "unit": "ratio",
        "target": f"≥ {target}" if target else "",
        "ok": None if target is None else middle >= target,
        "noise": f"{(max(ratios) - min(ratios)) / middle:.0%}",
    }


def absolute(rounds: list[dict[str, Measured]], what: str) -> list[dict[str, Any]]:
    """Beside the ratios, so that a reader sees what they are ratios of."""
    shown = []
    for who in max(rounds, key=len):
        seen = [one[who] for one in rounds if who in one]
        if who == "wrk":
            value, unit = statistics.median(one.per_s for one in seen), "probes/s"
        else:
            value, unit = (
                statistics.median(1e6 / one.per_cpu_s for one in seen),
                "µs CPU a probe",
            )
        name = "blackbox_exporter" if who == "peer" else who
        shown.append(
            {
                "name": f"{name}, {what}",
                "value": round(value),
                "unit": unit,
                "target": "",
                "ok": None,
            }
        )
    return shown


def pipeline(world: World, *, secure: bool) -> dict[str, Measured]:
    """The whole watch role, measured by whoever knows how to run it. Empty when it could not be measured."""
    if not HAS_PIPELINE:
        return {}
    measure = importlib.import_module("bench.pipeline").measure
    for _ in range(2):  # once more when something else held the machine for a second
        try:
            return {"watch": measure(world, secure)}
        except RuntimeError as error:
            print(error, file=sys.stderr)
    return {}


def watch_ratio(
    name: str, rounds: list[dict[str, Measured]], target: float
) -> list[dict[str, Any]]:
    good = [one for one in rounds if "watch" in one]
    if good:
        return [cpu_ratio(name, good, "watch", target)]
    lost = {"name": name, "value": None, "unit": "ratio", "target": f"≥ {target}", "ok": False}
    return [lost] if HAS_PIPELINE else []


def child(world: World, what: str, *, secure: bool) -> Measured:
    """A process of its own, so that its CPU time is the probes' alone."""
    argument = json.dumps(
        {"what": what, "secure": secure, "port": world.port(secure=secure),
         "ca": str(world.authorities), "names": world.names}
    )  # fmt: skip
    argv = [sys.executable, "-m", "bench.probes_child", argument]
    done = subprocess.run(argv, stdout=subprocess.PIPE, text=True, cwd=ROOT, check=True)
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def wrk(url: str, *more: str, at_once: int = AT_ONCE) -> Measured:
    argv = ["wrk", "-t1", f"-c{at_once}", f"-d{RUN_S}s", *more, url]
    done = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=True)
    if "Non-2xx" in done.stdout:
        raise RuntimeError(f"wrk saw failures:\n{done.stdout}")
    found = re.search(r"(\d+) requests in ([\d.]+)s", done.stdout)
    assert found is not None, done.stdout
    return Measured(int(found[1]), float(found[2]), 0.0)


class Exporter:
    def __init__(self, world: World, port: int, pid: int) -> None:
        self.world, self.port, self.pid = world, port, pid

    def measure(self, *, secure: bool) -> Measured:
        module, scheme = ("secure", "https") if secure else ("plain", "http")
        port = self.world.port(secure=secure)
        self._expect_success(module, f"{scheme}://127.1.0.1:{port}/")
        script = self.world.folder / f"{module}.lua"
        script.write_text(
            LUA.replace("{module}", module).replace("{scheme}", scheme).replace("{port}", str(port))
        )
        before_s = load.cpu_s(self.pid)
        asked = wrk(f"http://127.0.0.1:{self.port}", "-s", str(script), at_once=16)
        return Measured(asked.count, asked.took_s, load.cpu_s(self.pid) - before_s)

    def _expect_success(self, module: str, target: str) -> None:
        url = f"http://127.0.0.1:{self.port}/probe?module={module}&target={target}&debug=true"
        with urllib.request.urlopen(url, timeout=10) as answer:
            text = answer.read().decode()
        if "probe_success 1" not in text:
            raise RuntimeError(f"blackbox_exporter does not succeed:\n{text}")


@contextlib.contextmanager
def exporter(world: World) -> Iterator[Exporter]:
    config, port = world.folder / "blackbox.yml", load.free_port()
    config.write_text(MODULES.format(authorities=world.authorities, zone=load.ZONE))
    argv = [
        "prometheus-blackbox-exporter", f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=error", "--history.limit=1",
    ]  # fmt: skip
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/-/healthy")
        yield Exporter(world, port, process.pid)
    finally:
        process.terminate()
        process.wait()


def wait_for(url: str) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=1):
            return
        time.sleep(0.02)
    raise RuntimeError(f"{url} does not answer")


if __name__ == "__main__":
    print(json.dumps(run(), indent=1, ensure_ascii=False))
