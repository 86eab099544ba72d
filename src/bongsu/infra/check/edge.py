"""Distributions, origins, the firewall, TLS: the way in from the world."""

from collections.abc import Iterator

from bongsu.infra.check.finding import Change, Found, Severity
from bongsu.infra.check.matching import everybody
from bongsu.infra.check.rule import rule
from bongsu.infra.model.architecture import Architecture
from bongsu.infra.model.traffic import Behaviour, Distribution, LoadBalancer
from bongsu.infra.plan.flows import fronted_by
from bongsu.infra.plan.model import Plan
from bongsu.kit.i18n import say

SHIELD_USD = 3000
TLS_NOW = "TLSv1.2_2021"


def behaviours(
    name: str, distribution: Distribution
) -> Iterator[tuple[tuple[str, ...], Behaviour]]:
    yield ("distributions", name, "default"), distribution.default
    for path, behaviour in distribution.paths.items():
        yield ("distributions", name, "paths", path), behaviour


@rule(
    "SEC002", "error", "security",
    why=say("Anybody reads it by its own name, past the distribution; most leaks began this way."),
    fix=say("Set public: false, and let a distribution read it by access_control: oac."),
)  # fmt: skip
def bucket_open(plan: Plan) -> Iterator[Found]:
    for name, bucket in plan.architecture.buckets.items():
        if bucket.public:
            yield Found(
                ("buckets", name, "public"),
                say("The bucket {name} is open to everybody.", name=name),
            )
    for name, distribution in plan.architecture.distributions.items():
        for key, origin in distribution.origins.items():
            if origin.bucket and origin.access_control != "oac":
                place = ("distributions", name, "origins", key, "access_control")
                said = say(
                    "{name} reads the bucket {bucket} without origin access control.",
                    name=name,
                    bucket=origin.bucket,
                )
                severity: Severity = "warning" if origin.access_control == "oai" else "error"
                yield Found(place, said, change=Change(place, "oac"), severity=severity)


@rule(
    "SEC003", "warning", "security",
    why=say("A firewall drops known attacks and floods before they reach a program."),
    fix=say("Set waf: true, here or at the distribution in front."),
    elsewhere="info",
)  # fmt: skip
def no_firewall(plan: Plan) -> Iterator[Found]:
    fronted = fronted_by(plan.architecture)
    for name, balancer in plan.architecture.load_balancers.items():
        covered = any(plan.architecture.distributions[one].waf for one in fronted.get(name, ()))
        exposed = balancer.public and balancer.kind == "application" and not _narrowed(balancer)
        if exposed and not balancer.waf and not covered:
            yield Found(
                ("load_balancers", name, "waf"),
                say("{name} is public and has no web firewall.", name=name),
            )
    for name, distribution in plan.architecture.distributions.items():
        if not distribution.waf:
            yield Found(
                ("distributions", name, "waf"),
                say("{name} is public and has no web firewall.", name=name),
            )


def _narrowed(balancer: LoadBalancer) -> bool:
    """Only certain ranges get in at all."""
    return balancer.allow is not None and not any(everybody(cidr) for cidr in balancer.allow)


@rule(
    "SEC004", "error", "security",
    why=say("Passwords and sessions travel in clear text."),
    fix=say("Set tls: true and give the load balancer a name."),
)  # fmt: skip
def no_tls(plan: Plan) -> Iterator[Found]:
    for name, balancer in plan.architecture.load_balancers.items():
        if balancer.public and not balancer.tls:
            yield Found(
                ("load_balancers", name, "tls"),
                say("{name} is public and speaks plain HTTP.", name=name),
            )


@rule(
    "SEC005", "warning", "security",
    why=say("Older versions and ciphers are broken; every browser in use knows TLS 1.2."),
    fix=say("Set tls: TLSv1.2_2021."),
)  # fmt: skip
def old_tls(plan: Plan) -> Iterator[Found]:
    for name, distribution in plan.architecture.distributions.items():
        if distribution.tls != TLS_NOW:
            place = ("distributions", name, "tls")
            said = say("{name} still takes {tls}.", name=name, tls=distribution.tls)
            yield Found(place, said, change=Change(place, TLS_NOW))


@rule(
    "EDGE01", "warning", "reliability",
    why=say("When the one origin does not answer, neither does the distribution."),
    fix=say("Add a second bucket in another region and name it in failover."),
    elsewhere="silent",
)  # fmt: skip
def one_origin(plan: Plan) -> Iterator[Found]:
    for name, distribution in plan.architecture.distributions.items():
        origin = distribution.origins[distribution.default.origin]
        if origin.bucket and distribution.default.failover is None:
            said = say("The default of {name} has one origin only.", name=name)
            yield Found(("distributions", name, "default"), said)


@rule(
    "EDGE03", "warning", "reliability",
    why=say("What fails with the first one does not take its place."),
    fix=say("Give the second bucket another region."),
)  # fmt: skip
def falls_together(plan: Plan) -> Iterator[Found]:
    for name, distribution in plan.architecture.distributions.items():
        for path, behaviour in behaviours(name, distribution):
            first, second = _regions(plan.architecture, distribution, behaviour)
            if behaviour.failover == behaviour.origin or (first and first == second):
                said = say(
                    "{failover} fails together with {origin}.",
                    failover=behaviour.failover,
                    origin=behaviour.origin,
                )
                yield Found((*path, "failover"), said)


def _regions(
    architecture: Architecture, distribution: Distribution, behaviour: Behaviour
) -> list[str | None]:
    """Of two buckets; None where it is none."""
    found: list[str | None] = []
    for key in (behaviour.origin, behaviour.failover):
        bucket = distribution.origins[key].bucket if key else None
        found.append(architecture.buckets[bucket].region or architecture.region if bucket else None)
    return found


@rule(
    "EDGE04", "error", "reliability",
    why=say("CloudFront asks a second origin for GET, HEAD and OPTIONS only and refuses other methods here."),
    fix=say("Set methods: read, or take failover out of this path."),
)  # fmt: skip
def writes_with_failover(plan: Plan) -> Iterator[Found]:
    for name, distribution in plan.architecture.distributions.items():
        for path, behaviour in behaviours(name, distribution):
            if behaviour.failover and behaviour.methods == "all":
                said = say("This path of {name} takes all methods and has a failover.", name=name)
                yield Found((*path, "methods"), said)


@rule(
    "EDGE05", "info", "cost",
    why=say("Shield Advanced is paid for a year, for each organisation, whatever the traffic."),
    fix=say("Keep it where an attack costs more; else shield: standard, which is free."),
)  # fmt: skip
def shield_price(plan: Plan) -> Iterator[Found]:
    for name, distribution in plan.architecture.distributions.items():
        if distribution.shield == "advanced":
            said = say("Shield Advanced costs {usd} USD a month for a whole year.", usd=SHIELD_USD)
            yield Found(("distributions", name, "shield"), said)


@rule(
    "BKT002", "warning", "reliability",
    why=say("S3 copies from bucket to bucket only where both keep versions: the second would be empty or old."),
    fix=say("Set versions: true for both."),
)  # fmt: skip
def no_copies(plan: Plan) -> Iterator[Found]:
    for name, distribution in plan.architecture.distributions.items():
        for _, behaviour in behaviours(name, distribution):
            first, second = _regions(plan.architecture, distribution, behaviour)
            if first and second and first != second and behaviour.failover:
                yield from _unversioned(plan, distribution, (behaviour.origin, behaviour.failover))


def _unversioned(plan: Plan, distribution: Distribution, keys: tuple[str, str]) -> Iterator[Found]:
    """In production BKT001 already says so."""
    for bucket in (str(distribution.origins[key].bucket) for key in keys):
        if not plan.architecture.buckets[bucket].versions and not plan.architecture.production:
            place = ("buckets", bucket, "versions")
            said = say("Nothing can be copied with {bucket}: it keeps no versions.", bucket=bucket)
            yield Found(place, said, change=Change(place, True))
