"""GitLab CI: one job for each stage, on a runner of the team's own that has docker, Python and the AWS CLI."""

from typing import Any

from bongsu.infra.delivery.delivery import RELEASE_LIMIT_MIN, STEP_LIMIT_MIN, Delivery, Target

RUNNER = "docker-host"
IMAGES = "images"  # `image` is a word of GitLab's own
Job = dict[str, Any]


def place(_: Delivery) -> str:
    return ".gitlab-ci.yml"


def pipeline(one: Delivery) -> Job:
    """A paused one starts by hand only; the variable stops it without a commit."""
    stages = ["test", *([IMAGES] if one.images else []), *(target.job for target in one.targets)]
    found: Job = {
        "workflow": {"rules": [{"if": _starts(one)}]},
        "default": {"tags": [one.pipeline.runner or RUNNER], "interruptible": False},
        "variables": {"COMMIT": "$CI_COMMIT_SHA"},
        "stages": stages,
        "test": _job("test", [f"bash {one.script} test"]),
    }
    if one.images:
        found[IMAGES] = _image(one)
    return found | {target.job: _release(one, target) for target in one.targets}


def _starts(one: Delivery) -> str:
    branch = one.pipeline.branch
    pattern = branch.replace(".", r"\.").replace("/", r"\/").replace("*", ".*")
    on = f"=~ /^{pattern}$/" if one.pipeline.any_branch else f'== "{branch}"'
    by_hand = ' && $CI_PIPELINE_SOURCE == "web"' if one.pipeline.paused else ""
    return f'$CI_COMMIT_BRANCH {on} && ${one.lever} != "true"{by_hand}'


def _job(stage: str, script: list[str], limit_min: int = STEP_LIMIT_MIN) -> Job:
    """The token of a job, which new credentials are asked with, lives as long as the job may."""
    return {"stage": stage, "timeout": f"{limit_min} minutes", "script": script}


def _with_role(one: Delivery) -> Job:
    return {"id_tokens": {"AWS_ID_TOKEN": {"aud": one.pipeline.url}}}


def _image(one: Delivery) -> Job:
    """On one machine: what was scanned is what is pushed. The report is kept, also of what was refused."""
    pushes = [f"bash {one.script} push {target.environment}" for target in one.targets]
    steps = [f"bash {one.script} build", f"bash {one.script} scan", *pushes]
    kept = {"when": "always", "expire_in": "90 days", "paths": [".delivery/scans/*.json"]}
    return {**_job(IMAGES, steps), **_with_role(one), "artifacts": kept}


def _release(one: Delivery, target: Target) -> Job:
    """Who may press stands in GitLab's settings: a protected environment."""
    steps = [f"bash {one.script} release {target.environment}"]
    job = _job(target.job, steps, RELEASE_LIMIT_MIN)
    asked = {"rules": [{"when": "manual", "allow_failure": False}]} if target.asks else {}
    return {
        **job,
        **_with_role(one),
        "environment": {"name": target.environment},
        "resource_group": target.environment,
        **asked,
    }
