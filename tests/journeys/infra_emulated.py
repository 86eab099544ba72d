"""One environment of an example brought to moto and taken down again, with what moto cannot make named."""

from pathlib import Path

from bongsu.infra.build.build import build_graph
from bongsu.infra.deploy.deployment import Deployment, Wishes
from bongsu.infra.deploy.state import Timing
from bongsu.infra.plan.plan import make_plan
from bongsu.infra.workbench import open_file
from tests.aws.emulator import emulator
from tests.infra.deploy.emulated import PACKAGE, PACKAGES, Emulated, keep_keys
from tests.infra.deploy.reduced import reduced

ROOT = Path(__file__).resolve().parents[2]


def deployed(file: Path, environment: str, image: str) -> tuple[list[str], list[str]]:
    """Lines of what was left out, and the stacks that stood."""
    work = open_file(file, environment)
    # The emulator has one account, whatever the file says.
    plan = make_plan(work.source.architecture.model_copy(update={"account": None}), work.lock)
    images = dict.fromkeys(plan.architecture.services, image)
    images |= dict.fromkeys(plan.architecture.functions, f"s3://{PACKAGES}/{PACKAGE}")
    with emulator() as address:
        aws = Emulated(address)
        certificate = aws.furnish(plan.architecture.region)
        keep_keys(aws, plan.architecture)
        made = Deployment(plan, build_graph(plan, ROOT), aws, Timing(sleep=lambda _: None))
        cut = reduced(made.templates, certificate)
        made.templates = tuple(cut.templates)
        stacks = list(made.deploy(Wishes("journey", images=images, make_bucket=True)))
        everything = [part.name for part in plan.parts.values()]
        made.delete(Wishes("end", replace_data=everything), unprotect=True)
        left = list(made.outputs())
    if left:
        raise AssertionError(f"still there: {', '.join(left)}")
    return cut.report().splitlines(), stacks
