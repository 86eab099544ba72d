import pytest

from bongsu.kit.i18n import Said
from bongsu.net.url import Target, ascii_host, parse_url, redirect_target, split_host_port


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://shop.example.com", ("https", "shop.example.com", 443, "https://shop.example.com/")),
        ("HTTP://Shop.Example.com:80/a", ("http", "shop.example.com", 80, "http://shop.example.com/a")),
        ("http://[::1]:8080/x", ("http", "::1", 8080, "http://[::1]:8080/x")),
        ("http://h.example/%41?q=%20#frag", ("http", "h.example", 80, "http://h.example/%41?q=%20")),
        ("http://h.example/ü", ("http", "h.example", 80, "http://h.example/%C3%BC")),
        ("http://한국.example.com/", ("http", "xn--3e0b707e.example.com", 80, "http://xn--3e0b707e.example.com/")),
    ],
)  # fmt: skip
def test_an_address_is_taken_apart(text, expected):
    assert parse_url(text) == Target(*expected)


@pytest.mark.parametrize(
    "text",
    ["ftp://x/", "file:///etc/passwd", "//x/", "shop.example.com", "http://", "http://a..b/", "http://x:0/",
     "http://x:99999/", "http://x y/", "http://x/\n", "http://u:p@x/", "http://[::1/", "http://x/" + "a" * 9000,
     "gopher://127.0.0.1:25/", "http://ex ample.com", "http://a\u2028b/", "javascript:alert(1)"],
)  # fmt: skip
def test_anything_else_is_refused_with_a_sentence(text):
    refused = parse_url(text)

    assert isinstance(refused, Said)
    assert refused.to("ko") != refused.to("en")


def test_a_password_in_an_address_is_never_repeated():
    assert "hunter2" not in str(parse_url("http://user:hunter2@x:99999/"))


def test_redirects_are_seen_from_where_they_come():
    base = "https://a.example.com/x/y?z"

    assert redirect_target(base, "../b").url == "https://a.example.com/b"
    assert redirect_target(base, "//c.example.com").url == "https://c.example.com/"
    assert isinstance(redirect_target(base, "file:///etc/passwd"), Said)
    assert isinstance(redirect_target(base, "http://[::1"), Said)


def test_host_and_port_are_split_and_ipv6_needs_brackets():
    assert split_host_port("db.example.com:5432") == ("db.example.com", 5432)
    assert split_host_port(" [2001:db8::1]:25 ") == ("2001:db8::1", 25)
    for text in ("db.example.com", "::1:25", "x:0", "x:70000", "x:y", ":25", "a b:25"):
        assert isinstance(split_host_port(text), Said), text


def test_names_become_ascii_or_nothing():
    assert ascii_host("한국.example.com") == "xn--3e0b707e.example.com"
    assert ascii_host("2001:DB8::1") == "2001:db8::1"
    assert ascii_host("x" * 64) is None
    assert ascii_host(".".join(["x" * 60] * 5)) is None
