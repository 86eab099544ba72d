"""The right account, before anything is asked of it: credentials of another one are refused."""

from bongsu.infra.deploy.aws import Clients, asking
from bongsu.infra.model.architecture import Architecture
from bongsu.kit.errors import Conflict
from bongsu.kit.i18n import say


def refuse_other_account(architecture: Architecture, clients: Clients) -> None:
    """Asks STS who we are, where the file says an account. Raises Conflict for another one."""
    wanted = architecture.account_of(architecture.environment)
    if wanted is None:
        return
    with asking("sts"):
        found = str(clients("sts", architecture.region).get_caller_identity()["Account"])
    if found != wanted:
        raise Conflict(
            say(
                "{environment} lives in the account {wanted}, and these credentials are of {found}. Nothing was "
                "changed. Take the credentials of that account, or --profile.",
                environment=architecture.environment,
                wanted=wanted,
                found=found,
            )
        )
