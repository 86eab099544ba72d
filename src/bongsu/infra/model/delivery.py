"""How code comes to what runs it: pipelines, from a branch through a scan to each environment."""

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from bongsu.infra.model.base import PRODUCTION, Block, Name, shaped
from bongsu.kit.i18n import say

Kind = Literal["codepipeline", "github", "gitlab", "jenkins"]
Level = Literal["low", "medium", "high", "critical", "nothing"]
# Owner or groups, then the name; as code hosts write them.
Repository = Annotated[str, shaped(r"^[\w.-]+(/[\w.-]+)+$", "team/shop", max_length=200)]
Branch = Annotated[str, shaped(r"^[\w./*-]+$", "main", max_length=100)]
FIXED = re.compile(r"^\.|^[\w-][\w./-]*/|\.whl$|==|@[0-9a-f]{40}$")
Cve = Annotated[str, shaped(r"^[A-Z]+-[0-9A-Za-z-]{4,40}$", "CVE-2026-1111")]


class AcceptedCve(Block):
    """A vulnerability that the team lives with until a day, and why."""

    id: Cve
    why: Annotated[str, StringConstraints(min_length=10, max_length=500)]
    until: date


class Scan(Block):
    """What an image is refused for: this severity or worse. `unfixed`: also where nobody has mended it yet."""

    refuse: Level = "high"
    unfixed: bool = True
    accepted: tuple[AcceptedCve, ...] = ()


class Stage(Block):
    """One environment on the way. `approval`: a person says yes first; None: before production only."""

    approval: bool | None = None


class Pipeline(Block):
    """Test, build, scan, push, and a rolling release to each environment in turn.

    `builds`: services; None: every one that is built. `releases`: new images only, or all that the file says.
    `paused`: nothing starts by itself. `repository_id`: GitHub's number, which no new repository can take over.
    `runner`: label or tag of the machine; `host`: the servers or the service whose role Jenkins acts in.
    `bongsu`: what pip installs there, such as `.` where the repository is Bongsu itself.
    """

    kind: Kind
    repository: Repository
    branch: Branch = "main"
    paused: bool = False
    packages: bool = True  # of functions, where the file has some
    builds: tuple[Name, ...] | None = None
    test: str = ""
    scan: Scan = Scan()
    environments: Annotated[dict[Name, Stage], Field(min_length=1)]
    releases: Literal["images", "everything"] = "images"
    repository_id: Annotated[str, shaped(r"^\d{1,20}$", '"1234567"')] | None = None
    hosted: Literal["github", "gitlab"] = "github"  # of codepipeline: where the repository lies
    url: Annotated[str, shaped(r"^https://[a-z0-9.-]+$", "https://gitlab.example.com")] = (
        "https://gitlab.com"
    )
    provider: Literal["create", "exists"] = "create"  # the account's way in for GitHub or GitLab
    runner: Annotated[str, shaped(r"^[\w.-]+$", "docker-host", max_length=60)] | None = None
    host: Name | None = None
    bongsu: Annotated[str, shaped(r"^[\w.=/:@+-]+$", "bongsu==1.0", max_length=200)]

    @field_validator("bongsu")
    @classmethod
    def _fixed(cls, value: str) -> str:
        """A bare name would be whatever somebody has published under it."""
        if not FIXED.search(value):
            raise ValueError(
                say(
                    "Say which: a folder or a file of the repository, NAME==VERSION, or git+https://…@COMMIT."
                )
            )
        return value

    @model_validator(mode="after")
    def _fields_of_kinds(self) -> "Pipeline":
        if self.kind == "jenkins" and self.host is None:
            raise ValueError(
                say("Jenkins acts in the role of its host: name it in host, a part of this file.")
            )
        if self.host and self.kind != "jenkins":
            raise ValueError(say("host is of Jenkins only."))
        if self.repository_id and self.kind != "github":
            raise ValueError(say("repository_id is of GitHub only."))
        return self

    @property
    def any_branch(self) -> bool:
        return "*" in self.branch

    @property
    def home(self) -> str:
        """The environment in whose account AWS's own pipeline stands: the last, which has the most to lose."""
        return list(self.environments)[-1]

    def asks(self, environment: str) -> bool:
        """A person says yes before it is released there."""
        stage = self.environments[environment].approval
        return environment == PRODUCTION if stage is None else stage
