"""Accounts: what an environment of production shares with the others, and who can tell which is which."""

from collections.abc import Iterator, Sequence

from bongsu.infra.check.finding import Found
from bongsu.infra.check.rule import rule, rule_across
from bongsu.infra.plan.model import Plan
from bongsu.kit.i18n import say


@rule_across(
    "ACT001", "warning", "security",
    why=say("Rights, limits and mistakes of tests reach production; only an account keeps them apart."),
    fix=say("Give production an account of its own in accounts."),
)  # fmt: skip
def shared_account(plans: Sequence[Plan]) -> Iterator[Found]:
    """Where a file says which accounts there are."""
    for plan in plans:
        one = plan.architecture
        account = one.account_of(one.environment)
        for other in plans:
            there = other.architecture
            shared = account is not None and account == there.account_of(there.environment)
            if shared and not one.production and there.production:
                said = say("{here} and {there} share the account {account}.", here=one.environment,
                           there=there.environment, account=account)  # fmt: skip
                yield Found(_place(plan), said, environment=one.environment)


def _place(plan: Plan) -> tuple[str, ...]:
    one = plan.architecture
    return ("account",) if one.account else ("accounts", one.environment)


@rule(
    "ACT002", "warning", "operations",
    why=say("With the wrong credentials in the shell a deployment goes to the wrong account."),
    fix=say("Name the account of every environment: a deployment asks AWS whose credentials it has."),
)  # fmt: skip
def no_account(plan: Plan) -> Iterator[Found]:
    """Where a file names accounts for some of its environments."""
    one = plan.architecture
    if one.accounts and one.account_of(one.environment) is None:
        said = say("Nobody says in which account {name} is.", name=one.environment)
        yield Found(("accounts",), said)
