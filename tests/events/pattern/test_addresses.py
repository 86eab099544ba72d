"""What is an address literal: the answers of Java's InetAddress, behind EventBridge's two filters, on Java 17."""

import pytest

from bongsu.events.pattern.addresses import NotANetwork, network, packed

LOOPBACK = "0" * 31 + "1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.0.0.01", "0a000001"),
        ("10.0.0.010", "0a00000a"),
        ("0010.0.0.1", "0a000001"),
        ("010.000.000.001", "0a000001"),
        ("0010.000.000.001", None),  # longer than fifteen
        ("999.1.1.1", None),
        ("10.0.1", None),
        ("1.2.3.4.5", None),
        ("::", "0" * 32),
        ("::1", LOOPBACK),
        ("0:0:0:0:0:0:0:1", LOOPBACK),
        ("1::", "0001" + "0" * 28),
        ("00001::1", "0001" + "0" * 27 + "1"),
        ("FE80::A", "fe80" + "0" * 27 + "a"),
        ("1:2:3:4:5:6:7:8", "00010002000300040005000600070008"),
        ("1:2:3:4:5:6:7::", "00010002000300040005000600070000"),
        ("::2:3:4:5:6:7:8", "00000002000300040005000600070008"),
        ("::ffff:0a00:0001", "0a000001"),
        ("0:0:0:0:0:ffff:102:304", "01020304"),
        ("::ffff:0:0", "00000000"),
        ("::ffff:10.0.0.1", None),
        (":", None),
        (":::", None),
        ("1::2::3", None),
        ("ffff::fffff", None),
        ("1:2:3:4:5:6:7::8", None),
        ("1:2:3:4:5:6:7", None),
        ("1:2:3:4:5:6:7:8:9", None),
        (":1:2:3:4:5:6:7:8", None),
        ("1:2:3:4:5:6:7:8:", None),
        ("12:30", None),
        ("12:30:45", None),
        ("a:b", None),
        ("", None),
        ("10.0.0.1\n", None),
        ("١.٢.٣.٤", None),
    ],
)
def test_an_address_literal_has_the_bytes_that_java_reads(text: str, expected: str | None) -> None:
    address = packed(text)

    assert (address.hex() if address is not None else None) == expected


def test_a_network_covers_its_host_bits() -> None:
    assert network("10.0.0.7/24") == (bytes([10, 0, 0, 0]), bytes([10, 0, 0, 255]))
    assert network("0.0.0.0/0") == (bytes(4), b"\xff" * 4)
    assert network("10.0.0.2/31") == (bytes([10, 0, 0, 2]), bytes([10, 0, 0, 3]))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("10.0.0.0", "form"),
        ("10.0.0.0/", "form"),
        ("10.0.0.0/8/8", "form"),
        ("10.0.0.0/-1", "form"),
        ("10.0.0.0/1.0", "form"),
        ("x/8", "address"),
        ("10.0.0.1/32", "mask"),
        ("::1/128", "mask"),
        ("::ffff:a00:0/104", "mask"),  # an IPv4 address in another form
    ],
)
def test_what_is_not_a_network_says_why(text: str, code: str) -> None:
    with pytest.raises(NotANetwork) as caught:
        network(text)

    assert caught.value.code == code
