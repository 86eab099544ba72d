"""Certificates of ACM, proved by the records that it writes into the zone itself."""

from collections.abc import Sequence

from bongsu.document import Path
from bongsu.infra.build.records import zone
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Ref, Stack, logical_id


def certificate(site: Site, stack: Stack, name: str, path: Path, hosts: Sequence[str]) -> Ref:
    """One for all names of a way in; its stack waits until ACM has seen the records."""
    first, *others = hosts
    values = {
        "DomainName": first,
        "SubjectAlternativeNames": others or None,
        "ValidationMethod": "DNS",
        "DomainValidationOptions": [
            {"DomainName": host, "HostedZoneId": zone(site)} for host in hosts
        ],
        "Tags": site.tags(name),
    }
    made = logical_id("certificate", name)
    return site.add(stack, made, "AWS::CertificateManager::Certificate", path, values)
