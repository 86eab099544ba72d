"""Kubernetes: who may reach it, whether pods fit, what nobody pinned."""

from collections.abc import Iterator

from bongsu.infra.check.finding import Change, Found
from bongsu.infra.check.rule import rule
from bongsu.infra.machines import MACHINES
from bongsu.infra.model.clusters import ADDONS, Cluster
from bongsu.infra.plan.cidr import is_private
from bongsu.infra.plan.model import Plan
from bongsu.infra.plan.pods import AGENTS, fits, pod_services, room_for_pods, wanted_pods
from bongsu.kit.i18n import say

# What kubelet, system and the agents on a node keep of a vCPU and of its memory, about.
NODE_CPU, NODE_MIB = 300, 900
MAIN_LOGS = ("audit", "authenticator")


def clusters(plan: Plan) -> Iterator[tuple[str, Cluster]]:
    yield from plan.architecture.clusters.items()


@rule(
    "CAP004", "error", "reliability",
    why=say("A pod gets an address of its node's network interfaces; when those are used up it waits for ever."),
    fix=say("Set pods.prefixes: true, take larger nodes or more of them."),
)  # fmt: skip
def too_many_pods(plan: Plan) -> Iterator[Found]:
    for name, cluster in clusters(plan):
        too_many = list(_over_the_limit(name, cluster))
        yield from too_many
        room, wanted = room_for_pods(cluster), wanted_pods(plan.architecture, name)
        if room is not None and room < wanted and not too_many:
            said = say(
                "{name} has to run {wanted} pods at most; its nodes have room for {room}, {agents} agents on each "
                "taken off.", name=name, wanted=wanted, room=room, agents=AGENTS)  # fmt: skip
            yield Found(("clusters", name, "nodes"), said)


def _over_the_limit(name: str, cluster: Cluster) -> Iterator[Found]:
    for group, nodes in cluster.nodes.items():
        machine = MACHINES.get(nodes.instance)
        limit = fits(cluster, machine) if machine else None
        if limit is not None and (nodes.pods_per_node or 0) > limit:
            said = say("{pods} pods on each node: the interfaces of {type} take {limit}.",
                       pods=nodes.pods_per_node, type=nodes.instance, limit=limit)  # fmt: skip
            yield Found(("clusters", name, "nodes", group, "pods_per_node"), said)


@rule(
    "CAP008", "error", "reliability",
    why=say("A pod that fits on no node is never started."),
    fix=say("Take larger nodes, or ask for less."),
)  # fmt: skip
def pod_too_large(plan: Plan) -> Iterator[Found]:
    for name, cluster in clusters(plan):
        machines = [MACHINES.get(nodes.instance) for nodes in cluster.nodes.values()]
        known = [machine for machine in machines if machine]
        for service in pod_services(plan.architecture, name):
            block = plan.architecture.services[service]
            fitting = [
                one
                for one in known
                if one.architecture == block.architecture
                and one.vcpu * 1024 - NODE_CPU >= block.cpu
                and one.usable_mib - NODE_MIB >= block.memory_mib
            ]
            if len(known) == len(machines) and not fitting:
                said = say(
                    "No node of {name} takes a pod of {service}: {cpu} CPU units, {memory} MiB, for {processor}.",
                    name=name, service=service, cpu=block.cpu, memory=block.memory_mib,
                    processor=block.architecture)  # fmt: skip
                yield Found(("services", service, "runs_on"), said)


@rule(
    "EKS001", "error", "security",
    why=say("Whoever holds a stolen token, or a hole in Kubernetes, is inside at once."),
    fix=say("Set endpoint.public: false, or name the addresses in endpoint.allow that may come."),
)  # fmt: skip
def api_for_everybody(plan: Plan) -> Iterator[Found]:
    for name, cluster in clusters(plan):
        outside = [cidr for cidr in cluster.endpoint.allow if not is_private(cidr)]
        if cluster.endpoint.public and (not outside or any(one.prefixlen < 8 for one in outside)):
            said = say("Everybody on the internet reaches the interface of {name}.", name=name)
            yield Found(("clusters", name, "endpoint", "public"), said)


@rule(
    "EKS002", "error", "operations",
    why=say("The cluster knows no administrator: whoever made it has no rights in it either."),
    fix=say("Name a role in access that may do cluster-admin."),
)  # fmt: skip
def nobody_may_use_it(plan: Plan) -> Iterator[Found]:
    for name, cluster in clusters(plan):
        if not any(entry.may == "cluster-admin" for entry in cluster.access.values()):
            said = say("No role may administer {name}.", name=name)
            yield Found(("clusters", name, "access"), said)


@rule(
    "EKS003", "warning", "operations",
    why=say("AWS then takes its default of the day: two environments differ, and nobody saw the change."),
    fix=say("Name the version of each in addons; AWS lists those that go with a version of Kubernetes."),
    elsewhere="silent",
)  # fmt: skip
def add_ons_not_pinned(plan: Plan) -> Iterator[Found]:
    for name, cluster in clusters(plan):
        left = [addon for addon in ADDONS if addon not in cluster.addons]
        if left:
            said = say(
                "{name} has add-ons without a version: {names}.", name=name, names=", ".join(left)
            )
            yield Found(("clusters", name, "addons"), said)


@rule(
    "EKS004", "error", "security",
    why=say("Whoever reads a copy of the control plane's store reads every secret; later it means a new cluster."),
    fix=say("Set encrypt_secrets: true."),
)  # fmt: skip
def secrets_in_the_clear(plan: Plan) -> Iterator[Found]:
    for name, cluster in clusters(plan):
        if not cluster.encrypt_secrets:
            place = ("clusters", name, "encrypt_secrets")
            yield Found(place, say("Secrets in {name} have no key of their own.", name=name))


@rule(
    "EKS005", "warning", "security",
    why=say("After an intrusion nobody can tell who did what."),
    fix=say("Keep audit and authenticator in logs."),
    elsewhere="silent",
)  # fmt: skip
def no_audit(plan: Plan) -> Iterator[Found]:
    for name, cluster in clusters(plan):
        left = [kind for kind in MAIN_LOGS if kind not in cluster.logs]
        if left:
            said = say(
                "The control plane of {name} does not log {names}.",
                name=name,
                names=", ".join(left),
            )
            yield Found(("clusters", name, "logs"), said)


@rule(
    "EKS006", "warning", "reliability",
    why=say("AWS takes spot nodes away with two minutes' notice, all at once when it needs the room."),
    fix=say("Keep one group of nodes with spot: false."),
    elsewhere="silent",
)  # fmt: skip
def only_spot_nodes(plan: Plan) -> Iterator[Found]:
    for name, cluster in clusters(plan):
        if all(nodes.spot for nodes in cluster.nodes.values()):
            said = say("{name} runs on spot capacity only.", name=name)
            group = next(iter(cluster.nodes))
            yield Found(("clusters", name, "nodes", group, "spot"), said)


@rule(
    "EKS007", "warning", "reliability",
    why=say("Whatever that zone's nodes carried stops until others are started elsewhere."),
    fix=say("Let scale.min be at least as many as the network has zones."),
    elsewhere="silent",
)  # fmt: skip
def fewer_nodes_than_zones(plan: Plan) -> Iterator[Found]:
    for name, cluster in clusters(plan):
        zones = len(plan.parts[name].zones)
        count = sum(nodes.scale.min for nodes in cluster.nodes.values())
        if count < zones:
            group = next(iter(cluster.nodes))
            place = ("clusters", name, "nodes", group, "scale", "min")
            said = say(
                "{name} may run on {count} nodes in {zones} zones.",
                name=name,
                count=count,
                zones=zones,
            )
            yield Found(
                place, said, change=Change(place, zones) if len(cluster.nodes) == 1 else None
            )
