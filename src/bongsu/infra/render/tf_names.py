"""What the provider awscc calls the types and properties of CloudFormation.

Words are parted where a small letter or a digit meets another kind, and before the last of several capitals:
`DBSubnetGroupName` → `db_subnet_group_name`, `Ipv6CidrBlock` → `ipv_6_cidr_block`. Six words stay whole.
"""

import re

_WHOLE = {
    word: word.capitalize()
    for word in ("CloudFormation", "CloudFront", "CloudWatch", "CNAMEs", "FSx", "OTel")
}
_PARTED = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Za-z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake(name: str) -> str:
    for word, whole in _WHOLE.items():
        name = name.replace(word, whole)
    return _PARTED.sub("_", name).lower()


def type_name(type: str) -> str:  # noqa: A002
    """`AWS::EC2::VPCEndpoint` → `awscc_ec2_vpc_endpoint`"""
    _, service, kind = type.split("::")
    return f"awscc_{service.lower()}_{snake(kind)}"


def attribute(type: str, name: str) -> str:  # noqa: A002
    """Of an attribute that is read; `id` is taken by the provider, so `Id` is named after its type."""
    if name == "Id":
        return f"{snake(type.rsplit('::', 1)[-1])}_id"
    return ".".join(snake(part) for part in name.split("."))
