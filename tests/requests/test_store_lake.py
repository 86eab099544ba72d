"""What is asked of the lake, against the real store process."""

from datetime import timedelta

import pytest

from bongsu.kit.ids import uuid7
from bongsu.requests import store_lake
from bongsu.requests.filter import Cursor, Filter, read_filter
from bongsu.requests.service import export
from tests.requests.support import around, put, seen

people = iter(range(1000, 100_000))  # each test has its own, so that one lake serves them all


def ids(requests):
    return [one.id for one in requests]


async def test_a_request_comes_back_as_it_went(store, now):
    person = next(people)
    one = seen(
        now - timedelta(microseconds=123_457), person=person, name="박민수", token=5, via="token",
        method="PATCH", route="/tasks/{key}", object="task/TSK-42", outcome="refused", status=403,
        took_us=4_000_000_000_000, size_bytes=5_000_000_000, stream=True, address="2001:db8::7",
        language="ko", agent='a "quoted" \\ agent\twith 봉수',
    )  # fmt: skip
    async with store.client() as lake:
        await put(lake, one)
        found = await store_lake.newest(lake, around(now, person=person))

    assert [one] == found


async def test_pages_are_newest_first_and_miss_nothing_even_within_one_microsecond(store, now):
    person = next(people)
    # 40 requests at four moments: the place in the list must order those of one moment too
    rows = [seen(now - timedelta(microseconds=n // 10), person=person) for n in range(40)]
    wanted, found, before = around(now, person=person), [], None
    async with store.client() as lake:
        await put(lake, *rows)
        while page := await store_lake.newest(lake, wanted, before, limit=7):
            found += page
            before = Cursor.of(page[-1])

    assert sorted(ids(rows)) == sorted(ids(found))
    assert [one.at for one in found] == sorted((one.at for one in rows), reverse=True)


FILTERS = [
    ({"object": "task/TSK-1"}, {"object": "task/TSK-1"}),
    ({"object_kind": "task/"}, {"object": "task/TSK-1"}),
    ({"route": "/tasks/{key}"}, {"route": "/tasks/{key}"}),
    ({"method": "POST"}, {"method": "POST"}),
    ({"outcome": "failed"}, {"outcome": "failed", "status": 500}),
    ({"address": "192.0.2.1"}, {"address": "192.0.2.1"}),
    ({"slower_us": 1_000_000}, {"took_us": 1_000_001}),
    ({"text": "TASKS/{k"}, {"route": "/tasks/{key}"}),
    ({"text": "봉수"}, {"object": "service/봉수"}),
    ({"text": "tsk-1"}, {"object": "task/TSK-1"}),
]


@pytest.mark.parametrize(("wanted", "fitting"), FILTERS)
async def test_each_filter_takes_what_it_says_and_nothing_else(store, now, wanted, fitting):
    person = next(people)
    fits, other = seen(now, person=person, **fitting), seen(now, person=person, took_us=1_000_000)
    stranger = seen(now, person=person + 500_000, **fitting)
    async with store.client() as lake:
        await put(lake, fits, other, stranger)
        found = await store_lake.newest(lake, around(now, person=person, **wanted))

    assert [fits.id] == ids(found)


async def test_a_stream_is_open_for_long_but_not_slow(store, now):
    person = next(people)
    async with store.client() as lake:
        await put(lake, seen(now, person=person, took_us=3_600_000_000, stream=True, route="/live"))
        slow = await store_lake.newest(lake, around(now, person=person, slower_us=1_000_000))
        whole = await store_lake.whole(lake, around(now, person=person))

    assert [] == slow
    assert (1, None) == (whole.count, whole.p95_us)


async def test_parts_of_pages_can_be_left_out_but_not_what_somebody_did(store, now):
    person = next(people)
    page, did = seen(now, person=person), seen(now, person=person, method="POST", route="/-/x/now")
    part = seen(now, person=person, route="/-/wall")
    stream = seen(now, person=person, route="/live", stream=True)
    async with store.client() as lake:
        await put(lake, page, did, part, stream)
        found = await store_lake.newest(lake, around(now, person=person, parts=False))

    assert {page.id, did.id} == set(ids(found))


HOSTILE = [
    "') OR 1=1 --",
    "'; DROP TABLE request; --",
    "\\') UNION ALL SELECT 1 --",
    "{limit:UInt32}",
    "%",
    "_",
    "x' AND sleep(3) AND '1'='1",
    "\0\t\n\r\\N",
    "${jndi:ldap://x}",
    "'" * 399,
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("field", ["q", "object", "route", "method", "address"])
async def test_what_somebody_types_is_only_compared(store, now, field, text):
    person = next(people)
    async with store.client() as lake:
        await put(lake, seen(now, person=person))
        wanted = read_filter({field: text, "person": str(person)}, now, 1)
        found = await store_lake.newest(lake, wanted)
        left = await store_lake.whole(lake, around(now, person=person))

    assert ([], 1) == (found, left.count)


async def test_a_quote_is_found_as_it_is(store, now):
    person = next(people)
    odd = seen(now, person=person, object="service/o'brien\\x")
    async with store.client() as lake:
        await put(lake, odd, seen(now, person=person))
        found = await store_lake.newest(lake, around(now, person=person, object=odd.object))

    assert [odd.id] == ids(found)


async def test_figures_count_outcomes_and_leave_streams_out_of_the_times(store, noon_requests, now):
    person, rows = noon_requests
    wanted = around(now, hours=48, person=person)
    async with store.client() as lake:
        await put(lake, *rows)
        whole = await store_lake.whole(lake, wanted)
        together, buckets = await store_lake.series(lake, wanted, 3600)
        none = await store_lake.series(lake, around(now, person=next(people)), 3600)
        routes = await store_lake.routes(lake, wanted)
        worst = await store_lake.routes(lake, wanted, "errors")
        slowest = await store_lake.routes(lake, wanted, "p95")

    assert whole == together
    assert (0, []) == (none[0].count, none[1])
    assert (103, 1, 2) == (whole.count, whole.failed, whole.turned_away)
    assert (50_000, 96_000) == pytest.approx((whole.p50_us, whole.p95_us), abs=1000)
    assert [100, 3] == [one.figures.count for one in buckets]
    assert timedelta(hours=1) == buckets[1].at - buckets[0].at
    assert [("GET", "/"), ("POST", "/sign-in"), ("GET", "/live")] == [
        (one.method, one.route) for one in routes
    ]
    assert "/" == worst[0].route
    assert ("/live", None) == (slowest[-1].route, slowest[-1].figures.p95_us)


@pytest.fixture
def noon_requests(now):
    """A hundred pages within one hour of yesterday, then a failed one, sign-ins and a stream."""
    noon = (now - timedelta(days=1)).replace(hour=12, minute=0, second=0)
    person = next(people)
    rows = [
        seen(noon + timedelta(seconds=n), person=person, took_us=(n + 1) * 1000,
             outcome="failed" if n == 7 else "ok")
        for n in range(100)
    ]  # fmt: skip
    later = noon + timedelta(hours=1)
    refused = {"outcome": "refused", "route": "/sign-in", "method": "POST", "took_us": 50_000}
    rows += [seen(later, person=person, **refused) for _ in range(2)]
    rows.append(seen(later, person=person, route="/live", stream=True, took_us=10**10))
    return person, rows


async def test_an_id_finds_its_request_wherever_it_lies(store, now):
    old = seen(now - timedelta(days=90), person=next(people))
    async with store.client() as lake:
        await put(lake, old)
        assert old == await store_lake.one(lake, old.id, now)
        assert await store_lake.one(lake, uuid7(), now) is None


async def test_an_export_has_everything_of_one_person_newest_first(store, now, monkeypatch):
    monkeypatch.setattr(store_lake, "MAX_ROWS", 10)
    person = next(people)
    rows = [seen(now - timedelta(hours=n), person=person) for n in range(25)]
    async with store.client() as lake:
        await put(lake, *rows, seen(now, person=person + 500_000))
        pages = [page async for page in export(lake, person, now)]

    assert [10, 10, 5] == [len(page) for page in pages]
    assert ids(rows) == [one.id for page in pages for one in page]


async def test_who_is_forgotten_keeps_a_number_and_nothing_else(store, now):
    person, other = next(people), next(people)
    async with store.client() as lake:
        await put(lake, seen(now, person=person), seen(now, person=other))
        await store_lake.forget(lake, person)
        [gone] = await store_lake.newest(lake, around(now, person=person))
        [kept] = await store_lake.newest(lake, around(now, person=other))

    assert ("", "", "") == (gone.name, gone.address, gone.agent)
    assert ("Bob", "203.0.113.7", "a test") == (kept.name, kept.address, kept.agent)


def test_every_filter_is_asked_for_in_some_way(now):
    """A field of the filter that no condition reads would silently find everything."""
    usual = Filter(since=now, until=now + timedelta(hours=1))
    for name, value in {
        "person": 1, "id": uuid7(), "object": "x", "object_kind": "x/", "route": "x", "method": "GET",
        "outcome": "ok", "address": "x", "slower_us": 1, "text": "x", "parts": False,
    }.items():  # fmt: skip
        narrowed = Filter(
            **{field: getattr(usual, field) for field in ("since", "until")}, **{name: value}
        )
        assert store_lake._where(narrowed)[0] != store_lake._where(usual)[0], name
