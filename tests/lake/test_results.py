"""Every question against the real engine, on a lake of known rows."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bongsu.kit.ids import uuid7
from bongsu.lake import results
from bongsu.lake.client import LakeClient
from bongsu.lake.results import TABLE, Bucket, Day, ResultRow, Window

pytestmark = pytest.mark.heavy
_next_check = iter(range(1, 1000))


def row(check_id: int, at: datetime, level: str = "up", **fields: Any) -> ResultRow:
    fields = {"location": "here", "state": level, "every_s": 30.0, **fields}
    return ResultRow(check_id, at, level=level, **fields)


async def put(client: LakeClient, *rows: ResultRow) -> None:
    await client.insert(TABLE, b"".join(one.encode() for one in rows), uuid7())


@pytest.fixture
def check() -> int:
    """A check nobody else asks about: the lake is one for the session."""
    return next(_next_check)


async def test_a_row_is_read_as_it_was_written(store: Any, check: int, noon: datetime) -> None:
    written = row(
        check,
        noon + timedelta(milliseconds=123),
        "down",
        state="degraded",
        location="부산",
        every_s=0.25,
        status=503,
        phases_us=(1, 20, 300, 4000, 50_000),
        size_bytes=1234,
        fault="time\tout'",
        own="",
    )
    async with store.client() as client:
        await put(client, written, row(check, noon - timedelta(days=1), own="loop_late"))

        assert await results.newest(client, check, limit=1) == [written]
        older = await results.newest(client, check, before=written.at)
        assert [one.own for one in older] == ["loop_late"]


async def test_what_does_not_fit_becomes_the_nearest_that_does(
    store: Any, check: int, noon: datetime
) -> None:
    huge = row(
        check, noon, status=70_000, phases_us=(-1, 2**40, 0, 0, 0), size_bytes=2**33, every_s=1e9
    )
    async with store.client() as client:
        await put(client, huge)
        read = (await results.newest(client, check))[0]

    assert (read.status, read.phases_us[:2], read.size_bytes) == (65535, (0, 2**32 - 1), 2**32 - 1)


async def test_a_day_is_time_in_the_confirmed_state(
    store: Any, check: int, noon: datetime, now: datetime
) -> None:
    """One failed probe that was not confirmed is no downtime; unknown counts for nobody."""
    rows = [row(check, noon + timedelta(seconds=30 * n)) for n in range(6)]
    rows += [row(check, noon + timedelta(seconds=200), "down", state="up")]
    rows += [row(check, noon + timedelta(seconds=300 + n), "down") for n in range(2)]
    rows += [row(check, noon + timedelta(seconds=400), "degraded")]
    rows += [row(check, noon + timedelta(seconds=500), "unknown", own="EMFILE")]
    async with store.client() as client:
        await put(client, *rows)
        strip = (await results.uptime(client, [check, 999_999], 90, now))[check]

    assert strip == [Day(noon.date(), up_s=210.0, degraded_s=30.0, down_s=60.0, unknown_s=30.0)]
    assert (strip[0].worst, strip[0].percent) == ("down", 80.0)


async def test_seconds_are_means_over_locations(
    store: Any, check: int, noon: datetime, now: datetime
) -> None:
    rows = [row(check, noon, location="seoul"), row(check, noon, "down", location="busan")]
    async with store.client() as client:
        await put(client, *rows)
        day = (await results.uptime(client, [check], 2, now))[check][0]

    assert (day.up_s, day.down_s, day.percent) == (15.0, 15.0, 50.0)


async def test_days_begin_at_midnight_of_the_zone(
    store: Any, check: int, noon: datetime, now: datetime
) -> None:
    late = noon.replace(hour=20)
    async with store.client() as client:
        await put(client, row(check, late))
        utc = (await results.uptime(client, [check], 3, now))[check]
        seoul = (await results.uptime(client, [check], 3, now, zone="Asia/Seoul"))[check]

    assert [day.day for day in utc] == [late.date()]
    assert [day.day for day in seoul] == [late.date() + timedelta(days=1)]


async def test_only_the_days_asked_for_are_answered(
    store: Any, check: int, noon: datetime, now: datetime
) -> None:
    async with store.client() as client:
        await put(client, *(row(check, noon - timedelta(days=n)) for n in range(5)))

        strip = (await results.uptime(client, [check], 3, now))[check]

    assert [day.day for day in strip] == [(noon - timedelta(days=n)).date() for n in (1, 0)]


async def test_a_day_without_trouble_is_up_and_one_unseen_has_no_percentage() -> None:
    assert Day(date(2026, 1, 1), 1, 0, 0, 0).worst == "up"
    assert Day(date(2026, 1, 1), 0, 0, 0, 9).worst == "unknown"
    assert Day(date(2026, 1, 1), 0, 0, 0, 9).percent is None


def timed(check: int, at: datetime, total_us: int, level: str = "up") -> ResultRow:
    tenth = total_us // 10
    return row(check, at, level, phases_us=(0, tenth, tenth, total_us - 3 * tenth, tenth))


@pytest.mark.parametrize("span", [timedelta(hours=1), timedelta(days=30)])
async def test_a_series_shows_how_fast_answers_were(
    store: Any, check: int, noon: datetime, span: timedelta
) -> None:
    """The same from the results and, for a longer span, from the hours."""
    rows = [timed(check, noon + timedelta(seconds=n), 1000 * n) for n in range(1, 101)]
    rows += [timed(check, noon + timedelta(seconds=5), 9_000_000, "down")]
    async with store.client() as client:
        await put(client, *rows)
        found = await results.series(client, check, noon, noon + span, buckets=1)

    assert [(b.answers, b.failures, b.average_us) for b in found] == [(100, 1, 50_500.0)]
    assert found[0].p50_us == pytest.approx(50_500, rel=0.02)
    assert found[0].p95_us == pytest.approx(95_500, rel=0.02)
    assert found[0].phases_us == pytest.approx((0, 5050, 5050, 35_350, 5050))


async def test_a_bucket_without_answers_has_no_figures(
    store: Any, check: int, noon: datetime
) -> None:
    async with store.client() as client:
        await put(client, timed(check, noon, 30_000_000, "down"))
        raw = await results.series(client, check, noon, noon + timedelta(minutes=1), buckets=1)
        hours = await results.series(client, check, noon, noon + timedelta(days=9), buckets=1)

    nothing = Bucket(raw[0].at, 0, 1, None, None, None, (0.0,) * 5)
    assert raw == [nothing]
    assert [(b.answers, b.failures, b.p95_us) for b in hours] == [(0, 1, None)]


async def test_a_series_has_no_more_buckets_than_asked_for(
    store: Any, check: int, noon: datetime
) -> None:
    rows = [timed(check, noon + timedelta(seconds=n), 1000) for n in range(600)]
    async with store.client() as client:
        await put(client, *rows)
        found = await results.series(client, check, noon, noon + timedelta(seconds=600), buckets=60)

    assert len(found) == 60
    assert [b.answers for b in found] == [10] * 60
    assert found[0].at == noon


async def test_windows_reach_from_a_quarter_of_an_hour_to_thirty_days(
    store: Any, check: int, now: datetime
) -> None:
    ages = [timedelta(minutes=1), timedelta(hours=5), timedelta(days=3), timedelta(days=20)]
    rows = [timed(check, now - age, 1000 * n) for n, age in enumerate(ages, 1)]
    rows += [timed(check, now - timedelta(days=20), 5, "down")]
    async with store.client() as client:
        await put(client, *rows)
        found = await results.windows(client, check, now)
        exact = await results.window_exact(client, check, now - timedelta(days=90))

    assert {name: w.results for name, w in found.items()} == {"now": 1, "24h": 2, "7d": 3, "30d": 5}
    assert found["now"] == Window(1, 100.0, 1000, 1000, 1000)
    assert found["30d"].percent == exact.percent == 80.0
    assert (exact.results, exact.p50_us) == (5, 3000)


async def test_a_check_without_results_has_empty_windows(store: Any, now: datetime) -> None:
    async with store.client() as client:
        found = await results.windows(client, 888_888, now)

    assert set(found.values()) == {Window(0, None, None, None, None)}


async def test_sparks_of_many_checks_are_one_query(
    store: Any, check: int, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    hour = now.replace(minute=0, second=0)
    other = next(_next_check)
    rows = [timed(check, hour - timedelta(hours=n), 1000 * (n + 1)) for n in range(30)]
    rows += [timed(other, hour - timedelta(hours=3), 7000, "down")]
    asked = 0
    async with store.client() as client:
        await put(client, *rows)
        query: Callable[..., Any] = client.query

        async def counted(*arguments: Any) -> Any:
            nonlocal asked
            asked += 1
            return await query(*arguments)

        monkeypatch.setattr(client, "query", counted)
        lines = await results.sparks(client, [check, other], now)

    assert asked == 1
    assert lines[check] == pytest.approx([1000 * (n + 1) for n in reversed(range(24))], rel=0.01)
    assert lines[other] == [None] * 24


async def test_nothing_is_asked_about_no_checks(store: Any, now: datetime) -> None:
    client = LakeClient("http+unix:///nowhere")

    assert await results.uptime(client, [], 90, now) == {}
    assert await results.sparks(client, [], now) == {}


async def test_limits_hold_whatever_is_asked(store: Any, check: int, now: datetime) -> None:
    many = list(range(10_000, 10_000 + 3 * results.MAX_CHECKS))
    async with store.client() as client:
        strips = await results.uptime(client, many, 10_000, now)
        found = await results.series(client, check, now - timedelta(days=90), now, 10**6)
        rows = await asyncio.gather(*(results.newest(client, check, 10**9) for _ in range(3)))

    assert len(strips) == results.MAX_CHECKS
    assert len(found) <= results.MAX_BUCKETS
    assert rows == [[], [], []]
