import pytest
from pydantic import ValidationError

from bongsu.watch.checks.tls import Options
from tests.net.servers import hang, reply, serving, until
from tests.watch.checks.support import look

HOST = "mail.example.com"


async def test_a_good_certificate_is_up_with_its_facts(pki):
    async with serving(hang, pki.good(HOST)) as port:
        seen = await look("tls", {"address": f"127.0.0.1:{port}", "server_name": HOST}, pki.ca_file)

    assert ("up", True) == (seen.level, seen.connected)
    assert ((HOST,), None) == (seen.certificate.names, seen.certificate.problem)
    assert seen.certificate.expires_in_ms(seen.at) > 0
    assert seen.certificate.protocol in {"TLSv1.2", "TLSv1.3"}
    assert seen.phases_us.tls > 0


@pytest.mark.parametrize(
    ("sort", "problem"),
    [
        ("expired", "expired"),
        ("self_signed", "self-signed"),
        ("incomplete", "issuer unknown or chain incomplete"),
        ("unknown_issuer", "issuer unknown or chain incomplete"),
    ],
)
async def test_an_untrusted_certificate_is_down_unless_trust_is_not_asked_for(pki, sort, problem):
    async with serving(hang, getattr(pki, sort)(HOST)) as port:
        options = {"address": f"127.0.0.1:{port}", "server_name": HOST}
        strict = await look("tls", options, pki.ca_file)
        careless = await look("tls", options | {"verify": False}, pki.ca_file)

    assert ("down", "certificate") == (strict.level, strict.fault.kind)
    assert problem in str(strict.reason)
    assert ("up", None) == (careless.level, careless.fault)
    assert problem == careless.certificate.problem == strict.certificate.problem


async def test_a_certificate_for_another_name_is_down(pki):
    async with serving(hang, pki.good("other.example.com")) as port:
        seen = await look("tls", {"address": f"127.0.0.1:{port}", "server_name": HOST}, pki.ca_file)

    assert "made for other names" == seen.certificate.problem
    assert "다른 이름에 발급된 인증서" in seen.reason.to("ko")


async def test_the_second_look_still_shows_the_certificate(pki):
    async with serving(hang, pki.good("127.0.0.1")) as port:
        seen = [await look("tls", f"127.0.0.1:{port}", pki.ca_file) for _ in range(2)]

    assert all(one.certificate is not None and one.ok for one in seen)


async def test_the_server_is_left_with_a_reset(pki):
    ends: list[str] = []

    async def note(reader, writer):
        try:
            while await reader.read(100):
                pass
            ends.append("closed")
        except ConnectionResetError:
            ends.append("reset")

    async with serving(note, pki.good("127.0.0.1")) as port:
        await look("tls", f"127.0.0.1:{port}", pki.ca_file)
        await until(lambda: ends)

    assert ["reset"] == ends


async def test_what_speaks_no_tls_is_down_without_a_certificate():
    async def talk(reader, writer):
        await reader.read(1)
        writer.write(b"220 plain only\r\n")

    async with serving(talk) as port:
        seen = await look("tls", f"127.0.0.1:{port}", timeout_s=2)

    assert ("down", "tls", None) == (seen.level, seen.fault.kind, seen.certificate)


async def test_a_web_server_need_not_be_asked_for_a_page(pki):
    async with serving(reply(), pki.good("127.0.0.1")) as port:
        seen = await look("tls", f"127.0.0.1:{port}", pki.ca_file)

    assert ("up", None) == (seen.level, seen.status)


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("shop.example.com", "shop.example.com:443"),
        ("shop.example.com:993", "shop.example.com:993"),
        ("2001:db8::1", "[2001:db8::1]:443"),
        ("[2001:db8::1]:25", "[2001:db8::1]:25"),
    ],
)
def test_443_is_meant_when_no_port_is_given(given, address):
    assert address == Options.model_validate(given).address


def test_a_server_name_that_cannot_be_is_refused():
    with pytest.raises(ValidationError, match="no valid server name"):
        Options(address="x:443", server_name="a b")
