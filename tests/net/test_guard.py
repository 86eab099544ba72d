import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.kit.errors import Invalid
from bongsu.net.guard import METADATA, EgressPolicy, reaches

PUBLIC = EgressPolicy.parse("")
CHECKS = EgressPolicy.parse("private,loopback")


@pytest.mark.parametrize(
    "address",
    [
        "93.184.216.34",
        "2606:2800:220:1:248:1893:25c8:1946",
        "64:ff9b::5db8:d822",
        "2002:5db8:d822::1",
    ],
)
def test_public_addresses_are_reached_by_every_policy(address):
    assert PUBLIC.refusal(address, "example.com") is None
    assert CHECKS.refusal(address, "example.com") is None


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        ("127.0.0.1", "loopback"),
        ("127.8.8.8", "loopback"),
        ("::1", "loopback"),
        ("10.1.2.3", "private"),
        ("172.31.0.1", "private"),
        ("192.168.1.1", "private"),
        ("100.64.0.1", "private"),  # carrier-grade NAT
        ("fc00::1", "private"),
        ("198.18.0.1", "private"),
        ("169.254.1.1", "link-local"),
        ("fe80::1", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("224.0.0.1", "multicast"),
        ("ff02::1", "multicast"),
        ("0.0.0.0", "reserved"),
        ("0.1.2.3", "reserved"),
        ("::", "reserved"),
        ("240.0.0.1", "reserved"),
        ("255.255.255.255", "reserved"),
        ("64:ff9b:1::a00:1", "reserved"),
        ("169.254.169.254", "metadata"),
        ("fd00:ec2::254", "metadata"),
        ("100.100.100.200", "metadata"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:169.254.169.254", "metadata"),
        ("64:ff9b::a9fe:a9fe", "metadata"),
        ("2002:7f00:1::", "loopback"),
        ("2002:a9fe:a9fe::", "metadata"),
    ],
)
def test_an_address_is_known_for_what_it_reaches_in_every_wrapping(address, reach):
    assert reach in reaches(address)
    assert PUBLIC.refusal(address, "host.example.com") is not None


def test_teredo_is_judged_by_both_addresses_inside():
    server, client = ipaddress.ip_address("93.184.216.34"), ipaddress.ip_address("10.0.0.1")
    teredo = (0x20010000 << 96) | (int(server) << 64) | (int(client) ^ 0xFFFFFFFF)

    assert set(reaches(str(ipaddress.IPv6Address(teredo)))) == {"public", "private"}
    assert PUBLIC.refusal(str(ipaddress.IPv6Address(teredo)), "x") is not None


@given(st.ip_addresses(v=4))
def test_no_wrapping_makes_an_address_more_welcome(address):
    value = int(address)
    wrapped = [
        ipaddress.IPv6Address((0xFFFF << 32) | value),
        ipaddress.IPv6Address((0x0064FF9B << 96) | value),
        ipaddress.IPv6Address((0x2002 << 112) | (value << 80) | 1),
    ]
    for policy in (PUBLIC, CHECKS):
        plain = policy.refusal(str(address), "h") is None
        assert [policy.refusal(str(w), "h") is None for w in wrapped] == [plain] * 3


def test_checks_may_reach_what_the_operator_allows_but_never_metadata():
    assert CHECKS.refusal("10.0.0.1", "db.corp.example.com") is None
    assert CHECKS.refusal("127.0.0.1", "localhost") is None
    assert CHECKS.refusal("169.254.1.1", "x") is not None
    for address in METADATA:
        assert CHECKS.refusal(str(address), "x") is not None


def test_a_listed_network_is_reached_and_nothing_beside_it():
    policy = EgressPolicy.parse("10.20.0.0/16, fd12::/16")

    assert policy.refusal("10.20.30.40", "x") is None
    assert policy.refusal("::ffff:10.20.30.40", "x") is None
    assert policy.refusal("fd12::1", "x") is None
    assert policy.refusal("10.21.0.1", "x") is not None


def test_only_a_name_or_the_very_address_unlocks_metadata():
    wide = EgressPolicy.parse("link-local,169.254.0.0/16")
    exact = EgressPolicy.parse("169.254.169.254")
    named = EgressPolicy.parse("metadata.google.internal")

    assert wide.refusal("169.254.169.254", "x") is not None
    assert exact.refusal("169.254.169.254", "x") is None
    assert named.refusal("169.254.169.254", "Metadata.Google.Internal.") is None
    assert named.refusal("169.254.169.254", "other.example.com") is not None


def test_a_refusal_names_the_host_and_the_address_in_both_languages():
    refusal = PUBLIC.refusal("169.254.169.254", "rebind.example.com")

    assert "rebind.example.com is at 169.254.169.254" in str(refusal)
    assert "rebind.example.com" in refusal.to("ko")
    assert refusal.to("ko") != refusal.to("en")


def test_a_word_that_means_nothing_is_an_error_with_its_place():
    with pytest.raises(Invalid) as raised:
        EgressPolicy.parse("private,privat,10.0.0.0/99")

    assert len(raised.value.problems) == 2
    assert "privat is neither" in str(raised.value.problems[0].what)
