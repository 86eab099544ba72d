"""The drawing in sentences, for who cannot see it. Pure."""

from collections.abc import Iterator

from bongsu.infra.plan.model import INTERNET, NetworkPlan, Plan
from bongsu.kit.i18n import Said, say


def tells(plan: Plan) -> tuple[Said, ...]:
    return (*_networks(plan), *_links(plan))


def _networks(plan: Plan) -> Iterator[Said]:
    for network in plan.networks.values():
        yield say(
            "Network {name}, {cidr}, in zones {zones}.",
            name=network.name,
            cidr=str(network.cidr),
            zones=", ".join(network.zones),
        )
        yield from _inside(plan, network)


def _inside(plan: Plan, network: NetworkPlan) -> Iterator[Said]:
    for part in plan.parts.values():
        if part.network == network.name and part.zones:
            yield say(
                "{part} stands in zones {zones} of {network}.",
                part=part.name,
                zones=", ".join(part.zones),
                network=network.name,
            )


def _links(plan: Plan) -> Iterator[Said]:
    for link in plan.links:
        if link.kind == "health":
            continue
        if link.source == INTERNET:
            yield say("People reach {target} on port {port}.", target=link.target, port=link.port)
        else:
            yield say(
                "{source} calls {target} on port {port}.",
                source=link.source,
                target=link.target,
                port=link.port,
            )
