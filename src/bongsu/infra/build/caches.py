"""Valkey in ElastiCache: TLS, encrypted at rest, and from two nodes on one that takes over in another zone."""

from typing import Any

from bongsu.infra.build.site import Site
from bongsu.infra.graph import logical_id
from bongsu.infra.model.data import Cache

ENGINE, VERSION = "valkey", "8.1"  # as of 2026-11-21, in every region that is known here
SNAPSHOT_DAYS = 1


def build(site: Site) -> None:
    for name, block in site.architecture.caches.items():
        _cache(site, name, block)


def _cache(site: Site, name: str, block: Cache) -> None:
    part, path = site.plan.parts[name], ("caches", name)
    grouped = {
        "Description": site.name(name),
        "SubnetIds": site.part_subnets(part),
        "Tags": site.tags(name),
    }
    id = logical_id("subnets-of", name)  # noqa: A001
    subnets = site.add("data", id, "AWS::ElastiCache::SubnetGroup", path, grouped)
    values: dict[str, Any] = {
        "ReplicationGroupDescription": site.name(name),
        "Engine": ENGINE,
        "EngineVersion": VERSION,
        "CacheNodeType": block.instance,
        "NumCacheClusters": block.nodes,
        "AutomaticFailoverEnabled": block.nodes > 1,
        "MultiAZEnabled": block.nodes > 1 and len(part.zones) > 1,
        "Port": block.port,
        "TransitEncryptionEnabled": True,
        "AtRestEncryptionEnabled": True,
        "AutoMinorVersionUpgrade": True,
        "SnapshotRetentionLimit": SNAPSHOT_DAYS,
        "CacheSubnetGroupName": subnets,
        "SecurityGroupIds": [site.group(name)],
        "Tags": site.tags(name),
    }
    made = logical_id("cache", name)
    site.add("data", made, "AWS::ElastiCache::ReplicationGroup", path, values)
