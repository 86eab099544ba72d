"""A pipeline with what its environments say: where each is, and the names that files and roles agree on. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.delivery import Pipeline

PLATFORM = {"arm": "linux/arm64", "x86": "linux/amd64"}
PUSH, RELEASE, TEST, BUILD = "push", "release", "test", "build"
STEP_LIMIT_MIN, RELEASE_LIMIT_MIN = (
    60,
    180,
)  # a roll-out waits for tasks, a whole stack for databases
WHOLE = "pipeline"  # AWS's own, which starts the others


def role_name(stem: str, pipeline: str, word: str) -> str:
    """Fixed, unlike other names: files in a repository and roles in another account must know it."""
    return f"{stem}-{pipeline}-{word}"


def person_role_name(stem: str, role: str) -> str:
    """Fixed: people type it, and groups in another account name it."""
    return role_name(stem, "people", role)


def stem_of(architecture: Architecture, environment: str) -> str:
    return f"{architecture.name}-{environment}"


@dataclass(frozen=True, slots=True)
class Image:
    """`cluster`: of Kubernetes, where the service runs as pods."""

    service: str
    folder: str
    cluster: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """One environment on the way. `account` None: the file does not say it; the pipeline's own settings must."""

    environment: str
    stem: str
    region: str
    account: str | None
    asks: bool

    @property
    def job(self) -> str:
        """An environment may be called `test` or `image`, as other jobs are."""
        return f"release-{self.environment}"

    @property
    def account_variable(self) -> str:
        """The setting of the code host that says the account where the file does not."""
        return f"ACCOUNT_{_shell(self.environment)}"


@dataclass(frozen=True, slots=True)
class Delivery:
    """`file`: of the architecture, from the root of the repository."""

    name: str
    file: str
    architecture: str
    pipeline: Pipeline
    images: tuple[Image, ...]
    platform: str
    targets: tuple[Target, ...]
    packages: bool = False

    @property
    def script(self) -> str:
        return f"ci/{self.name}.sh"

    @property
    def lever(self) -> str:
        """The variable of the code host that stops it without a commit."""
        return f"{_shell(self.name)}_PAUSED"


def _shell(name: str) -> str:
    """As variables are called."""
    return name.upper().replace("-", "_")


def deliveries(architectures: Sequence[Architecture], file: str) -> tuple[Delivery, ...]:
    """Each pipeline as the environment at its end describes it. `architectures`: of all environments."""
    by_name = {one.environment: one for one in architectures}
    return tuple(
        _delivery(name, pipeline, by_name, file)
        for environment, one in by_name.items()
        for name, pipeline in one.pipelines.items()
        if pipeline.home == environment
    )


def _delivery(
    name: str, pipeline: Pipeline, by_name: dict[str, Architecture], file: str
) -> Delivery:
    home = by_name[pipeline.home]
    images = tuple(
        Image(service, home.services[service].image.build or ".", cluster_of(home, service))
        for service in home.built_by(pipeline)
    )
    targets = tuple(
        Target(
            environment,
            stem_of(home, environment),
            by_name[environment].region,
            by_name[environment].account_of(environment),
            pipeline.asks(environment),
        )
        for environment in pipeline.environments
    )
    platform, packages = platform_of(home, pipeline), bool(home.packaged_by(pipeline))
    return Delivery(name, file, home.name, pipeline, images, platform, targets, packages)


def cluster_of(architecture: Architecture, service: str) -> str | None:
    runs_on = architecture.services[service].runs_on
    return runs_on if runs_on in architecture.clusters else None


def platform_of(architecture: Architecture, pipeline: Pipeline) -> str:
    """All images of a pipeline are for one kind of processor: those of machines of Arm unless told otherwise."""
    kinds = {architecture.services[name].architecture for name in architecture.built_by(pipeline)}
    return PLATFORM[next(iter(kinds), "arm")]


def made_from(one: Delivery) -> str:
    """The first line of every file."""
    return (
        f"The pipeline {one.name}: `bongsu infra render {one.file} --to pipelines` wrote this. "
        f"Change {one.file} instead."
    )
