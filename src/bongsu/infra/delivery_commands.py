"""`bongsu infra gate|release|mark`: what a pipeline asks between the scanner and the registry, and at its end."""

import sys
from pathlib import Path

from bongsu.infra.delivery.delivery import deliveries
from bongsu.infra.delivery.gate import decide
from bongsu.infra.delivery.report import read_report
from bongsu.infra.model.delivery import Pipeline
from bongsu.infra.options import Code, EndpointUrl, Environment, File, Image, Profile
from bongsu.infra.read import read_all
from bongsu.infra.workbench import open_file, text_of
from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.kit.errors import Invalid, NotFound
from bongsu.kit.i18n import say, terminal_language


def gate(file: Path, report: Path, *, pipeline: str | None = None, of: str | None = None) -> int:
    """May this image go on? Exit status 0 when it may; 1 with every reason when not.

    Parameters
    ----------
    file
        architecture.yaml, whose pipeline says what is refused and what is lived with.
    report
        What Trivy wrote with --format json. One that is missing, empty or broken is a refusal.
    pipeline
        Its name, where the file has several.
    of
        What must have been looked at, as the scanner was told.
    """
    language = terminal_language()
    scan = _pipeline(file, pipeline).scan
    try:
        found = read_report(text_of(report))
    except Invalid as error:
        said = say("Refused: the report {file} cannot be used.", file=str(report))
        print(f"{said.to(language)} {error.said.to(language)}", file=sys.stderr)
        return 1
    except NotFound:
        said = say(
            "Refused: there is no report {file}; the scanner did not finish.", file=str(report)
        )
        print(said.to(language), file=sys.stderr)
        return 1
    verdict = decide(found, scan, SYSTEM_CLOCK.now().date(), of)
    for one in verdict.accepted:
        print(one.to(language))
    for one in verdict.refused:
        print(one.to(language), file=sys.stderr)
    if verdict.passes:
        print(say("It may go on: {name}.", name=found.artifact).to(language))
        return 0
    said = say("Refused: {count} reasons.", count=len(verdict.refused))
    print(said.to(language), file=sys.stderr)
    return 1


def _pipeline(file: Path, wanted: str | None) -> Pipeline:
    """As the environment at its end describes it. Raises NotFound, Invalid where the file has none."""
    sources = [one.architecture for one in read_all(str(file), text_of(file))]
    known = {one.name: one.pipeline for one in deliveries(sources, file.as_posix())}
    if not known:
        raise Invalid(say("{file} has no pipelines.", file=str(file)))
    if wanted is None and len(known) == 1:
        return next(iter(known.values()))
    if wanted is None or wanted not in known:
        names = ", ".join(known) or "–"
        said = say("Which pipeline of {file}? Say it: --pipeline. Known there: {names}.",
                   file=str(file), names=names)  # fmt: skip
        raise NotFound(said)
    return known[wanted]


def release(
    file: File,
    *,
    env: Environment = None,
    image: Image = (),
    code: Code = (),
    endpoint_url: EndpointUrl = None,
    profile: Profile = None,
) -> int:
    """New images and packages into what stands, task beside task; it goes back when they are not healthy."""
    from bongsu.infra.deploy.aws import clients
    from bongsu.infra.deploy.deployment import Voice
    from bongsu.infra.deploy.release import Release
    from bongsu.infra.deploy_commands import run_name, show, tell, values_of

    made = Release(open_file(file, env).plan, values_of((*image, *code)), run_name())
    done = made.make(clients(endpoint_url, profile), Voice(show, tell))
    if done:
        print(
            say("It runs in {environment}.", environment=made.plan.architecture.environment).to(
                terminal_language()
            )
        )
    return 0


def mark(
    file: File,
    *,
    env: Environment = None,
    image: Image = (),
    endpoint_url: EndpointUrl = None,
    profile: Profile = None,
) -> int:
    """Keeps images that run outside the stacks, such as on a cluster: later pushes do not let them expire."""
    from bongsu.infra.deploy.aws import clients
    from bongsu.infra.deploy.marks import mark_running
    from bongsu.infra.deploy_commands import run_name, values_of

    architecture, images = open_file(file, env).plan.architecture, values_of(image)
    mark_running(architecture, images, run_name(), clients(endpoint_url, profile))
    for service, uri in images.items():
        said = say("The image of {service} is kept: {uri}.", service=service, uri=uri)
        print(said.to(terminal_language()))
    return 0
