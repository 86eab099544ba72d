"""What stands before the networks: origins that CloudFront can ask, and names for plain addresses."""

from collections.abc import Iterator
from ipaddress import ip_address

from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.base import Wrong
from bongsu.infra.plan.hosts import host_of_load_balancer
from bongsu.kit.i18n import say


def wrong_at_the_edge(architecture: Architecture) -> list[Wrong]:
    return [*_origins(architecture), *_addresses(architecture)]


def _origins(architecture: Architecture) -> Iterator[Wrong]:
    """CloudFront reaches a load balancer from outside, by a name with a certificate."""
    for name, distribution in architecture.distributions.items():
        for key, origin in distribution.origins.items():
            balancer = architecture.load_balancers.get(origin.load_balancer or "")
            if balancer is None or origin.load_balancer is None:
                continue
            named = host_of_load_balancer(architecture, origin.load_balancer)
            if not (balancer.public and balancer.tls and named):
                said = say(
                    "CloudFront cannot ask {name}: it is not public, has no TLS or no host.",
                    name=origin.load_balancer,
                )
                todo = say("Give the load balancer public: true, tls: true and a name in hosts.")
                yield ("distributions", name, "origins", key, "load_balancer"), said, todo


def _addresses(architecture: Architecture) -> Iterator[Wrong]:
    """A name is either an alias of one other name, or has addresses."""
    for name, record in architecture.records.items():
        names = [address for address in record.addresses if not _is_address(address)]
        if names and len(record.addresses) > 1:
            said = say("{host} can follow one other name only.", host=record.name)
            todo = say("Name addresses, or this one name alone: {name}.", name=names[0])
            yield ("records", name, "addresses"), said, todo


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
