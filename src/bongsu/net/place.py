"""From a host name to an address that may be connected to: look-up, choice, guard. Every kind passes here."""

from dataclasses import dataclass

from bongsu.kit.clock import Clock
from bongsu.net.dns import NameFault
from bongsu.net.guard import EgressPolicy
from bongsu.net.model import Family, Fault
from bongsu.net.resolver import Resolver


@dataclass(frozen=True, slots=True)
class Place:
    """Where a connection goes, and what finding it took. With a `fault` there is nowhere to go."""

    address: str
    port: int
    name_us: int
    fault: Fault | None = None

    @property
    def shown(self) -> str:
        return (
            f"[{self.address}]:{self.port}"
            if ":" in self.address
            else f"{self.address}:{self.port}"
        )


async def find_place(
    host: str,
    port: int,
    family: Family,
    timeout_s: float,
    *,
    resolver: Resolver,
    policy: EgressPolicy,
    clock: Clock,
) -> Place:
    """The first address of the answer is the one: no shopping around for one that happens to work
    or to be allowed."""
    started_s = clock.monotonic_s()
    answer = resolver.known(host, family)
    if answer is None:
        answer = await resolver.resolve(host, family, timeout_s)
    name_us = round((clock.monotonic_s() - started_s) * 1e6)
    if isinstance(answer, NameFault):
        said = answer.said(host)
        return Place("", port, name_us, Fault(answer.kind, str(said), said=said))
    refusal = policy.refusal(answer[0], host)
    if refusal is not None:
        return Place(answer[0], port, name_us, Fault("guard", str(refusal), said=refusal))
    return Place(answer[0], port, name_us)
