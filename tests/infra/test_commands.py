"""The room's commands as a person types them, in an empty folder."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from bongsu.cli import main
from bongsu.infra.commands import ELSEWHERE, NOTHING_TO_LOSE
from tests.infra.support import EXAMPLES, SMALL

HEALTH, HYBRID = EXAMPLES / "000-health-checking.yaml", EXAMPLES / "004-hybrid.yaml"
ROOT = EXAMPLES.parents[1]


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    (tmp_path / "a.yaml").write_text(SMALL, encoding="utf-8")
    return Path("a.yaml")


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    status = main(["infra", *map(str, words)])
    said = capsys.readouterr()
    return status, said.out, said.err


def test_a_plan_is_shown_and_its_ranges_are_locked_once(small, capsys):
    status, out, err = run(capsys, "plan", small, "--lock")
    again = run(capsys, "plan", small, "--lock", "--json")
    held = json.loads(Path("a.lock.json").read_text())["environments"]["production"]["networks"]

    assert (status, "a.lock.json" in err, again[2]) == (0, True, "")
    assert held["main"]["cidr"] == json.loads(again[1])["networks"]["main"]["cidr"]
    assert held["main"]["cidr"] in out


def test_a_network_that_is_too_small_locks_nothing(small, capsys):
    small.write_text(SMALL.replace("main: {}", "main: {cidr: 10.1.0.0/28}"))

    status, _, err = run(capsys, "plan", small, "--lock")

    assert (status, Path("a.lock.json").exists()) == (1, False)
    assert "Nothing was locked: there is no room for main:" in err


def test_a_right_file_passes_and_a_wrong_one_fails_with_its_line(small, capsys):
    right = run(capsys, "check", small)
    small.write_text(SMALL.replace("via: front,", "via: front, target_port: 80,"))
    wrong = run(capsys, "check", small, "--json")

    assert (right[0], "Nothing to say against it." in right[1]) == (0, True)
    found = json.loads(wrong[1])["findings"]
    assert wrong[0] == (1 if any(one["severity"] == "error" for one in found) else 0)
    assert [set(one) for one in found] == [
        {"id", "severity", "path", "line", "message", "why", "fix"}
    ] * len(found)
    assert found


def test_a_safe_fix_is_made_in_the_file_and_said(small, capsys):
    before = SMALL.replace("orders: {}", "orders: {delete_protection: false}  # for the trial")
    small.write_text(before)

    status, _, err = run(capsys, "check", small, "--fix")

    assert (status, "Mended" in err) == (0, True)
    assert small.read_text() == before.replace(
        "delete_protection: false", "delete_protection: true"
    )


def test_sarif_names_the_program(small, capsys):
    _, out, _ = run(capsys, "check", small, "--sarif")

    assert json.loads(out)["runs"][0]["tool"]["driver"]["name"] == "Bongsu"


def test_the_cost_of_an_environment_and_what_another_one_saves(capsys):
    _, out, _ = run(capsys, "cost", HYBRID, "--json")
    status, less, _ = run(
        capsys, "cost", HYBRID, "--env", "staging", "--against-env", "production", "--json"
    )

    production, between = json.loads(out), json.loads(less)
    assert status == 0
    assert between["before_usd"] == production["total_usd"]["expected"]
    assert between["after_usd"] < between["before_usd"]
    assert any(one["item"] == "advanced" and one["kind"] == "removed" for one in between["changes"])


def test_a_drill_of_one_loss_and_a_loss_that_is_none(small, capsys):
    _, out, _ = run(capsys, "drill", small, "--lose", "zone:a", "--json")
    status, _, err = run(capsys, "drill", small, "--lose", "zone:q")

    (outcome,) = json.loads(out)["outcomes"]
    assert outcome["lost"] == [{"kind": "zone", "name": "a"}]
    assert (status, "zone:q" in err, "zone:a" in err) == (1, True, True)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_drawing_is_whole_and_names_every_part(small, capsys, language):
    status, _, _ = run(
        capsys, "draw", small, "--language", language, "--lose", "zone:a", "--out", "a.svg"
    )

    drawn = ET.parse("a.svg").getroot()
    parts = {one.get("data-part") for one in drawn.iter() if one.get("data-part")}
    assert status == 0
    assert {"front", "web", "orders", "pictures"} <= parts


def test_templates_are_written_in_the_order_of_deployment(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)

    _, out, _ = run(capsys, "render", HEALTH, "--out", tmp_path / "t")

    names = [Path(line).stem for line in out.splitlines()]
    assert names == [f"beacon-production-{stack}" for stack in ("network", "data", "app")]
    assert all(
        json.loads((tmp_path / "t" / f"{name}.json").read_text())["Resources"] for name in names
    )


def test_a_file_that_is_not_there_is_named(small, capsys):
    for command in ("plan", "check", "cost", "drill", "draw", "render"):
        status, out, err = run(capsys, command, "b.yaml")
        assert (status, out, err) == (1, "", "bongsu: There is no file b.yaml.\n")


def test_terraform_is_a_preview_that_says_so(small, capsys):
    status, out, err = run(
        capsys, "render", small, "--to", "terraform", "--state-bucket", "states", "--out", "t"
    )
    printed = run(capsys, "render", small, "--to", "terraform", "--state-bucket", "states")[1]

    assert (status, out) == (0, "t/main.tf.json\n")
    assert "A preview: no provider has seen this yet." in err
    assert json.loads(Path("t/main.tf.json").read_text()) == json.loads(printed)
    assert json.loads(printed)["terraform"]["backend"]["s3"]["bucket"] == "states"


def test_a_state_needs_terraform(small, capsys):
    status, out, err = run(capsys, "render", small, "--state-bucket", "states")

    assert (status, out) == (1, "")
    assert "--state-bucket is for --to terraform only." in err


def test_the_list_of_commands_says_what_each_is_for(capsys):
    main(["infra", "--help"])
    rows = [line.strip("│ ").split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    rows = [row for row in rows if row and row[0] in {*ELSEWHERE, "plan", "check", "draw", "drill"}]

    assert len(rows) == len(ELSEWHERE) + 4
    assert [row for row in rows if len(row) < 2] == []


@pytest.mark.parametrize("command", ["plan", "check", "draw", "drill", *ELSEWHERE])
def test_each_command_says_of_each_option_what_it_is(command, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    words = ["prices", "refresh"] if command == "prices" else [command]
    main(["infra", *words, "--help"])
    rows = [line.strip("│ *") for line in capsys.readouterr().out.splitlines() if " --" in line]
    said = {row: [word for word in row.partition("[")[0].split() if _is_said(word)] for row in rows}

    assert rows
    assert [row for row, words in said.items() if not words] == []


def _is_said(word: str) -> bool:
    """Not the name of an option, nor of what it takes."""
    return not (word.startswith("-") or word.isupper())


def test_what_cannot_be_built_is_refused_with_its_line(small, capsys):
    small.write_text(SMALL.replace("hosts: [shop.example.com]", "paths: [/a]"))

    checked = run(capsys, "check", small)
    rendered = run(capsys, "render", small)

    assert (checked[0], "a.yaml:8: error BLD001 load_balancers.front.tls" in checked[1]) == (
        1,
        True,
    )
    assert (rendered[0], "a.yaml:8: load_balancers.front.tls: front answers" in rendered[2]) == (
        1,
        True,
    )


def test_a_drill_without_anything_to_lose_says_so(small, capsys):
    small.write_text("name: shop\nregion: us-east-1\nbuckets: {pictures: {}}\n")

    status, out, _ = run(capsys, "drill", small)

    assert (status, out) == (0, f"{NOTHING_TO_LOSE}\n")


def test_the_gate_of_a_file_without_pipelines_says_that_there_are_none(small, capsys):
    status, _, err = run(capsys, "gate", small, "report.json")

    assert (status, "a.yaml has no pipelines." in err) == (1, True)
