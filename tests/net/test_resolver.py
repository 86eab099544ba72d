import asyncio
from contextlib import asynccontextmanager
from pathlib import Path

from bongsu.kit.clock import ManualClock
from bongsu.kit.settings import Settings
from bongsu.net.dns import NameFault
from bongsu.net.resolver import Resolver
from tests.net.servers import Zone, dead_name_server, name_server
from tests.ports import free_port

NOWHERE = Path("/nonexistent")


@asynccontextmanager
async def resolving(server: str, **more):
    clock = ManualClock()
    resolver = Resolver(clock=clock, nameservers=(server,), hosts=NOWHERE, **more)
    try:
        yield resolver, clock
    finally:
        await resolver.close()


async def test_literal_addresses_need_no_name_server():
    async with resolving("127.0.0.1:1") as (resolver, _):
        assert await resolver.resolve("192.0.2.7") == ("192.0.2.7",)
        assert await resolver.resolve("2001:db8::1") == ("2001:db8::1",)
        wrong = await resolver.resolve("192.0.2.7", "6")

    assert str(wrong.said("192.0.2.7")) == "192.0.2.7 has no IPv6 address."


async def test_the_hosts_file_comes_before_the_name_server(tmp_path):
    hosts = tmp_path / "hosts"
    hosts.write_text("10.9.8.7 shop.example.com\nfd00::7 shop.example.com\n")
    zone = Zone({"shop.example.com": ["192.0.2.1"]})
    with name_server(zone) as server:
        resolver = Resolver(nameservers=(server,), hosts=hosts)
        both = await resolver.resolve("Shop.Example.com")
        six = await resolver.resolve("shop.example.com", "6")
        await resolver.close()

    assert both == ("10.9.8.7", "fd00::7")
    assert six == ("fd00::7",)
    assert not zone.asked


async def test_ipv4_is_taken_where_there_is_one_and_ipv6_is_asked_for_only_without():
    zone = Zone(
        {
            "both.example.com": ["192.0.2.1", "192.0.2.2", "2001:db8::1"],
            "six.example.com": ["2001:db8::6"],
        }
    )
    with name_server(zone) as server:
        async with resolving(server) as (resolver, _):
            assert await resolver.resolve("both.example.com") == ("192.0.2.1", "192.0.2.2")
            assert await resolver.resolve("both.example.com", "6") == ("2001:db8::1",)
            assert await resolver.resolve("six.example.com") == ("2001:db8::6",)
            no_four = await resolver.resolve("six.example.com", "4")

    assert no_four.kind == "name"
    assert zone.asked == {
        ("both.example.com", "A"): 1,
        ("both.example.com", "AAAA"): 1,
        ("six.example.com", "A"): 1,
        ("six.example.com", "AAAA"): 1,
    }


async def test_an_answer_is_kept_for_its_time_and_asked_again_after_it():
    zone = Zone({"a.example.com": ["192.0.2.1"]}, ttl_s=30)
    with name_server(zone) as server:
        async with resolving(server) as (resolver, clock):
            await resolver.resolve("a.example.com")
            clock.advance(29)
            await resolver.resolve("a.example.com")
            asked_before = zone.asked.total()
            clock.advance(2)
            kept = resolver._known["a.example.com", "any"]

    assert asked_before == 1
    assert kept.until_s < clock.monotonic_s()


async def test_a_thousand_askers_of_one_name_are_one_question():
    zone = Zone({"a.example.com": ["192.0.2.1"]})
    with name_server(zone) as server:
        async with resolving(server) as (resolver, _):
            answers = await asyncio.gather(
                *(resolver.resolve("a.example.com") for _ in range(1000))
            )

    assert set(answers) == {("192.0.2.1",)}
    assert zone.asked.total() == 1


async def test_the_cache_is_bounded_and_drops_the_oldest():
    zone = Zone({f"n{n}.example.com": [f"192.0.2.{n}"] for n in range(10)})
    with name_server(zone) as server:
        async with resolving(server, cache_limit=4) as (resolver, _):
            for n in range(10):
                await resolver.resolve(f"n{n}.example.com")
            known = [host for host, _ in resolver._known]

    assert known == [f"n{n}.example.com" for n in (6, 7, 8, 9)]


async def test_what_is_wrong_with_a_name_is_the_names_own_fault():
    zone = Zone({"broken.example.com": "servfail", "empty.example.com": []})
    said = {}
    with name_server(zone) as server:
        async with resolving(server) as (resolver, _):
            for host in (
                "none.example.com",
                "broken.example.com",
                "empty.example.com",
                "a..b",
            ):
                fault = await resolver.resolve(host)
                assert fault.kind == "name"
                said[host] = str(fault.said(host))

    assert said == {
        "none.example.com": "There is no name none.example.com (NXDOMAIN).",
        "broken.example.com": "The name servers of broken.example.com fail (SERVFAIL).",
        "empty.example.com": "empty.example.com has no address.",
        "a..b": "a..b is no valid host name.",
    }


async def test_a_refusing_an_absent_and_a_silent_resolver_are_our_fault_in_time():
    zone = Zone({"a.example.com": "refused"})
    with name_server(zone) as server:
        async with resolving(server) as (resolver, _):
            refused = await resolver.resolve("a.example.com")
    async with resolving(f"127.0.0.1:{free_port()}") as (resolver, _):
        absent = await resolver.resolve("a.example.com")
    with dead_name_server() as server:
        async with resolving(server) as (resolver, _):
            loop = asyncio.get_running_loop()
            began = loop.time()
            silent = await resolver.resolve("a.example.com", timeout_s=0.2)
            took_s = loop.time() - began

    assert [fault.kind for fault in (refused, absent, silent)] == ["resolver"] * 3
    assert "no answer within 0.2 s" in str(silent.said("a.example.com"))
    assert took_s < 8  # its own patience is ten


async def test_a_mended_name_is_seen_after_seconds_though_its_no_was_good_for_an_hour():
    zone = Zone({})
    with name_server(zone) as server:
        async with resolving(server) as (resolver, clock):
            missing = await resolver.resolve("new.example.com")
            zone.records["new.example.com"] = ["192.0.2.9"]
            soon = await resolver.resolve("new.example.com")
            clock.advance(5)
            later = await resolver.resolve("new.example.com")

    assert isinstance(missing, NameFault)
    assert soon == missing
    assert later == ("192.0.2.9",)


async def test_a_resolver_that_is_back_is_believed_at_once():
    zone = Zone({"a.example.com": "refused"})
    with name_server(zone) as server:
        async with resolving(server) as (resolver, _):
            away = await resolver.resolve("a.example.com")
            zone.records["a.example.com"] = ["192.0.2.9"]
            back = await resolver.resolve("a.example.com")

    assert away.kind == "resolver"
    assert back == ("192.0.2.9",)


async def test_who_gives_up_waiting_does_not_take_the_answer_from_others():
    zone = Zone({"a.example.com": ["192.0.2.1"]})
    with name_server(zone) as server:
        async with resolving(server) as (resolver, _):
            impatient = asyncio.create_task(resolver.resolve("a.example.com"))
            patient = asyncio.create_task(resolver.resolve("a.example.com"))
            await asyncio.sleep(0)
            impatient.cancel()

            assert await patient == ("192.0.2.1",)


async def test_the_canary_is_asked_afresh_and_shared():
    zone = Zone({"canary.example.com": ["192.0.2.1"]})
    with name_server(zone) as server:
        async with resolving(server, canary_name="canary.example.com") as (resolver, clock):
            well = await asyncio.gather(*(resolver.canary_ok() for _ in range(50)))
            asked = zone.asked.total()
            zone.records["canary.example.com"] = "nxdomain"
            same_second = await resolver.canary_ok()
            clock.advance(1)
            gone = await resolver.canary_ok()

    assert set(well) == {True}
    assert asked == 1
    assert same_second is True
    assert gone is False


async def test_no_canary_gives_no_opinion_and_a_silent_resolver_none_that_helps():
    async with resolving("127.0.0.1:1") as (resolver, _):
        assert await resolver.canary_ok() is None
    with dead_name_server() as server:
        async with resolving(server, canary_name="canary.example.com") as (resolver, _):
            assert await resolver.canary_ok() is False


async def test_single_names_are_looked_for_in_the_search_domains(tmp_path):
    resolv_conf = tmp_path / "resolv.conf"
    resolv_conf.write_text("search corp.example.com\n")
    zone = Zone({"db.corp.example.com": ["192.0.2.1"]})
    with name_server(zone) as server:
        resolver = Resolver(hosts=NOWHERE, resolv_conf=resolv_conf)
        resolver._nameservers = (server,)  # the system's own would be asked otherwise
        found = await resolver.resolve("db")
        await resolver.close()

    assert found == ("192.0.2.1",)


def test_settings_name_the_servers_and_the_canary():
    settings = Settings(nameservers="127.0.0.1:5353, 192.0.2.53", canary_name="up.example.com")

    resolver = Resolver.from_settings(settings)

    assert resolver._nameservers == ("127.0.0.1:5353", "192.0.2.53")
    assert resolver._canary_name == "up.example.com"
