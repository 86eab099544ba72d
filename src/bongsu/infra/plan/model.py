"""What the plan knows: every part in its place, what it needs and what it is given. Frozen, without AWS's shapes.

Almost every mistake of an architecture is a difference between a *need* and what was *given*: a flow and the rule
that admits it, a call and the right to make it, a service of AWS and the way there. The plan states both sides,
the checks compare them, and the drill takes parts away.
"""

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from bongsu.document import Path
from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.network import Network
from bongsu.kit.i18n import Said

INTERNET = "internet"  # everybody outside, as the source or the target of a link
CLOUDFRONT = "cloudfront"  # CloudFront's own addresses, as the source of a link


@dataclass(frozen=True, slots=True)
class Subnet:
    """`need`: addresses that must be usable in it, spare included."""

    network: str
    tier: str
    zone: str  # the letter
    cidr: IPv4Network
    need: int

    @property
    def key(self) -> str:
        return f"{self.tier}/{self.zone}"

    @property
    def name(self) -> str:
        return f"{self.network}-{self.tier}-{self.zone}"


@dataclass(frozen=True, slots=True)
class Nat:
    """`zone` None: regional, present in every zone."""

    kind: str
    zone: str | None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A way from a network to a service of AWS that does not lead over the internet."""

    service: str  # `s3`, `ecr.api` …
    gateway: bool


@dataclass(frozen=True, slots=True)
class NetworkPlan:
    name: str
    block: Network
    cidr: IPv4Network
    zones: tuple[str, ...]
    subnets: tuple[Subnet, ...]
    reserved: dict[str, IPv4Network]  # ranges that are kept free, by their key in the lock file
    nats: tuple[Nat, ...]
    endpoints: tuple[Endpoint, ...]
    pods: IPv4Network | None = None  # a second range, of which pods take their addresses

    def tier(self, tier: str) -> tuple[Subnet, ...]:
        return tuple(subnet for subnet in self.subnets if subnet.tier == tier)

    @property
    def path(self) -> Path:
        return ("networks", self.name)


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that can be lost: `copies` of it are spread over `zones`, up to `most`."""

    name: str
    section: str
    path: Path
    block: Any
    network: str | None = None
    tier: str | None = None
    zones: tuple[str, ...] = ()
    copies: int = 1
    most: int = 1

    def spread(self) -> dict[str, int]:
        """Copies in each zone, as even as can be; the first zones have one more."""
        each, more = divmod(self.copies, len(self.zones)) if self.zones else (0, 0)
        return {zone: each + (index < more) for index, zone in enumerate(self.zones)}


@dataclass(frozen=True, slots=True)
class Link:
    """`source` must reach `target` on `port`. `kind`: serve (requests come in), use, health."""

    source: str
    target: str
    port: int
    kind: str
    path: Path


@dataclass(frozen=True, slots=True)
class Opening:
    """The security group of `part` lets `source` in: a part, a range, CloudFront's addresses.

    `by_hand`: the file says so; else it follows from a link.
    """

    part: str
    source: str | IPv4Network
    first: int
    last: int
    path: Path
    by_hand: bool = False

    def admits(self, port: int) -> bool:
        return self.first <= port <= self.last


@dataclass(frozen=True, slots=True)
class Grant:
    """A right of a part's own role on another part."""

    part: str
    target: str
    access: str
    path: Path


@dataclass(frozen=True, slots=True)
class Reach:
    """A part calls a service of AWS, or `internet`, to do its work; `why` says what for."""

    part: str
    service: str
    why: Said
    path: Path


@dataclass(frozen=True, slots=True)
class Crowded:
    """A range that found no place in its network."""

    network: str
    key: str
    prefix: int


@dataclass(frozen=True, slots=True)
class Plan:
    """One environment, worked out."""

    architecture: Architecture
    networks: dict[str, NetworkPlan]
    parts: dict[str, Part]
    links: tuple[Link, ...]
    openings: tuple[Opening, ...]
    grants_needed: tuple[Grant, ...]
    grants: tuple[Grant, ...]
    reaches: tuple[Reach, ...]
    no_room: tuple[Crowded, ...] = ()

    def openings_of(self, part: str) -> tuple[Opening, ...]:
        return tuple(one for one in self.openings if one.part == part)

    def links_to(self, part: str) -> tuple[Link, ...]:
        return tuple(one for one in self.links if one.target == part)

    def links_from(self, part: str) -> tuple[Link, ...]:
        return tuple(one for one in self.links if one.source == part)

    def of_section(self, section: str) -> tuple[Part, ...]:
        return tuple(part for part in self.parts.values() if part.section == section)
