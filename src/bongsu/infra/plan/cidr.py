"""Ranges inside a range: whoever has one keeps it, whoever is new gets the first aligned gap. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Network

RESERVED = 5  # AWS keeps the first four addresses of a subnet and the last (EC2 CreateSubnet)
SMALLEST, LARGEST = 28, 16  # prefix lengths that AWS takes for networks and subnets

# What nobody owns on the internet (RFC 1918 and RFC 6598).
PRIVATE = tuple(
    IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)


def is_private(cidr: IPv4Network) -> bool:
    return any(cidr.subnet_of(one) for one in PRIVATE)


class NoRoom(ValueError):
    """`name` needs a /`prefix` and no gap of that size is left."""

    def __init__(self, name: str, prefix: int) -> None:
        super().__init__(name, prefix)
        self.name, self.prefix = name, prefix


def usable(prefix: int) -> int:
    """Addresses that are left for us in a subnet of this size."""
    return int(2 ** (32 - prefix)) - RESERVED


def prefix_for(addresses: int, largest: int = LARGEST) -> int:
    """The longest prefix whose subnet has so many usable addresses; never shorter than `largest`."""
    return next(
        (prefix for prefix in range(SMALLEST, largest, -1) if usable(prefix) >= addresses), largest
    )


def allocate(
    inside: IPv4Network, wanted: Mapping[str, int], held: Mapping[str, IPv4Network]
) -> dict[str, IPv4Network]:
    """A range for each wanted name (name → prefix length); those of `held` stay as they are, needed or not.

    New names are served the largest first, then by name, so that gaps stay whole and the order of a file does not
    matter. Raises NoRoom for the first that does not fit.
    """
    given = {name: held[name] for name in wanted if name in held}
    taken = sorted(_span(one) for one in held.values())
    for name, prefix in sorted(wanted.items(), key=lambda item: (item[1], item[0])):
        if name in given:
            continue
        start = _first_gap(_span(inside), taken, 2 ** (32 - prefix))
        if start is None:
            raise NoRoom(name, prefix)
        given[name] = IPv4Network((start, prefix))
        taken = sorted([*taken, _span(given[name])])
    return {name: given[name] for name in wanted}


def first_free(
    pool: IPv4Network, prefix: int, taken: Iterable[IPv4Network], seed: int
) -> IPv4Network | None:
    """The first range of this size in the pool that touches none that is taken; the search begins at `seed`."""
    count = 2 ** (prefix - pool.prefixlen)
    busy = [one for one in taken if one.overlaps(pool)]
    for step in range(count):
        start = int(pool.network_address) + ((seed + step) % count) * 2 ** (32 - prefix)
        candidate = IPv4Network((start, prefix))
        if not any(candidate.overlaps(other) for other in busy):
            return candidate
    return None


def overlaps(ranges: Mapping[str, IPv4Network]) -> Iterator[tuple[str, str]]:
    """Pairs of names whose ranges share an address, in order of address."""
    ordered = sorted(ranges.items(), key=lambda item: (int(item[1].network_address), item[0]))
    for index, (name, one) in enumerate(ordered):
        for other, two in ordered[index + 1 :]:
            if int(two.network_address) > int(one.broadcast_address):
                break
            yield name, other


def _span(one: IPv4Network) -> tuple[int, int]:
    return int(one.network_address), int(one.broadcast_address)


def _first_gap(inside: tuple[int, int], taken: list[tuple[int, int]], size: int) -> int | None:
    start = -(-inside[0] // size) * size
    for first, last in taken:
        if start + size - 1 < first:
            break
        if last >= start:
            start = -(-(last + 1) // size) * size
    return start if start + size - 1 <= inside[1] else None
