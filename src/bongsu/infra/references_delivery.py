"""What pipelines, accounts and people's roles name: environments, services that are built, Jenkins' host. Pure."""

from collections.abc import Iterator

from bongsu.document import Path
from bongsu.infra.delivery.delivery import RELEASE, WHOLE, person_role_name, role_name, stem_of
from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.base import Wrong
from bongsu.infra.model.delivery import Pipeline
from bongsu.kit.i18n import say

ROLE_NAME = 64  # characters in the name of a role
ONE_FILE = ("gitlab", "jenkins")  # kinds whose file has a fixed name in the repository
Named = tuple[Path, str, Pipeline]


def wrong_delivery(architecture: Architecture) -> Iterator[Wrong]:
    yield from _accounts(architecture)
    yield from _people(architecture)
    seen: dict[str, str] = {}
    for name, one in architecture.pipelines.items():
        path: Path = ("pipelines", name)
        yield from _environments(architecture, path, one)
        yield from _builds(architecture, path, one)
        yield from _forms(path, one)
        yield from _lengths(architecture, path, name, one)
        other = seen.setdefault(one.kind, name) if one.kind in ONE_FILE else name
        if other != name:
            said = say("{name} and {other} would be the same file.", name=name, other=other)
            yield path, said, say("A repository has one file of this kind: make one of the two.")


def _accounts(architecture: Architecture) -> Iterator[Wrong]:
    known = ", ".join(architecture.siblings)
    for environment in architecture.accounts:
        if environment not in architecture.siblings:
            said = say("There is no environment {name}.", name=environment)
            yield ("accounts", environment), said, say("Known there: {names}.", names=known)
    here = architecture.accounts.get(architecture.environment)
    if architecture.account and here and here != architecture.account:
        said = say("{name} has two accounts.", name=architecture.environment)
        yield ("account",), said, say("Say it in accounts only.")


def _environments(architecture: Architecture, path: Path, one: Pipeline) -> Iterator[Wrong]:
    known = ", ".join(architecture.siblings)
    for environment in one.environments:
        place = (*path, "environments", environment)
        if environment not in architecture.siblings:
            said = say("There is no environment {name}.", name=environment)
            yield place, said, say("Known there: {names}.", names=known)
        elif architecture.accounts and environment not in architecture.accounts:
            said = say("Nobody says in which account {name} is.", name=environment)
            yield place, said, say("Say it in accounts, as for the others.")


def _builds(architecture: Architecture, path: Path, one: Pipeline) -> Iterator[Wrong]:
    built = [name for name, block in architecture.services.items() if block.image.build]
    for index, name in enumerate(one.builds or ()):
        if name not in built:
            said = say("{name} is no service whose image is built.", name=name)
            names = ", ".join(built) or "–"
            yield (*path, "builds", index), said, say("Known there: {names}.", names=names)
    mine = [name for name in architecture.built_by(one) if name in built]
    if not (mine or architecture.packaged_by(one)) and one.releases == "images":
        todo = say("Give a service image.build, or set releases: everything.")
        yield path, say("There is nothing that it could release."), todo
    if len({architecture.services[name].architecture for name in mine}) > 1:
        said = say("Images for Arm and for x86 are not built on one machine.")
        yield (*path, "builds"), said, say("Make two pipelines, or choose one architecture.")


def _forms(path: Path, one: Pipeline) -> Iterator[Wrong]:
    if one.kind == "github" and one.repository.count("/") != 1:
        said = say("A repository on GitHub is OWNER/NAME.")
        yield (*path, "repository"), said, None
    if one.kind == "codepipeline" and one.any_branch:
        said = say("CodePipeline takes its source from one branch.")
        yield (*path, "branch"), said, say("Name it.")


def _lengths(architecture: Architecture, path: Path, name: str, one: Pipeline) -> Iterator[Wrong]:
    for environment in one.environments:
        words = [RELEASE, f"to-{environment}"]
        if one.kind == "codepipeline" and one.home == environment:
            words.append(WHOLE)
        longest = max(words, key=len)
        yield from _length(path, role_name(stem_of(architecture, environment), name, longest))


def _people(architecture: Architecture) -> Iterator[Wrong]:
    roles = architecture.people.roles if architecture.people else ()
    if roles:
        longest = person_role_name(architecture.stem, max(roles, key=len))
        yield from _length(("people", "roles"), longest)


def _length(path: Path, role: str) -> Iterator[Wrong]:
    if len(role) > ROLE_NAME:
        said = say("{role} is too long for the name of a role ({limit}).", role=role,
                   limit=ROLE_NAME)  # fmt: skip
        yield path, said, say("Shorten it, or the name of the architecture.")
