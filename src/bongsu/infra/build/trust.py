"""Who may take a role of a pipeline: one repository and one branch by OIDC, the host of Jenkins, or CodeBuild."""

from typing import Any

from bongsu.infra.build.site import Site
from bongsu.infra.delivery.delivery import BUILD, PUSH, role_name, stem_of
from bongsu.infra.graph import Sub
from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.delivery import Pipeline

GITHUB = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"  # of a token that GitHub gives to AWS's own tools
BY_TOKEN = ("github", "gitlab")
Condition = dict[str, dict[str, Any]]


def issuer(pipeline: Pipeline) -> str:
    """The host that signs the tokens, as IAM names its provider."""
    return GITHUB if pipeline.kind == "github" else pipeline.url.removeprefix("https://")


def audience(pipeline: Pipeline) -> str:
    return AUDIENCE if pipeline.kind == "github" else pipeline.url


def trust(site: Site, name: str, pipeline: Pipeline, word: str) -> dict[str, Any]:
    """The statement of one role's trust. `word`: what the role is for."""
    if pipeline.kind in BY_TOKEN:
        host = issuer(pipeline)
        provider = f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:oidc-provider/{host}"
        return {
            "Effect": "Allow",
            "Principal": {"Federated": Sub(provider)},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": token_condition(pipeline, site.architecture.environment, word),
        }
    return {
        "Effect": "Allow",
        "Principal": {"AWS": Sub(f"arn:${{AWS::Partition}}:iam::{_home(site, pipeline)}:root")},
        "Action": "sts:AssumeRole",
        "Condition": _role_condition(site, name, pipeline, word),
    }


def token_condition(pipeline: Pipeline, environment: str, word: str) -> Condition:
    """A token of this repository, on this branch; to release, of a job in this environment besides."""
    host = issuer(pipeline)
    fixed = {f"{host}:aud": audience(pipeline)}
    if pipeline.kind == "gitlab":
        subject = f"project_path:{pipeline.repository}:ref_type:branch:ref:{pipeline.branch}"
        if pipeline.any_branch:
            return {"StringEquals": fixed, "StringLike": {f"{host}:sub": subject}}
        return {"StringEquals": fixed | {f"{host}:sub": subject}}
    branch = f"refs/heads/{pipeline.branch}"
    fixed |= {f"{host}:repository": pipeline.repository}
    if pipeline.repository_id:
        fixed |= {f"{host}:repository_id": pipeline.repository_id}
    where = f"ref:{branch}" if word == PUSH else f"environment:{environment}"
    alike = {f"{host}:sub": _subjects(pipeline.repository, where)}
    if pipeline.any_branch:
        return {"StringEquals": fixed, "StringLike": alike | {f"{host}:ref": branch}}
    return {"StringEquals": fixed | {f"{host}:ref": branch}, "StringLike": alike}


def _subjects(repository: str, where: str) -> list[str]:
    """GitHub puts the numbers of owner and repository behind their names for newer ones; no name has an @."""
    owner, _, name = repository.partition("/")
    return [f"repo:{repository}:{where}", f"repo:{owner}@*/{name}@*:{where}"]


def _home(site: Site, pipeline: Pipeline) -> str:
    return site.architecture.account_of(pipeline.home) or "${AWS::AccountId}"


def _role_condition(site: Site, name: str, pipeline: Pipeline, word: str) -> Condition:
    """Of all that is in that account, one role only: by its name, or where it has none of its own, by its tag."""
    home = stem_of(site.architecture, pipeline.home)
    if pipeline.kind == "jenkins":
        return {"StringEquals": {"aws:PrincipalTag/Name": f"{home}-{pipeline.host}"}}
    mine = BUILD if word == PUSH else f"to-{site.architecture.environment}"
    role = role_name(home, name, mine)
    arn = f"arn:${{AWS::Partition}}:iam::{_home(site, pipeline)}:role/{role}"
    return {"ArnEquals": {"aws:PrincipalArn": Sub(arn)}}


def role_arns(
    architecture: Architecture, name: str, pipeline: Pipeline, word: str, *environments: str
) -> list[Sub]:
    """The roles of that word in these environments; in all of the pipeline unless named."""
    arns = []
    for environment in environments or tuple(pipeline.environments):
        account = architecture.account_of(environment) or "${AWS::AccountId}"
        role = role_name(stem_of(architecture, environment), name, word)
        arns.append(Sub(f"arn:${{AWS::Partition}}:iam::{account}:role/{role}"))
    return arns
