import ssl

from bongsu.net.certificate import problem_of, read_certificate
from bongsu.net.model import Response


def test_no_certificate_and_one_that_cannot_be_read_are_none():
    assert read_certificate([], None) is None
    assert read_certificate([[("Subject", "x")]], None) is None
    assert read_certificate([[("Cert", "-----BEGIN CERTIFICATE-----\nnonsense")]], None) is None


def test_the_common_name_stands_for_the_subject_and_the_organisation_for_an_issuer_without(pki):
    context = pki.self_signed("shop.example.com")
    assert isinstance(context, ssl.SSLContext)
    pem = (pki.ca_file.parent / "self.pem").read_text()

    mine = read_certificate([[("Cert", pem)]], None, "TLSv1.3")
    authority = read_certificate([[("Cert", pki.ca_file.read_text())]], "expired")

    assert ("shop.example.com", "shop.example.com", 1) == (
        mine.subject,
        mine.issuer,
        mine.chain_length,
    )
    assert ("TLSv1.3", None) == (mine.protocol, mine.problem)
    assert authority.subject.startswith("trustme")
    assert ((), "expired") == (authority.names, authority.problem)


def test_why_a_certificate_is_not_trusted_is_said_in_a_few_words():
    assert "expired" == problem_of(10, "certificate has expired")
    assert "made for other names" == problem_of(
        1, "SSL: no alternative certificate subject name matches"
    )
    assert "not trusted" == problem_of(99, "something new")


def test_header_values_may_be_utf8_or_latin1():
    utf8 = Response(
        "http://x/", header_lines=(b"HTTP/1.1 200 OK\r\n", "X: 봉수\r\n".encode(), b"\r\n")
    )
    latin = Response("http://x/", header_lines=(b"HTTP/1.1 200 OK\r\n", b"X: caf\xe9\r\n", b"\r\n"))

    assert (("X", "봉수"),) == utf8.headers
    assert (("X", "café"),) == latin.headers
