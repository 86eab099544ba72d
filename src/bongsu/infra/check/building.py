"""What reads well and cannot be built: a template would not be made of it, or AWS would not take it."""

from collections.abc import Iterator

from bongsu.infra.check.finding import Found
from bongsu.infra.check.rule import rule
from bongsu.infra.plan.model import Plan
from bongsu.infra.unsupported import unbuildable_alone
from bongsu.kit.i18n import say


@rule(
    "BLD001", "error", "operations",
    why=say("AWS does not take it, so no template is made of it: nothing of this environment is deployed."),
    fix=say("Change what is named here, or take it out."),
)  # fmt: skip
def cannot_be_built(plan: Plan) -> Iterator[Found]:
    for path, said, todo in unbuildable_alone(plan.architecture):
        yield Found(path, said, todo)
