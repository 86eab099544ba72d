"""Rights and secrets."""

import re
from collections.abc import Iterator

from bongsu.infra.check.finding import Found
from bongsu.infra.check.rule import rule
from bongsu.infra.check.ways import workloads
from bongsu.infra.plan.model import Plan
from bongsu.kit.i18n import say
from bongsu.kit.redact import is_reference

SECRET_NAME = re.compile(
    r"(?:^|_)(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|(?:API|ACCESS|PRIVATE|SECRET|SIGNING)_?KEY)$",
    re.IGNORECASE,
)
SECRET_VALUE = re.compile(
    r"(?:AKIA|ASIA)[A-Z0-9]{16}|://[^/\s:@]+:[^/\s@$]+@|-----BEGIN [A-Z ]*PRIVATE KEY|gh[pousr]_\w{20}|xox[bp]-"
)


@rule(
    "IAM001", "error", "security",
    why=say("The program acts as its own (task) role; the rights of the execution role do not count."),
    fix=say("Leave grants out so that the role may do what uses says, or add the right there."),
)  # fmt: skip
def lacks_right(plan: Plan) -> Iterator[Found]:
    given = {(grant.part, grant.target, grant.access) for grant in plan.grants}
    for grant in plan.grants_needed:
        if (grant.part, grant.target, grant.access) not in given:
            said = say("{name} uses {target}, but its own role may not {access} there.",
                       name=grant.part, target=grant.target, access=grant.access)  # fmt: skip
            yield Found((*plan.parts[grant.part].path, "grants"), said)


@rule(
    "IAM004", "warning", "security",
    why=say("Whoever takes over the program has its rights."),
    fix=say("Take the right out, or say in uses what it is for."),
)  # fmt: skip
def right_without_use(plan: Plan) -> Iterator[Found]:
    needed = {(grant.part, grant.target, grant.access) for grant in plan.grants_needed}
    for grant in plan.grants:
        if (grant.part, grant.target, grant.access) not in needed:
            said = say(
                "{name} may {access} {target} and does not use it.",
                name=grant.part,
                access=grant.access,
                target=grant.target,
            )
            yield Found(grant.path, said)


@rule(
    "SEC001", "error", "security",
    why=say("It stands in version control, in the task definition and in every log of it."),
    fix=say("Put it into Secrets Manager or the Parameter Store and name it under secrets; then change it."),
)  # fmt: skip
def plain_secret(plan: Plan) -> Iterator[Found]:
    for part in (*workloads(plan), *plan.of_section("functions")):
        for variable, value in part.block.environment.items():
            named = SECRET_NAME.search(variable) and value and not _points(value)
            if named or SECRET_VALUE.search(value):
                said = say(
                    "{variable} of {name} looks like a secret in plain text.",
                    variable=variable,
                    name=part.name,
                )
                yield Found((*part.path, "environment", variable), said)


def _points(value: str) -> bool:
    """To where the secret is: `${database}`, `env:NAME`, `ssm:/name` … of Bongsu's own settings."""
    return value.startswith("${") or is_reference(value)


@rule(
    "SEC006", "error", "operations",
    why=say("ECS refuses a task whose variable has two sources."),
    fix=say("Keep it under secrets only."),
)  # fmt: skip
def two_sources(plan: Plan) -> Iterator[Found]:
    for part in workloads(plan):
        for variable in part.block.environment.keys() & part.block.secrets.keys():
            said = say("{variable} stands in environment and in secrets.", variable=variable)
            yield Found((*part.path, "environment", variable), said)
