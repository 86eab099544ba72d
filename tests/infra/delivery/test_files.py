"""Workflows, jobs and stages: in their order, no more rights than needed, and by the schemas of the code hosts."""

import json
import re
from functools import cache
from importlib.resources import files as resources

import pytest
import yaml
from jsonschema import validators

from tests.infra.delivery.support import KINDS, files

SCHEMAS = {"github": "github-workflows", "gitlab": "gitlab-ci"}
PLACES = {
    "github": ".github/workflows/delivery.yml",
    "gitlab": ".gitlab-ci.yml",
    "jenkins": "Jenkinsfile",
}
VARIANTS = [
    {},
    {".paused": True},
    {".branch": "release/*"},
    {"accounts": None},
    {".runner": "on-premises"},
]


def parsed(kind, changes=None):
    return yaml.safe_load(files(kind, changes)[PLACES[kind]])


@cache
def validator(kind):
    place = resources("check_jsonschema") / "builtin_schemas" / "vendor" / f"{SCHEMAS[kind]}.json"
    schema = json.loads(place.read_text(encoding="utf-8"))
    return validators.validator_for(schema)(schema)


@pytest.mark.parametrize("kind", SCHEMAS)
@pytest.mark.parametrize("changes", VARIANTS)
def test_the_schema_of_the_code_host_takes_the_file(kind, changes):
    assert [one.message for one in validator(kind).iter_errors(parsed(kind, changes))] == []


@pytest.mark.parametrize("kind", SCHEMAS)
def test_the_schema_does_find_what_is_wrong(kind):
    wrong = parsed(kind) | {"jobs": {"a": {"steps": "none"}}, "stages": 3}

    assert list(validator(kind).iter_errors(wrong))


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_file_gives_the_same_bytes(kind):
    assert files(kind) == files(kind)


# --- GitHub


def test_jobs_follow_each_other_and_production_is_its_own_environment():
    jobs = parsed("github")["jobs"]

    assert [(name, job.get("needs"), job.get("environment")) for name, job in jobs.items()] == [
        ("test", None, None),
        ("image", "test", None),
        ("release-staging", "image", "staging"),
        ("release-production", "release-staging", "production"),
    ]


def test_the_job_that_runs_tests_can_ask_for_no_role():
    workflow = parsed("github")

    assert workflow["permissions"] == {}
    may = {name: job["permissions"].get("id-token") for name, job in workflow["jobs"].items()}
    assert may == {
        "test": None,
        "image": "write",
        "release-staging": "write",
        "release-production": "write",
    }


def test_every_action_is_pinned_by_its_commit():
    used = [
        step["uses"]
        for job in parsed("github")["jobs"].values()
        for step in job["steps"]
        if "uses" in step
    ]

    assert used
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", one) for one in used)


def test_the_scan_comes_before_every_push():
    steps = [step.get("run", "") for step in parsed("github")["jobs"]["image"]["steps"]]
    script = parsed("gitlab")["images"]["script"]

    for found in (steps, script, files("jenkins")["Jenkinsfile"].splitlines()):
        places = {
            word: [i for i, line in enumerate(found) if f".sh {word}" in line]
            for word in ("scan", "push")
        }
        assert len(places["push"]) == 2
        assert places["scan"][0] < min(places["push"])


def test_a_paused_pipeline_starts_by_hand_only_and_the_lever_stops_it_without_a_commit():
    assert "push" in parsed("github")["on"]
    assert set(parsed("github", {".paused": True})["on"]) == {"workflow_dispatch"}
    assert (
        'PIPELINE_SOURCE == "web"'
        in parsed("gitlab", {".paused": True})["workflow"]["rules"][0]["if"]
    )
    assert "triggers" not in files("jenkins", {".paused": True})["Jenkinsfile"]
    for kind in PLACES:
        assert "DELIVERY_PAUSED" in files(kind)[PLACES[kind]]


def test_a_release_may_take_longer_than_the_other_steps():
    """GitLab's token lives as long as its job may; with none it would be five minutes."""
    jobs, found = parsed("github")["jobs"], parsed("gitlab")

    assert [job["timeout-minutes"] for job in jobs.values()] == [60, 60, 180, 180]
    assert [found[name]["timeout"] for name in ("images", "release-staging")] == [
        "60 minutes",
        "180 minutes",
    ]


# --- GitLab


def test_production_waits_for_a_person_and_staging_does_not():
    found = parsed("gitlab")

    assert found["release-production"]["rules"] == [{"when": "manual", "allow_failure": False}]
    assert "rules" not in found["release-staging"]
    assert "id_tokens" not in found["test"]


@pytest.mark.parametrize(
    ("branch", "said"),
    [
        ("main", '$CI_COMMIT_BRANCH == "main"'),
        ("release/*", r"$CI_COMMIT_BRANCH =~ /^release\/.*$/"),
    ],
)
def test_a_branch_is_a_name_or_a_pattern(branch, said):
    assert parsed("gitlab", {".branch": branch})["workflow"]["rules"][0]["if"].startswith(said)


# --- Jenkins


def test_stages_are_well_nested_and_only_production_asks():
    text = files("jenkins")["Jenkinsfile"]
    stages = re.findall(r"stage\('([^']+)'\)", text)

    depth = 0
    for sign in re.findall(r"[{}]", text):
        depth += 1 if sign == "{" else -1
        assert depth >= 0
    assert depth == 0
    assert stages == ["delivery", "Test", "Image", "Release to staging", "Release to production"]
    assert text.count("input {") == 1
    assert text.index("Release to production") < text.index("input {")


def test_every_stage_goes_on_with_the_commit_of_the_first():
    stages = files("jenkins")["Jenkinsfile"].split("steps {")[1:]

    assert "env.COMMIT = env.GIT_COMMIT" in stages[0]
    for stage in stages[1:]:
        assert stage.index("git checkout --quiet --detach") < stage.index("bash ci/delivery.sh")


# --- CodePipeline


def test_codepipeline_needs_the_script_only():
    assert set(files("codepipeline")) == {"ci/delivery.sh"}
