"""A declarative Jenkinsfile. Jenkins acts in the role of its machine; nothing of AWS is kept in it."""

from collections.abc import Iterator

from bongsu.infra.delivery.delivery import TEST, Delivery, Target, made_from

LABEL = "docker-host"
# Each stage has a checkout of its own, of whatever the branch is by then: all go on with that of the first.
FIRST = "script { env.COMMIT = env.GIT_COMMIT }"
SAME = """sh 'git checkout --quiet --detach "$COMMIT"'"""
ASKED_DAYS = 3


def place(_: Delivery) -> str:
    return "Jenkinsfile"


def jenkinsfile(one: Delivery) -> str:
    lines = [
        f"// {made_from(one)}",
        "pipeline {",
        *(f"  {line}" for line in _body(one)),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _body(one: Delivery) -> Iterator[str]:
    """A paused one starts by hand only; the variable stops it without a commit."""
    yield "agent none"
    yield "options {"
    yield "  disableConcurrentBuilds()"
    yield "  buildDiscarder(logRotator(numToKeepStr: '50'))"
    yield "}"
    if not one.pipeline.paused:
        yield "triggers { pollSCM('H/2 * * * *') }"
    yield "stages {"
    yield f"  stage('{one.name}') {{"
    yield f"    when {{ beforeAgent true; expression {{ env.{one.lever} != 'true'{_branch(one)} }} }}"
    yield "    stages {"
    for line in _stages(one):
        yield f"      {line}"
    yield "    }"
    yield "  }"
    yield "}"


def _branch(one: Delivery) -> str:
    if one.pipeline.any_branch:
        return ""
    found = "(env.GIT_BRANCH ?: env.BRANCH_NAME ?: '').replaceFirst('^origin/', '')"
    return f" && {found} in ['', '{one.pipeline.branch}']"


def _stages(one: Delivery) -> Iterator[str]:
    yield from _stage(one, "Test", ["test"])
    if one.images:
        pushes = [f"push {target.environment}" for target in one.targets]
        yield from _stage(one, "Image", ["build", "scan", *pushes], reports=True)
    for target in one.targets:
        yield from _stage(
            one, f"Release to {target.environment}", [f"release {target.environment}"], target
        )


def _stage(
    one: Delivery,
    name: str,
    steps: list[str],
    target: Target | None = None,
    *,
    reports: bool = False,
) -> Iterator[str]:
    """A stage that asks holds no machine while it waits."""
    yield f"stage('{name}') {{"
    if target and target.asks:
        yield f"  options {{ timeout(time: {ASKED_DAYS}, unit: 'DAYS') }}"
        yield f"  input {{ message 'Release {one.name} to {target.environment}?' }}"
    yield f"  agent {{ label '{one.pipeline.runner or LABEL}' }}"
    yield "  steps {"
    yield f"    {FIRST if steps == [TEST] else SAME}"
    for step in steps:
        yield f"    sh 'bash {one.script} {step}'"
    yield "  }"
    if reports:
        kept = "archiveArtifacts artifacts: '.delivery/scans/*.json', allowEmptyArchive: true"
        yield f"  post {{ always {{ {kept} }} }}"
    yield "}"
