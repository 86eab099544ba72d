"""What differs between regions and no library here knows: the letters of their zones.

From the AWS documentation's table of regions and zones, as far as the regions are open to every account. An
account may lack one (a zone may be closed to new customers): the letters can then be named in the file.
"""

from bongsu.kit.errors import Invalid
from bongsu.kit.i18n import say

EDGE = "us-east-1"  # where CloudFront's certificates and web ACLs live
ZONES = {
    "us-east-1": "abcdef",
    "us-east-2": "abc",
    "us-west-1": "ac",
    "us-west-2": "abcd",
    "ap-northeast-1": "acd",
    "ap-northeast-2": "abcd",
    "ap-northeast-3": "abc",
    "ap-southeast-1": "abc",
    "ap-southeast-2": "abc",
    "ap-south-1": "abc",
    "ca-central-1": "abd",
    "eu-central-1": "abc",
    "eu-west-1": "abc",
    "eu-west-2": "abc",
    "eu-west-3": "abc",
    "eu-north-1": "abc",
    "sa-east-1": "abc",
}


def zones_of(region: str, wanted: int | tuple[str, ...]) -> tuple[str, ...]:
    """The first letters, or those named. Raises Invalid for a region or a zone that is not known here."""
    known = ZONES.get(region)
    if known is None:
        said = say(
            "The region {region} is not supported; known: {known}.",
            region=region,
            known=", ".join(ZONES),
        )
        raise Invalid(said)
    if isinstance(wanted, tuple):
        if not set(wanted) <= set(known):
            raise Invalid(
                say("{region} has the zones {known} only.", region=region, known=", ".join(known))
            )
        return wanted
    if wanted > len(known):
        raise Invalid(
            say(
                "{region} has {known} zones, not {count}.",
                region=region,
                known=len(known),
                count=wanted,
            )
        )
    return tuple(known[:wanted])
