"""A drill in the drawing: what is lost is struck out, what stands badly for it is coloured. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from bongsu.infra.drill.drill import Outcome
from bongsu.infra.drill.losses import Loss
from bongsu.infra.plan.model import Plan

Place = tuple[str, str | None]
EVERYTHING = "*"  # of a zone


@dataclass(frozen=True, slots=True)
class Struck:
    """As `svg` takes them."""

    states: Mapping[str, str]
    lost: frozenset[Place]


def struck(plan: Plan, outcome: Outcome) -> Struck:
    """What serves stays plain ink: trouble stands up."""
    states = {
        name: standing.state
        for name, standing in outcome.standings.items()
        if standing.state != "serves"
    }
    places = (_place(plan, loss) for loss in outcome.losses)
    return Struck(states, frozenset(place for place in places if place))


def _place(plan: Plan, loss: Loss) -> Place | None:
    match loss.kind:
        case "zone":
            return EVERYTHING, loss.name
        case "database" | "cache":
            return f"{loss.name}#0", None
        case "origin":
            return _origin(plan, loss.name)
        case "copy" | "host":
            return None  # one of several: the colour says it
        case _:
            return loss.name, None


def _origin(plan: Plan, name: str) -> Place | None:
    """The bucket or the load balancer behind it; another host is not drawn."""
    distribution, _, key = name.partition("/")
    origin = plan.parts[distribution].block.origins[key]
    behind = origin.bucket or origin.load_balancer
    return (behind, None) if behind else None
