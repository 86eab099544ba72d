"""The plan of one environment. Pure: architecture and lock in, plan out."""

from bongsu.infra.model.architecture import Architecture
from bongsu.infra.plan.flows import links_of, openings_of
from bongsu.infra.plan.lock import Held, Lock
from bongsu.infra.plan.model import Plan
from bongsu.infra.plan.networks import plan_networks
from bongsu.infra.plan.parts import parts_of
from bongsu.infra.plan.reaches import grants_given, grants_needed, reaches_of
from bongsu.infra.regions import zones_of


def make_plan(architecture: Architecture, lock: Lock | None = None) -> Plan:
    """Raises Invalid where the region is not known, has too few zones, or no range is free."""
    held = (lock or Lock()).of(architecture.environment)
    zones = {
        name: zones_of(architecture.region, block.letters or block.zones)
        for name, block in architecture.networks.items()
    }
    parts = parts_of(architecture, zones)
    reaches = reaches_of(architecture)
    networks, crowded = plan_networks(architecture, parts, reaches, zones, held)
    links = links_of(architecture, parts)
    openings = openings_of(parts, links, networks)
    rights = (grants_needed(architecture), grants_given(architecture))
    return Plan(architecture, networks, parts, links, openings, *rights, reaches, crowded)


def locked(plan: Plan, lock: Lock) -> Lock:
    """The lock with what this plan has given out; nothing that was in it is changed or lost."""
    before = lock.of(plan.architecture.environment)
    held = {}
    for name, network in plan.networks.items():
        given = {subnet.key: subnet.cidr for subnet in network.subnets} | network.reserved
        ranges = before[name].ranges if name in before else {}
        held[name] = Held(network.cidr, {**given, **ranges})
    return lock.with_environment(plan.architecture.environment, held)
