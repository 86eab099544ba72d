"""Names for plain addresses: all in one answer, or each with a health check."""

import pytest

from bongsu.infra.graph import Att
from bongsu.kit.errors import Invalid
from tests.infra.build.worked import all_errors, alone, properties
from tests.infra.support import plan


def record(addresses, **more):
    return {"records": {"old": {"name": "old.example.com", "addresses": addresses, **more}}}


def graph(**changes):
    return alone(plan(**changes), "records")


def test_unchecked_addresses_are_one_answer():
    found = properties(graph(**record(["203.0.113.1", "203.0.113.2"])), "NameOldA")

    assert found["ResourceRecords"] == ["203.0.113.1", "203.0.113.2"]
    assert "HealthCheckId" not in found


def test_checked_addresses_leave_the_answer_one_by_one():
    found = graph(**record(["203.0.113.1", "2001:db8::1", "203.0.113.2"], checked=True))

    second = properties(found, "NameOldA2")
    assert (second["ResourceRecords"], second["HealthCheckId"]) == (
        ["203.0.113.2"],
        Att("HealthCheckOldA2", "HealthCheckId"),
    )
    checked = properties(found, "HealthCheckOldA2")["HealthCheckConfig"]
    assert checked["IPAddress"] == "203.0.113.2"
    assert properties(found, "NameOldAAAA1")["Type"] == "AAAA"
    assert len(found.of_type("AWS::Route53::HealthCheck")) == 3


def test_another_name_is_followed_alone():
    assert properties(graph(**record(["far.example.org"])), "NameOldCNAME")["Type"] == "CNAME"
    with pytest.raises(Invalid) as caught:
        plan(**record(["far.example.org", "203.0.113.1"]))
    assert "one other name only" in caught.value.problems[0].what.to("en")


def test_names_have_no_error():
    worked = plan(**record(["203.0.113.1", "2001:db8::1"], checked=True))

    assert all_errors(worked, alone(worked, "records")) == []
