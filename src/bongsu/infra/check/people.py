"""People: a second factor for everybody, and nobody in production who need not be."""

from collections.abc import Iterator

from bongsu.infra.build.people import second_factor
from bongsu.infra.check.finding import Change, Found
from bongsu.infra.check.rule import rule
from bongsu.infra.plan.model import Plan
from bongsu.kit.i18n import say


@rule(
    "IAM005", "error", "security",
    why=say("A password that was read over a shoulder or stolen from another service is enough for all of it."),
    fix=say("Leave mfa out: a role is taken only with a second factor."),
)  # fmt: skip
def without_second_factor(plan: Plan) -> Iterator[Found]:
    people = plan.architecture.people
    if people and second_factor(people) is None:
        names = ", ".join(people.roles)
        said = say("The roles {names} are taken without a second factor.", names=names)
        yield Found(("people", "mfa"), said, change=Change(("people", "mfa"), True))


@rule(
    "IAM006", "warning", "security",
    why=say("Whoever only wants to look has to take the role that can delete everything."),
    fix=say("Add read and operate to roles; administer is for changes of the architecture."),
)  # fmt: skip
def only_administrators(plan: Plan) -> Iterator[Found]:
    people = plan.architecture.people
    if people and set(people.roles) == {"administer"}:
        yield Found(
            ("people", "roles"), say("There is no role for looking and none for operating.")
        )
