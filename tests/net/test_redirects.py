import pytest

from bongsu.net.fetch import redirected
from bongsu.net.guard import EgressPolicy
from bongsu.net.model import Request
from bongsu.net.url import parse_url
from tests.net.servers import (
    LOCAL,
    Zone,
    echo_request,
    fetching,
    name_server,
    redirect,
    reply,
    serving,
)


async def follow(port: int, follow: int = 10, policy=LOCAL):
    async with fetching() as fetcher:
        return await fetcher.fetch(Request(url=f"http://127.0.0.1:{port}/", follow=follow), policy)


async def test_redirects_are_followed_and_their_times_summed():
    async with (
        serving(reply(b"there")) as last,
        serving(redirect("/two", f"http://localhost:{last}/x")) as port,
    ):
        seen = await follow(port)

    assert (200, b"there") == (seen.status, seen.body)
    assert (f"http://127.0.0.1:{port}/two", f"http://localhost:{last}/x") == seen.redirects
    assert seen.url == seen.redirects[-1]
    assert seen.phases_us.connect > 0


async def test_a_loop_ends_after_ten():
    async with serving(redirect("/again")) as port:
        seen = await follow(port)

    assert "redirects" == seen.fault.kind
    assert "more than 10 times" in seen.fault.text
    assert 10 == len(seen.redirects)


@pytest.mark.parametrize(
    "to", ["file:///etc/passwd", "gopher://127.0.0.1:25/", "http://user:pw@x/", "http://["]
)
async def test_only_http_addresses_are_followed(to):
    async with serving(redirect(to)) as port:
        seen = await follow(port)

    assert "redirects" == seen.fault.kind
    assert 302 == seen.status


@pytest.mark.parametrize(
    "to",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:169.254.169.254]/",
        "http://[fd00:ec2::254]/",
        "http://100.100.100.200/",
        "http://0.0.0.0:22/",
        "http://224.0.0.1/",
    ],
)
async def test_the_guard_sees_every_hop(to):
    async with serving(redirect(to)) as port:
        seen = await follow(port)

    assert "guard" == seen.fault.kind
    assert 1 == len(seen.redirects)
    assert not seen.connected


async def test_a_name_that_leads_inside_is_refused_after_the_look_up():
    zone = Zone({"outside.example.com": ["127.0.0.2"], "rebind.example.com": ["127.0.0.1"]})
    policy = EgressPolicy.parse("127.0.0.2")
    seen: list[bytes] = []
    with name_server(zone) as server:
        async with (
            serving(echo_request(seen)) as inside,
            serving(redirect(f"http://rebind.example.com:{inside}/"), host="127.0.0.2") as port,
            fetching(nameservers=(server,)) as fetcher,
        ):
            request = Request(url=f"http://outside.example.com:{port}/", follow=10)
            answer = await fetcher.fetch(request, policy)

    assert "guard" == answer.fault.kind
    assert not seen


@pytest.mark.parametrize(
    ("status", "method", "expected"),
    [
        (301, "GET", "GET"),
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (302, "PUT", "PUT"),
        (303, "PUT", "GET"),
        (303, "HEAD", "HEAD"),
        (307, "POST", "POST"),
        (308, "POST", "POST"),
    ],
)
def test_the_method_changes_as_browsers_change_it(status, method, expected):
    body = b"x" if method in {"POST", "PUT"} else None
    before = Request(
        url="http://a/", method=method, body=body, headers=(("Content-Type", "text/plain"),)
    )

    after = redirected(before, status, parse_url("http://a/"), parse_url("http://a/b"))

    assert expected == after.method
    assert (body if expected == method else None) == after.body
    assert "http://a/b" == after.url


@pytest.mark.parametrize(
    "to", ["http://b.example.com/", "https://a.example.com/", "http://a.example.com:81/"]
)
def test_secrets_stay_at_their_origin(to):
    headers = (
        ("Authorization", "Bearer x"),
        ("X-Api-Key", "y"),
        ("X-Anything", "z"),
        ("Accept", "text/html"),
    )
    before = Request(url="http://a.example.com/", headers=headers)

    here = redirected(before, 302, parse_url(before.url), parse_url("http://a.example.com/2"))
    there = redirected(before, 302, parse_url(before.url), parse_url(to))

    assert headers == here.headers
    assert (("Accept", "text/html"),) == there.headers
