"""`bongsu infra deploy|drift|outputs|delete`: they talk to AWS, with the credentials of its own tools."""

import json as codec
from collections.abc import Sequence
from pathlib import Path

from bongsu.infra.build.build import build_graph
from bongsu.infra.deploy.aws import clients
from bongsu.infra.deploy.changes import Change
from bongsu.infra.deploy.deployment import Deployment, Voice, Wishes
from bongsu.infra.deploy.state import Event
from bongsu.infra.graph import Stack
from bongsu.infra.options import (
    Code,
    EndpointUrl,
    Environment,
    File,
    FileHere,
    Image,
    MakeBucket,
    Profile,
    ReplaceData,
)
from bongsu.infra.watch_commands import register_all, subscribe_alarms
from bongsu.infra.watched.aws import addresses
from bongsu.infra.workbench import open_file, with_lines
from bongsu.kit.api import Api
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say, terminal_language


def deploy(
    file: FileHere,
    *,
    env: Environment = None,
    image: Image = (),
    code: Code = (),
    replace_data: ReplaceData = (),
    until: Stack | None = None,
    dry_run: bool = False,
    watch: bool = False,
    make_bucket: MakeBucket = False,
    endpoint_url: EndpointUrl = None,
    profile: Profile = None,
) -> int:
    """Brings an environment to AWS, stack after stack; every change is shown before it is made.

    Parameters
    ----------
    until
        The last stack, such as data while the registry has no image yet.
    dry_run
        Show what would change, and change nothing.
    watch
        Then register checks in the server that BONGSU_URL names and let alarms become events there.
    """
    deployment = _opened(file, env, endpoint_url, profile)
    wishes = Wishes(run_name(), values_of((*image, *code)), replace_data, until, make_bucket)
    if dry_run:
        deployment.preview(wishes, Voice(show=show))
        return 0
    if watch:
        Api.from_environment()  # no token: said before anything is built
    print(codec.dumps(deployment.deploy(wishes, Voice(show, tell)), indent=2))
    if watch:
        known = addresses(deployment.plan, deployment.clients)
        register_all(open_file(file, env), known)
        subscribe_alarms(deployment.plan, deployment.clients)
    return 0


def outputs(
    file: File,
    *,
    env: Environment = None,
    endpoint_url: EndpointUrl = None,
    profile: Profile = None,
) -> int:
    """What each stack that stands gives out, as JSON."""
    print(codec.dumps(_opened(file, env, endpoint_url, profile).outputs(), indent=2))
    return 0


def drift(
    file: File,
    *,
    env: Environment = None,
    endpoint_url: EndpointUrl = None,
    profile: Profile = None,
) -> int:
    """What somebody changed by hand; exit status 1 when there is something."""
    found, language = _opened(file, env, endpoint_url, profile).drift(), terminal_language()
    for one in found:
        print(f"{one.stack}  {one.id}  {one.type}  {one.status}")
        for name, (wanted, there) in one.differences.items():
            print(f"    {name}: {wanted} → {there}")
    if not found:
        print(say("Everything is as it was deployed.").to(language))
    return 1 if found else 0


def delete(
    file: File,
    *,
    env: Environment = None,
    unprotect: bool = False,
    replace_data: ReplaceData = (),
    endpoint_url: EndpointUrl = None,
    profile: Profile = None,
) -> int:
    """Takes an environment down in reverse order, and says what goes on in AWS.

    Parameters
    ----------
    unprotect
        Take away the protection that production has.
    """
    deployment, language = _opened(file, env, endpoint_url, profile), terminal_language()
    wishes = Wishes(run_name(), replace_data=replace_data)
    left = deployment.delete(wishes, Voice(show, tell), unprotect=unprotect)
    for stack, kept in left.items():
        for name, how in kept.items():
            said = say("{name} of {stack} goes on in AWS ({how}).", name=name, stack=stack, how=how)
            print(said.to(language))
    return 0


def _opened(
    file: Path, env: str | None, endpoint_url: str | None, profile: str | None
) -> Deployment:
    work = open_file(file, env)
    with with_lines(work.source):
        graph = build_graph(work.plan)
    return Deployment(work.plan, graph, clients(endpoint_url, profile))


def run_name() -> str:
    """The name of this deployment's change sets: AWS takes letters, digits and hyphens, a letter first."""
    return SYSTEM_CLOCK.now().strftime("bongsu-%Y%m%d-%H%M%S")


def values_of(given: Sequence[str]) -> dict[str, str]:
    """Raises Invalid for what is not SERVICE=URI; the package of a function is named in the same way."""
    pairs = [text.partition("=") for text in given]
    wrong = next((name for name, is_there, uri in pairs if not (is_there and uri)), None)
    if wrong is not None:
        raise Invalid(say("{text} is not of the form SERVICE=URI.", text=wrong))
    return {name: uri for name, _, uri in pairs}


def show(stack: str, changes: tuple[Change, ...]) -> None:
    language = terminal_language()
    print(stack if changes else f"{stack}: {say('nothing to change').to(language)}")
    for one in changes:
        print(f"    {one.to(language)}")


def tell(event: Event) -> None:
    print(f"    {event.stack}  {event.id}  {event.status}  {event.reason}".rstrip(), flush=True)
