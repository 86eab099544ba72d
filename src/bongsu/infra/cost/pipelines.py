"""Lines of AWS's own pipelines. Machines of GitHub, GitLab and Jenkins are paid for elsewhere. Pure."""

from bongsu.infra.cost.line import Bill
from bongsu.infra.cost.traffic import IMAGE_MIN, RELEASE_MIN, RUNS, TEST_MIN
from bongsu.infra.delivery.delivery import platform_of
from bongsu.infra.plan.model import Plan

MACHINES = {"linux/arm64": "arm-small:minute", "linux/amd64": "x86-small:minute"}


def pipeline_lines(bill: Bill, plan: Plan) -> None:
    """Where it stands, at its end: the same in a quiet and in a busy month."""
    here = plan.architecture
    for part in plan.of_section("pipelines"):
        block = part.block
        if block.kind != "codepipeline" or block.home != here.environment:
            continue
        images = IMAGE_MIN if here.built_by(block) else 0.0
        minutes = RUNS * (TEST_MIN + images + RELEASE_MIN * len(block.environments))
        bill.add(part.name, part.path, "codepipeline", "action:minute", minutes)
        bill.add(part.name, part.path, "codebuild", MACHINES[platform_of(here, block)], minutes)
