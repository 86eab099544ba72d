"""GitHub Actions: a workflow of jobs that ask for no more than each needs. One action of others, by its commit."""

from typing import Any

from bongsu.infra.delivery.delivery import RELEASE_LIMIT_MIN, STEP_LIMIT_MIN, Delivery, Target

CHECKOUT = "actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8"
VERSIONS = {CHECKOUT: "v5.0.0"}
RUNNERS = {"linux/arm64": "ubuntu-24.04-arm", "linux/amd64": "ubuntu-24.04"}
Job = dict[str, Any]


def place(one: Delivery) -> str:
    return f".github/workflows/{one.name}.yml"


def workflow(one: Delivery) -> Job:
    """A paused one starts by hand only; the variable stops it without a commit."""
    pushed = {} if one.pipeline.paused else {"push": {"branches": [one.pipeline.branch]}}
    jobs = {"test": _job(one, [_run("Test", f"bash {one.script} test")], {"contents": "read"})}
    jobs["test"]["if"] = f"vars.{one.lever} != 'true'{_on_branch(one)}"
    before = "test"
    if one.images:
        jobs["image"] = _image(one)
        before = "image"
    for target in one.targets:
        jobs[target.job] = _release(one, target, before)
        before = target.job
    return {
        "name": one.name,
        "on": {**pushed, "workflow_dispatch": {}},
        "permissions": {},
        "concurrency": {"group": one.name, "cancel-in-progress": False},
        "jobs": jobs,
    }


def _on_branch(one: Delivery) -> str:
    """By hand it may be started on any branch: the roles would refuse it, and this says it sooner."""
    branch = one.pipeline.branch
    return "" if one.pipeline.any_branch else f" && github.ref == 'refs/heads/{branch}'"


def _job(one: Delivery, steps: list[Job], permissions: dict[str, str]) -> Job:
    checkout = {"uses": CHECKOUT, "with": {"persist-credentials": False}}
    return {
        "runs-on": one.pipeline.runner or RUNNERS[one.platform],
        "timeout-minutes": STEP_LIMIT_MIN,
        "permissions": permissions,
        "env": _settings(one),
        "steps": [checkout, *steps],
    }


def _settings(one: Delivery) -> dict[str, str]:
    names = [target.account_variable for target in one.targets if target.account is None]
    return {"COMMIT": "${{ github.sha }}", **{name: f"${{{{ vars.{name} }}}}" for name in names}}


def _run(name: str, command: str) -> Job:
    return {"name": name, "run": command}


def _image(one: Delivery) -> Job:
    """On one machine: what was scanned is what is pushed. Tests ran in a job that could ask for no role."""
    steps = [_run("Build", f"bash {one.script} build"), _run("Scan", f"bash {one.script} scan")]
    steps += [
        _run(f"Push for {target.environment}", f"bash {one.script} push {target.environment}")
        for target in one.targets
    ]
    return {"needs": "test", **_job(one, steps, _with_role())}


def _release(one: Delivery, target: Target, before: str) -> Job:
    """Who must say yes stands in the settings of GitHub's environment; the role trusts jobs of it only."""
    command = f"bash {one.script} release {target.environment}"
    job = _job(one, [_run(f"Release to {target.environment}", command)], _with_role())
    job["timeout-minutes"] = RELEASE_LIMIT_MIN
    return {"needs": before, "environment": target.environment, **job}


def _with_role() -> dict[str, str]:
    return {"contents": "read", "id-token": "write"}
