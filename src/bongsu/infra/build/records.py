"""Names in the team's zone: those that point at plain addresses, and the aliases that other builders ask for."""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

from bongsu.document import Path
from bongsu.infra.build.site import Site
from bongsu.infra.graph import Att, Given, Ref, Stack, logical_id
from bongsu.infra.model.traffic import NameRecord

CHECK_INTERVAL_S = 30
CHECK_FAILURES = 3


def build(site: Site) -> None:
    """All in the stack `edge`: Route 53's names and health checks belong to no region."""
    for name, record in site.architecture.records.items():
        for kind, addresses in _by_type(record.addresses).items():
            if record.checked and kind != "CNAME":
                _weighted(site, name, record, kind, addresses)
            else:
                _plain(site, name, record, kind, addresses)


def zone(site: Site) -> Given:
    """The id of the hosted zone of `domain`; the deployment looks it up."""
    domain = str(site.architecture.domain)
    return Given(logical_id("zone", domain), f"zone:{domain}")


def host_id(*words: str) -> str:
    """A logical id with a host in it: `*.example.com` → `AnyExampleCom`."""
    return logical_id(*(word.replace("*", "any") for word in words))


def alias(
    site: Site, stack: Stack, host: str, path: Path, target: Att, target_zone: Att | str
) -> None:
    """A and AAAA records of `host` that follow another name of AWS's."""
    for kind in ("A", "AAAA"):
        values = {
            "HostedZoneId": zone(site),
            "Name": host,
            "Type": kind,
            "AliasTarget": {
                "DNSName": target,
                "HostedZoneId": target_zone,
                "EvaluateTargetHealth": False,
            },
        }
        site.add(stack, host_id("name", host, kind), "AWS::Route53::RecordSet", path, values)


def _by_type(addresses: Sequence[str]) -> dict[str, list[str]]:
    """By the type of record that holds them; what is no address is another name."""
    found: dict[str, list[str]] = {}
    for address in addresses:
        found.setdefault(type_of(address), []).append(address)
    return found


def type_of(address: str) -> str:
    try:
        return {4: "A", 6: "AAAA"}[ip_address(address).version]
    except ValueError:
        return "CNAME"


def _plain(site: Site, name: str, record: NameRecord, kind: str, addresses: Sequence[str]) -> None:
    """Every address in one answer, dead or alive (LB007 says so)."""
    values = _record(site, record, kind, addresses)
    site.add("edge", logical_id("name", name, kind), "AWS::Route53::RecordSet", _path(name), values)


def _weighted(
    site: Site, name: str, record: NameRecord, kind: str, addresses: Sequence[str]
) -> None:
    """One record for each address, left out of answers while its health check fails."""
    for index, address in enumerate(addresses, 1):
        words = (name, kind, str(index))
        values = _record(site, record, kind, [address]) | {
            "SetIdentifier": address,
            "Weight": 1,
            "HealthCheckId": Att(_health_check(site, name, words, address).id, "HealthCheckId"),
        }
        id = logical_id("name", *words)  # noqa: A001
        site.add("edge", id, "AWS::Route53::RecordSet", _path(name), values)


def _health_check(site: Site, name: str, words: tuple[str, ...], address: str) -> Ref:
    """A connection to port 80: the file does not say what is served there."""
    config = {
        "Type": "TCP",
        "IPAddress": address,
        "Port": 80,
        "RequestInterval": CHECK_INTERVAL_S,
        "FailureThreshold": CHECK_FAILURES,
    }
    values = {"HealthCheckConfig": config, "HealthCheckTags": site.tags(*words)}
    id = logical_id("health-check", *words)  # noqa: A001
    return site.add("edge", id, "AWS::Route53::HealthCheck", _path(name), values)


def _record(site: Site, record: NameRecord, kind: str, addresses: Sequence[str]) -> dict[str, Any]:
    return {
        "HostedZoneId": zone(site),
        "Name": record.name,
        "Type": kind,
        "TTL": str(record.ttl_s),
        "ResourceRecords": list(addresses),
    }


def _path(name: str) -> Path:
    return ("records", name)
