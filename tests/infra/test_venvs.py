"""Environments of tools: made once, whoever asks first, and anew when their requirements are others."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.infra import venvs
from tests.infra.venvs import DONE, TOOLS, venv_of


@pytest.fixture
def made(monkeypatch) -> list[Path]:
    """Every environment that is made; nothing is installed."""
    found: list[Path] = []

    def make(commands: list[list[str]]) -> str:
        place = Path(commands[0][-1])
        place.mkdir(parents=True)
        found.append(place)
        return ""

    monkeypatch.setattr(venvs, "_run", make)
    return found


@pytest.fixture
def pinned(tmp_path) -> Path:
    path = tmp_path / "tool.txt"
    path.write_text("a==1\n")
    return path


def test_several_at_once_make_it_once(made, pinned, tmp_path):
    with ThreadPoolExecutor(4) as several:
        places = set(several.map(lambda _: venv_of(pinned, tmp_path / "built"), range(8)))

    assert places == {*made}
    assert len(made) == 1


def test_other_requirements_are_another_environment(made, pinned, tmp_path):
    first = venv_of(pinned, tmp_path / "built")
    pinned.write_text("a==2\n")

    assert venv_of(pinned, tmp_path / "built") != first


def test_what_was_left_half_done_is_made_anew(made, pinned, tmp_path):
    place = venv_of(pinned, tmp_path / "built")
    (place / DONE).unlink()
    (place / "half").touch()

    assert venv_of(pinned, tmp_path / "built") == place
    assert (len(made), (place / "half").exists()) == (2, False)


def test_one_that_cannot_be_made_says_why_and_is_tried_again(monkeypatch, pinned, tmp_path):
    monkeypatch.setattr(venvs, "_run", lambda _: "no such package")

    for _ in range(2):
        with pytest.raises(RuntimeError, match=r"tool\.txt could not be made: no such package"):
            venv_of(pinned, tmp_path / "built")


@pytest.mark.parametrize("tool", TOOLS)
def test_every_tool_has_hashes_and_no_address(tool):
    text = (venvs.REQUIREMENTS / f"{tool}.txt").read_text()

    assert text.count("==") <= text.count("--hash=sha256:")
    assert "://" not in text
