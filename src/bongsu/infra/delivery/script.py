"""The steps of a pipeline as one shell script, the same for every kind: files beside it say in which order only.

So the order can be run here against stand-ins of docker, the scanner and AWS, and is the same everywhere.
"""

import shlex
from collections.abc import Iterator

from bongsu.infra.delivery.delivery import PUSH, RELEASE, Delivery, Image, Target, made_from

# Version and digest of the list of images for all processors. 0.69.4 to 0.69.6 were an attacker's: see
# GHSA-69fq-xp46-6x23.
SCANNER = (
    "ghcr.io/aquasecurity/trivy:0.73.0"
    "@sha256:7cced7cae583819fc7806d4cbc0dbbc7cad18b99f7d3e235192e6da8c091045c"
)
HEAD = """\
#!/usr/bin/env bash
# {made}
set -euo pipefail
cd "$(dirname "$0")/.."
commit=${{COMMIT:?the commit that is built, in full}}
work=${{WORK:-$PWD/.delivery}}
scans=$work/scans
mkdir -p "$scans"
trap 'rm -rf "$work"/{{token,aws,credentials,home,docker,kubeconfig}}' EXIT
"""
TOOL = """
# bongsu itself, in a place of its own.
bongsu() {{
  if [ ! -x "$work/venv/bin/bongsu" ]; then
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet --disable-pip-version-check {what}
  fi
  "$work/venv/bin/bongsu" "$@"
}}
"""
AS = """
# From here on a step acts in this role, each hour by new credentials; what it was given goes with the step.
act_as() {{
  umask 077
  unset AWS_PROFILE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
{token}  cat > "$work/aws" <<END
[default]
{credentials}
END
  export AWS_CONFIG_FILE=$work/aws AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_REGION=$region
  export HOME=$work/home  # where tools of AWS and Kubernetes lay down what they were given
}}
"""
ASSUMED = """role_arn = $1
role_session_name = {name}-${{commit:0:12}}
{source}"""
SOURCES = {
    "gitlab": "web_identity_token_file = $work/token",
    "jenkins": "credential_source = Ec2InstanceMetadata",
    "codepipeline": "credential_source = EcsContainer",
}
# A token of GitHub's lives for minutes, and a release may wait for hours: whoever needs credentials asks anew.
ASKED_ANEW = """credential_process = bash "$work/credentials" $1 {name}-${{commit:0:12}}"""
TOKENS = {
    "github": """\
  cat > "$work/credentials" <<'END'
set -euo pipefail
token=$(dirname "$0")/token
printf 'Authorization: bearer %s' "$ACTIONS_ID_TOKEN_REQUEST_TOKEN" |
  curl --fail --silent --show-error --retry 3 -H @- "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=sts.amazonaws.com" |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["value"], end="")' > "$token"
AWS_CONFIG_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true aws sts assume-role-with-web-identity \\
  --role-arn "$1" --role-session-name "$2" --web-identity-token "file://$token" --output json |
  python3 -c 'import json, sys; print(json.dumps({"Version": 1, **json.load(sys.stdin)["Credentials"]}))'
END
""",
    "gitlab": """\
  printf %s "${AWS_ID_TOKEN:?GitLab gives it by id_tokens}" > "$work/token"
""",
}
SCAN = """
# Scanned before it goes anywhere. Only the gate decides; a scanner that fails ends the step.
scan() {{
  rm -f "$scans"/*
{each}}}

scan_one() {{
  docker save --output "$scans/$1-$commit.tar" "{name}-$1:$commit"
  docker run --rm --volume "$scans:/scans:ro" --workdir /scans \\
    {scanner} \\
    image --scanners vuln --format json --quiet --timeout 15m --input "$1-$commit.tar" > "$scans/$1.json"
  gate "$1"
}}

gate() {{
  bongsu infra gate {file} "$scans/$1.json" --pipeline {pipeline} --of "$1-$commit.tar"
}}
"""
PUSH_STEP = """
# The gate is asked again, so that nothing is pushed that it did not see, whatever order somebody gives the steps.
push() {{
{gates}  target "$1"
  act_as "$push_role"
  export DOCKER_CONFIG=$work/docker
  aws ecr get-login-password | docker login --username AWS --password-stdin "$registry"
{pushes}}}

push_one() {{
  if aws ecr describe-images --repository-name "$stem-$1" --image-ids "imageTag=$commit" > "$work/there" 2>&1; then
    echo "$stem-$1:$commit is there already; its tag never moves."
    return
  fi
  docker tag "{name}-$1:$commit" "$registry/$stem-$1:$commit"
  docker push "$registry/$stem-$1:$commit"
}}
"""

ROLL_OUT = """
# Pod beside pod; those that do not become ready are taken back, and the step fails. What runs is marked first,
# or fifty later pushes would let it expire, and no new node could pull it.
roll_out() {{
  bongsu infra mark {file} --env "$3" --image "$2=$registry/$stem-$2:$commit"
  export KUBECONFIG=$work/kubeconfig
  aws eks update-kubeconfig --name "$stem-$1" --kubeconfig "$KUBECONFIG" > /dev/null
  kubectl --namespace {namespace} set image "deployment/$2" "$2=$registry/$stem-$2:$commit"
  if ! kubectl --namespace {namespace} rollout status "deployment/$2" --timeout=15m; then
    kubectl --namespace {namespace} rollout undo "deployment/$2"
    exit 1
  fi
}}
"""


def script(delivery: Delivery) -> str:
    return "".join(_parts(delivery))


def _parts(one: Delivery) -> Iterator[str]:
    pipeline, kind = one.pipeline, one.pipeline.kind
    yield HEAD.format(made=made_from(one))
    yield TOOL.format(what=shlex.quote(pipeline.bongsu))
    yield AS.format(token=TOKENS.get(kind, ""), credentials=_credentials(one.name, kind))
    yield _targets(one)
    yield _function("run_tests", [f"bash -euo pipefail -c {shlex.quote(pipeline.test)}"])
    if one.images:
        yield from _of_images(one)
    if any(image.cluster for image in one.images):
        yield ROLL_OUT.format(namespace=one.architecture, file=shlex.quote(one.file))
    yield _function("release", list(_release(one)))
    yield _steps(one)


def _credentials(name: str, kind: str) -> str:
    if kind in SOURCES:
        return ASSUMED.format(name=name, source=SOURCES[kind])
    return ASKED_ANEW.format(name=name)


def _function(name: str, lines: list[str]) -> str:
    return f"\n{name}() {{\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


def _targets(one: Delivery) -> str:
    cases = [line for target in one.targets for line in _target(target)]
    unknown = '*) echo "no environment of this pipeline: $1" >&2; exit 2 ;;'
    ends = [
        "registry=$account.dkr.ecr.$region.amazonaws.com",
        f"push_role=arn:aws:iam::$account:role/$stem-{one.name}-{PUSH}",
        f"release_role=arn:aws:iam::$account:role/$stem-{one.name}-{RELEASE}",
    ]
    return _function("target", ["case $1 in", *cases, f"  {unknown}", "esac", *ends])


def _target(target: Target) -> Iterator[str]:
    """An account that the file does not name comes from the settings of the code host."""
    account = target.account or f"${{{target.account_variable}:?the number of the account}}"
    yield f"  {target.environment})"
    yield f"    account={account} region={target.region} stem={target.stem} ;;"


def _of_images(one: Delivery) -> Iterator[str]:
    builds = ['rm -rf "$work"  # of an earlier run: no part of the image', 'mkdir -p "$scans"']
    builds += [
        f'docker build --pull --platform {one.platform} --tag {one.architecture}-{image.service}:"$commit"'
        f" -- {shlex.quote(image.folder)}"
        for image in one.images
    ]
    yield _function("build", builds)
    each = _each("scan_one", one)
    file = shlex.quote(one.file)
    yield SCAN.format(
        each=each, name=one.architecture, scanner=SCANNER, file=file, pipeline=one.name
    )
    yield PUSH_STEP.format(
        gates=_each("gate", one), pushes=_each("push_one", one), name=one.architecture
    )


def _each(function: str, one: Delivery) -> str:
    return "".join(f"  {function} {image.service}\n" for image in one.images)


def _release(one: Delivery) -> Iterator[str]:
    """A stack whose tasks do not become healthy goes back by itself, and the step fails."""
    everything, file = one.pipeline.releases == "everything", shlex.quote(one.file)
    images = "".join(
        f" --image {image.service}={uri_of(image)}" for image in one.images if not image.cluster
    )
    yield 'target "$1"'
    yield 'act_as "$release_role"'
    if one.packages:
        yield "local code"
        yield f'code=$(bongsu infra package {file} --env "$1" --upload)'
    if images or one.packages or everything:
        code = " $code" if one.packages else ""
        command = "deploy" if everything else "release"
        yield f'bongsu infra {command} {file} --env "$1"{images}{code}'
    for image in one.images:
        if image.cluster:
            yield f'roll_out {image.cluster} {image.service} "$1"'


def uri_of(image: Image) -> str:
    return f'"$registry/$stem-{image.service}:$commit"'


def _steps(one: Delivery) -> str:
    cases = ["  test) run_tests ;;"]
    if one.images:
        cases += ["  build) build ;;", "  scan) scan ;;", '  push) push "${2:?environment}" ;;']
    cases += ['  release) release "${2:?environment}" ;;']
    names = "|".join(case.strip().split(")")[0] for case in cases)
    cases += [f'  *) echo "usage: $0 {names}" >&2; exit 2 ;;']
    return "\n" + "\n".join(["case ${1:-} in", *cases, "esac"]) + "\n"
