"""The topics of an architecture's alarms send to a running Bongsu, so that alarms become events there.

The address holds a token. It goes from Bongsu's API straight to SNS: into no file, template or line on a terminal.
"""

from collections.abc import Iterator
from typing import Any, Literal

from bongsu.infra.deploy.aws import Clients, asking
from bongsu.infra.graph import Graph
from bongsu.infra.plan.model import Plan
from bongsu.infra.regions import EDGE
from bongsu.infra.render.cfn import stack_name
from bongsu.infra.watched.watching import service_name
from bongsu.kit.api import Api
from bongsu.kit.errors import Conflict

TOPIC = "AWS::SNS::Topic"
PATH = ("alarms",)
Outcome = Literal["subscribed", "already"]


def subscribe(
    plan: Plan, graph: Graph, clients: Clients, api: Api
) -> Iterator[tuple[str, Outcome]]:
    """Name of the source and what became of it, for each topic; a second time nothing is done."""
    for stack, region, logical in _topics(plan, graph):
        arn = _arn(clients, stack, region, logical)
        sns, source = clients("sns", region), source_of(plan, region)
        before = _sends_here(sns, arn, api.url)
        if before and _is_known(api, source):
            yield source, "already"
            continue
        url = _address(api, source)
        with asking(arn):
            sns.subscribe(TopicArn=arn, Protocol=url.split(":", 1)[0], Endpoint=url)
            for one in before:
                _end(sns, one)
        yield source, "subscribed"


def source_of(plan: Plan, region: str) -> str:
    """One for each topic, so that one may be renewed without the other."""
    other = region != plan.architecture.region
    return service_name(plan.architecture.stem, "edge-alarms" if other else "alarms")


def _topics(plan: Plan, graph: Graph) -> Iterator[tuple[str, str, str]]:
    """Stack, region and logical id of each topic of alarms."""
    for one in graph.of_type(TOPIC):
        if one.path == PATH:
            region = EDGE if one.stack == "edge" else plan.architecture.region
            yield stack_name(plan, one.stack, one.region), region, one.id


def _arn(clients: Clients, stack: str, region: str, logical: str) -> str:
    with asking(stack):
        found = clients("cloudformation", region).describe_stack_resource(
            StackName=stack, LogicalResourceId=logical
        )
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


def _sends_here(sns: Any, arn: str, server: str) -> list[str]:
    """The subscriptions of this server, also those that wait for their confirmation: SNS asks again by itself."""
    with asking(arn):
        pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn)
        found = [one for page in pages for one in page["Subscriptions"]]
    here = f"{server}/in/cloudwatch/"
    return [str(one["SubscriptionArn"]) for one in found if str(one["Endpoint"]).startswith(here)]


def _end(sns: Any, subscription: str) -> None:
    """One whose address leads nowhere any more. What was never confirmed has no name yet, and ends by itself."""
    if subscription.startswith("arn:"):
        sns.unsubscribe(SubscriptionArn=subscription)


def _is_known(api: Api, source: str) -> bool:
    return any(one["name"] == source for one in api.get("/intake")["sources"])


def _address(api: Api, source: str) -> str:
    """A new address each time: only its hash is kept, so that nobody can read the one before."""
    try:
        made = api.call("POST", "/intake", {"name": source, "kind": "cloudwatch"})
    except Conflict:
        made = api.call("POST", f"/intake/{source}/renew")
    return str(made["url"])
