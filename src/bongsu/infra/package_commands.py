"""`bongsu infra package`: the code of functions as Lambda takes it."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from bongsu.infra.deploy.account import refuse_other_account
from bongsu.infra.deploy.artefacts import Artefacts
from bongsu.infra.deploy.aws import clients
from bongsu.infra.options import EndpointUrl, Environment, FileHere, MakeBucket, Profile
from bongsu.infra.package.package import Package, package, upload
from bongsu.infra.workbench import open_file, write_bytes
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say, terminal_language


def make(
    file: FileHere,
    *,
    env: Environment = None,
    out: Path = Path("build/packages"),
    put: Annotated[bool, Parameter(name="--upload", negative=())] = False,
    make_bucket: MakeBucket = False,
    endpoint_url: EndpointUrl = None,
    profile: Profile = None,
) -> int:
    """A zip for each function: its code and its pinned dependencies, the same bytes for the same files.

    Parameters
    ----------
    out
        The folder for the packages.
    put
        Put them into the architecture's own bucket as well, and print the words for `bongsu infra deploy`.
    """
    architecture = open_file(file, env).plan.architecture
    if not architecture.functions:
        raise Invalid(say("{file} has no functions to package.", file=str(file)))
    made = [package(name, block) for name, block in architecture.functions.items()]
    for one in made:
        _kept(one, out)
    if put:
        aws = clients(endpoint_url, profile)
        refuse_other_account(architecture, aws)
        shelf = Artefacts(architecture.name, aws, make_bucket)
        for one in made:
            print(f"--code {one.function}={upload(one, shelf, architecture.region)}")
    return 0


def _kept(one: Package, out: Path) -> None:
    path = write_bytes(out / one.file, one.body)
    said = say(
        "{file}: {size} MiB, {unpacked} MiB unpacked",
        file=str(path),
        size=f"{len(one.body) / (1 << 20):.1f}",
        unpacked=f"{one.unpacked_bytes / (1 << 20):.1f}",
    )
    print(said.to(terminal_language()), file=sys.stderr)
