"""The checks that an architecture asks for by itself, in Bongsu's own configuration model. Pure.

One service for each part that can be asked from outside; its tags say which part of which architecture it is.
What cannot be asked from outside is named with the reason.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bongsu.infra.model.architecture import Architecture
from bongsu.infra.plan.model import INTERNET, Part, Plan
from bongsu.infra.watched.faces import (
    Addresses,
    Face,
    doors_of,
    faces_of,
    is_open,
    names_of,
)
from bongsu.kit.i18n import Said, say
from bongsu.kit.text import slugify

NAME_LENGTH, HASH_LENGTH = 63, 8
HTTP_EVERY, TLS_EVERY, TCP_EVERY = "30s", "6h", "30s"
# ACM renews 60 days before the end: at 30 it has failed for a month, at 7 people must act.
TLS_WARN, TLS_EXPECT = "[CERTIFICATE_EXPIRATION] > 30d", "[CERTIFICATE_EXPIRATION] > 7d"
RECORD_PORT = 80  # as Route 53's own health check: the file does not say what is served there
Check = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Watched:
    """A service of Bongsu's: one part, and the checks of it by name, in the short form of files."""

    part: str
    name: str
    url: str
    checks: dict[str, Check]


@dataclass(frozen=True, slots=True)
class Watching:
    """`unseen`: part → why nobody can ask it from outside. `scope`: who owns what is registered."""

    architecture: Architecture
    services: tuple[Watched, ...]
    unseen: dict[str, Said] = field(default_factory=dict)

    @property
    def scope(self) -> str:
        return scope_of(self.architecture.name, self.architecture.environment)


def scope_of(name: str, environment: str) -> str:
    """Begins what `defined_in` says of a service; no file on a disk is called so."""
    return f"architecture:{name}/{environment}"


def tags_of(name: str, environment: str, part: str) -> tuple[str, str, str]:
    """What ties a service to a part. A person may put the same tags on another service."""
    return f"architecture:{name}", f"environment:{environment}", f"part:{part}"


def watching(plan: Plan, addresses: Addresses | None = None) -> Watching:
    """`addresses`: part → AWS's own name of it, for what has no name in the file."""
    architecture, known = plan.architecture, addresses or {}
    checks: dict[str, dict[str, Check]] = {}
    urls: dict[str, str] = {}
    for face in faces_of(architecture, known):
        checks.setdefault(face.part, {})[slugify(face.host, "name")] = _http(face)
        urls.setdefault(face.part, face.url)
    for part, name, check in (*_certificates(architecture, known), *_ports(architecture, known)):
        checks.setdefault(part, {})[name] = check
    ordered = [name for name in plan.parts if name in checks]
    stem = architecture.stem
    return Watching(
        architecture,
        tuple(
            Watched(name, service_name(stem, name), urls.get(name, ""), _held(plan, checks[name]))
            for name in ordered
        ),
        {
            name: _why(plan, part, known)
            for name, part in plan.parts.items()
            if name not in checks and part.section != "migrations"
        },
    )


def service_name(stem: str, part: str) -> str:
    """`beacon-production-front`; one that is too long ends in a hash of the whole."""
    whole = f"{stem}-{part}"
    if len(whole) <= NAME_LENGTH:
        return whole
    end = hashlib.sha256(whole.encode()).hexdigest()[:HASH_LENGTH]
    return f"{whole[: NAME_LENGTH - HASH_LENGTH - 1].rstrip('-')}-{end}"


def _http(face: Face) -> Check:
    """Where a path is not known to answer 200, anything but a fault of the server's own is well."""
    expect = "[STATUS] == 200" if face.exact else "[STATUS] < 500"
    return {"http": face.url, "every": HTTP_EVERY, "expect": [expect]}


def _certificates(architecture: Architecture, known: Addresses) -> Iterator[tuple[str, str, Check]]:
    """One for each name that shows a certificate of ours."""
    for part in (*architecture.distributions, *architecture.gateways, *architecture.load_balancers):
        balancer = architecture.load_balancers.get(part)
        if balancer and not (balancer.tls and is_open(architecture, part)):
            continue
        for host in names_of(architecture, part, known):
            if host not in known.values():  # else the certificate is AWS's
                values = {"every": TLS_EVERY, "expect": [TLS_EXPECT], "warn": [TLS_WARN]}
                yield part, slugify(f"tls-{host}", "tls"), {"tls": f"{host}:443"} | values


def _ports(architecture: Architecture, known: Addresses) -> Iterator[tuple[str, str, Check]]:
    """What speaks no HTTP: network load balancers, and addresses behind a name of their own."""
    for part, balancer in architecture.load_balancers.items():
        if balancer.kind == "network" and is_open(architecture, part):
            for host in names_of(architecture, part, known):
                check = {"tcp": f"{host}:{doors_of(balancer)}", "every": TCP_EVERY}
                yield part, slugify(f"tcp-{host}", "tcp"), check
    for part, record in architecture.records.items():
        for address in record.addresses:
            place = f"[{address}]" if ":" in address else address
            check = {"tcp": f"{place}:{RECORD_PORT}", "every": TCP_EVERY}
            yield part, slugify(f"tcp-{address}", "tcp"), check


def _held(plan: Plan, checks: dict[str, Check]) -> dict[str, Check]:
    """What stops every evening is looked at, and nobody is told."""
    if plan.architecture.hours is None:
        return checks
    return {name: check | {"paused": True} for name, check in checks.items()}


def _why(plan: Plan, part: Part, known: Addresses) -> Said:
    architecture, name = plan.architecture, part.name
    if name in architecture.load_balancers:
        return _why_not_asked(architecture, name, known)
    if front := _front_of(architecture, name):
        return say("asked through {front}", front=front)
    if name in (*architecture.distributions, *architecture.gateways):
        return say("its name is known once it is deployed")
    if any(link.source == INTERNET and link.target == name for link in plan.links):
        return say("open to everybody, but without a name")
    return say("inside")


def _front_of(architecture: Architecture, gateway: str) -> str | None:
    """The distribution whose origin a gateway is."""
    return next(
        (
            name
            for name, one in architecture.distributions.items()
            if any(origin.gateway == gateway for origin in one.origins.values())
        ),
        None,
    )


def _why_not_asked(architecture: Architecture, name: str, known: Addresses) -> Said:
    block = architecture.load_balancers[name]
    if not block.public:
        return say("inside")
    if not is_open(architecture, name):
        if block.allow is not None:
            ranges = ", ".join(map(str, block.allow))
            return say("lets in {ranges} only", ranges=ranges)
        return say("only CloudFront may ask it")
    if names_of(architecture, name, known):
        return say("asked through what stands behind it")
    return say("its name is known once it is deployed")
