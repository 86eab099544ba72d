import pytest
from starlette.requests import Request

from bongsu.accounts import wire

TRUSTED = "127.0.0.1,::1,10.0.0.0/8"
PUBLIC = "https://bongsu.example.com"


def request(
    path="/me", method="GET", scheme="http", client="203.0.113.9", query="", **headers
) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request(
        {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "scheme": scheme,
            "server": ("bongsu.example.com", 443 if scheme == "https" else 80),
            "client": (client, 1234) if client else None,
            "headers": raw,
        }
    )


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        (
            "203.0.113.9",
            "198.51.100.1",
            "203.0.113.9",
        ),  # not a proxy of ours: its header is not read
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        (
            "10.1.2.3",
            "1.1.1.1, 198.51.100.1, 10.9.9.9",
            "198.51.100.1",
        ),  # what a client wrote comes first
        ("127.0.0.1", "", "127.0.0.1"),
        ("", "198.51.100.1", "198.51.100.1"),
        ("", "", "local"),
        ("testclient", "198.51.100.1", "testclient"),
        ("127.0.0.1", "x" * 100, "x" * 64),
    ],
)
def test_a_client_is_the_nearest_address_that_is_no_proxy_of_ours(peer, forwarded, found):
    assert found == wire.client_address(peer, forwarded, TRUSTED)


def test_every_forwarding_header_counts():
    one = request(client="127.0.0.1", x_forwarded_for="198.51.100.1")

    assert "198.51.100.1" == wire.address_of(one, TRUSTED)


@pytest.mark.parametrize(
    ("scheme", "client", "forwarded", "https"),
    [
        ("https", "203.0.113.9", "", True),
        ("http", "203.0.113.9", "", False),
        ("http", "203.0.113.9", "https", False),
        ("http", "127.0.0.1", "https", True),
        ("http", "127.0.0.1", "https, http", False),
        ("http", "", "https", True),
    ],
)
def test_https_is_believed_from_the_connection_or_a_trusted_proxy(scheme, client, forwarded, https):
    one = request(scheme=scheme, client=client, x_forwarded_proto=forwarded)

    assert https == wire.is_https(one, TRUSTED)


def test_by_https_only_the_host_cookie_counts():
    assert ("__Host-bongsu", "bongsu") == (wire.cookie_name(True), wire.cookie_name(False))


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site", "origin": "https://other.example.com"}, False),
        ({"sec-fetch-site": "none"}, True),
        ({"origin": "https://bongsu.example.com"}, True),
        ({"origin": "HTTPS://Bongsu.example.com"}, True),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "https://bongsu.example.com.evil.example"}, False),
        ({"origin": "null"}, False),
        ({"origin": "http://10.0.0.5:8080", "host": "10.0.0.5:8080"}, True),
        ({"origin": "https://10.0.0.5:8080", "host": "10.0.0.5:8080"}, False),
    ],
)
def test_a_write_comes_from_our_own_page_or_from_no_browser(headers, own):
    assert own == wire.is_own_origin(headers, False, PUBLIC)


def test_behind_a_proxy_the_origin_is_that_of_https():
    assert wire.is_own_origin({"origin": "https://a.example", "host": "a.example"}, True, PUBLIC)


@pytest.mark.parametrize(
    ("path", "accept", "json"),
    [
        ("/api/v1/me", "text/html", True),
        ("/me", "text/html,application/xhtml+xml", False),
        ("/me", "", False),
        ("/me", "*/*", False),
        ("/-/find", "application/json", True),
        ("/live", "text/event-stream", True),
    ],
)
def test_programs_get_json_and_people_get_pages(path, accept, json):
    assert json == wire.wants_json(path, accept)


@pytest.mark.parametrize(
    ("one", "address"),
    [
        (request("/"), "/sign-in"),
        (
            request("/services/shop", query="tab=a&b=1"),
            "/sign-in?next=/services/shop%3Ftab%3Da%26b%3D1",
        ),
        (request("/me", "POST", referer="https://evil.example/me?x=1"), "/sign-in?next=/me"),
        (request("/me", "POST"), "/sign-in"),
        (request("//evil.example"), "/sign-in?next=//evil.example"),
    ],
)
def test_signing_in_leads_back_to_the_page(one, address):
    assert address == wire.sign_in_address(one)


def test_a_wrong_setting_of_trusted_proxies_is_refused():
    with pytest.raises(ValueError, match="proxy"):
        wire.networks("my-proxy")
