"""The Dockerfile without Docker: what it copies is there, and what it runs works in an empty folder."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def lines(word: str) -> list[str]:
    joined = DOCKERFILE.replace("\\\n", " ")
    return [
        line[len(word) + 1 :].strip() for line in joined.splitlines() if line.startswith(word + " ")
    ]


def copied() -> list[str]:
    return [line.split()[0] for line in lines("COPY") if not line.startswith("--from")]


def test_what_is_copied_is_there_and_let_through():
    let_through = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    }

    assert copied()
    assert all((ROOT / path).exists() for path in copied())
    assert set(copied()) == let_through


def test_it_runs_as_nobody_special_and_names_no_host():
    assert lines("USER") == ["bongsu"]
    assert not re.search(r"https?://(?!127\.0\.0\.1)", DOCKERFILE)
    assert all(re.fullmatch(r"python:3\.11[a-z-]*( AS build)?", line) for line in lines("FROM"))


@pytest.mark.heavy
def test_its_copies_alone_make_a_program_that_starts(tmp_path):
    """The steps that need no root, with the packages of this environment in the place of pip's."""
    for path in copied():
        place = tmp_path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / path).is_dir() else shutil.copy2)(ROOT / path, place)
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", ".venv"], cwd=tmp_path, check=True
    )
    site = next((tmp_path / ".venv" / "lib").glob("python*")) / "site-packages"
    ours = next(Path(path) for path in sys.path if path.endswith("site-packages"))
    (site / "packages.pth").write_text(f"{ours}\n", encoding="utf-8")
    subprocess.run([".venv/bin/python", "tools/install.py"], cwd=tmp_path, check=True)

    command = [*json.loads(lines("ENTRYPOINT")[-1]), "config", "show"]
    done = said(tmp_path, str(tmp_path / ".venv/bin" / command[0]), *command[1:])
    where = said(tmp_path, ".venv/bin/python", "-c", "import bongsu; print(bongsu.__file__)")

    assert (done.returncode, where.returncode) == (0, 0), done.stderr
    assert where.stdout.startswith(str(tmp_path))


def said(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
