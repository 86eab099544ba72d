"""Pages and the interfaces that they call: names of one site are still several origins to a browser."""

from collections.abc import Iterator

from bongsu.infra.check.finding import Found
from bongsu.infra.check.rule import rule
from bongsu.infra.check.ways import workloads
from bongsu.infra.model.architecture import Architecture
from bongsu.infra.plan.flows import fronted_by
from bongsu.infra.plan.hosts import Claim, claims
from bongsu.infra.plan.model import Part, Plan
from bongsu.kit.i18n import say

WWW = "www."


@rule(
    "CORS01", "info", "operations",
    why=say("A browser lets pages call another origin only when it names theirs exactly and takes credentials."),
    fix=say("Tell the program the exact origin by a variable, and serve both under one name if you can."),
)  # fmt: skip
def other_origin(plan: Plan) -> Iterator[Found]:
    """`api.example.com` beside `example.com`, unless a variable of the program names the page's origin."""
    known = [claim for claim in claims(plan.architecture) if _public(plan.architecture, claim)]
    for called in known:
        behind = _behind(plan, called)
        pages = [
            page
            for page in known
            if _below(called.host, page.host) and _behind(plan, page) != behind
        ]
        if behind and pages and not any(_names(part, pages) for part in behind):
            said = say(
                "{host} is another origin than {page}, though of the same site.",
                host=called.host,
                page=pages[0].host,
            )
            right = say(
                "Answer Access-Control-Allow-Origin: {origin} and Allow-Credentials; name {origin} in a variable.",
                origin=f"https://{pages[0].host}",
            )
            yield Found(called.path, said, right)


@rule(
    "CORS04", "warning", "security",
    why=say("With credentials a browser refuses *, and without them every page may read the answers."),
    fix=say("Name the exact origins, such as https://www.example.com."),
)  # fmt: skip
def any_origin(plan: Plan) -> Iterator[Found]:
    for part in (*workloads(plan), *plan.of_section("functions")):
        for variable, value in part.block.environment.items():
            words = set(variable.upper().split("_"))
            if words & {"CORS", "ORIGIN", "ORIGINS"} and "*" in value:
                said = say(
                    "{variable} of {name} lets any origin in.", variable=variable, name=part.name
                )
                yield Found((*part.path, "environment", variable), said)


def _public(architecture: Architecture, claim: Claim) -> bool:
    """What CloudFront asks is no origin that a page calls; of plain addresses nothing is known."""
    if claim.path[0] == "records":
        return False
    if claim.path[0] == "gateways":  # it answers for those behind it: see CORS02
        return False
    balancer = architecture.load_balancers.get(claim.owner)
    return balancer is None or (balancer.public and claim.owner not in fronted_by(architecture))


def _below(host: str, page: str) -> bool:
    site = page.removeprefix(WWW)
    return host.endswith(f".{site}") and host != f"{WWW}{site}"


def _behind(plan: Plan, claim: Claim) -> list[Part]:
    """Who answers under a name; nobody of ours where it leads to a distribution or an address."""
    routed = [
        (part, route)
        for part in workloads(plan)
        for route in part.block.routes
        if route.via == claim.owner
    ]
    return [part for part, route in routed if claim.host in route.hosts or not route.hosts]


def _names(part: Part, pages: list[Claim]) -> bool:
    origins = [f"https://{page.host}" for page in pages]
    return any(origin in value for value in part.block.environment.values() for origin in origins)
