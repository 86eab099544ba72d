"""CodePipeline of type V2: source → test → image → each environment, with a person's word between; by CodeBuild.

What a project does stands in this template, not in the repository: a commit cannot change who asks whom.
"""

import json
from collections.abc import Sequence
from typing import Any

from bongsu.document import Path
from bongsu.infra.build.closed import closed, expire
from bongsu.infra.build.policies import (
    Statement,
    allow,
    document,
    inline,
    of_this_account,
    only_tls,
    taken_by,
)
from bongsu.infra.build.site import Site
from bongsu.infra.build.trust import role_arns
from bongsu.infra.delivery.delivery import (
    BUILD,
    PUSH,
    RELEASE,
    RELEASE_LIMIT_MIN,
    STEP_LIMIT_MIN,
    TEST,
    WHOLE,
    platform_of,
    role_name,
)
from bongsu.infra.graph import Att, Ref, Sub, logical_id
from bongsu.infra.model.delivery import Pipeline

MACHINES = {
    "linux/arm64": ("ARM_CONTAINER", "aws/codebuild/amazonlinux-aarch64-standard:3.0"),
    "linux/amd64": ("LINUX_CONTAINER", "aws/codebuild/amazonlinux-x86_64-standard:5.0"),
}
SMALL = "BUILD_GENERAL1_SMALL"
PYTHON = {"runtime-versions": {"python": "3.13"}}
KEPT_DAYS, LOG_DAYS, APPROVAL_MIN = 30, 90, 3 * 24 * 60
HOSTS = {"github": "GitHub", "gitlab": "GitLab"}
SOURCE = "Source"


def build(site: Site, name: str, pipeline: Pipeline) -> None:
    _Pipeline(site, name, pipeline).build()


class _Pipeline:
    def __init__(self, site: Site, name: str, block: Pipeline) -> None:
        self.site, self.name, self.block = site, name, block
        self.path: Path = ("pipelines", name)
        self.images = site.architecture.built_by(block)
        self.script = f"bash ci/{name}.sh"

    def build(self) -> None:
        connection, bucket = self._connection(), self._bucket()
        projects = {TEST: self._project(TEST, [f"{self.script} test"], [])}
        if self.images:
            projects[BUILD] = self._project(
                BUILD, self._image_steps(), self._may(PUSH), docker=True
            )
        for environment in self.block.environments:
            word = f"to-{environment}"
            steps = [f"{self.script} release {environment}"]
            projects[word] = self._project(word, steps, self._may(RELEASE, environment))
        role = self._role(WHOLE, "codepipeline", self._own_rights(connection, bucket, projects))
        self._pipeline(role, connection, bucket, projects)

    def add(self, word: str, type: str, values: dict[str, Any]) -> Ref:  # noqa: A002
        id = logical_id("delivery", self.name, word)  # noqa: A001
        return self.site.add("data", id, type, self.path, values)

    # --- what stands around it

    def _connection(self) -> Ref:
        """A person opens it once in the console; until then the pipeline has no source."""
        values = {
            "ConnectionName": self.site.name(self.name)[:32].rstrip("-"),
            "ProviderType": HOSTS[self.block.hosted],
            "Tags": self.site.tags(self.name),
        }
        return self.add("connection", "AWS::CodeConnections::Connection", values)

    def _bucket(self) -> Ref:
        values = {
            **closed(),
            "VersioningConfiguration": {"Status": "Enabled"},
            "LifecycleConfiguration": {"Rules": [expire(KEPT_DAYS, old_days=KEPT_DAYS)]},
            "Tags": self.site.tags(self.name),
        }
        made = self.add("artifacts", "AWS::S3::Bucket", values)
        arns = [Att(made.id, "Arn"), Sub("${Arn}/*", {"Arn": Att(made.id, "Arn")})]
        policy = {"Bucket": made, "PolicyDocument": document(only_tls(arns, "s3:*"))}
        self.add("artifacts-policy", "AWS::S3::BucketPolicy", policy)
        return made

    def _role(self, word: str, service: str, statements: Sequence[Statement]) -> Ref:
        """With a name of its own: roles in other accounts trust it by that."""
        values = {
            "RoleName": role_name(self.site.architecture.stem, self.name, word),
            "AssumeRolePolicyDocument": taken_by(f"{service}.amazonaws.com", of_this_account()),
            "Policies": inline({word: statements}),
            "Tags": self.site.tags(self.name, word),
        }
        return self.add(f"role-{word}", "AWS::IAM::Role", values)

    # --- projects

    def _may(self, word: str, *environments: str) -> list[Statement]:
        arns = role_arns(self.site.architecture, self.name, self.block, word, *environments)
        return [allow(["sts:AssumeRole"], arns)]

    def _image_steps(self) -> list[str]:
        pushes = [f"{self.script} push {environment}" for environment in self.block.environments]
        return [f"{self.script} build", f"{self.script} scan", *pushes]

    def _project(
        self, word: str, steps: list[str], rights: list[Statement], *, docker: bool = False
    ) -> Ref:
        log = self._log(word)
        writes = allow(["logs:CreateLogStream", "logs:PutLogEvents"], [Att(log.id, "Arn")])
        reads = allow(["s3:GetObject", "s3:GetObjectVersion"], [self._artifacts()])
        role = self._role(word, "codebuild", [writes, reads, *rights])
        kind, image = MACHINES[platform_of(self.site.architecture, self.block)]
        values = {
            "Name": self.site.name(self.name, word),
            "ServiceRole": Att(role.id, "Arn"),
            "Artifacts": {"Type": "CODEPIPELINE"},
            "Source": {"Type": "CODEPIPELINE", "BuildSpec": buildspec(steps)},
            "Environment": {
                "Type": kind,
                "Image": image,
                "ComputeType": SMALL,
                "PrivilegedMode": docker,  # a container that builds containers
            },
            "LogsConfig": {"CloudWatchLogs": {"Status": "ENABLED", "GroupName": log}},
            "TimeoutInMinutes": STEP_LIMIT_MIN if word in (TEST, BUILD) else RELEASE_LIMIT_MIN,
            "Tags": self.site.tags(self.name, word),
        }
        return self.add(f"project-{word}", "AWS::CodeBuild::Project", values)

    def _log(self, word: str) -> Ref:
        values = {
            "LogGroupName": f"/{self.site.architecture.stem}/pipelines/{self.name}/{word}",
            "RetentionInDays": LOG_DAYS,
            "Tags": self.site.tags(self.name, word),
        }
        return self.add(f"log-{word}", "AWS::Logs::LogGroup", values)

    def _artifacts(self) -> Sub:
        bucket = logical_id("delivery", self.name, "artifacts")
        return Sub("${Arn}/*", {"Arn": Att(bucket, "Arn")})

    # --- the pipeline

    def _own_rights(
        self, connection: Ref, bucket: Ref, projects: dict[str, Ref]
    ) -> list[Statement]:
        uses = ["codeconnections:UseConnection", "codestar-connections:UseConnection"]
        builds = [Att(one.id, "Arn") for one in projects.values()]
        return [
            allow(uses, [connection]),
            allow(["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"], [self._artifacts()]),
            allow(["s3:GetBucketVersioning"], [Att(bucket.id, "Arn")]),
            allow(["codebuild:StartBuild", "codebuild:BatchGetBuilds"], builds),
        ]

    def _pipeline(self, role: Ref, connection: Ref, bucket: Ref, projects: dict[str, Ref]) -> None:
        stages = [
            self._source(connection),
            self._stage("Test", self._builds("Test", projects[TEST])),
        ]
        if self.images:
            stages.append(self._stage("Image", self._builds("Image", projects[BUILD])))
        for environment in self.block.environments:
            stages += self._release_stage(environment, projects[f"to-{environment}"])
        values = {
            "Name": self.site.name(self.name),
            "PipelineType": "V2",
            "ExecutionMode": "QUEUED",
            "RoleArn": Att(role.id, "Arn"),
            "ArtifactStore": {"Type": "S3", "Location": bucket},
            "Stages": stages,
            "Triggers": None if self.block.paused else [self._trigger()],
            "Tags": self.site.tags(self.name),
        }
        self.add("", "AWS::CodePipeline::Pipeline", values)

    def _stage(self, name: str, *actions: dict[str, Any]) -> dict[str, Any]:
        return {"Name": name, "Actions": list(actions)}

    def _source(self, connection: Ref) -> dict[str, Any]:
        """A push is what the trigger tells of; without one nothing starts by itself."""
        configuration = {
            "ConnectionArn": connection,
            "FullRepositoryId": self.block.repository,
            "BranchName": self.block.branch,
            "DetectChanges": "false",
        }
        action = self._action(SOURCE, "Source", "CodeStarSourceConnection", configuration)
        return self._stage(SOURCE, action | {"OutputArtifacts": [{"Name": SOURCE}]})

    def _trigger(self) -> dict[str, Any]:
        pushed = {
            "SourceActionName": SOURCE,
            "Push": [{"Branches": {"Includes": [self.block.branch]}}],
        }
        return {"ProviderType": "CodeStarSourceConnection", "GitConfiguration": pushed}

    def _release_stage(self, environment: str, project: Ref) -> list[dict[str, Any]]:
        """A person's word in the same stage: a later commit waits behind it."""
        word = environment.capitalize()
        release = self._builds(f"Release-{word}", project) | {"RunOrder": 2}
        if not self.block.asks(environment):
            return [self._stage(word, release)]
        asked = {"CustomData": f"{self.site.architecture.name}: {environment}"}
        approve = self._action(f"Approve-{word}", "Approval", "Manual", asked)
        return [
            self._stage(word, approve | {"TimeoutInMinutes": APPROVAL_MIN, "RunOrder": 1}, release)
        ]

    def _builds(self, name: str, project: Ref) -> dict[str, Any]:
        commit = {"name": "COMMIT", "value": f"#{{{SOURCE}.CommitId}}", "type": "PLAINTEXT"}
        configuration = {"ProjectName": project, "EnvironmentVariables": json.dumps([commit])}
        action = self._action(name, "Build", "CodeBuild", configuration)
        return action | {"InputArtifacts": [{"Name": SOURCE}]}

    def _action(
        self, name: str, category: str, provider: str, configuration: dict[str, Any]
    ) -> dict[str, Any]:
        kind = {"Category": category, "Owner": "AWS", "Provider": provider, "Version": "1"}
        named = {"Namespace": SOURCE} if category == "Source" else {}
        return {"Name": name, "ActionTypeId": kind, "Configuration": configuration, **named}


def buildspec(steps: Sequence[str]) -> str:
    """One phase: the first step that fails is the last one. (What follows a phase would run in any case.)"""
    phases = {
        "install": {"on-failure": "ABORT", **PYTHON},
        "build": {"on-failure": "ABORT", "commands": list(steps)},
    }
    document = {"version": 0.2, "env": {"shell": "bash"}, "phases": phases}
    return json.dumps(document, indent=2)
