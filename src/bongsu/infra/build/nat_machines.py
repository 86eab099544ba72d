"""NAT instances: one small machine that forwards what a network sends out."""

from typing import Any

from bongsu.infra.build.machine_images import DISK, machine_image

EBS = {"Encrypted": True, "VolumeSize": 8, "VolumeType": "gp3"}  # as large as its image
NAT_SETUP = """#!/bin/bash
set -eu
sysctl -w net.ipv4.ip_forward=1 >/etc/sysctl.d/90-nat.conf
dnf install -y nftables
cat >/etc/sysconfig/nftables.conf <<'END'
table ip nat {
  chain post { type nat hook postrouting priority 100; policy accept; masquerade; }
}
END
systemctl enable --now nftables
"""


def machine(interface: dict[str, Any]) -> dict[str, Any]:
    """`interface`: its way to the internet, with an address of its own."""
    return {
        "ImageId": machine_image("al2023-arm"),
        "InstanceType": "t4g.nano",
        "SourceDestCheck": False,
        "NetworkInterfaces": [interface],
        "BlockDeviceMappings": [{"DeviceName": DISK, "Ebs": EBS}],
        "MetadataOptions": {"HttpTokens": "required"},
        "UserData": {"Fn::Base64": NAT_SETUP},
    }
