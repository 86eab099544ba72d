import asyncio
from contextlib import asynccontextmanager
from dataclasses import fields, replace

import pytest

from bongsu.kit.clock import SYSTEM_CLOCK
from bongsu.net.model import Certificate, Phases
from bongsu.watch.model import Check, Observation
from bongsu.watch.own import OwnFaults
from bongsu.watch.probe import Prober, Unfit, judged, prepare
from tests.net.servers import (
    LOCAL,
    Zone,
    dead_name_server,
    fetching,
    hang,
    name_server,
    reply,
    serving,
)
from tests.ports import free_port


def check(kind: str, options, **more) -> Check:
    values = {"every_s": 10.0, "timeout_s": 3.0, "expect": (), "warn": ()} | more
    return Check(1, "home", 1, "shop", kind, options, **values)


@asynccontextmanager
async def prober(own: bool = False, **names):
    async with fetching(**names) as fetcher:
        judge = OwnFaults(SYSTEM_CLOCK, fetcher.resolver.canary_ok) if own else None
        yield Prober(fetcher, LOCAL, SYSTEM_CLOCK, own=judge)


async def look(one: Check, **more):
    async with prober(**more) as looking:
        return await looking.look(one)


@pytest.mark.parametrize(
    ("status", "level", "reason"),
    [
        ("200 OK", "up", None),
        ("204 No Content", "down", "Answered 204, expected 200."),
        ("301 Moved", "down", "Answered 301, expected 200."),
        ("503 Service Unavailable", "down", "Answered 503, expected 200."),
    ],
)
async def test_200_is_well_and_anything_else_is_not_when_nothing_is_said(status, level, reason):
    async with serving(reply(b"", status)) as port:
        seen = await look(check("http", {"url": f"http://127.0.0.1:{port}/"}))

    assert (level, reason) == (seen.level, str(seen.reason) if seen.reason else None)
    assert (level == "up") is seen.ok
    assert [level == "up"] == [one.ok for one in seen.conditions]


async def test_conditions_decide_and_show_the_values_seen():
    expect = ("[STATUS] == 201", "[BODY].state == ok", "[HEADER].x-served-by == a1")
    body = b'{"state": "ok"}'
    async with serving(reply(body, "201 Created", "X-Served-By: a2")) as port:
        seen = await look(check("http", {"url": f"http://127.0.0.1:{port}/"}, expect=expect))

    assert [True, True, False] == [one.ok for one in seen.conditions]
    assert "down" == seen.level
    assert "a2" in seen.conditions[2].text
    assert "a2" in str(seen.reason)


async def test_several_missed_conditions_are_counted_in_the_reason():
    expect = ("[STATUS] == 201", "[BODY] == no", "[RESPONSE_TIME] < 0")
    async with serving(reply(b"yes")) as port:
        seen = await look(check("http", {"url": f"http://127.0.0.1:{port}/"}, expect=expect))

    assert "Answered 200, expected 201. 2 more conditions do not hold." == str(seen.reason)
    assert "조건이 2개 더" in seen.reason.to("ko")


async def test_a_missed_warning_is_degraded_and_a_missed_expectation_outranks_it():
    async def slow(reader, writer):
        await asyncio.sleep(0.05)
        await reply()(reader, writer)

    async with serving(slow) as port:
        url = {"url": f"http://127.0.0.1:{port}/"}
        warned = await look(check("http", url, warn=("[RESPONSE_TIME] < 10",)))
        failed = await look(
            check("http", url, expect=("[STATUS] == 500",), warn=("[RESPONSE_TIME] < 10",))
        )

    assert ("degraded", False) == (warned.level, warned.ok)
    assert "limit 10 ms" in str(warned.reason)
    assert "down" == failed.level


async def test_a_fault_is_down_even_when_no_condition_would_notice():
    one = check(
        "http", {"url": f"http://127.0.0.1:{free_port()}/"}, expect=("[RESPONSE_TIME] < 9000",)
    )

    seen = await look(one)

    assert ("down", "connect_refused") == (seen.level, seen.fault.kind)
    assert [True] == [outcome.ok for outcome in seen.conditions]


async def test_a_closed_port_can_be_what_is_wanted():
    wanted = check("tcp", {"address": f"127.0.0.1:{free_port()}"}, expect=("[CONNECTED] == false",))
    async with serving(hang) as port:
        open_one = replace(wanted, options={"address": f"127.0.0.1:{port}"})
        seen = await look(open_one)

    assert "up" == (await look(wanted)).level
    assert "down" == seen.level


async def test_a_name_that_is_gone_is_not_a_closed_port():
    with name_server(Zone({})) as server:
        one = check("tcp", {"address": "gone.example.com:25"}, expect=("[CONNECTED] == false",))
        seen = await look(one, nameservers=(server,))

    assert "down" == seen.level


async def test_a_silent_resolver_is_our_fault():
    with dead_name_server() as server:
        one = check("http", {"url": "http://shop.example.com/"}, timeout_s=0.3)
        seen = await look(one, own=True, nameservers=(server,))

    assert ("unknown", "resolver") == (seen.level, seen.own)


async def test_a_resolver_that_answers_the_canary_but_not_the_name_blames_the_name():
    zone = Zone({"canary.example.com": ["192.0.2.1"], "shop.example.com": "refused"})
    with name_server(zone) as server:
        one = check("http", {"url": "http://shop.example.com/"})
        seen = await look(one, own=True, nameservers=(server,), canary_name="canary.example.com")

    assert ("down", None) == (seen.level, seen.own)


async def test_what_a_target_sends_back_is_shown_without_secrets():
    async with serving(reply(b"password=hunter2&x=1")) as port:
        one = check("http", {"url": f"http://127.0.0.1:{port}/"}, expect=("[BODY] == fine",))
        seen = await look(one)

    assert "hunter2" not in seen.conditions[0].text
    assert "hunter2" not in str(seen.reason)


async def test_a_check_is_prepared_once_and_again_when_it_changes():
    async with serving(reply()) as port, prober() as looking:
        one = check("http", {"url": f"http://127.0.0.1:{port}/"})
        await looking.look(one)
        first = looking._prepared[1]
        await looking.look(one)
        same = looking._prepared[1]
        changed = replace(one, expect=("[STATUS] == 500",))
        seen = await looking.look(changed)
        looking.forget(1)

    assert first is same
    assert "down" == seen.level
    assert {} == looking._prepared


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (check("carrier-pigeon", {}), "no kind carrier-pigeon"),
        (check("http", {"url": "nonsense"}), "The option url does not fit: The address must start"),
        (check("http", {"url": "http://x/"}, expect=("[STATUS]",)), "not compared with anything"),
        (check("http", {}), "The option url does not fit: This is missing."),
    ],
)
async def test_a_check_that_cannot_be_made_is_unknown_with_the_reason(one, words):
    unfit = prepare(one)
    seen = await look(one)

    assert isinstance(unfit, Unfit)
    assert ("unknown", "options") == (seen.level, seen.own)
    assert words in str(seen.reason)


def test_a_kind_that_does_not_import_is_off_and_says_why(monkeypatch):
    def broken(shelf, kind_id):
        raise ImportError("libpigeon is missing")

    monkeypatch.setattr("bongsu.kit.kind.Shelf.module", broken)

    assert "libpigeon is missing" in str(prepare(check("http", {})).reason)


async def test_a_bug_of_a_kind_raises(monkeypatch):
    async def buggy(options, ctx):
        raise ZeroDivisionError

    monkeypatch.setattr("bongsu.watch.checks.tcp.probe", buggy)

    with pytest.raises(ZeroDivisionError):
        await look(check("tcp", {"address": "127.0.0.1:9"}))


async def test_only_what_conditions_need_is_kept():
    async with serving(reply(b"x" * 9000)) as port:
        url = {"url": f"http://127.0.0.1:{port}/"}
        plain = await look(check("http", url))
        read = await look(check("http", url, expect=("len([BODY]) == 9000",)))

    assert 2048 == len(plain.body)
    assert ("up", 9000) == (read.level, len(read.body))


async def test_a_verdict_changes_nothing_else_of_what_was_seen():
    """Guards the hand-written copy in probe.py against a field that is added to Observation."""
    given = {
        "ok": True, "level": "up", "at": SYSTEM_CLOCK.now(), "connected": True, "status": 200,
        "phases_us": Phases(1, 2, 3, 4, 5), "address": "192.0.2.1:80", "http_version": "1.1",
        "headers": (("A", "b"),), "body": b"x", "body_truncated": True, "redirects": ("http://x/",),
        "certificate": Certificate("s", "i", (), SYSTEM_CLOCK.now(), SYSTEM_CLOCK.now(), 1),
        "fault": None, "own": None, "conditions": (), "reason": None,
    }  # fmt: skip
    assert {field.name for field in fields(Observation)} == set(given)
    seen = Observation(**given)
    ready = prepare(check("http", {"url": "http://x/"}, expect=("[STATUS] == 200",)))

    after = judged(ready, seen)

    assert replace(seen, conditions=after.conditions) == after
