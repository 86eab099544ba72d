"""`make bench`: every bench in its own process, one after the other; figures also go to build/bench.json.

A bench is a module of this folder with `run() -> list[dict]`: name, value, unit, target, ok, and noise where it
was measured. `make bench ONLY="patterns probes"` runs some.
"""

import importlib
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BENCHES = (
    "patterns",
    "probes",
    "schedule",
    "lake",
    "wall",
    "startup",
    "alarm",
    "tell",
    "tasks",
    "requests",
    "infra",
)


def one(name: str) -> list[dict[str, Any]]:
    """Runs in the child: prints nothing but the figures as JSON on the last line."""
    sys.path.insert(0, str(ROOT))
    figures: list[dict[str, Any]] = importlib.import_module(f"bench.{name}").run()
    return figures


def main() -> int:
    if len(sys.argv) == 3 and sys.argv[1] == "--one":
        print(json.dumps(one(sys.argv[2])))
        return 0
    wanted = os.environ.get("ONLY", "").split() or [
        n for n in BENCHES if (ROOT / f"bench/{n}.py").exists()
    ]
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    )
    report, missed = {}, 0
    for name in wanted:
        started = time.monotonic()
        command = [sys.executable, str(Path(__file__)), "--one", name]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, cwd=ROOT)
        took_s = time.monotonic() - started
        if done.returncode:
            print(f"{name}: did not finish (exit {done.returncode})")
            missed += 1
            continue
        figures = json.loads(done.stdout.strip().splitlines()[-1])
        report[name] = figures
        for figure in figures:
            missed += figure["ok"] is False
            print(_line(name, figure))
        print(f"{name}: {took_s:.0f} s", flush=True)
    out = ROOT / "build"
    out.mkdir(exist_ok=True)
    (out / "bench.json").write_text(json.dumps(report, indent=1), encoding="utf-8")
    print(f"{missed} figures miss their target" if missed else "every figure meets its target")
    return 0


def _line(bench: str, figure: dict[str, Any]) -> str:
    mark = {True: "ok  ", False: "MISS", None: "    "}[figure.get("ok")]
    noise = f"  (noise {figure['noise']})" if figure.get("noise") else ""
    value = f"{figure['value']} {figure['unit']}  target {figure['target']}"
    return f"{mark} {bench:9} {figure['name']}: {value}{noise}"


if __name__ == "__main__":
    sys.exit(main())
