"""Gateways: pages of other origins, answers that come too late, load balancers that stand open beside them."""

from collections.abc import Iterator

from bongsu.infra.check.finding import Change, Found
from bongsu.infra.check.rule import rule
from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.gateways import Gateway
from bongsu.infra.plan.hosts import host_of_gateway
from bongsu.infra.plan.model import Plan
from bongsu.kit.i18n import say

LONGEST_S = 30  # that an HTTP API waits for an answer


@rule(
    "CORS02", "error", "operations",
    why=say("The browser asks the gateway first whether that page may call, and drops the call without a yes."),
    fix=say("Name the pages' exact origin in cors.origins; or let the distribution ask the gateway as an origin."),
)  # fmt: skip
def pages_shut_out(plan: Plan) -> Iterator[Found]:
    """Pages under a name of the same site, and a gateway that nobody but the browser calls."""
    architecture = plan.architecture
    behind = _origins(architecture)
    for name, gateway in architecture.gateways.items():
        if name in behind:
            continue
        for page in _pages(architecture, gateway):
            said = say(
                "{page} calls {host}, and {name} does not let it.",
                page=page,
                host=host_of_gateway(architecture, name) or name,
                name=name,
            )
            place = ("gateways", name, "cors")
            yield Found((*place, "origins") if gateway.cors else place, said)


def _origins(architecture: Architecture) -> set[str | None]:
    return {
        origin.gateway
        for distribution in architecture.distributions.values()
        for origin in distribution.origins.values()
    }


def _pages(architecture: Architecture, gateway: Gateway) -> Iterator[str]:
    """Origins of the distributions whose pages come from a bucket, beside or above a name of the gateway."""
    allowed = gateway.cors.origins if gateway.cors else ()
    for distribution in architecture.distributions.values():
        shown = distribution.origins[distribution.default.origin].bucket
        for alias in distribution.aliases if shown else ():
            near = any(_one_site(host, alias) for host in gateway.hosts)
            if near and f"https://{alias}" not in allowed:
                yield f"https://{alias}"


def _one_site(host: str, page: str) -> bool:
    """One lies below the other, or both below one name of three words at least."""
    stem = page.partition(".")[2]
    beside = stem.count(".") >= 1 and host.endswith(f".{stem}")
    return host.endswith(f".{page.removeprefix('www.')}") or beside


@rule(
    "GW001", "warning", "reliability",
    why=say("An HTTP API answers 503 after 30 seconds, while the function works on and is paid for."),
    fix=say("Give it at most 30 seconds; let longer work be done from a queue."),
)  # fmt: skip
def answers_too_late(plan: Plan) -> Iterator[Found]:
    functions = plan.architecture.functions
    for name, gateway in plan.architecture.gateways.items():
        for function in gateway.functions():
            took_s = functions[function].timeout_s
            if took_s > LONGEST_S:
                place = ("functions", function, "timeout_s")
                said = say(
                    "{function} may take {seconds} seconds, and {name} waits for 30.",
                    function=function,
                    seconds=took_s,
                    name=name,
                )
                yield Found(place, said, change=Change(place, LONGEST_S))


@rule(
    "GW002", "warning", "security",
    why=say("One program that runs wild, or one attacker, uses up what all have together."),
    fix=say("Leave throttle out, or give less than the 10,000 requests a second that the whole account has."),
    elsewhere="silent",
)  # fmt: skip
def without_limit(plan: Plan) -> Iterator[Found]:
    for name, gateway in plan.architecture.gateways.items():
        if gateway.throttle.rate >= ACCOUNT_RATE:
            said = say("{name} lets through all that the account may take.", name=name)
            yield Found(("gateways", name, "throttle", "rate"), said)


ACCOUNT_RATE = 10_000  # a second, by region, unless AWS was asked for more
