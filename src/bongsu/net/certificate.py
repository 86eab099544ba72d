"""What libcurl tells about a server's certificates, read into facts. Pure; parsed once per certificate."""

from datetime import datetime
from functools import lru_cache

from cryptography import x509
from cryptography.x509.oid import NameOID

from bongsu.kit.i18n import say
from bongsu.net.model import Certificate

# OpenSSL's verify results. The words are keys of the catalogue: pages translate them.
_UNKNOWN_ISSUER = say("issuer unknown or chain incomplete")
_PROBLEMS = {
    2: _UNKNOWN_ISSUER,
    9: say("not valid yet"),
    10: say("expired"),
    18: say("self-signed"),
    19: say("signed by an unknown authority"),
    20: _UNKNOWN_ISSUER,
    21: _UNKNOWN_ISSUER,
    23: say("revoked"),
    26: say("not made for servers"),
}
_WRONG_NAME = say("made for other names")
_UNSAID = say("not trusted")
NOT_VERIFIED = say("not verified").text

CertInfo = list[list[tuple[str, str]]]


def problem_of(verify_result: int, words: str) -> str:
    """Why a certificate was not trusted, in a few words."""
    if "subject name" in words or "does not match" in words:
        return _WRONG_NAME.text
    return _PROBLEMS.get(verify_result, _UNSAID).text


def read_certificate(info: CertInfo, problem: str | None, protocol: str = "") -> Certificate | None:
    """The leaf comes first; None when the server showed none or one that cannot be read."""
    pem = next((value for name, value in info[0] if name == "Cert"), "") if info else ""
    try:
        subject, issuer, names, not_before, not_after = _facts(pem)
    except ValueError:
        return None
    return Certificate(subject, issuer, names, not_before, not_after, len(info), protocol, problem)


@lru_cache(maxsize=16_384)
def _facts(pem: str) -> tuple[str, str, tuple[str, ...], datetime, datetime]:
    """Raises ValueError for what is no certificate."""
    certificate = x509.load_pem_x509_certificate(pem.encode())
    return (
        _common_name(certificate.subject),
        _common_name(certificate.issuer),
        _names(certificate),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
    )


def _common_name(name: x509.Name) -> str:
    """The common name; some certificates have only an organisation."""
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        if found := name.get_attributes_for_oid(oid):
            return str(found[0].value)
    return name.rfc4514_string()


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    addresses = (str(address) for address in found.get_values_for_type(x509.IPAddress))
    return (*found.get_values_for_type(x509.DNSName), *addresses)
