"""What a program uses and where that is: it must have both, the way there and the address."""

from collections.abc import Iterator

from bongsu.document import Path
from bongsu.infra.check.finding import Found
from bongsu.infra.check.rule import rule
from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.compute import Servers, Service
from bongsu.infra.model.functions import Function
from bongsu.infra.places import ADDRESSED, places_in
from bongsu.infra.plan.model import Plan
from bongsu.kit.i18n import say

User = Service | Servers | Function
COMES_ALONG = "push"  # whoever pushes to a telephone was given that telephone's own address


@rule(
    "USE001", "error", "reliability",
    why=say("An address alone opens nothing: the security group or the missing right turns the program away."),
    fix=say("Name it in uses, with what is done there: group and rights follow; or take the address out."),
)  # fmt: skip
def address_without_way(plan: Plan) -> Iterator[Found]:
    for section, name, block in plan.architecture.users():
        for used, path in _told(block, (section, name)).items():
            if not _has_way(plan, name, block, used):
                said = say(
                    "{name} is told where {target} is, and may not go there.",
                    name=name,
                    target=used,
                )
                yield Found(path, said)


@rule(
    "USE002", "warning", "reliability",
    why=say("AWS chooses the address when it is made: a program that nobody told fails at its first request."),
    fix=say("Give it in environment as ${…} with the name of the part, or in a secret."),
)  # fmt: skip
def way_without_address(plan: Plan) -> Iterator[Found]:
    """A secret by its own name may hold any address: who has one is believed to be told there."""
    for section, name, block in plan.architecture.users():
        told = _told(block, (section, name))
        if any(not places_in(secret) for secret in block.secrets.values()):
            continue
        for used in block.uses:
            if used not in told and _is_asked_for(plan.architecture, block, used):
                said = say(
                    "{name} uses {target} and is not told where it is.", name=name, target=used
                )
                yield Found((section, name, "uses", used), said)


def _told(block: User, here: Path) -> dict[str, Path]:
    """Part → where the file gives its address to this program."""
    found: dict[str, Path] = {}
    for field in ("environment", "secrets"):
        for variable, text in getattr(block, field).items():
            for place in places_in(text):
                found.setdefault(place, (*here, field, variable))
    return found


def _has_way(plan: Plan, name: str, block: User, used: str) -> bool:
    """By uses, by a right, by a rule of its own; what is public or has no lock on it needs none."""
    balancer = plan.architecture.load_balancers.get(used)
    bucket = plan.architecture.buckets.get(used)
    public = bool((balancer and balancer.public) or (bucket and bucket.public))
    by_hand = any(one.source == name for one in plan.openings_of(used))
    named = used in block.uses or used in (block.grants or {})
    return named or by_hand or public


def _is_asked_for(architecture: Architecture, block: User, used: str) -> bool:
    """Not what starts a function: the event says where it comes from, but for the name of a bus."""
    section = architecture.section_of(used)
    triggers = block.on if isinstance(block, Function) else ()
    starts = any(one.source == used and not one.bus for one in triggers)
    return section in ADDRESSED and section != COMES_ALONG and not starts
