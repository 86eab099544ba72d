"""Ways out: which one a part has in a zone, and what takes it away."""

import pytest

from bongsu.infra.reach import Lost, Way, Why, way
from tests.infra.support import plan


def found(service="internet", zone="a", lost=(), **changes):
    planned = plan(**changes)
    return way(planned, planned.parts["web"], service, zone, lost)


@pytest.mark.parametrize(
    ("nat", "zone", "expected"),
    [
        ("per-az", "b", Way("nat", "b")),
        ("single", "a", Way("nat", "a")),
        ("single", "b", Way("nat", "a")),
        ("regional", "b", Way("nat")),
        ("instance", "b", Way("nat-instance", "a")),
    ],
)
def test_the_default_route_leads_to_one_nat(nat, zone, expected):
    assert found(zone=zone, networks__main__nat=nat) == expected


def test_endpoints_come_before_a_nat_and_the_internet_has_none():
    assert found("s3") == Way("gateway-endpoint")
    assert found("logs") == Way("nat", "a")
    assert found("logs", networks__main__nat="none") == Way("interface-endpoint")
    assert isinstance(found("internet", networks__main__nat="none"), Why)


def test_a_public_subnet_serves_only_who_has_a_public_address():
    public = {"services__web__tier": "public"}

    assert isinstance(found("logs", **public), Why)
    assert found("s3", **public) == Way("gateway-endpoint")
    assert found("logs", services__web__public_ip=True, **public) == Way("internet-gateway")


@pytest.mark.parametrize("tier", ["data", "endpoints"])
def test_subnets_of_data_and_endpoints_do_not_lead_out(tier):
    assert isinstance(found("logs", services__web__tier=tier), Why)


def test_a_migration_gives_the_data_subnets_a_way_out():
    migration = {
        "source_engine": "mysql", "source_port": 3306, "source_database": "a",
        "source_secret": "a", "source_cidr": "172.16.4.0/24", "target": "orders",
    }  # fmt: skip
    planned = plan(migrations={"legacy": migration})

    assert way(planned, planned.parts["legacy"], "secretsmanager", "a") == Way("nat", "a")


@pytest.mark.parametrize(
    ("service", "lost", "changes"),
    [
        ("internet", Lost("nat", "main/b"), {}),
        ("internet", Lost("nat", "main/regional"), {"networks__main__nat": "regional"}),
        ("internet", Lost("zone", "a"), {"networks__main__nat": "single"}),
        ("internet", Lost("zone", "b"), {}),
        ("internet", Lost("part", "web"), {}),
        ("s3", Lost("endpoint", "main/s3"), {}),
    ],
)
def test_what_is_lost_takes_the_way_and_says_so(service, lost, changes):
    answer = found(service, "b", [lost], **changes)

    assert isinstance(answer, Why)
    assert answer.lost


@pytest.mark.parametrize(
    "lost", [Lost("zone", "a"), Lost("nat", "main/a"), Lost("endpoint", "main/s3")]
)
def test_another_zones_loss_is_not_ours(lost):
    assert found("internet", "b", [lost]) == Way("nat", "b")


def test_a_part_without_a_network_has_no_way():
    planned = plan()

    assert isinstance(way(planned, planned.parts["pictures"], "s3", "a"), Why)
