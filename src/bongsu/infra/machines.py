"""What machines have, and which pairs Fargate takes: tables in `data/`, with the day they were written."""

import csv
from dataclasses import dataclass
from importlib.resources import files

SYSTEM_MIB, SYSTEM_SHARE = 100, 0.06  # what kernel, agent and firmware keep of the nominal memory


@dataclass(frozen=True, slots=True)
class Machine:
    """`interfaces` × `addresses`: network interfaces and IPv4 addresses on each."""

    type: str
    architecture: str
    vcpu: int
    memory_mib: int
    interfaces: int
    addresses: int

    @property
    def bursts(self) -> bool:
        """Its processors are a share that is saved up, not whole ones: the families that begin with t."""
        return self.type.startswith("t")

    @property
    def usable_mib(self) -> int:
        """What is left to programs, estimated."""
        return max(int(self.memory_mib * (1 - SYSTEM_SHARE)) - SYSTEM_MIB, 0)


@dataclass(frozen=True, slots=True)
class Sizes:
    """Memory that goes with one amount of CPU: single values, then steps."""

    cpu: int
    least_mib: int
    most_mib: int
    step_mib: int

    def fits(self, memory_mib: int) -> bool:
        inside = self.least_mib <= memory_mib <= self.most_mib
        return inside and (memory_mib - self.least_mib) % self.step_mib == 0

    def values(self) -> range:
        return range(self.least_mib, self.most_mib + 1, self.step_mib)


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("bongsu.infra") / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def _machine(row: dict[str, str]) -> Machine:
    numbers = (int(row[key]) for key in ("vcpu", "memory_mib", "interfaces", "addresses"))
    return Machine(row["type"], row["architecture"], *numbers)


MACHINES = {row["type"]: _machine(row) for row in _rows("instances.csv")}
FARGATE = [Sizes(*(int(row[key]) for key in row)) for row in _rows("fargate.csv")]


def valid_pair(cpu: int, memory_mib: int) -> bool:
    return any(sizes.cpu == cpu and sizes.fits(memory_mib) for sizes in FARGATE)


def fitting_memory_mib(cpu: int, memory_mib: int) -> int | None:
    """The smallest that is enough; None where this CPU does not exist or takes less."""
    values = sorted(value for sizes in FARGATE if sizes.cpu == cpu for value in sizes.values())
    return next((value for value in values if value >= memory_mib), None)
