"""Mail: nobody takes letters from a sender that is not proved."""

import re
from collections.abc import Iterator

from bongsu.infra.check.finding import Found
from bongsu.infra.check.rule import rule
from bongsu.infra.model.architecture import Architecture
from bongsu.infra.plan.model import Plan
from bongsu.kit.i18n import say

FROM = re.compile(r"(?:^|_)(?:FROM|SENDER)(?:_|$)")
ADDRESS = re.compile(r"@([a-z0-9.-]+\.[a-z]{2,63})>?$", re.IGNORECASE)


@rule(
    "EVT002", "error", "operations",
    why=say("SES refuses to send from an address that nobody has proved to be ours."),
    fix=say("Name its domain under mail, in the zone of domain; or put the records there and set by_hand: true."),
)  # fmt: skip
def not_proved(plan: Plan) -> Iterator[Found]:
    for name, sender in plan.architecture.mail.items():
        if not sender.by_hand and not plan.architecture.holds(sender.domain):
            said = say("The records that prove {domain} have no zone here.", domain=sender.domain)
            yield Found(("mail", name, "domain"), said)
    yield from _strangers(plan.architecture)


def _strangers(architecture: Architecture) -> Iterator[Found]:
    """What uses no mail here and is no function may send by another provider."""
    for section, name, block in architecture.users():
        if section != "functions" and not architecture.mail.keys() & block.uses.keys():
            continue
        for variable, value in block.environment.items():
            domain = ADDRESS.search(value) if FROM.search(variable) else None
            if domain and not _ours(architecture, domain[1].lower()):
                said = say(
                    "{name} sends from {address}, of which mail has no identity.",
                    name=name,
                    address=value,
                )
                yield Found((section, name, "environment", variable), said)


def _ours(architecture: Architecture, domain: str) -> bool:
    """A domain's identity speaks for everything below it."""
    return any(f".{domain}".endswith(f".{one.domain}") for one in architecture.mail.values())
