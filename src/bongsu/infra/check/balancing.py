"""Load balancers, their targets and what they ask them."""

from collections.abc import Iterator

from bongsu.infra.check.finding import Change, Found
from bongsu.infra.check.matching import everybody, unmatched
from bongsu.infra.check.rule import rule
from bongsu.infra.check.ways import workloads
from bongsu.infra.plan.flows import fronted_by
from bongsu.infra.plan.hosts import claims
from bongsu.infra.plan.model import Plan
from bongsu.kit.i18n import say

UNNOTICED_LIMIT_S = 90


@rule(
    "LB001", "error", "reliability",
    why=say("The load balancer sends to a port where nobody listens: every target stays unhealthy."),
    fix=say("Leave it out: what is registered is then the port where the program listens."),
)  # fmt: skip
def wrong_port(plan: Plan) -> Iterator[Found]:
    for part in workloads(plan):
        block = part.block
        registered = getattr(block, "container_port", None)
        if registered and block.port and registered != block.port:
            place = (*part.path, "container_port")
            said = say(
                "{name} registers port {wrong} and listens on {port}.",
                name=part.name,
                wrong=registered,
                port=block.port,
            )
            yield Found(place, said, change=Change(place, block.port))
        for index, route in enumerate(block.routes if part.section == "servers" else ()):
            if route.target_port and route.target_port != block.port:
                place = (*part.path, "routes", index, "target_port")
                said = say("{name} is sent requests on port {wrong} and listens on {port}.",
                           name=part.name, wrong=route.target_port, port=block.port or "–")  # fmt: skip
                yield Found(place, said, change=Change(place, block.port) if block.port else None)


@rule(
    "LB002", "error", "reliability",
    why=say("The question is never answered: every target counts as dead, whatever it does."),
    fix=say("Leave health.port out: the question then goes where the program listens."),
)  # fmt: skip
def wrong_health_port(plan: Plan) -> Iterator[Found]:
    for part in workloads(plan):
        asked, port = part.block.health.port, part.block.port
        if part.block.routes and asked and port and asked != port:
            place = (*part.path, "health", "port")
            said = say(
                "The health check of {name} asks port {asked}; it listens on {port}.",
                name=part.name,
                asked=asked,
                port=port,
            )
            yield Found(place, said, change=Change(place, port))


@rule(
    "LB003", "error", "reliability",
    why=say("The security group drops what it does not admit: callers wait until they time out."),
    fix=say("Leave ingress out so that exactly what is needed is admitted, or add the rule."),
)  # fmt: skip
def not_admitted(plan: Plan) -> Iterator[Found]:
    for link in unmatched(plan):
        said = say(
            "{target} does not admit {source} on port {port}.",
            target=link.target,
            source=link.source,
            port=link.port,
        )
        path = (*plan.parts[link.target].path, _admitting(plan, link.target))
        yield Found(path, said)


def _admitting(plan: Plan, name: str) -> str:
    return "allow" if plan.parts[name].section == "load_balancers" else "ingress"


@rule(
    "LB004", "warning", "operations",
    why=say("A port stays open when the program behind it hangs."),
    fix=say("Give health.path, a page that answers without the database."),
)  # fmt: skip
def port_test_only(plan: Plan) -> Iterator[Found]:
    for part in workloads(plan):
        if part.block.routes and part.block.port and part.block.health.path is None:
            said = say(
                "The load balancer only tests whether the port of {name} is open.", name=part.name
            )
            yield Found((*part.path, "health"), said)


@rule(
    "LB005", "error", "reliability",
    why=say("AWS asks for two zones, and one zone's loss would take the way in."),
    fix=say("Use at least two zones."),
)  # fmt: skip
def one_zone(plan: Plan) -> Iterator[Found]:
    for part in plan.of_section("load_balancers"):
        if len(part.zones) < 2:
            place = (
                (*part.path, "zones")
                if part.block.zones
                else ("networks", str(part.network), "zones")
            )
            yield Found(place, say("{name} stands in one zone.", name=part.name))


@rule(
    "LB006", "warning", "security",
    why=say("Whoever finds its name goes round what stands before it: firewall, cache, limits, sign-in."),
    fix=say("Leave allow out: only CloudFront's addresses are then admitted."),
)  # fmt: skip
def way_round(plan: Plan) -> Iterator[Found]:
    for name in fronted_by(plan.architecture):
        balancer = plan.architecture.load_balancers[name]
        for index, cidr in enumerate(balancer.allow or ()):
            if everybody(cidr):
                said = say(
                    "{name} stands behind a distribution and is open to {cidr}.",
                    name=name,
                    cidr=str(cidr),
                )
                yield Found(("load_balancers", name, "allow", index), said)
    for gateway, block in plan.architecture.gateways.items():
        for name in block.load_balancers():
            if plan.architecture.load_balancers[name].public:
                said = say("{name} is public, though {gateway} stands before it.",
                           name=name, gateway=gateway)  # fmt: skip
                inside = say("Set public: false: the gateway comes in by its VPC link.")
                yield Found(("load_balancers", name, "public"), said, inside)


@rule(
    "LB007", "error", "reliability",
    why=say("The name goes on pointing at a dead address: with two, half of the requests fail."),
    fix=say("Use a load balancer; at the least let Route 53 ask: checked: true."),
    elsewhere="warning",
)  # fmt: skip
def round_robin(plan: Plan) -> Iterator[Found]:
    for part in plan.of_section("records"):
        count = len(part.block.addresses)
        if count > 1 and not part.block.checked:
            said = say(
                "{name} points at {count} addresses in turn and asks none of them.",
                name=part.block.name,
                count=count,
            )
            yield Found(part.path, said)


@rule(
    "LB008", "info", "operations",
    why=say("Tasks register with their own port; readers would take this one for it."),
    fix=say("Leave target_port out."),
)  # fmt: skip
def port_without_effect(plan: Plan) -> Iterator[Found]:
    for part in plan.of_section("services"):
        for index, route in enumerate(part.block.routes):
            if route.target_port and part.block.port and route.target_port != part.block.port:
                place = (*part.path, "routes", index, "target_port")
                said = say(
                    "The target port {port} of {name} has no effect.",
                    port=route.target_port,
                    name=part.name,
                )
                yield Found(place, said, change=Change(place, part.block.port))


@rule(
    "LB010", "error", "reliability",
    why=say("The first rule that fits wins: the other part never gets a request."),
    fix=say("Give them different hosts or paths."),
)  # fmt: skip
def same_route_twice(plan: Plan) -> Iterator[Found]:
    seen: dict[tuple[str, str, str], str] = {}
    for part in workloads(plan):
        for index, route in enumerate(part.block.routes):
            keys = [
                (route.via, host, path)
                for host in route.hosts or ("*",)
                for path in route.paths or ("/*",)
            ]
            taken = next((seen[key] for key in keys if seen.get(key, part.name) != part.name), None)
            if taken:
                said = say(
                    "{name} and {other} ask {via} for the same requests.",
                    name=part.name,
                    other=taken,
                    via=route.via,
                )
                yield Found((*part.path, "routes", index), said)
            seen |= {key: part.name for key in keys if key not in seen}


@rule(
    "LB011", "warning", "cost",
    why=say("It is paid for by the hour and answers 503."),
    fix=say("Route something to it or take it out."),
)  # fmt: skip
def nothing_behind(plan: Plan) -> Iterator[Found]:
    used = {route.via for part in workloads(plan) for route in part.block.routes}
    for name in plan.architecture.load_balancers:
        if name not in used:
            yield Found(("load_balancers", name), say("Nothing stands behind {name}.", name=name))


@rule(
    "LB012", "warning", "reliability",
    why=say("Requests that are under way are cut at every update and every scaling down."),
    fix=say("Keep 30 seconds, or as long as the slowest request takes."),
    elsewhere="silent",
)  # fmt: skip
def cut_off(plan: Plan) -> Iterator[Found]:
    for part in workloads(plan):
        for index, route in enumerate(part.block.routes):
            if route.deregistration_s == 0:
                place = (*part.path, "routes", index, "deregistration_s")
                said = say(
                    "{name} leaves {via} without finishing its requests.",
                    name=part.name,
                    via=route.via,
                )
                yield Found(place, said, change=Change(place, 30))


@rule(
    "LB017", "warning", "reliability",
    why=say("Until then a share of all requests goes to the dead one."),
    fix=say("Ask more often or give up sooner: 15 seconds, twice."),
    elsewhere="silent",
)  # fmt: skip
def noticed_late(plan: Plan) -> Iterator[Found]:
    for part in workloads(plan):
        health = part.block.health
        took_s = health.interval_s * health.unhealthy_after
        if part.block.routes and took_s > UNNOTICED_LIMIT_S:
            said = say(
                "A dead {name} is noticed after {seconds} seconds.", name=part.name, seconds=took_s
            )
            yield Found((*part.path, "health", "interval_s"), said)


@rule(
    "LB018", "error", "reliability",
    why=say("A name leads to one place: the other is never asked."),
    fix=say("Give one of them another name."),
)  # fmt: skip
def name_of_two(plan: Plan) -> Iterator[Found]:
    seen: dict[str, str] = {}
    for claim in claims(plan.architecture):
        owner = seen.setdefault(claim.host, claim.owner)
        if owner != claim.owner:
            said = say("{host} leads to {name} already.", host=claim.host, name=owner)
            yield Found(claim.path, said)
