"""Security groups: what is open, and to whom."""

from collections.abc import Iterator
from ipaddress import IPv4Network

from bongsu.infra.check.finding import Found
from bongsu.infra.check.matching import admits, everybody
from bongsu.infra.check.rule import rule
from bongsu.infra.plan.model import Opening, Part, Plan
from bongsu.kit.i18n import say

WEB = (80, 443)
DATA = ("databases", "caches")


def ports_of(opening: Opening) -> str:
    return (
        str(opening.first) if opening.first == opening.last else f"{opening.first}-{opening.last}"
    )


def open_to_all(opening: Opening) -> bool:
    return isinstance(opening.source, IPv4Network) and everybody(opening.source)


def on_the_edge(part: Part, opening: Opening) -> bool:
    """A public load balancer on its own ports, or a machine that serves the web itself."""
    web = opening.first == opening.last and opening.first in WEB
    return part.tier == "public" and (part.section == "load_balancers" or web)


@rule(
    "SG001", "error", "security",
    why=say("Whoever scans the internet finds it; only 80 and 443 at the edge are meant for everybody."),
    fix=say("Leave ingress out so that exactly what is needed is admitted, or name a narrow range."),
)  # fmt: skip
def open_to_the_world(plan: Plan) -> Iterator[Found]:
    for opening in plan.openings:
        part = plan.parts[opening.part]
        if part.section not in DATA and open_to_all(opening) and not on_the_edge(part, opening):
            said = say(
                "{name} is open to everybody on {ports}.", name=part.name, ports=ports_of(opening)
            )
            yield Found(opening.path, said)


@rule(
    "SG002", "warning", "security",
    why=say("An open port that nobody needs is only there for an intruder."),
    fix=say("Take the rule out, or narrow it to the port that is used."),
)  # fmt: skip
def without_consumer(plan: Plan) -> Iterator[Found]:
    for opening in plan.openings:
        part = plan.parts[opening.part]
        said_before = open_to_all(opening) and not on_the_edge(part, opening)
        if opening.by_hand and part.section != "load_balancers" and not said_before:
            used = {link.port for link in plan.links_to(part.name) if admits(plan, opening, link)}
            if len(used) < opening.last - opening.first + 1:
                said = say("{name} opens {ports} to {source}; nothing here needs it.",
                           name=part.name, ports=ports_of(opening), source=str(opening.source))  # fmt: skip
                yield Found(opening.path, said)


@rule(
    "SG003", "error", "reliability",
    why=say("A rule can name security groups of its own network only: AWS refuses the others."),
    fix=say("Leave ingress out: the subnets of the other network are admitted then; or name their range."),
)  # fmt: skip
def group_of_another_network(plan: Plan) -> Iterator[Found]:
    """Where the networks are joined; where they are not, NET015 says so."""
    joined = plan.architecture.transit.networks if plan.architecture.transit else ()
    for opening in plan.openings:
        part, source = plan.parts[opening.part], plan.parts.get(str(opening.source))
        if source is None or source.network in (None, part.network):
            continue
        if {source.network, part.network} <= set(joined):
            said = say(
                "{name} admits {source}, which stands in another network.",
                name=part.name,
                source=source.name,
            )
            yield Found((*part.path, "ingress"), said)
