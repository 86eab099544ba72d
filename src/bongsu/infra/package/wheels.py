"""Wheels for Lambda's own platform, by hash: nothing is compiled, and only the pinned file is taken."""

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from bongsu.infra.model.functions import Function
from bongsu.kit.errors import Invalid, NotFound
from bongsu.kit.i18n import say

FETCH_FOR_S = 600
MACHINES = {"arm": "aarch64", "x86": "x86_64"}
# The C library of the runtime's Linux: Amazon Linux 2 and 2023. Wheels for an older one run as well.
GLIBC = {"python3.11": 26, "python3.12": 34, "python3.13": 34}
OLDEST = 17  # manylinux2014 is another name for it
_CONDITION = re.compile(r"^[^#\\]+;", re.MULTILINE)


def fetch(function: str, block: Function, into: Path) -> tuple[Path, ...]:
    """The wheels of its requirements, in the order of their names.

    Raises NotFound without the file, Invalid where a hash is missing or a wheel for this platform is.
    """
    if block.requirements is None:
        return ()
    pinned = Path(block.requirements)
    refuse_conditions(function, pinned)
    command = [sys.executable, "-m", "pip", "download", *arguments(block), "-d", str(into)]
    done = subprocess.run(  # noqa: S603  our own interpreter, with words that the model has checked
        [*command, "-r", str(pinned)],
        capture_output=True,
        text=True,
        check=False,
        timeout=FETCH_FOR_S,
    )
    if done.returncode:
        raise Invalid(
            say(
                "The dependencies of {function} could not be fetched: {why}",
                function=function,
                why=_errors(done.stderr),
            )
        )
    return tuple(sorted(into.glob("*.whl")))


def refuse_conditions(function: str, pinned: Path) -> None:
    """pip would ask them of this machine, not of Lambda's. Raises Invalid, and NotFound without that file."""
    try:
        text = pinned.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotFound(
            say(
                "There is no file {file}, which {function} names.",
                file=str(pinned),
                function=function,
            )
        ) from None
    if found := _CONDITION.search(text):
        raise Invalid(
            say(
                "{file} has a condition: {line} Compile it for the one platform that {function} runs on.",
                file=str(pinned),
                line=found.group().strip(),
                function=function,
            )
        )


def arguments(block: Function) -> list[str]:
    """For pip, wherever it runs."""
    python = block.runtime.removeprefix("python")
    fixed = ["-q", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
    mine = ["--only-binary=:all:", "--implementation", "cp", "--python-version", python]
    return [*fixed, *mine, *(word for name in platforms(block) for word in ("--platform", name))]


def platforms(block: Function) -> Iterable[str]:
    """The newest that its Linux can run first."""
    machine = MACHINES[block.architecture]
    for minor in range(GLIBC[block.runtime], OLDEST - 1, -1):
        yield f"manylinux_2_{minor}_{machine}"
    yield f"manylinux2014_{machine}"


def _errors(said: str) -> str:
    lines = [line.removeprefix("ERROR: ") for line in said.splitlines() if line.startswith("ERROR")]
    return " ".join(lines)[:600] or said.strip()[-600:]
