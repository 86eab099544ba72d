"""Tasks on hosts: which of them go with a host or a zone, and where they start again. Pure."""

from collections.abc import Sequence
from math import ceil

from bongsu.infra.drill.losses import Loss
from bongsu.infra.drill.standing import Verdict
from bongsu.infra.plan.model import Part, Plan
from bongsu.infra.plan.placing import at_least, left_over, room_of, tenants
from bongsu.kit.i18n import say


def hosts_of(plan: Plan, part: Part) -> Part | None:
    """What a service runs on; None on Fargate and for servers."""
    name = getattr(part.block, "runs_on", None)
    return plan.parts[name] if name in plan.architecture.capacity else None


def hosts_left(hosts: Part, zones: Sequence[str], losses: frozenset[Loss]) -> int:
    """`zones`: those that are not lost."""
    spread = hosts.spread()
    return max(sum(spread[zone] for zone in zones) - (Loss("host", hosts.name) in losses), 0)


def taken_along(part: Part, hosts: Part, zones: Sequence[str], losses: frozenset[Loss]) -> int:
    """Tasks that stood on the lost host, which is the fullest; besides those of lost zones."""
    if Loss("host", hosts.name) not in losses or not hosts.copies:
        return 0
    tasks, machines = part.spread(), hosts.spread()
    return max((ceil(tasks[zone] / machines[zone]) for zone in zones if machines[zone]), default=0)


def moved(verdict: Verdict, plan: Plan, part: Part, hosts: Part, left: int, missing: int) -> None:
    """Where `missing` tasks go: to `left` hosts where these have room for all, else a host is started first."""
    room = room_of(hosts.block.instance)
    tasks = at_least(tenants(plan.architecture, hosts.name).values())
    values = {"part": part.name, "hosts": hosts.name, "left": left, "count": missing}
    if room and not left_over([room] * left, tasks):
        said = say(
            "Hosts of {hosts} that are left: {left}. They have room for the lost tasks of {part}: {count}.",
            **values,
        )
    else:
        said = say(
            "No host of {hosts} that is left has room: another one starts first, "
            "then the lost tasks of {part}: {count}.",
            **values,
        )
    verdict.why.append(said)
