"""Tasks on hosts of one's own or on Fargate: from which reservation on the hosts are the cheaper ones. Pure."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from bongsu.infra.cost.breakeven import task_usd
from bongsu.infra.cost.line import HOURS
from bongsu.infra.cost.prices import NoPrice, Prices
from bongsu.infra.model.hosts import Capacity
from bongsu.infra.plan.model import Part, Plan
from bongsu.infra.plan.placing import at_least, reserved_percent, room_of, tenants
from bongsu.kit.i18n import Said, say


@dataclass(frozen=True, slots=True)
class HostsAgainstFargate:
    """`percent`: the reservation from which on these hosts are cheaper; over 100: never.

    `reservation_percent`: of what is scarcest on them, with the copies that always run.
    """

    capacity: str
    machine: str
    hosts: int
    tasks: int
    reservation_percent: float
    percent: float
    fargate_usd: float
    ec2_usd: float

    @property
    def saved_usd(self) -> float:
        """A month, by hosts; less than nothing where Fargate is cheaper."""
        return self.fargate_usd - self.ec2_usd

    def said(self) -> Said:
        values = {
            "name": self.capacity,
            "hosts": self.hosts,
            "machine": self.machine,
            "reserved": round(self.reservation_percent),
            "percent": round(self.percent),
            "usd": round(abs(self.saved_usd), 2),
        }
        if self.saved_usd >= 0:
            return say(
                "{name}: {hosts} × {machine} at {reserved} % reservation save {usd} USD a month beside Fargate; "
                "they win from {percent} % on.",
                **values,
            )
        return say(
            "{name}: {hosts} × {machine} at {reserved} % reservation cost {usd} USD a month more than Fargate; "
            "they win from {percent} % on.",
            **values,
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"saved_usd": round(self.saved_usd, 2)}


def hosts_against_fargate(plan: Plan, prices: Prices) -> tuple[HostsAgainstFargate, ...]:
    """One for each capacity whose machine and prices are known and that has tasks."""
    return tuple(one for part in plan.of_section("capacity") for one in _of(plan, part, prices))


def _of(plan: Plan, part: Part, prices: Prices) -> Iterator[HostsAgainstFargate]:
    region, block = plan.architecture.region, part.block
    room = room_of(block.instance)
    tasks = at_least(tenants(plan.architecture, part.name).values())
    if room is None or not tasks or not part.copies:
        return
    try:
        fargate = sum(task_usd(task, region, prices) for task in tasks) * HOURS
        ec2 = part.copies * host_usd(block, region, prices)
    except NoPrice:
        return
    reserved = reserved_percent(room, part.copies, tasks)
    even = reserved * ec2 / fargate
    yield HostsAgainstFargate(
        part.name, block.instance, part.copies, len(tasks), reserved, even, fargate, ec2
    )


def host_usd(block: Capacity, region: str, prices: Prices) -> float:
    """A month of one with its disk. Raises NoPrice."""
    machine = prices.of(region, "ec2", block.instance).usd * HOURS
    return machine + prices.of(region, "ebs", "gp3").usd * block.disk_gib
