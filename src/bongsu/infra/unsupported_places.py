"""Regions, zones and addresses that are not there, refused where they are written. Pure."""

from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv4Network

from bongsu.document import Path
from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.base import Wrong
from bongsu.infra.model.network import Network
from bongsu.infra.regions import ZONES
from bongsu.kit.i18n import say

PRIVATE = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "240.0.0.0/4",
    )
)


def wrong_places_of_aws(architecture: Architecture) -> Iterator[Wrong]:
    for path, region in _regions(architecture):
        if region not in ZONES:
            said = say("The region {region} is not supported.", region=region)
            yield path, said, say("Known here: {values}.", values=", ".join(ZONES))
    known = ZONES.get(architecture.region)
    for name, block in architecture.networks.items() if known else ():
        yield from _zones(architecture.region, str(known), ("networks", name), block)
    yield from _fewer_zones(architecture)
    yield from _router(architecture)


def _regions(architecture: Architecture) -> Iterator[tuple[Path, str]]:
    yield ("region",), architecture.region
    for name, bucket in architecture.buckets.items():
        if bucket.region:
            yield ("buckets", name, "region"), bucket.region
    for name, peer in architecture.transit.peers.items() if architecture.transit else ():
        if peer.region:
            yield ("transit", "peers", name, "region"), peer.region


def _zones(region: str, known: str, path: Path, block: Network) -> Iterator[Wrong]:
    names = ", ".join(known)
    both = block.letters and "zones" in block.model_fields_set
    if block.letters and not set(block.letters) <= set(known):
        said = say("{region} has the zones {known} only.", region=region, known=names)
        yield (*path, "letters"), said, say("Name some of these, or leave letters out.")
    elif both and block.zones != len(block.letters or ()):
        said = say("letters names {count} zones, and zones says {zones}.",
                   count=len(block.letters or ()), zones=block.zones)  # fmt: skip
        yield (*path, "letters"), said, say("Keep one of the two.")
    elif not block.letters and block.zones > len(known):
        said = say("{region} has the zones {known} only.", region=region, known=names)
        yield (*path, "zones"), said, say("The limit is {limit}.", limit=len(known))


def _fewer_zones(architecture: Architecture) -> Iterator[Wrong]:
    """A load balancer or a database stands in some of its network's zones, never in more."""
    for section in ("load_balancers", "databases"):
        for name, block in getattr(architecture, section).items():
            network = architecture.networks.get(architecture.network_of(block) or "")
            there = len(network.letters or ()) or network.zones if network else 0
            if network and block.zones and block.zones > there:
                said = say("{name} asks for {count} zones; its network has {there}.",
                           name=name, count=block.zones, there=there)  # fmt: skip
                todo = say("Leave zones out, or give the network more.")
                yield (section, name, "zones"), said, todo


def _router(architecture: Architecture) -> Iterator[Wrong]:
    beyond = architecture.transit.on_premises if architecture.transit else None
    if beyond and beyond.gateway_ip is not None and not _public(beyond.gateway_ip):
        said = say("{address} is no address that AWS could call over the internet.",
                   address=beyond.gateway_ip)  # fmt: skip
        todo = say("Give the public IPv4 address of your own router.")
        yield ("transit", "on_premises", "gateway_ip"), said, todo


def _public(text: str) -> bool:
    """Also those that documents use as examples."""
    try:
        address = IPv4Address(text)
    except AddressValueError:
        return False
    home = address.is_loopback or address.is_link_local or address.is_multicast
    return not (home or any(address in one for one in PRIVATE))
