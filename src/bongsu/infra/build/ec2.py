"""What every EC2 machine of ours is made with, whatever runs on it."""

from typing import Any

from bongsu.infra.build.machine_images import DISK
from bongsu.infra.build.site import Tags

# What the agent of Systems Manager calls; none of it can be narrowed to one machine.
MANAGED = (
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)


def machine(disk_gib: int, tags: Tags) -> dict[str, Any]:
    """Of a launch template's data: one encrypted disk, metadata by token and no hop further, tags on both."""
    disk = {
        "VolumeType": "gp3",
        "VolumeSize": disk_gib,
        "Encrypted": True,
        "DeleteOnTermination": True,
    }
    metadata = {
        "HttpEndpoint": "enabled",
        "HttpTokens": "required",
        "HttpPutResponseHopLimit": 1,
    }
    return {
        "BlockDeviceMappings": [{"DeviceName": DISK, "Ebs": disk}],
        "MetadataOptions": metadata,
        "Monitoring": {"Enabled": True},
        "TagSpecifications": [
            {"ResourceType": kind, "Tags": tags} for kind in ("instance", "volume")
        ],
    }
