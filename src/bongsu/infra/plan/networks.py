"""Networks worked out: range, subnets, ways out. What the lock file holds does not move. Pure."""

import hashlib
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from math import ceil, log2

from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.network import GATEWAY_ENDPOINTS, Network
from bongsu.infra.plan.cidr import LARGEST, SMALLEST, NoRoom, allocate, first_free
from bongsu.infra.plan.lock import Held
from bongsu.infra.plan.model import Crowded, Endpoint, Nat, NetworkPlan, Part, Reach, Subnet
from bongsu.infra.plan.sizing import needs, prefixes
from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say

POOL = IPv4Network("10.0.0.0/8")
TIERS = ("public", "app", "data", "endpoints", "control", "pods")
GROWN_ZONES = 3  # a range that is chosen has room for so many zones, however few there are today


def plan_networks(
    architecture: Architecture,
    parts: Mapping[str, Part],
    reaches: tuple[Reach, ...],
    zones: Mapping[str, tuple[str, ...]],
    held: Mapping[str, Held],
) -> tuple[dict[str, NetworkPlan], tuple[Crowded, ...]]:
    """Every network by name, and the ranges that found no place. Raises Invalid where no range is free at all."""
    planned: dict[str, NetworkPlan] = {}
    crowded: list[Crowded] = []
    taken = _taken(architecture, held)
    for name, block in architecture.networks.items():
        inside = [part for part in parts.values() if part.network == name]
        work = _Network(architecture, name, block, inside, zones[name], held.get(name))
        planned[name] = work.planned(_endpoints(block, inside, reaches), taken, crowded)
        taken = (*taken, planned[name].cidr)
    return planned, tuple(crowded)


def _taken(architecture: Architecture, held: Mapping[str, Held]) -> tuple[IPv4Network, ...]:
    """Ranges that a new network must not touch."""
    found = [
        cidr
        for block in architecture.networks.values()
        for cidr in (*block.avoid, block.cidr)
        if cidr
    ]
    if architecture.transit:
        found += [peer.cidr for peer in architecture.transit.peers.values()]
        found += architecture.transit.on_premises.cidrs if architecture.transit.on_premises else ()
    return (*found, *(one.cidr for one in held.values()))


def _endpoints(
    block: Network, parts: list[Part], reaches: tuple[Reach, ...]
) -> tuple[Endpoint, ...]:
    """Those that the file names; else the free ones that are of use, and without a NAT all that are needed."""
    if block.endpoints is not None:
        return tuple(
            Endpoint(name, name in GATEWAY_ENDPOINTS) for name in dict.fromkeys(block.endpoints)
        )
    names = {part.name for part in parts}
    wanted = {
        reach.service for reach in reaches if reach.part in names and reach.service != "internet"
    }
    return tuple(
        Endpoint(name, name in GATEWAY_ENDPOINTS)
        for name in sorted(wanted)
        if name in GATEWAY_ENDPOINTS or block.nat == "none"
    )


class _Network:
    def __init__(
        self,
        architecture: Architecture,
        name: str,
        block: Network,
        parts: list[Part],
        zones: tuple[str, ...],
        held: Held | None,
    ) -> None:
        self.architecture, self.name, self.block, self.parts = architecture, name, block, parts
        self.zones, self.held = zones, held

    def planned(
        self,
        endpoints: tuple[Endpoint, ...],
        taken: tuple[IPv4Network, ...],
        crowded: list[Crowded],
    ) -> NetworkPlan:
        interfaces = sum(not one.gateway for one in endpoints)
        needed = needs(self.block, self.parts, interfaces, len(self.zones))
        sizes = prefixes(self.block, needed, self.parts)
        wanted = dict(self._wanted(sizes))
        cidr = self._range(sizes, taken)
        given = self._placed(cidr, wanted, crowded) | self._pods(sizes, crowded)
        subnets = tuple(
            Subnet(self.name, tier, zone, given[f"{tier}/{zone}"], needed[tier])
            for tier in TIERS
            for zone in self.zones
            if f"{tier}/{zone}" in given
        )
        reserved = {key: one for key, one in given.items() if key.startswith("spare-")}
        return NetworkPlan(
            self.name,
            self.block,
            cidr,
            self.zones,
            subnets,
            reserved,
            tuple(self._nats()),
            endpoints,
            self._pods_range(),
        )

    def _wanted(self, sizes: dict[str, int]) -> Iterator[tuple[str, int]]:
        for zone in self.zones:
            for tier, prefix in sizes.items():
                if tier != "pods":
                    yield f"{tier}/{zone}", prefix
            yield from self._spare(zone, {tier: sizes[tier] for tier in sizes if tier != "pods"})

    def _spare(self, zone: str, sizes: dict[str, int]) -> Iterator[tuple[str, int]]:
        for tier, prefix in sizes.items():
            for copy in range(2, self._copies(tier, "control" in sizes) + 1):
                yield f"spare-{copy}-{tier}/{zone}", prefix

    def _copies(self, tier: str, clusters: bool) -> int:
        """How many of a tier have room side by side."""
        growth = self.block.growth
        if tier == "app":
            return max(growth.copies, growth.clusters if clusters else 1)
        return growth.clusters if tier in ("control", "pods") else 1

    def _pods_range(self) -> IPv4Network | None:
        cidrs = [part.block.pods.cidr for part in self.parts if part.section == "clusters"]
        return next((cidr for cidr in cidrs if cidr), None)

    def _pods(self, sizes: dict[str, int], crowded: list[Crowded]) -> dict[str, IPv4Network]:
        cidr = self._pods_range()
        if cidr is None or "pods" not in sizes:
            return {}
        wanted = {f"pods/{zone}": sizes["pods"] for zone in self.zones}
        for zone in self.zones:
            wanted |= dict(self._spare(zone, {"pods": sizes["pods"]}))
        return self._placed(cidr, wanted, crowded)

    def _range(self, sizes: dict[str, int], taken: tuple[IPv4Network, ...]) -> IPv4Network:
        if self.held:
            return self.held.cidr
        if self.block.cidr:
            return self.block.cidr
        return self._chosen(sizes, taken)

    def _chosen(self, sizes: dict[str, int], taken: tuple[IPv4Network, ...]) -> IPv4Network:
        each = sum(
            2 ** (32 - prefix) * self._copies(tier, "control" in sizes)
            for tier, prefix in sizes.items()
            if tier != "pods"
        )
        total = max(each * max(len(self.zones), GROWN_ZONES), 1)
        prefix = min(max(32 - ceil(log2(total)), LARGEST), SMALLEST)
        text = f"{self.architecture.name}/{self.architecture.environment}/{self.name}"
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) % 2 ** (
            prefix - POOL.prefixlen
        )
        found = first_free(POOL, prefix, taken, seed)
        if found is None:
            raise Invalid(
                say(
                    "No range of size /{prefix} in {pool} is free for the network {name}.",
                    prefix=prefix,
                    pool=str(POOL),
                    name=self.name,
                )
            )
        return found

    def _placed(
        self, cidr: IPv4Network, wanted: dict[str, int], crowded: list[Crowded]
    ) -> dict[str, IPv4Network]:
        """As many as fit; each that does not is said."""
        held = self.held.ranges if self.held else {}
        left = dict(wanted)
        while True:
            try:
                return allocate(cidr, left, held)
            except NoRoom as error:
                crowded.append(Crowded(self.name, error.name, error.prefix))
                del left[error.name]

    def _nats(self) -> Iterator[Nat]:
        match self.block.nat:
            case "per-az":
                yield from (Nat("gateway", zone) for zone in self.zones)
            case "single":
                yield Nat("gateway", self.zones[0])
            case "instance":
                yield Nat("instance", self.zones[0])
            case "regional":
                yield Nat("regional", None)
