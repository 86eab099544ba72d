"""NAT instances: one small machine that forwards what a network sends out."""

from typing import Any

from bongsu.infra.graph import Given

DISK = "/dev/xvda"  # the root of Amazon Linux
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
        "ImageId": Given(
            "ImageAl2023Arm", "ami:al2023-arm", "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"
        ),
        "InstanceType": "t4g.nano",
        "SourceDestCheck": False,
        "NetworkInterfaces": [interface],
        "BlockDeviceMappings": [{"DeviceName": DISK, "Ebs": {"Encrypted": True}}],
        "MetadataOptions": {"HttpTokens": "required"},
        "UserData": {"Fn::Base64": NAT_SETUP},
    }
