"""Containers on Fargate or on machines of our own: at which reservation a machine is the cheaper one. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

from bongsu.infra.cost.line import HOURS
from bongsu.infra.cost.prices import NoPrice, Prices
from bongsu.infra.machines import Machine
from bongsu.infra.model.compute import Service
from bongsu.infra.plan.model import Part, Plan
from bongsu.kit.i18n import Said, say

DISK_GIB = 20  # as much as Fargate gives with a task


@dataclass(frozen=True, slots=True)
class BreakEven:
    """`percent`: of the machine's places filled by tasks, from which on it is the cheaper one; over 100: never.

    `reservation_percent`: how full they would be with the service's own copies, one machine in each zone at least.
    """

    service: str
    machine: str
    tasks_per_machine: int
    percent: float
    copies: int
    machines: int
    reservation_percent: float
    fargate_usd: float
    ec2_usd: float

    @property
    def saved_usd(self) -> float:
        """A month, by machines; less than nothing where Fargate is cheaper."""
        return self.fargate_usd - self.ec2_usd

    def said(self) -> Said:
        values = {
            "service": self.service,
            "machine": self.machine,
            "percent": round(self.percent),
            "reserved": round(self.reservation_percent),
            "usd": round(abs(self.saved_usd), 2),
        }
        if self.percent > 100:
            return say(
                "{service}: Fargate is always cheaper than {machine}, the best machine that fits.",
                **values,
            )
        if self.saved_usd > 0:
            return say(
                "{service}: {machine} wins from {percent} % reservation on; at {reserved} % it saves {usd} USD.",
                **values,
            )
        return say(
            "{service}: {machine} wins from {percent} % reservation on; at {reserved} % Fargate saves {usd} USD.",
            **values,
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"saved_usd": round(self.saved_usd, 2)}


def break_evens(plan: Plan, prices: Prices, machines: Iterable[Machine]) -> tuple[BreakEven, ...]:
    """One for each service on Fargate that has copies and a machine that fits, whole processors only."""
    region = plan.architecture.region
    found = (_of(part, region, prices, machines) for part in _tasks(plan))
    return tuple(one for one in found if one is not None)


def _tasks(plan: Plan) -> Iterator[Part]:
    """On Fargate: what runs on machines shares them with others."""
    yield from (part for part in plan.of_section("services") if part.block.runs_on is None)


def _of(part: Part, region: str, prices: Prices, machines: Iterable[Machine]) -> BreakEven | None:
    block, copies = part.block, max(part.copies, 1)
    try:
        each_usd = task_usd(block, region, prices)
        fitting = list(_fitting(block, region, prices, machines))
    except NoPrice:
        return None
    if not fitting:
        return None
    usd, places, machine = min(fitting, key=lambda one: (one[0] / one[1], one[0], one[2]))
    count = max(ceil(copies / places), min(len(part.zones), copies))
    return BreakEven(
        part.name,
        machine,
        places,
        100 * usd / (places * each_usd),
        copies,
        count,
        100 * copies / (count * places),
        copies * each_usd * HOURS,
        count * usd * HOURS,
    )


def task_usd(block: Service, region: str, prices: Prices) -> float:
    """An hour of one task."""
    vcpu = prices.of(region, "fargate", f"{block.architecture}:vcpu").usd
    gb = prices.of(region, "fargate", f"{block.architecture}:gb").usd
    return vcpu * block.cpu / 1024 + gb * block.memory_mib / 1024


def _fitting(
    block: Service, region: str, prices: Prices, machines: Iterable[Machine]
) -> Iterator[tuple[float, int, str]]:
    """Price of an hour with its disk, tasks that it has room for, type."""
    disk_usd = prices.of(region, "ebs", "gp3").usd * DISK_GIB / HOURS
    for machine in machines:
        if machine.bursts or machine.architecture != block.architecture:
            continue
        places = min(
            machine.vcpu * 1024 // block.cpu,
            machine.usable_mib // block.memory_mib,
        )
        if places and prices.has(region, "ec2", machine.type):
            usd = prices.of(region, "ec2", machine.type).usd
            yield usd + disk_usd, places, machine.type
