from datetime import UTC, datetime

import pytest

from bongsu.net.handshake import shake_hands
from bongsu.net.model import Request
from tests.net.servers import LOCAL, Zone, fetching, hang, name_server, reply, serving

HOST = "shop.example.com"


def context_of(pki, sort: str):
    return pki.good("other.example.com") if sort == "wrong" else getattr(pki, sort)(HOST)


async def look(pki, context, *, verify: bool = True, ca: bool = True):
    with name_server(Zone({HOST: ["127.0.0.1"]})) as server:
        async with (
            serving(reply(), context) as port,
            fetching(pki.ca_file if ca else None, nameservers=(server,)) as fetcher,
        ):
            return await fetcher.fetch(Request(url=f"https://{HOST}:{port}/", verify=verify), LOCAL)


async def test_a_good_certificate_is_read(pki):
    seen = await look(pki, pki.good(HOST, "www.example.com"))

    assert 200 == seen.status
    assert seen.phases_us.tls > 0
    shown = seen.certificate
    assert (HOST, "www.example.com") == shown.names
    assert shown.problem is None
    assert shown.not_before < datetime.now(UTC) < shown.not_after


@pytest.mark.parametrize(
    ("sort", "problem"),
    [
        ("expired", "expired"),
        ("self_signed", "self-signed"),
        ("unknown_issuer", "issuer unknown or chain incomplete"),
        ("incomplete", "issuer unknown or chain incomplete"),
        ("wrong", "made for other names"),
    ],
)
async def test_a_bad_certificate_is_a_fault_and_still_shown(pki, sort, problem):
    seen = await look(pki, context_of(pki, sort))

    assert ("certificate", problem) == (seen.fault.kind, seen.fault.text)
    assert problem == seen.certificate.problem
    assert seen.certificate.names
    assert seen.connected
    assert seen.status is None
    assert seen.phases_us.tls > 0


@pytest.mark.parametrize("sort", ["expired", "self_signed", "unknown_issuer", "wrong"])
async def test_without_verifying_any_certificate_does_and_says_that_nobody_looked(pki, sort):
    seen = await look(pki, context_of(pki, sort), verify=False)

    assert (200, None) == (seen.status, seen.fault)
    assert "not verified" == seen.certificate.problem


async def test_a_request_that_does_not_verify_leaves_the_next_one_verifying(pki):
    async with serving(reply(), pki.self_signed(HOST)) as port, fetching(pki.ca_file) as fetcher:
        url = f"https://127.0.0.1:{port}/"
        careless = await fetcher.fetch(Request(url=url, verify=False), LOCAL)
        careful = await fetcher.fetch(Request(url=url), LOCAL)

    assert careless.fault is None
    assert "certificate" == careful.fault.kind


async def test_the_systems_authorities_do_not_trust_ours(pki):
    seen = await look(pki, pki.good(HOST), ca=False)

    assert "certificate" == seen.fault.kind


async def test_the_second_probe_of_a_host_still_shows_its_certificate(pki):
    async with serving(reply(), pki.good("127.0.0.1")) as port, fetching(pki.ca_file) as fetcher:
        url = f"https://127.0.0.1:{port}/"
        seen = [await fetcher.fetch(Request(url=url), LOCAL) for _ in range(3)]
        shaken = [
            await shake_hands(fetcher, "127.0.0.1", port, policy=LOCAL, timeout_s=5)
            for _ in range(2)
        ]

    assert all(
        one.certificate and one.certificate.names == ("127.0.0.1",) for one in [*seen, *shaken]
    )


async def test_plain_http_on_a_tls_port_is_a_tls_fault():
    async def talk(reader, writer):
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with serving(talk) as port, fetching() as fetcher:
        seen = await fetcher.fetch(Request(url=f"https://127.0.0.1:{port}/", timeout_s=2), LOCAL)

    assert "tls" == seen.fault.kind


async def test_a_handshake_that_never_ends_is_given_up():
    async with serving(hang) as port, fetching() as fetcher:
        seen = await fetcher.fetch(Request(url=f"https://127.0.0.1:{port}/", timeout_s=0.3), LOCAL)

    assert "timeout" == seen.fault.kind
    assert seen.phases_us.tls > 200_000


async def test_a_handshake_alone_gives_certificate_and_version_and_ends_with_a_reset(pki):
    ended: list[str] = []

    async def talk(reader, writer):
        try:
            ended.append(repr(await reader.read()))
        except ConnectionResetError:
            ended.append("reset")

    async with serving(talk, pki.good(HOST)) as port, fetching(pki.ca_file) as fetcher:
        seen = await shake_hands(
            fetcher, "127.0.0.1", port, policy=LOCAL, timeout_s=5, server_name=HOST
        )
        await fetcher.close()

    assert seen.fault is None
    assert seen.certificate.problem is None
    assert seen.certificate.protocol.startswith("TLSv1.")
    assert (0, 0) == (seen.phases_us.first_byte, seen.phases_us.transfer)


async def test_an_untrusted_certificate_is_no_fault_of_a_handshake_but_named(pki):
    async with serving(hang, pki.expired(HOST)) as port, fetching(pki.ca_file) as fetcher:
        seen = await shake_hands(
            fetcher, "127.0.0.1", port, policy=LOCAL, timeout_s=5, server_name=HOST
        )

    assert seen.fault is None
    assert "expired" == seen.certificate.problem


async def test_no_handshake_with_what_may_not_be_reached():
    async with fetching() as fetcher:
        seen = await shake_hands(fetcher, "169.254.169.254", 443, policy=LOCAL, timeout_s=1)

    assert ("guard", None) == (seen.fault.kind, seen.certificate)
    assert not seen.connected
