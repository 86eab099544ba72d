"""What only AWS knows of an architecture that stands, and what it is asked to send."""

from bongsu.infra.build.build import build_graph
from bongsu.infra.deploy.aws import Clients, clients
from bongsu.infra.deploy.deployment import Deployment
from bongsu.infra.plan.model import Plan
from bongsu.infra.render.cfn import nameless, output_name
from bongsu.infra.watched.subscribe import subscribe
from bongsu.kit.api import Api
from bongsu.kit.i18n import Said, say

Outputs = dict[str, dict[str, str]]  # stack → output → value


def clients_of(endpoint_url: str | None, profile: str | None) -> Clients:
    return clients(endpoint_url, profile)


def addresses(plan: Plan, asked: Clients) -> dict[str, str]:
    """Part → the name that AWS gave it. Raises Unavailable, Invalid."""
    graph = build_graph(plan)
    wanted = nameless(plan, graph.resources.values())
    if not wanted:
        return {}
    outputs: Outputs = Deployment(plan, graph, asked).outputs()
    known = {name: value for stack in outputs.values() for name, value in stack.items()}
    named = {part: output_name(pointer) for part, pointer in wanted.items()}
    return {
        part: known[output].removeprefix("https://")  # a gateway's is a whole address
        for part, output in named.items()
        if output in known
    }


def alarms_become_events(plan: Plan, asked: Clients, api: Api) -> tuple[Said, ...]:
    """What was done for each topic of alarms, in sentences. Raises Unavailable, Invalid."""
    words = {
        "subscribed": say("Alarms are sent to {source} now, and are events there."),
        "already": say("Alarms are sent to {source} already."),
    }
    done = subscribe(plan, build_graph(plan), asked, api)
    return tuple(Said(words[outcome].text, {"source": source}) for source, outcome in done)
