"""File systems that outlive their tasks: EFS, encrypted, in every zone, kept when taken out of the file."""

from typing import Any

from bongsu.infra.build.policies import document, only_tls
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Att, Ref, Sub, logical_id
from bongsu.infra.plan.model import Part

OWNER = "1000"  # whoever the program runs as, its files belong to this user and group
MOUNT = ("elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite")


def build(site: Site) -> None:
    for part in site.plan.of_section("volumes"):
        _file_system(site, part)
        _access_point(site, part)
        _mount_targets(site, part)


def file_system(volume: str) -> Ref:
    return Ref(logical_id("volume", volume))


def access_point(volume: str) -> Ref:
    return Ref(logical_id("access-point", volume))


def _file_system(site: Site, part: Part) -> None:
    values: dict[str, Any] = {
        "Encrypted": True,
        "PerformanceMode": "generalPurpose",
        "ThroughputMode": "elastic",
        "BackupPolicy": {"Status": "ENABLED" if part.block.backup else "DISABLED"},
        "FileSystemPolicy": _policy(),
        "FileSystemTags": site.tags(part.name),
    }
    id = file_system(part.name).id  # noqa: A001
    site.add("data", id, "AWS::EFS::FileSystem", part.path, values, keep="retain")


def _policy() -> dict[str, Any]:
    """With a policy nobody mounts it unnamed: a role of this account must say so itself, and come by TLS."""
    ours = {
        "Sid": "RolesOfThisAccount",
        "Effect": "Allow",
        "Principal": {"AWS": Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")},
        "Action": list(MOUNT),
    }
    denied = {key: value for key, value in only_tls([], "*").items() if key != "Resource"}
    return document(ours, denied)


def _access_point(site: Site, part: Part) -> None:
    created = {"OwnerUid": OWNER, "OwnerGid": OWNER, "Permissions": "0750"}
    values = {
        "FileSystemId": file_system(part.name),
        "PosixUser": {"Uid": OWNER, "Gid": OWNER},
        "RootDirectory": {"Path": "/data", "CreationInfo": created},
        "AccessPointTags": site.tags(part.name),
    }
    id = access_point(part.name).id  # noqa: A001
    site.add("data", id, "AWS::EFS::AccessPoint", part.path, values)


def _mount_targets(site: Site, part: Part) -> None:
    for subnet in site.plan.networks[str(part.network)].tier(str(part.tier)):
        values = {
            "FileSystemId": file_system(part.name),
            "SubnetId": Ref(logical_id("subnet", subnet.name)),
            "SecurityGroups": [site.group(part.name)],
        }
        id = logical_id("mount-target", subnet.zone, part.name)  # noqa: A001
        site.add("data", id, "AWS::EFS::MountTarget", part.path, values)


def may_mount(volume: str) -> dict[str, Any]:
    """What a role needs: this file system, through its access point only."""
    return {
        "Effect": "Allow",
        "Action": list(MOUNT),
        "Resource": [Att(file_system(volume).id, "Arn")],
        "Condition": {
            "StringEquals": {
                "elasticfilesystem:AccessPointArn": Att(access_point(volume).id, "Arn")
            }
        },
    }
