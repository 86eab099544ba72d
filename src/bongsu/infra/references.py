"""Names that one part of a file uses for another: they exist, are of the right kind, and stand once."""

from collections.abc import Iterator

from bongsu.document import Path
from bongsu.infra.model.architecture import HOSTS, SECTIONS, Architecture
from bongsu.infra.model.base import Wrong
from bongsu.infra.places import wrong_places
from bongsu.infra.plan.hosts import claims
from bongsu.infra.references_delivery import wrong_delivery
from bongsu.infra.references_edge import wrong_at_the_edge
from bongsu.infra.references_functions import started_by, wrong_functions
from bongsu.infra.references_gateways import routed_by_gateways, wrong_gateways
from bongsu.infra.references_messages import heard_by_queues, wrong_messages
from bongsu.infra.references_names import wrong_names
from bongsu.infra.unsupported import unsupported
from bongsu.infra.unsupported_places import wrong_places_of_aws
from bongsu.kit.i18n import say

# What a part may do with another, by the section of the other.
ACCESS: dict[str, tuple[str, ...]] = {
    "databases": ("connect",),
    "caches": ("connect",),
    "services": ("connect",),
    "servers": ("connect",),
    "load_balancers": ("connect",),
    "buckets": ("read", "write"),
    "tables": ("read", "write"),
    "events": ("publish",),
    "mail": ("send",),
    "topics": ("send",),
    "queues": ("send", "receive"),
    "streams": ("write", "read"),
    "push": ("send", "write"),  # write: devices are registered as well
}
USABLE = tuple(ACCESS)


def wrong_references(architecture: Architecture) -> list[Wrong]:
    return [
        *wrong_names(architecture),
        *_missing(architecture),
        *_networks(architecture),
        *_hosts(architecture),
        *_access(architecture),
        *wrong_functions(architecture),
        *wrong_gateways(architecture),
        *wrong_delivery(architecture),
        *wrong_messages(architecture),
        *wrong_at_the_edge(architecture),
        *wrong_places(architecture),
        *wrong_places_of_aws(architecture),
        *unsupported(architecture),
    ]


def _missing(architecture: Architecture) -> Iterator[Wrong]:
    for path, name, sections in _uses(architecture):
        section = architecture.section_of(name)
        if section not in sections:
            known = [other for kind in sections for other in getattr(architecture, kind)]
            names = ", ".join(known) or "–"
            said = say("There is no {name} in {sections}.", name=name, sections=", ".join(sections))
            yield path, said, say("Known there: {names}.", names=names)


def _uses(architecture: Architecture) -> Iterator[tuple[Path, str, tuple[str, ...]]]:
    """Every place that names another part, with the sections where it may be."""
    for section in SECTIONS:
        for name, block in getattr(architecture, section).items():
            if network := getattr(block, "network", None):
                yield (section, name, "network"), network, ("networks",)
            for index, rule in enumerate(getattr(block, "ingress", None) or ()):
                if rule.source:
                    yield (
                        (section, name, "ingress", index, "source"),
                        rule.source,
                        ("load_balancers", "services", "servers"),
                    )
    yield from _of_workloads(architecture)
    yield from _of_distributions(architecture)
    yield from started_by(architecture)
    yield from routed_by_gateways(architecture)
    for name, pipeline in architecture.pipelines.items():
        if pipeline.host and pipeline.home == architecture.environment:
            yield ("pipelines", name, "host"), pipeline.host, ("servers",)
    yield from heard_by_queues(architecture)
    for index, name in enumerate(architecture.transit.networks if architecture.transit else ()):
        yield ("transit", "networks", index), name, ("networks",)
    for name, migration in architecture.migrations.items():
        yield ("migrations", name, "target"), migration.target, ("databases",)


def _of_workloads(architecture: Architecture) -> Iterator[tuple[Path, str, tuple[str, ...]]]:
    for section, name, workload in architecture.workloads():
        for index, route in enumerate(workload.routes):
            yield (section, name, "routes", index, "via"), route.via, ("load_balancers",)
    for name, service in architecture.services.items():
        if service.runs_on:
            yield ("services", name, "runs_on"), service.runs_on, HOSTS
    for section, name, block in architecture.users():
        for field in ("uses", "grants"):
            for used in getattr(block, field) or ():
                yield (section, name, field, used), used, USABLE


def _of_distributions(architecture: Architecture) -> Iterator[tuple[Path, str, tuple[str, ...]]]:
    for name, distribution in architecture.distributions.items():
        for key, origin in distribution.origins.items():
            for field in ("bucket", "load_balancer", "gateway"):
                if used := getattr(origin, field):
                    yield ("distributions", name, "origins", key, field), used, (f"{field}s",)


def _networks(architecture: Architecture) -> Iterator[Wrong]:
    """With one network nobody needs to name it; with several everybody must; with none nothing can stand."""
    count = len(architecture.networks)
    for section, name, block in architecture.named():
        if (
            count != 1
            and section != "functions"  # they may stand in none
            and "network" in type(block).model_fields
            and getattr(block, "network", None) is None
        ):
            names = ", ".join(architecture.networks) or "–"
            said = say("{name} must name its network.", name=name)
            yield (section, name), said, say("Known there: {names}.", names=names)


def _hosts(architecture: Architecture) -> Iterator[Wrong]:
    """Names of ours lie in the zone of `domain`."""
    domain = architecture.domain
    for claim in claims(architecture):
        if domain is None:
            said = say("{host} needs a zone.", host=claim.host)
            yield claim.place, said, say("Give `domain`, a hosted zone that exists.")
        elif claim.host != domain and not claim.host.endswith("." + domain):
            said = say("{host} does not lie in {domain}.", host=claim.host, domain=domain)
            yield claim.place, said, say("Use a name below {domain}.", domain=domain)


def _access(architecture: Architecture) -> Iterator[Wrong]:
    for section, name, block in architecture.users():
        for field in ("uses", "grants"):
            for used, access in (getattr(block, field) or {}).items():
                fitting = ACCESS.get(architecture.section_of(used) or "", (access,))
                if access not in fitting:
                    said = say("{access} does not fit {name}.", access=access, name=used)
                    yield (
                        (section, name, field, used),
                        said,
                        say("Known here: {values}.", values=", ".join(fitting)),
                    )
