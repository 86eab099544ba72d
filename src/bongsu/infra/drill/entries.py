"""How load balancers, gateways and distributions stand: they are what is behind them. Pure."""

from collections.abc import Sequence

from bongsu.infra.drill.losses import Loss, zones_left
from bongsu.infra.drill.standing import Standing, StandingOf, Verdict, worst
from bongsu.infra.model.traffic import Behaviour, Distribution, Origin
from bongsu.infra.plan.model import Part, Plan
from bongsu.infra.plan.parts import link_of
from bongsu.kit.i18n import Said, say


def load_balancer(
    plan: Plan, part: Part, losses: frozenset[Loss], standing_of: StandingOf
) -> Standing:
    verdict = Verdict(part.name)
    zones = zones_left(part, losses)
    if Loss("load-balancer", part.name) in losses or not zones:
        verdict.worse("down", say("The load balancer {part} is lost.", part=part.name))
        verdict.at_most(0.0, 0.0)
        return verdict.done()
    targets = dict.fromkeys(
        link.target for link in plan.links_from(part.name) if link.kind == "serve"
    )
    _behind(verdict, [standing_of(target) for target in targets])
    if len(zones) < len(part.zones):
        names = ", ".join(zones)
        verdict.notes.append(say("{part} answers from zone {zones}.", part=part.name, zones=names))
    return verdict.done()


def gateway(plan: Plan, part: Part, losses: frozenset[Loss], standing_of: StandingOf) -> Standing:
    """AWS keeps it in every zone of the region; its link stands where its interfaces are."""
    verdict = Verdict(part.name)
    link = plan.parts.get(link_of(part.name))
    zones = zones_left(link, losses) if link else []
    cut = link is not None and not zones
    behind = []
    for name in dict.fromkeys((*part.block.functions(), *part.block.load_balancers())):
        block = plan.architecture.load_balancers.get(name)
        behind.append(_without_link(part.name, name) if cut and block and not block.public
                      else standing_of(name))  # fmt: skip
    for one in behind:
        if one.state == "down":
            verdict.why.append(_unserved(part, one.part))
    _behind(verdict, behind)
    if link and 0 < len(zones) < len(link.zones):
        names = ", ".join(zones)
        verdict.notes.append(
            say("The link of {part} stands in zone {zones}.", part=part.name, zones=names)
        )
    return verdict.done()


def _unserved(part: Part, target: str) -> Said:
    paths = [one.path for one in part.block.routes if target in (one.function, one.load_balancer)]
    return say("{part} does not serve {paths}.", part=part.name, paths=", ".join(paths))


def _without_link(gateway: str, name: str) -> Standing:
    said = say("No zone is left for the link of {part} to {name}.", part=gateway, name=name)
    return Standing(name, "down", 0.0, 0.0, (said,))


def distribution(part: Part, losses: frozenset[Loss], standing_of: StandingOf) -> Standing:
    verdict, block = Verdict(part.name), part.block
    behaviours = {"/": block.default, **block.paths}
    found = [
        _behaviour(part.name, block, path, behaviour, losses, standing_of)
        for path, behaviour in behaviours.items()
    ]
    _behind(verdict, found)
    return verdict.done()


def _behind(verdict: Verdict, behind: Sequence[Standing]) -> None:
    """Down only where nothing behind it serves; the share is that of the weakest."""
    if not behind:
        return
    states = [one.state for one in behind]
    all_down = all(state == "down" for state in states)
    state = worst(states)
    verdict.worse("degraded" if state == "down" and not all_down else state)
    for one in behind:
        verdict.why += one.why
        verdict.notes += one.notes
    verdict.at_most(min(one.share for one in behind), min(one.later for one in behind))


def _behaviour(
    name: str,
    block: Distribution,
    path: str,
    behaviour: Behaviour,
    losses: frozenset[Loss],
    standing_of: StandingOf,
) -> Standing:
    first = _origin(name, behaviour.origin, block.origins[behaviour.origin], losses, standing_of)
    if first.state != "down":
        return first
    verdict = Verdict(name)
    spare = behaviour.failover
    if spare is None:
        said = say("{name} does not serve {path}: it has one origin only.", name=name, path=path)
        verdict.worse("down", said, *first.why)
        verdict.at_most(0.0, first.later)
        return verdict.done()
    second = _origin(name, spare, block.origins[spare], losses, standing_of)
    values = {"name": name, "path": path, "spare": spare, "origin": behaviour.origin}
    if second.state == "down":
        verdict.worse("down", say("{name} does not serve {path}: both origins are lost.", **values))
        verdict.why += (*first.why, *second.why)
        verdict.at_most(0.0, max(first.later, second.later))
        return verdict.done()
    verdict.notes.append(
        say("{name} serves {path} from {spare} because origin {origin} is lost.", **values)
    )
    verdict.worse(second.state, *second.why)
    verdict.at_most(second.share, second.later)
    return verdict.done()


def _origin(
    distribution: str, key: str, origin: Origin, losses: frozenset[Loss], standing_of: StandingOf
) -> Standing:
    if Loss("origin", f"{distribution}/{key}") in losses:
        why = say("The origin {origin} of {name} is lost.", origin=key, name=distribution)
        return Standing(key, "down", 0.0, 0.0, (why,))
    asked = origin.load_balancer or origin.gateway
    return standing_of(asked) if asked else Standing(key)
