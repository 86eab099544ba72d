"""The steps really run, with the real gate, against stand-ins of docker, the scanner, curl and AWS."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infra.check.mutations_clusters import PODS
from tests.infra.delivery.reports import HOLE, report, text
from tests.infra.delivery.support import KINDS, PRODUCTION, STAGING, files, written

COMMIT = "0123456789abcdef0123456789abcdef01234567"
# Each stand-in writes what it was asked; docker answers for the scanner too.
DOCKER = """#!/usr/bin/env bash
echo "docker $*" >> "$LOG"
case $1 in
  save) : > "$3" ;;
  login) cat > "$LOG.password" ;;
  run)
    sed "s/NAME/$(basename "${@: -1}")/" "$REPORT"
    exit "${SCANNER_STATUS:-0}" ;;
esac
"""
AWS = """#!/usr/bin/env bash
if [ "$2" = assume-role-with-web-identity ]; then
  echo "assumed $4 $AWS_CONFIG_FILE $(cat "${8#file://}")" >> "$LOG.assumed"
  echo '{"Credentials": {"AccessKeyId": "AKIA", "SecretAccessKey": "s", "SessionToken": "t",
    "Expiration": "2026-11-29T04:00:00+00:00"}}'
  exit
fi
echo "aws $*" >> "$LOG"
cp "$AWS_CONFIG_FILE" "$LOG.config"
process=$(sed -n 's/^credential_process = //p' "$AWS_CONFIG_FILE")
[ -z "$process" ] || eval "$process" > "$LOG.given"
mkdir -p "$HOME/.aws/cli/cache" && echo a-session > "$HOME/.aws/cli/cache/1.json"
case $2 in
  get-login-password) echo a-password ;;
  describe-images) exit "${IS_THERE:-254}" ;;
esac
"""
CURL = """#!/usr/bin/env bash
cat > "$LOG.header"
echo "curl $*" >> "$LOG.asked"
echo '{"value": "a-token"}'
"""
# A roll-out whose pods never become ready.
KUBECTL = """#!/usr/bin/env bash
echo "kubectl $*" >> "$LOG"
[ "$4" != status ] || exit "${ROLLED_OUT:-0}"
"""
# The gate is the program's own; what would talk to AWS is only written down. A long release asks twice who it is.
BONGSU = """#!/usr/bin/env bash
if [ "$2" = gate ]; then
  echo "gate $4" >> "$LOG"
  exec {python} -m bongsu.cli "$@"
fi
echo "bongsu $*" >> "$LOG"
[ "$2" = package ] && echo "--code notify=s3://own/packages/notify/1.zip"
cp "$AWS_CONFIG_FILE" "$LOG.config"
process=$(sed -n 's/^credential_process = //p' "$AWS_CONFIG_FILE")
[ -z "$process" ] || for _ in 1 2; do eval "$process" > "$LOG.given"; done
cp "$WORK/token" "$LOG.token" 2> /dev/null || true
"""


class Runner:
    """A machine of a code host, with a repository of the team's on it."""

    def __init__(self, root: Path, kind: str, changes: dict | None = None) -> None:
        self.root, self.log = root, root / "log"
        for place, content in files(kind, changes).items():
            (root / place).parent.mkdir(parents=True, exist_ok=True)
            (root / place).write_text(content)
        (root / "architecture.yaml").write_text(written(kind, changes))
        self.work = root / ".delivery"
        self.programs = root / "bin"
        for name, content in (
            ("docker", DOCKER),
            ("aws", AWS),
            ("curl", CURL),
            ("kubectl", KUBECTL),
        ):
            self._program(self.programs / name, content)
        self.log.write_text("")
        self.says(report(ArtifactName="NAME"))

    def _program(self, place: Path, content: str) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
        place.chmod(0o755)

    def says(self, document: dict | bytes) -> None:
        raw = document if isinstance(document, bytes) else text(document)
        (self.root / "report").write_bytes(raw)

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        self._program(self.work / "venv" / "bin" / "bongsu", BONGSU.format(python=sys.executable))
        given = {
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "HOME": str(self.root),
            "COMMIT": COMMIT,
            "WORK": str(self.work),
            "LOG": str(self.log),
            "REPORT": str(self.root / "report"),
            "ACTIONS_ID_TOKEN_REQUEST_URL": "https://token.test/?a=b",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "a-request-token",
            "AWS_ID_TOKEN": "a-token",
            "LC_ALL": "C.UTF-8",
        }
        return subprocess.run(
            ["bash", "ci/delivery.sh", *words],
            cwd=self.root, env=given | environment, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip

    @property
    def did(self) -> list[str]:
        return self.log.read_text().splitlines()

    @property
    def asked(self) -> list[str]:
        """Calls of the code host for a token."""
        file = Path(f"{self.log}.asked")
        return file.read_text().splitlines() if file.exists() else []

    def pushed(self) -> list[str]:
        return [line for line in self.did if line.startswith("docker push")]


@pytest.fixture
def runner(tmp_path):
    return Runner(tmp_path, "github")


@pytest.mark.parametrize("kind", KINDS)
def test_every_script_is_one_that_a_shell_can_read(kind, tmp_path):
    Runner(tmp_path, kind)

    done = subprocess.run(
        ["bash", "-n", tmp_path / "ci/delivery.sh"], capture_output=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, b"")


def test_a_clean_image_is_built_scanned_and_only_then_pushed(runner):
    done = [runner.run(*step) for step in (("build",), ("scan",), ("push", "staging"))]

    assert [one.returncode for one in done] == [0, 0, 0], done[-1].stderr
    words = [" ".join(line.split()[:2]) for line in runner.did]
    words[5:7] = sorted(words[5:7])  # the two ends of a pipe
    assert words == [
        "docker build", "docker save", "docker run", "gate " + str(runner.work / "scans/web.json"),
        "gate " + str(runner.work / "scans/web.json"), "aws ecr", "docker login", "aws ecr",
        "docker tag", "docker push",
    ]  # fmt: skip
    registry = f"{STAGING}.dkr.ecr.ap-northeast-2.amazonaws.com"
    assert runner.pushed() == [f"docker push {registry}/shop-staging-web:{COMMIT}"]


def test_an_image_with_a_hole_ends_at_the_gate_and_is_never_pushed(runner):
    runner.says(report(HOLE, ArtifactName="NAME"))

    scanned, pushed = runner.run("scan"), runner.run("push", "production")

    assert (scanned.returncode, pushed.returncode) == (1, 1)
    assert "CVE-2026-1111 in openssl" in scanned.stderr
    assert not [line for line in runner.did if line.startswith(("aws", "docker push"))]
    assert runner.asked == []


def test_nothing_is_pushed_that_was_not_scanned(runner):
    done = runner.run("push", "production")

    assert done.returncode == 1
    assert "there is no report" in done.stderr
    assert runner.pushed() == []


def test_a_scanner_that_fails_ends_the_step_whatever_it_wrote(runner):
    done = runner.run("scan", SCANNER_STATUS="2")

    assert done.returncode == 2
    assert not [line for line in runner.did if line.startswith("gate")]


def test_a_report_without_contents_ends_at_the_gate(runner):
    runner.says(b"")

    assert runner.run("scan").returncode == 1
    assert runner.pushed() == []


def test_the_report_of_another_commit_lets_nothing_through(runner):
    assert runner.run("scan").returncode == 0

    done = runner.run("push", "staging", COMMIT="f" * 40)

    assert (done.returncode, runner.pushed()) == (1, [])


@pytest.mark.parametrize(
    ("kind", "credentials"),
    [
        ("github", "credential_process"),
        ("gitlab", "web_identity_token_file"),
        ("jenkins", "credential_source = Ec2InstanceMetadata"),
        ("codepipeline", "credential_source = EcsContainer"),
    ],
)
def test_a_release_acts_in_the_role_of_the_environments_own_account(kind, credentials, tmp_path):
    runner = Runner(tmp_path, kind)

    done = runner.run("release", "production")

    assert done.returncode == 0, done.stderr
    config = Path(f"{runner.log}.config").read_text()
    assert f"arn:aws:iam::{PRODUCTION}:role/shop-production-delivery-release" in config
    assert credentials in config
    registry = f"{PRODUCTION}.dkr.ecr.ap-northeast-2.amazonaws.com"
    image = f"--image web={registry}/shop-production-web:{COMMIT}"
    assert runner.did[-1] == f"bongsu infra release architecture.yaml --env production {image}"
    if "web_identity" in credentials:
        assert Path(f"{runner.log}.token").read_text() == "a-token"


def test_a_release_that_outlasts_its_credentials_gets_others_by_a_fresh_token(runner):
    """GitHub's token lives for minutes and AWS's credentials for an hour; a roll-out may take longer."""
    done = runner.run("release", "production")

    assert done.returncode == 0, done.stderr
    role = f"arn:aws:iam::{PRODUCTION}:role/shop-production-delivery-release"
    assumed = Path(f"{runner.log}.assumed").read_text().splitlines()
    assert assumed == [f"assumed {role} /dev/null a-token"] * 2
    assert len(runner.asked) == 2
    assert json.loads(Path(f"{runner.log}.given").read_text()) == {
        "Version": 1, "AccessKeyId": "AKIA", "SecretAccessKey": "s", "SessionToken": "t",
        "Expiration": "2026-11-29T04:00:00+00:00",
    }  # fmt: skip


def test_what_a_step_was_given_goes_with_it_and_a_tag_that_is_there_never_moves(runner):
    runner.run("scan")

    done = runner.run("push", "staging", IS_THERE="0")

    left = {path.name for path in runner.work.iterdir()}
    assert left & {"token", "aws", "credentials", "home", "docker"} == set()
    assert not (runner.root / ".aws").exists()
    told = done.stdout + done.stderr + runner.log.read_text()
    assert not [word for word in ("a-token", "a-request-token", "a-password") if word in told]
    assert Path(f"{runner.log}.header").read_text() == "Authorization: bearer a-request-token"
    assert (done.returncode, runner.pushed()) == (0, [])
    assert "never moves" in done.stdout


def test_a_test_that_fails_ends_the_step(tmp_path):
    runner = Runner(tmp_path, "gitlab", {".test": "false | true\necho 'it''s reached'"})

    assert runner.run("test").returncode == 1
    assert Runner(tmp_path, "gitlab", {".test": "echo 'a quote'"}).run("test").stdout == "a quote\n"


@pytest.mark.parametrize(
    "words", [(), ("deploy",), ("push",), ("release",), ("release", "elsewhere")]
)
def test_a_step_that_is_not_known_does_nothing(runner, words):
    assert runner.run(*words).returncode != 0
    assert runner.did == []


def test_an_account_that_the_file_does_not_name_must_be_given(tmp_path):
    runner = Runner(tmp_path, "github", {"accounts": None})

    assert "the number of the account" in runner.run("release", "staging").stderr
    assert runner.run("release", "staging", ACCOUNT_STAGING=STAGING).returncode == 0


def test_all_that_a_file_says_is_deployed_where_the_pipeline_may(tmp_path):
    runner = Runner(tmp_path, "codepipeline", {".releases": "everything"})

    assert runner.run("release", "staging").returncode == 0
    assert runner.did[-1].startswith(
        "bongsu infra deploy architecture.yaml --env staging --image web="
    )


def test_packages_of_functions_are_made_and_released_with_the_images(tmp_path):
    runner = Runner(tmp_path, "github", {"functions.notify": {"handler": "a.handler"}})

    assert runner.run("release", "staging").returncode == 0
    made, released = runner.did[-2:]
    assert made == "bongsu infra package architecture.yaml --env staging --upload"
    assert released.endswith(
        f"shop-staging-web:{COMMIT} --code notify=s3://own/packages/notify/1.zip"
    )


def test_on_kubernetes_pods_that_do_not_become_ready_are_taken_back(tmp_path):
    runner = Runner(tmp_path, "gitlab", PODS)

    good, bad = (
        runner.run("release", "production"),
        runner.run("release", "staging", ROLLED_OUT="1"),
    )

    assert (good.returncode, bad.returncode) == (0, 1)
    asked = [
        line.removeprefix("kubectl --namespace shop ").split()[:2]
        for line in runner.did
        if "kubectl" in line
    ]
    assert asked == [
        ["set", "image"],
        ["rollout", "status"],
        ["set", "image"],
        ["rollout", "status"],
        ["rollout", "undo"],
    ]
    assert not [line for line in runner.did if line.startswith("bongsu infra release")]


def test_on_kubernetes_an_image_is_kept_before_it_runs(tmp_path):
    runner = Runner(tmp_path, "gitlab", PODS)

    assert runner.run("release", "staging").returncode == 0

    image = f"web={STAGING}.dkr.ecr.ap-northeast-2.amazonaws.com/shop-staging-web:{COMMIT}"
    words = f"bongsu infra mark architecture.yaml --env staging --image {image}"
    steps = [line for line in runner.did if line == words or " set image " in line]
    assert (len(steps), steps[0]) == (2, words)
