"""Pipelines: what comes to production untested, unseen, unasked, or from anywhere."""

from collections.abc import Iterator

from bongsu.document import Path
from bongsu.infra.build.trust import BY_TOKEN
from bongsu.infra.check.finding import Change, Found
from bongsu.infra.check.rule import rule
from bongsu.infra.model.delivery import Pipeline
from bongsu.infra.plan.model import Plan
from bongsu.kit.i18n import say

ENOUGH = ("low", "medium", "high")  # severities from which on a scan refuses what it should


def _here(plan: Plan) -> Iterator[tuple[Path, str, Pipeline]]:
    """Pipelines that lead to this environment."""
    for name, one in plan.architecture.pipelines.items():
        if plan.architecture.environment in one.environments:
            yield ("pipelines", name), name, one


@rule(
    "CICD02", "error", "security",
    why=say("A known hole in a package of the image comes to production, and nobody has looked."),
    fix=say("Leave scan.refuse out (high), and accept single findings with a reason and a day."),
    elsewhere="warning",
)  # fmt: skip
def nothing_refused(plan: Plan) -> Iterator[Found]:
    for path, name, one in _here(plan):
        place = (*path, "scan", "refuse")
        if one.scan.refuse == "nothing":
            said = say("The scan of {name} refuses nothing.", name=name)
            yield Found(place, said, change=Change(place, "high"))
        elif one.scan.refuse not in ENOUGH:
            said = say("The scan of {name} lets through what is of high severity.", name=name)
            yield Found(place, said, severity="warning")


@rule(
    "CICD03", "error", "operations",
    why=say("The first to try a change are customers."),
    fix=say("Give test, the command whose failure ends the pipeline."),
    elsewhere="warning",
)  # fmt: skip
def untested(plan: Plan) -> Iterator[Found]:
    for path, name, one in _here(plan):
        if one.test.strip() in ("", "true", ":"):
            yield Found((*path, "test"), say("{name} tests nothing.", name=name))


@rule(
    "CICD04", "error", "operations",
    why=say("Whoever can push to the branch changes production at once, also by mistake or with a stolen token."),
    fix=say("Leave approval out: before production a person is asked."),
    elsewhere="silent",
)  # fmt: skip
def nobody_is_asked(plan: Plan) -> Iterator[Found]:
    here = plan.architecture.environment
    for path, name, one in _here(plan):
        if not one.asks(here):
            place = (*path, "environments", here, "approval")
            said = say("{name} releases to {environment} without anybody's word.", name=name,
                       environment=here)  # fmt: skip
            yield Found(place, said, change=Change(place, True))


@rule(
    "IAM003", "error", "security",
    why=say("Then any branch of the repository, and whoever may push one, gets the rights of the role."),
    fix=say("Name one branch, and protect it at the code host."),
)  # fmt: skip
def trusts_any_branch(plan: Plan) -> Iterator[Found]:
    for path, name, one in _here(plan):
        if one.any_branch and one.kind in BY_TOKEN:
            said = say("The roles of {name} trust every branch that fits {branch}.", name=name,
                       branch=one.branch)  # fmt: skip
            yield Found((*path, "branch"), said)


@rule(
    "CICD05", "error", "security",
    why=say("What nobody has reviewed comes to people who use it."),
    fix=say("Name one branch, and protect it at the code host."),
    elsewhere="silent",
)  # fmt: skip
def from_any_branch(plan: Plan) -> Iterator[Found]:
    for path, name, one in _here(plan):
        if one.any_branch and one.kind not in BY_TOKEN:
            said = say("{name} releases every branch that fits {branch} to {environment}.", name=name,
                       branch=one.branch, environment=plan.architecture.environment)  # fmt: skip
            yield Found((*path, "branch"), said)


@rule(
    "CICD06", "warning", "operations",
    why=say("What was never seen running anywhere else is seen in production first."),
    fix=say("Put an environment such as staging before it."),
    elsewhere="silent",
)  # fmt: skip
def straight_to_production(plan: Plan) -> Iterator[Found]:
    """Where the file has another environment: with one only there is nothing to put before it."""
    here, others = plan.architecture.environment, plan.architecture.siblings
    for path, name, one in _here(plan):
        if len(others) > 1 and next(iter(one.environments)) == here:
            said = say("{name} leads straight to {environment}.", name=name, environment=here)
            yield Found((*path, "environments"), said)


@rule(
    "CICD07", "warning", "security",
    why=say("A role that can make roles and change every store can do all; who takes over the pipeline has it."),
    fix=say("Set releases: images, and let people of the role administer deploy the rest."),
    elsewhere="silent",
)  # fmt: skip
def may_do_everything(plan: Plan) -> Iterator[Found]:
    for path, name, one in _here(plan):
        if one.releases == "everything":
            said = say("{name} may change everything in {environment}.", name=name,
                       environment=plan.architecture.environment)  # fmt: skip
            yield Found((*path, "releases"), said)


@rule(
    "CICD08", "warning", "operations",
    why=say("Its next version is built and pushed by hand, unscanned."),
    fix=say("Add it to builds."),
)  # fmt: skip
def built_by_nobody(plan: Plan) -> Iterator[Found]:
    architecture = plan.architecture
    here = [one for _, _, one in _here(plan)]
    built = {name for one in here for name in architecture.built_by(one)}
    for name, service in architecture.services.items():
        if here and service.image.build and name not in built:
            said = say("No pipeline builds {name}.", name=name)
            yield Found(("services", name, "image"), said)
