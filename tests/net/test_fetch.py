import asyncio

import pytest

from bongsu.net.fetch import header_lines
from bongsu.net.model import Request
from tests.net.servers import (
    LOCAL,
    PUBLIC_ONLY,
    Zone,
    bomb,
    break_off,
    dead_name_server,
    echo_request,
    fetching,
    flood,
    hang,
    name_server,
    open_sockets,
    redirect,
    reply,
    serving,
    until,
)
from tests.ports import free_port


async def fetch(port: int, path: str = "/", policy=LOCAL, **more):
    async with fetching() as fetcher:
        return await fetcher.fetch(Request(url=f"http://127.0.0.1:{port}{path}", **more), policy)


async def test_an_answer_is_given_whole_and_measured():
    async with serving(
        reply(b"hello", "200 OK", "X-One: 1", "Set-Cookie: a=b", "X-Name: \xc3\xbc")
    ) as port:
        seen = await fetch(port)

    assert (200, b"hello", "1.1") == (seen.status, seen.body, seen.http_version)
    assert seen.fault is None
    assert seen.connected
    assert f"127.0.0.1:{port}" == seen.address
    assert "1" == seen.header("x-one")
    assert None is seen.header("x-two")
    assert ("Set-Cookie", "a=b") in seen.headers
    assert not seen.body_truncated
    took = seen.phases_us
    assert min(took.connect, took.first_byte) > 0
    assert took.tls == 0
    assert took.total < 3_000_000


async def test_a_bad_status_is_an_answer_not_a_fault():
    async with serving(reply(b"", "500 Internal Server Error")) as port:
        seen = await fetch(port)

    assert 500 == seen.status
    assert seen.fault is None


async def test_the_phases_say_where_the_time_went():
    async def slow(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.1)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no")
        await writer.drain()
        await asyncio.sleep(0.06)
        writer.write(b"k")

    async with serving(slow) as port:
        took = (await fetch(port)).phases_us

    assert 95_000 < took.first_byte < 1_000_000
    assert 55_000 < took.transfer < 1_000_000


async def test_a_closed_port_refuses():
    seen = await fetch(free_port())

    assert ("connect_refused", "ECONNREFUSED") == (seen.fault.kind, seen.fault.errno)
    assert not seen.connected
    assert seen.status is None


async def test_a_server_that_never_answers_is_given_up_in_time():
    async with serving(hang) as port:
        loop = asyncio.get_running_loop()
        began = loop.time()
        seen = await fetch(port, timeout_s=0.3)
        took_s = loop.time() - began

    assert "timeout" == seen.fault.kind
    assert seen.connected
    assert 0.25 < took_s < 10
    assert 250_000 < seen.phases_us.first_byte < 10_000_000


async def test_a_body_that_breaks_off_is_a_fault_with_what_came():
    async with serving(break_off) as port:
        seen = await fetch(port)

    assert "connect_reset" == seen.fault.kind
    assert 200 == seen.status
    assert 500 == len(seen.body)


@pytest.mark.parametrize(
    "nonsense", [b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\x00" * 64]
)
async def test_what_is_no_http_is_a_fault(nonsense):
    async def talk(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(nonsense)

    async with serving(talk) as port:
        seen = await fetch(port)

    assert "protocol" == seen.fault.kind
    assert seen.connected


async def test_every_probe_is_a_new_connection_and_asks_for_its_end():
    seen: list[bytes] = []
    places = set()

    async def talk(reader, writer):
        places.add(writer.get_extra_info("peername"))
        await echo_request(seen)(reader, writer)

    async with serving(talk) as port, fetching() as fetcher:
        for _ in range(3):
            await fetcher.fetch(Request(url=f"http://127.0.0.1:{port}/"), LOCAL)

    assert 3 == len(places)
    assert all(b"\r\nConnection: close\r\n" in head for head in seen)
    assert all(b"\r\nUser-Agent: Bongsu/" in head for head in seen)


async def test_method_headers_and_body_are_sent_and_leave_no_trace_on_the_next_request():
    seen: list[bytes] = []
    async with serving(echo_request(seen)) as port, fetching() as fetcher:
        url = f"http://127.0.0.1:{port}/a?b=c"
        posted = Request(
            url=url, method="POST", body="값".encode(), headers=(("X-Id", "7"), ("X-None", ""))
        )
        await fetcher.fetch(posted, LOCAL)
        await fetcher.fetch(Request(url=url), LOCAL)
        await fetcher.fetch(Request(url=url, method="DELETE"), LOCAL)
        head = await fetcher.fetch(Request(url=url, method="HEAD"), LOCAL)

    first, plain, delete, last = seen
    assert first.startswith(b"POST /a?b=c HTTP/1.1\r\n")
    assert first.endswith("값".encode())
    assert b"X-Id: 7\r\n" in first
    assert b"X-None:\r\n" in first
    assert b"Content-Type" not in first
    assert plain.startswith(b"GET /a?b=c HTTP/1.1\r\n")
    assert b"X-Id" not in plain
    assert delete.startswith(b"DELETE ")
    assert last.startswith(b"HEAD ")
    assert (200, b"") == (head.status, head.body)


def test_a_line_break_in_a_header_is_a_bug_and_raises():
    with pytest.raises(ValueError, match="line break"):
        header_lines(Request(url="http://x/", headers=(("X-A", "1\r\nX-B: 2"),)))


async def test_ten_megabytes_are_read_up_to_the_cap_only():
    big = bytes(10 << 20)
    async with serving(reply(big)) as port:
        capped = await fetch(port, body_limit_bytes=1000)
        drained = await fetch(port, body_limit_bytes=1000, read_limit_bytes=20 << 20)
        whole = await fetch(port, body_limit_bytes=20 << 20)

    assert [1000, 1000, 10 << 20] == [len(x.body) for x in (capped, drained, whole)]
    assert [True, True, False] == [x.body_truncated for x in (capped, drained, whole)]
    assert all(x.fault is None and x.status == 200 for x in (capped, drained, whole))


async def test_a_gzip_bomb_is_defused_at_the_cap():
    async with serving(bomb) as port:
        seen = await fetch(port)

    assert 1 << 20 == len(seen.body)
    assert seen.body_truncated
    assert seen.fault is None


async def test_headers_without_end_are_refused():
    async with serving(flood) as port:
        seen = await fetch(port)

    assert "too_large" == seen.fault.kind


async def test_interim_answers_are_not_taken_for_the_answer():
    async def talk(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\nX-Real: yes\r\n\r\n")

    async with serving(talk) as port:
        seen = await fetch(port)

    assert 204 == seen.status
    assert (("X-Real", "yes"),) == seen.headers


async def test_ipv6_literals_are_reached():
    async with serving(reply(), host="::1") as port, fetching() as fetcher:
        seen = await fetcher.fetch(Request(url=f"http://[::1]:{port}/"), LOCAL)

    assert (200, f"[::1]:{port}") == (seen.status, seen.address)


async def test_a_name_is_resolved_by_us_and_the_host_header_stays():
    seen: list[bytes] = []
    zone = Zone({"shop.example.com": ["127.0.0.1"]})
    with name_server(zone) as server:
        async with serving(echo_request(seen)) as port, fetching(nameservers=(server,)) as fetcher:
            answer = await fetcher.fetch(Request(url=f"http://shop.example.com:{port}/"), LOCAL)

    assert f"127.0.0.1:{port}" == answer.address
    assert f"Host: shop.example.com:{port}\r\n".encode() in seen[0]
    assert answer.phases_us.name > 0


async def test_a_name_that_does_not_resolve_is_told_apart_from_a_resolver_that_does_not_answer():
    with name_server(Zone({})) as server:
        async with fetching(nameservers=(server,)) as fetcher:
            wrong = await fetcher.fetch(Request(url="http://none.example.com/"), LOCAL)
    with dead_name_server() as server:
        async with fetching(nameservers=(server,)) as fetcher:
            away = await fetcher.fetch(Request(url="http://a.example.com/", timeout_s=0.2), LOCAL)

    assert "name" == wrong.fault.kind
    assert "There is no name none.example.com (NXDOMAIN)." == wrong.fault.text
    assert "resolver" == away.fault.kind
    assert away.phases_us.name > 150_000


async def test_the_proxy_of_the_environment_is_not_used(monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    async with serving(reply()) as port:
        seen = await fetch(port)

    assert 200 == seen.status


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "gopher://127.0.0.1:25/", "http://u:p@127.0.0.1/", "nonsense"]
)
async def test_only_http_is_spoken(url):
    async with fetching() as fetcher:
        seen = await fetcher.fetch(Request(url=url), LOCAL)

    assert "options" == seen.fault.kind


async def test_the_guard_refuses_before_anything_is_sent():
    seen: list[bytes] = []
    async with serving(echo_request(seen)) as port:
        refused = await fetch(port, policy=PUBLIC_ONLY)

    assert "guard" == refused.fault.kind
    assert not seen
    assert not refused.connected


async def test_a_cancelled_fetch_leaves_no_socket_open():
    talking: list[int] = []

    async def talk(reader, writer):
        talking.append(1)
        try:
            await hang(reader, writer)
        finally:
            talking.pop()

    async with serving(talk) as port, fetching() as fetcher:
        request = Request(url=f"http://127.0.0.1:{port}/")
        await fetcher.fetch(Request(url=request.url, timeout_s=0.05), LOCAL)
        await until(lambda: not talking)
        before = open_sockets()
        task = asyncio.create_task(fetcher.fetch(request, LOCAL))
        await until(lambda: talking)
        during = open_sockets()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await until(lambda: not talking)

        assert len(during) > len(before)
        assert 0 == fetcher.engine.in_flight
        await until(lambda: open_sockets() <= before)


async def test_closing_ends_what_is_under_way():
    async with serving(hang) as port, fetching() as fetcher:
        task = asyncio.create_task(fetcher.fetch(Request(url=f"http://127.0.0.1:{port}/"), LOCAL))
        await until(lambda: fetcher.engine.in_flight)
        await fetcher.close()

        with pytest.raises(asyncio.CancelledError):
            await task


async def test_many_at_once_get_each_its_own_answer():
    async def talk(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split()[1]
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(path), path))

    async with serving(talk) as port, fetching() as fetcher:
        urls = [f"http://127.0.0.1:{port}/{n}" for n in range(200)]
        answers = await asyncio.gather(*(fetcher.fetch(Request(url=u), LOCAL) for u in urls))

    assert [f"/{n}".encode() for n in range(200)] == [answer.body for answer in answers]


async def test_redirects_are_answers_unless_they_are_to_be_followed():
    async with serving(redirect("/next")) as port:
        seen = await fetch(port)

    assert (302, "/next", ()) == (seen.status, seen.header("location"), seen.redirects)
