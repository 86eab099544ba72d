"""Everything that is checked without running the program: one line a check, all of them even when one fails."""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PLACES = ("src", "tests", "bench", "tools", "examples")

CHECKS = (
    ("format", (str(BIN / "ruff"), "format", "--check", "-q", *PLACES)),
    ("lint", (str(BIN / "ruff"), "check", "-q", *PLACES)),
    ("types", (str(BIN / "mypy"), "--no-error-summary")),
    ("imports", (str(BIN / "lint-imports"), "--config", "pyproject.toml")),
    ("house", (sys.executable, "-m", "tools.house")),
    ("korean", (sys.executable, "-m", "tools.house.catalogue")),
)


def main() -> int:
    failed = []
    for name, command in CHECKS:
        started = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        took_s = time.monotonic() - started
        print(
            f"check {name:8} {'ok' if done.returncode == 0 else 'FAILED'}  {took_s:.1f} s",
            flush=True,
        )
        if done.returncode:
            failed.append(name)
            print(done.stdout + done.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
