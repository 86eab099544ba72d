"""Databases, caches, volumes, buckets: what must not be lost, and who may look at it."""

from collections.abc import Iterator
from ipaddress import IPv4Network

from bongsu.infra.check.finding import Change, Found
from bongsu.infra.check.groups import ports_of
from bongsu.infra.check.rule import rule
from bongsu.infra.engines import engine_of, names_minor, takes_major
from bongsu.infra.plan.model import Opening, Part, Plan
from bongsu.kit.i18n import say


@rule(
    "DB001", "error", "reliability",
    why=say("When the one machine or its zone is lost, the service waits for a restore."),
    fix=say("Set standby: instance (for Aurora also readers: 1)."),
    elsewhere="silent",
)  # fmt: skip
def no_standby(plan: Plan) -> Iterator[Found]:
    for name, database in plan.architecture.databases.items():
        takes_over = database.standby != "none" or (database.aurora and database.readers > 0)
        if not takes_over:
            yield Found(
                ("databases", name, "standby"),
                say("The database {name} has no standby.", name=name),
            )


@rule(
    "DB002", "error", "reliability",
    why=say("RDS asks for subnets in two zones, and a standby in the same zone falls with the first."),
    fix=say("Use at least two zones."),
)  # fmt: skip
def one_zone(plan: Plan) -> Iterator[Found]:
    for part in plan.of_section("databases"):
        if len(part.zones) < 2:
            place = (
                (*part.path, "zones")
                if part.block.zones
                else ("networks", str(part.network), "zones")
            )
            yield Found(place, say("The database {name} has subnets in one zone.", name=part.name))


@rule(
    "DB003", "error", "reliability",
    why=say("A cluster of one writer and two readable standbys stands in three zones."),
    fix=say("Give the network three zones, or use standby: instance."),
)  # fmt: skip
def cluster_zones(plan: Plan) -> Iterator[Found]:
    for part in plan.of_section("databases"):
        if part.block.standby == "cluster" and len(part.zones) < 3:
            said = say(
                "{name} is a cluster and has {count} zones.", name=part.name, count=len(part.zones)
            )
            yield Found((*part.path, "standby"), said)


@rule(
    "DB004", "error", "reliability",
    why=say("A wrong statement or a wrong click would be final."),
    fix=say("Keep backups for 7 days and delete_protection: true."),
    elsewhere="silent",
)  # fmt: skip
def not_kept(plan: Plan) -> Iterator[Found]:
    for name, database in plan.architecture.databases.items():
        if database.backup_days == 0:
            place = ("databases", name, "backup_days")
            yield Found(
                place,
                say("The database {name} has no backups.", name=name),
                change=Change(place, 7),
            )
        if not database.delete_protection:
            place = ("databases", name, "delete_protection")
            said = say("The database {name} can be deleted by mistake.", name=name)
            yield Found(place, said, change=Change(place, True))


@rule(
    "DB005", "error", "security",
    why=say("A database is for the parts that use it: its password would be the only lock."),
    fix=say("Set public: false and leave ingress out; people get in over the company's line."),
)  # fmt: skip
def reachable_from_outside(plan: Plan) -> Iterator[Found]:
    for part in (*plan.of_section("databases"), *plan.of_section("caches")):
        if getattr(part.block, "public", False):
            yield Found((*part.path, "public"), say("{name} has a public address.", name=part.name))
        for opening in plan.openings_of(part.name):
            if isinstance(opening.source, IPv4Network) and not _ours(plan, opening.source):
                yield _from_outside(part, opening)


def _from_outside(part: Part, opening: Opening) -> Found:
    said = say("{name} admits {source} on {ports}, which is outside.",
               name=part.name, source=str(opening.source), ports=ports_of(opening))  # fmt: skip
    return Found(opening.path, said)


def _ours(plan: Plan, cidr: IPv4Network) -> bool:
    transit = plan.architecture.transit
    beyond = [peer.cidr for peer in transit.peers.values()] if transit else []
    beyond += transit.on_premises.cidrs if transit and transit.on_premises else ()
    known = [*(network.cidr for network in plan.networks.values()), *beyond]
    return any(cidr.subnet_of(one) for one in known)


@rule(
    "DB007", "warning", "cost",
    why=say("It is paid for by the hour, and nobody is admitted."),
    fix=say("Name it in the uses of a part, or take it out."),
)  # fmt: skip
def used_by_nobody(plan: Plan) -> Iterator[Found]:
    for part in (*plan.of_section("databases"), *plan.of_section("caches")):
        if not plan.links_to(part.name) and part.block.ingress is None:
            yield Found(part.path, say("Nothing here uses {name}.", name=part.name))


@rule(
    "CACHE01", "warning", "reliability",
    why=say("Its loss empties it: everybody asks the database at once, and sessions are gone."),
    fix=say("Set nodes: 2."),
    elsewhere="silent",
)  # fmt: skip
def one_node(plan: Plan) -> Iterator[Found]:
    for name, cache in plan.architecture.caches.items():
        if cache.nodes < 2:
            yield Found(
                ("caches", name, "nodes"), say("The cache {name} is a single node.", name=name)
            )


@rule(
    "DB008", "warning", "operations",
    why=say(
        "AWS upgrades minor versions by itself and retires old ones: some day the file asks for one that is gone."
    ),
    fix=say("Name the major version only: AWS takes a minor version of it that is in force."),
)  # fmt: skip
def pinned_minor(plan: Plan) -> Iterator[Found]:
    for name, block in plan.architecture.databases.items():
        engine = engine_of(block.engine, block.version)
        if engine and takes_major(block) and names_minor(block, engine):
            said = say("{name} asks for {version}; {major} is enough.", name=name,
                       version=str(block.version), major=engine.major)  # fmt: skip
            yield Found(("databases", name, "version"), said)


@rule(
    "VOL001", "warning", "reliability",
    why=say("An embedded store takes one writer: two tasks on the same files destroy it."),
    fix=say("Set scale.max to 1, or keep the data in a database or a bucket."),
)  # fmt: skip
def several_writers(plan: Plan) -> Iterator[Found]:
    for name, service in plan.architecture.services.items():
        if service.volume and service.scale.max > 1:
            said = say(
                "Up to {count} tasks of {name} write to one volume.",
                count=service.scale.max,
                name=name,
            )
            yield Found(("services", name, "scale", "max"), said)


@rule(
    "VOL002", "warning", "reliability",
    why=say("What is deleted there is gone."),
    fix=say("Set backup: true."),
    elsewhere="silent",
)  # fmt: skip
def volume_without_backup(plan: Plan) -> Iterator[Found]:
    for name, service in plan.architecture.services.items():
        if service.volume and not service.volume.backup:
            place = ("services", name, "volume", "backup")
            said = say("The volume of {name} has no backup.", name=name)
            yield Found(place, said, change=Change(place, True))


@rule(
    "BKT001", "warning", "reliability",
    why=say("What is overwritten or deleted by mistake cannot be brought back."),
    fix=say("Set versions: true."),
    elsewhere="silent",
)  # fmt: skip
def no_versions(plan: Plan) -> Iterator[Found]:
    for name, bucket in plan.architecture.buckets.items():
        if not bucket.versions:
            place = ("buckets", name, "versions")
            said = say("The bucket {name} keeps no older versions.", name=name)
            yield Found(place, said, change=Change(place, True))
