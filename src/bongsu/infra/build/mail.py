"""SES: identities of domains, proved and signed (DKIM) by three records in the team's zone."""

from bongsu.infra.build.records import zone
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Att, Ref, logical_id

KEYS = (1, 2, 3)
TTL_S = "1800"


def build(site: Site) -> None:
    """In the region of what sends, so not in the stack `edge`."""
    for name, block in site.architecture.mail.items():
        path = ("mail", name)
        values = {
            "EmailIdentity": block.domain,
            "DkimSigningAttributes": {"NextSigningKeyLength": "RSA_2048_BIT"},
            "FeedbackAttributes": {"EmailForwardingEnabled": True},
        }
        id = logical_id("identity", name)  # noqa: A001
        made = site.add("data", id, "AWS::SES::EmailIdentity", path, values)
        if site.architecture.holds(block.domain) and not block.by_hand:
            _signed(site, name, made)


def _signed(site: Site, name: str, made: Ref) -> None:
    for number in KEYS:
        values = {
            "HostedZoneId": zone(site),
            "Name": Att(made.id, f"DkimDNSTokenName{number}"),
            "Type": "CNAME",
            "TTL": TTL_S,
            "ResourceRecords": [Att(made.id, f"DkimDNSTokenValue{number}")],
        }
        id = logical_id("dkim", str(number), name)  # noqa: A001
        site.add("data", id, "AWS::Route53::RecordSet", ("mail", name), values)
