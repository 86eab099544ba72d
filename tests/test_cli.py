"""Client commands start fast because they import no server; the figures are in bench/startup.py."""

import subprocess
import sys

import pytest

from bongsu.cli import COMMANDS, main

SERVER_MODULES = {"sqlalchemy", "fastapi", "boto3", "uvicorn", "chdb"}


def run(*argv: str, code: str = "") -> subprocess.CompletedProcess:
    command = [sys.executable, *(("-c", code) if code else ("-m", "bongsu", *argv))]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_the_version_is_answered_before_anything_is_imported():
    code = (
        "import sys; from bongsu.cli import main; main(['--version']); print(sorted(sys.modules))"
    )

    done = run(code=code)

    assert done.stdout.startswith("bongsu 0.")
    assert "cyclopts" not in done.stdout


@pytest.mark.parametrize(
    "command",
    ["probe", "conditions", "rules", "services", "checks", "incidents", "tasks", "projects"],
)
def test_a_client_command_imports_no_server_code(command):
    code = (
        "import sys\nfrom bongsu.cli import main\n"
        f"main(['{command}', '--help'])\n"
        f"print('LOADED', sorted({SERVER_MODULES!r} & set(sys.modules)))"
    )

    done = run(code=code)

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("LOADED []")


def test_every_command_of_the_table_can_be_imported_and_says_what_it_does():
    import importlib

    for name, place, line in COMMANDS:
        module, attribute = place.split(":")
        assert hasattr(importlib.import_module(module), attribute), name
        assert line.endswith(".")


def test_an_unknown_command_is_refused_with_status_2():
    assert run("nonsense").returncode == 2


def test_an_error_is_one_sentence_in_the_language_of_the_terminal(monkeypatch, capsys):
    monkeypatch.delenv("BONGSU_TOKEN", raising=False)
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")

    assert main(["services", "list"]) == 1
    assert "토큰이 없습니다" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("up",), "a wrong file starts nothing"),
        (("rules", "test"), "f the errors"),
        (("probe",), "such as 10s"),
    ],
)
def test_help_says_what_each_option_is(command, words):
    """The docstrings' parameters were once written in a way that the reader of docstrings did not take."""
    shown = " ".join(run(*command, "--help").stdout.replace("│", " ").split())

    assert words in shown


@pytest.mark.parametrize("command", ["plan", "apply", "validate"])
def test_a_file_that_is_not_there_or_no_text_is_named_before_anything_is_sent(tmp_path, command):
    odd = tmp_path / "odd.yaml"
    odd.write_bytes(b"\xff\xfe")

    for path in (tmp_path / "nope.yaml", tmp_path, odd):
        done = run(command, str(path))
        assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
        assert str(path) in done.stderr


def test_an_address_to_listen_on_that_is_none_is_refused_in_a_sentence():
    done = run("serve", "--listen", "x")

    assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
    assert "127.0.0.1:8080" in done.stderr
