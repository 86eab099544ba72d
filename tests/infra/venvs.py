"""Environments of their own for tools whose requirements clash with ours: made once, then only used.

`python -m tests.infra.venvs` makes all of them and says how long each took.
"""

import fcntl
import hashlib
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements"
BUILT = ROOT / "build" / "venvs"
TOOLS = ("checkov", "kubernetes", "ministack", "terraform")
DONE = ".done"  # says that all of it was installed
MAKE_FOR_S = 600


def programs(tool: str) -> Path:
    """The folder of the programs of requirements/<tool>.txt, made first if need be; safe beside others."""
    return venv_of(REQUIREMENTS / f"{tool}.txt", BUILT) / "bin"


def venv_of(pinned: Path, built: Path) -> Path:
    """`pinned`: one requirement file with hashes. Another text or another Python is another environment."""
    text = f"{sys.version_info[:3]} {sys.prefix}\n{pinned.read_text(encoding='utf-8')}"
    place = built / f"{pinned.stem}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    if not (place / DONE).exists():
        with _alone(place.with_suffix(".lock")):
            if not (place / DONE).exists():
                _make(pinned, place)
    return place


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """The system lets go when a process dies; what such a one left half done is made anew."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _make(pinned: Path, place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    given = ["--no-deps", "--require-hashes", "-r", str(pinned)]
    python = str(place / "bin" / "python")
    uv = [sys.executable, "-m", "uv"]
    quick = [
        [*uv, "venv", "-q", "--python", sys.executable, str(place)],
        [*uv, "pip", "install", "-q", "--python", python, *given],
    ]
    usual = [
        [sys.executable, "-m", "venv", "--clear", str(place)],
        [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *given],
    ]
    # pip's settings may name a registry that uv does not read of.
    if said := _run(quick) and _run(usual):
        raise RuntimeError(f"The environment of {pinned.name} could not be made: {said}")
    (place / DONE).touch()


def _run(commands: list[list[str]]) -> str:
    """What went wrong; empty when all went well."""
    for command in commands:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=MAKE_FOR_S
        )
        if done.returncode:
            return done.stderr[-2000:] or f"exit status {done.returncode}"
    return ""


def main() -> None:
    for tool in TOOLS:
        began = time.monotonic()
        place = programs(tool)
        print(f"{tool:11} {time.monotonic() - began:5.1f} s  {place}", flush=True)


if __name__ == "__main__":
    main()
