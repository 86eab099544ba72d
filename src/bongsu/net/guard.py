"""The one egress guard: may this process connect to this address?

Asked at connect time on the resolved address, for every hop and every redirect, so that a name that
changes its answer between look-up and connect gains nothing (docs/adr/0021-egress-guard.md).
"""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from bongsu.kit.errors import Invalid, Problem
from bongsu.kit.i18n import Said, say

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Reach = Literal["public", "private", "loopback", "link-local", "multicast", "reserved", "metadata"]

WORDS: frozenset[str] = frozenset({"private", "loopback", "link-local"})
METADATA = frozenset(
    map(
        ipaddress.ip_address,
        (
            "169.254.169.254",  # AWS, Azure, Google, DigitalOcean, Oracle
            "169.254.170.2",  # AWS ECS task credentials
            "169.254.170.23",  # AWS EKS pod identity
            "fd00:ec2::254",
            "fd00:ec2::23",
            "fd20:ce::254",  # Google over IPv6
            "100.100.100.200",  # Alibaba
            "168.63.129.16",  # Azure wire server
            "169.254.0.23",  # Tencent
            "169.254.42.42",  # Scaleway
            "192.0.0.192",  # Oracle, classic
        ),
    )
)
_NAT64 = ipaddress.ip_network(
    "64:ff9b::/96"
)  # local-use 64:ff9b:1::/48 has no one layout: reserved
_THIS_HOST = ipaddress.ip_network("0.0.0.0/8")  # Linux connects 0.0.0.0 to itself


def embedded(address: Address) -> Iterator[Address]:
    """The address itself and every IPv4 address that a gateway would find inside it."""
    yield address
    if not isinstance(address, ipaddress.IPv6Address):
        return
    if address in _NAT64:
        yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address.ipv4_mapped:
        yield address.ipv4_mapped
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield from address.teredo


def _plain_reach(address: Address) -> Reach:
    here = address.version == 4 and address in _THIS_HOST
    readings: tuple[tuple[Reach, bool], ...] = (
        ("metadata", address in METADATA),
        ("reserved", address.is_unspecified or here),
        ("loopback", address.is_loopback),
        ("link-local", address.is_link_local),
        ("multicast", address.is_multicast),
        ("reserved", address.is_reserved),
        # Also carrier-grade NAT (100.64/10), ULA, benchmarking and documentation ranges.
        ("private", not address.is_global),
    )
    return next((reach for reach, holds in readings if holds), "public")


@lru_cache(maxsize=65_536)
def reaches(address: str) -> tuple[Reach, ...]:
    """How far each reading of the address goes. Raises ValueError for what is no address."""
    whole = ipaddress.ip_address(address.partition("%")[0])
    readings = list(embedded(whole))
    # A wrapper (NAT64, mapped) is itself "reserved"; only what it wraps matters.
    return tuple(_plain_reach(reading) for reading in (readings[1:] or readings))


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """What may be reached beside public addresses.

    `named_hosts` are host names or literal addresses that the operator wrote down one by one: only
    those unlock a cloud metadata address.
    """

    reach: frozenset[str] = frozenset()
    allowed_networks: tuple[Network, ...] = ()
    named_hosts: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: str) -> "EgressPolicy":
        """`private,loopback,10.20.0.0/16,grafana.corp.example.com`. Raises Invalid."""
        reach, networks, hosts, problems = set(), [], set(), []
        for word in filter(None, (part.strip().lower() for part in text.split(","))):
            if word in WORDS:
                reach.add(word)
            elif network := _network(word):
                networks.append(network)
                if network.num_addresses == 1:
                    hosts.add(str(network.network_address))
            elif "." in word and "/" not in word:
                hosts.add(word.rstrip("."))
            else:
                problems.append(_unknown_word(word))
        if problems:
            raise Invalid(say("What may be reached is not clear."), tuple(problems))
        return cls(frozenset(reach), tuple(networks), frozenset(hosts))

    def refusal(self, address: str, host: str) -> Said | None:
        """None when a connection may be made; otherwise the sentence that says why not."""
        for reach in reaches(address):
            if reach == "public" or reach in self.reach:
                continue
            if not self._listed(address, host, reach):
                return _sentence(address, host, reach)
        return None

    def _listed(self, address: str, host: str, reach: Reach) -> bool:
        parsed = ipaddress.ip_address(address.partition("%")[0])
        if host.lower().rstrip(".") in self.named_hosts or str(parsed) in self.named_hosts:
            return True
        if reach == "metadata":
            return False
        return any(
            reading in network
            for reading in embedded(parsed)
            for network in self.allowed_networks
            if reading.version == network.version
        )


def _network(word: str) -> Network | None:
    try:
        return ipaddress.ip_network(word, strict=False)
    except ValueError:
        return None


def _unknown_word(word: str) -> Problem:
    return Problem(
        "checks_may_reach / outward_may_reach",
        say(
            "{word} is neither a kind of network, nor an address range, nor a host name.", word=word
        ),
        say("Use private, loopback, link-local, a range such as 10.0.0.0/8, or a full host name."),
    )


_WHY: dict[Reach, Said] = {
    "private": say(
        "{host} is at {address}, a private address, and this is not allowed to reach those."
    ),
    "loopback": say(
        "{host} is at {address}, this machine itself, and this is not allowed to reach that."
    ),
    "link-local": say("{host} is at {address}, a link-local address, and those are not reached."),
    "multicast": say("{host} is at {address}, a multicast address, and those are not reached."),
    "reserved": say("{host} is at {address}, a reserved address, and those are not reached."),
    "metadata": say(
        "{host} is at {address}, where a cloud keeps credentials. That is never reached unless named."
    ),
}


def _sentence(address: str, host: str, reach: Reach) -> Said:
    return say(_WHY[reach].text, host=host, address=address)
