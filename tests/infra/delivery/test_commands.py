"""The commands of a pipeline as it types them."""

import json

import pytest

from bongsu.cli import main
from bongsu.infra import package_commands
from bongsu.infra.deploy import aws
from tests.infra.check.mutations_clusters import PODS
from tests.infra.delivery.reports import HOLE, OF, report, text
from tests.infra.delivery.support import STAGING, written
from tests.infra.deploy.test_stacks import Told


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    (tmp_path / "a.yaml").write_text(written("github"))
    (tmp_path / "clean.json").write_bytes(text(report()))
    (tmp_path / "hole.json").write_bytes(text(report(HOLE)))
    (tmp_path / "empty.json").write_bytes(b"")
    return tmp_path


def run(capsys, *words):
    status = main(["infra", *words])
    said = capsys.readouterr()
    return status, said.out, said.err


@pytest.mark.parametrize(
    ("name", "status", "said"),
    [
        ("clean.json", 0, f"It may go on: {OF}."),
        ("hole.json", 1, "Refused: 1 reasons."),
        ("empty.json", 1, "It is empty: the scanner did not finish."),
        ("none.json", 1, "there is no report none.json"),
    ],
)
def test_the_gate_says_yes_or_every_reason(folder, capsys, name, status, said):
    found = run(capsys, "gate", "a.yaml", name, "--of", OF)

    assert found[0] == status
    assert said in found[1] + found[2]


def test_what_is_lived_with_is_told_and_passes(folder, capsys):
    lived = {"id": "CVE-2026-1111", "until": "2099-01-01", "why": "Only reachable from the build."}
    (folder / "a.yaml").write_text(written("github", {".scan": {"accepted": [lived]}}))

    status, out, _ = run(capsys, "gate", "a.yaml", "hole.json")

    assert status == 0
    assert "is accepted until 2099-01-01: Only reachable from the build." in out


def test_a_gate_without_its_pipeline_says_which_there_are(folder, capsys):
    status, _, err = run(capsys, "gate", "a.yaml", "clean.json", "--pipeline", "other")

    assert status != 0
    assert "Known there: delivery" in err


def test_files_come_below_the_root_or_as_one_document(folder, capsys):
    status, out, _ = run(capsys, "render", "a.yaml", "--to", "pipelines", "--out", ".")
    assert status == 0
    assert (folder / "ci/delivery.sh").read_text().startswith("#!/usr/bin/env bash")
    assert (folder / ".github/workflows/delivery.yml").is_file()
    assert len(out.splitlines()) == 2

    printed = json.loads(run(capsys, "render", "a.yaml", "--to", "pipelines")[1])
    assert set(printed) == {"ci/delivery.sh", ".github/workflows/delivery.yml"}


@pytest.mark.parametrize(
    ("changes", "where", "said"),
    [
        ({"pipelines": None}, "a.yaml", "has no pipelines"),
        ({}, "{root}/a.yaml", "below the root of the repository"),
    ],
)
def test_what_cannot_be_rendered_is_said(folder, capsys, changes, where, said):
    (folder / "a.yaml").write_text(written("github", changes))

    status, _, err = run(capsys, "render", where.format(root=folder), "--to", "pipelines")

    assert status != 0
    assert said in err


def test_packages_are_not_put_into_another_account(folder, capsys, monkeypatch):
    client = Told(get_caller_identity=[{"Account": "999999999999"}])
    monkeypatch.setattr(package_commands, "clients", lambda *_: lambda *_: client)
    function = {"handler": "app.handler", "build": "code"}
    (folder / "a.yaml").write_text(written("github", {"functions.notify": function}))
    (folder / "code").mkdir()
    (folder / "code/app.py").write_text("def handler(event, context): return event")

    status, out, err = run(capsys, "package", "a.yaml", "--upload")

    assert status != 0
    assert "these credentials are of 999999999999" in err
    assert (client.names(), out) == (["get_caller_identity"], "")


def test_a_release_that_nothing_can_be_released_by_is_said_before_aws_is_asked(folder, capsys):
    status, _, err = run(
        capsys, "release", "a.yaml", "--env", "staging", "--image", "web=a/b:latest"
    )

    assert status != 0
    assert "has no fixed version" in err


def test_an_image_that_a_cluster_runs_is_kept_by_name(folder, capsys, monkeypatch):
    client = Told(
        get_caller_identity=[{"Account": STAGING}],
        batch_get_image=[{"images": [{"imageManifest": "{}", "imageManifestMediaType": "m"}]}],
    )
    monkeypatch.setattr(aws, "clients", lambda *_: lambda *_: client)
    uri = f"{STAGING}.dkr.ecr.ap-northeast-2.amazonaws.com/shop-staging-web:1"

    status, out, _ = run(capsys, "mark", "a.yaml", "--env", "staging", "--image", f"web={uri}")

    assert (status, out) == (0, f"The image of web is kept: {uri}.\n")
    assert "put_image" in client.names()


def test_a_release_of_what_a_cluster_runs_says_how_it_is_done(folder, capsys):
    (folder / "a.yaml").write_text(written("gitlab", PODS))

    status, _, err = run(capsys, "release", "a.yaml", "--env", "staging", "--image", "web=a/b:1")

    assert status != 0
    assert "web runs on the cluster apps: kubectl starts its new image" in err
