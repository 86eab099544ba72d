"""One environment of an example brought to an emulator and taken down again, with what that cannot make named."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

from bongsu.infra.build.build import build_graph
from bongsu.infra.deploy.artefacts import Artefacts
from bongsu.infra.deploy.aws import clients
from bongsu.infra.deploy.deployment import Deployment, Wishes
from bongsu.infra.deploy.state import Timing
from bongsu.infra.plan.plan import make_plan
from bongsu.infra.workbench import open_file
from tests.aws.emulator import emulator
from tests.infra.deploy.emulated import EMPTY_ZIP, PACKAGE, Emulated, keep_keys
from tests.infra.deploy.ministacked import furnish, gaps, ministack
from tests.infra.deploy.reduced import Reduced, reduced, reduced_for

ROOT = Path(__file__).resolve().parents[2]
EMULATORS = ("moto", "ministack")


@dataclass(frozen=True, slots=True)
class Seen:
    """`made`, `left_out`: types. `dropped`: stack/logical id → why."""

    stacks: tuple[str, ...]
    made: frozenset[str]
    left_out: frozenset[str]
    dropped: dict[str, str]


def deployed(file: Path, environment: str, image: str, name: str) -> Seen:
    """Raises AssertionError when a stack is left; whatever a deployment raises else."""
    work = open_file(file, environment)
    # An emulator has one account, whatever the file says.
    one = work.source.architecture.model_copy(update={"account": None, "accounts": {}})
    plan = make_plan(one, work.lock)
    images = dict.fromkeys(plan.architecture.services, image)
    region = plan.architecture.region
    with _standing(name, region) as (aws, certificate, timing):
        keep_keys(aws, plan.architecture)
        own = Artefacts(plan.architecture.name, aws, may_make=True)
        bucket = own.put(PACKAGE, EMPTY_ZIP, region)
        images |= dict.fromkeys(plan.architecture.functions, f"s3://{bucket}/{PACKAGE}")
        made = Deployment(plan, build_graph(plan, ROOT), aws, timing)
        whole = made.templates
        cut = _cut(name, whole, certificate)
        made.templates = tuple(cut.templates)
        stacks = tuple(made.deploy(Wishes("journey", images=images, make_bucket=True)))
        everything = [part.name for part in plan.parts.values()] + [*made.parts]
        made.delete(Wishes("end", replace_data=everything), unprotect=True)
        if left := list(made.outputs()):
            raise AssertionError(f"still there: {', '.join(left)}")
    kept = frozenset(_types(cut.templates))
    return Seen(stacks, kept, frozenset(_types(whole)) - kept, cut.dropped)


@contextmanager
def _standing(name: str, region: str) -> Iterator[tuple[Any, str, Timing]]:
    """Clients, a certificate that exists, and how long to wait between two looks."""
    if name == "moto":  # it would refuse whatever a policy refuses under some condition
        neutral = patch.object(FakeBucket, "get_permission", lambda *_: PermissionResult.NEUTRAL)
        with neutral, emulator() as address:
            aws = Emulated(address)
            yield aws, aws.furnish(region), Timing(sleep=lambda _: None)
        return
    with (
        tempfile.TemporaryDirectory(prefix="ministack-") as folder,
        ministack(Path(folder)) as address,
    ):
        furnish(address)
        yield clients(address), "", Timing(wait_s=0.05)


def _cut(name: str, whole: Any, certificate: str) -> Reduced:
    return reduced(whole, certificate) if name == "moto" else reduced_for(gaps(), whole)


def _types(templates: Any) -> Iterator[str]:
    for one in templates:
        yield from (resource["Type"] for resource in one.body["Resources"].values())
