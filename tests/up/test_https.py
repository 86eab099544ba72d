"""Pages on HTTPS of their own, and behind a proxy that speaks it for us."""

import http.cookiejar
import ssl
import urllib.request
from pathlib import Path

import pytest
import trustme

from tests.journeys.world import Bongsu

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(120)]


def sign_in(url: str, door: str, opener: urllib.request.OpenerDirector) -> None:
    page = opener.open(f"{url}/door/{door}", timeout=30).read().decode()
    token = (
        page.split('name="csrf"')[1].split('value="')[1].split('"')[0]
        if 'name="csrf"' in page
        else ""
    )
    form = f"csrf={token}&name=Dana&email=dana%40example.com&password=correct+horse+battery"
    request = urllib.request.Request(f"{url}/door/{door}", form.encode(), {"origin": url})
    opener.open(request, timeout=30).close()


def test_https_by_certificate_files_with_secure_cookies(tmp_path: Path):
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    issued.cert_chain_pems[0].write_to_path(certificate)
    issued.private_key_pem.write_to_path(key)
    context = ssl.create_default_context()
    authority.configure_trust(context)
    bongsu = Bongsu(tmp_path, tls_cert=str(certificate), tls_key=str(key))
    url = f"https://localhost:{bongsu.port}"
    bongsu.environment["BONGSU_PUBLIC_URL"] = url
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=context), urllib.request.HTTPCookieProcessor(jar)
    )

    with bongsu.running():
        sign_in(url, bongsu.door, opener)
        page = opener.open(f"{url}/me", timeout=30).read().decode()

    (cookie,) = [c for c in jar if "bongsu" in c.name and c.name.startswith("__Host-")]
    assert cookie.secure
    assert "Dana" in page


def test_behind_a_proxy_its_forwarded_scheme_is_believed_only_from_there(tmp_path: Path):
    bongsu = Bongsu(tmp_path, public_url="https://bongsu.example.com", trusted_proxies="127.0.0.1")
    headers = {"x-forwarded-proto": "https", "host": "bongsu.example.com"}

    with bongsu.running():
        request = urllib.request.Request(f"{bongsu.url}/door/{bongsu.door}", headers=headers)
        page = urllib.request.urlopen(request, timeout=30).read().decode()
        form = b"name=Dana&email=dana%40example.com&password=correct+horse+battery"
        origin = {"origin": "https://bongsu.example.com"}
        post = urllib.request.Request(f"{bongsu.url}/door/{bongsu.door}", form, headers | origin)
        answer = urllib.request.build_opener(NoRedirect).open(post, timeout=30)

    assert "bongsu" in page.lower()
    cookies = answer.headers.get_all("set-cookie") or []
    assert any(c.startswith("__Host-") and "Secure" in c and "HttpOnly" in c for c in cookies)


class NoRedirect(urllib.request.HTTPErrorProcessor):
    """Gives the answer itself, whatever its status."""

    def http_response(self, request, response):
        return response

    https_response = http_response


def test_a_key_that_does_not_fit_stops_the_start_with_a_reason(tmp_path: Path):
    authority = trustme.CA()
    one, other = authority.issue_cert("localhost"), authority.issue_cert("localhost")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    one.cert_chain_pems[0].write_to_path(certificate)
    other.private_key_pem.write_to_path(key)
    bongsu = Bongsu(tmp_path, tls_cert=str(certificate), tls_key=str(key))

    with pytest.raises(AssertionError, match=r"ended with 1"):
        bongsu.start()

    assert str(certificate) in bongsu.up.output()
    bongsu.up.stop()
