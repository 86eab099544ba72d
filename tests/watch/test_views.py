from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from bongsu.db.session import Database
from bongsu.kit.clock import ManualClock
from bongsu.kit.errors import NotFound
from bongsu.kit.i18n import catalogue, say
from bongsu.services.model import Service
from bongsu.watch import store_pages, store_states, views
from bongsu.watch.combine import Seen
from bongsu.watch.service_view import service_view
from bongsu.watch.store_pages import Brief, Look, Wall
from tests.watch.world import fill, register

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def a_service(number: int, title: str, group: str = "") -> Service:
    return Service(number, title.lower(), title, group, "", (), (), ("team",), None)


def brief(service_id: int, state: str | None, n: int = 1, **values) -> Brief:
    since = None if state is None else NOW - timedelta(minutes=n)
    reason = say("Reason {n}.", n=n) if state not in {None, "up"} else None
    defaults = {"paused": False}
    return Brief(
        n,
        service_id,
        f"check-{n}",
        "http",
        state=state,
        since=since,
        reason=reason,
        **(defaults | values),
    )


def wall(*states: str, **paused) -> Wall:
    """One service a word, one check a letter: u d g ? - (never looked at)."""
    names = {"u": "up", "d": "down", "g": "degraded", "?": "unknown", "-": None}
    titles = ["Alpha", "Bravo", "Charlie", "Delta", "Echo"]
    services = [a_service(n, titles[n]) for n in range(len(states))]
    checks = [
        brief(n, names[letter], 10 * n + i, paused=bool(paused.get(titles[n].lower())))
        for n, word in enumerate(states)
        for i, letter in enumerate(word)
    ]
    return Wall(services, checks, {"here": NOW})


@pytest.mark.parametrize(
    ("states", "sentence"),
    [
        ([], "There is nothing to watch yet"),
        (["-"], "Nothing was looked at yet"),
        ([""], "Nothing was looked at yet"),
        (["u", "uu"], "All is well"),
        (["du", "u"], "Alpha is down"),
        (["d", "d", "u"], "2 services are down"),
        (["d", "g", "u"], "Alpha is down; Bravo is degraded"),
        (["d", "g", "g"], "Alpha is down; 2 services are degraded"),
        (["d", "d", "g"], "2 services are down; Charlie is degraded"),
        (["d", "d", "g", "g"], "2 services are down; 2 are degraded"),
        (["g"], "Alpha is degraded"),
        (["g", "g", "?"], "2 services are degraded"),
        (["?", "u"], "Alpha cannot be seen"),
        (["?", "?"], "2 services cannot be seen"),
        (["d", "?"], "Alpha is down"),
    ],
)
def test_the_wall_in_one_sentence(states, sentence):
    said = views.wall_view(wall(*states), NOW).sentence

    assert str(said) == sentence
    assert said.text in catalogue("ko")


def test_paused_services_keep_quiet_but_are_shown():
    view = views.wall_view(wall("d", "u", alpha=True), NOW)

    assert str(view.sentence) == "All is well"
    assert (view.state, view.severity, view.worst_since) == ("up", 1, None)
    paused = view.groups[0].services[-1]
    assert (paused.title, paused.totals.overlay, paused.state) == ("Alpha", "paused", "down")


def test_what_is_worst_comes_first_and_of_that_the_oldest():
    view = views.wall_view(wall("u", "g", "d", "d", "-"), NOW)

    assert [row.title for row in view.groups[0].services] == [
        "Delta",
        "Charlie",
        "Bravo",
        "Alpha",
        "Echo",
    ]
    assert [row.title for row in view.trouble] == ["Delta", "Charlie", "Bravo"]
    assert view.worst_since == NOW - timedelta(minutes=30)
    assert (view.state, view.severity) == ("down", 4)
    assert view.counts == {"down": 2, "degraded": 1, "unknown": 1, "up": 1}
    assert view.checks == 5


def test_groups_stand_by_their_worst_service():
    services = [
        a_service(1, "A", "Calm"),
        a_service(2, "B", "Trouble"),
        a_service(3, "C", "Also calm"),
    ]
    checks = [brief(1, "up"), brief(2, "down"), brief(3, "up")]

    groups = views.wall_view(Wall(services, checks, {}), NOW).groups

    assert [(group.title, group.state) for group in groups] == [
        ("Trouble", "down"), ("Also calm", "up"), ("Calm", "up"),
    ]  # fmt: skip
    assert groups[0].counts == {"down": 1}


def test_a_service_says_how_many_of_its_checks_fail_and_why_the_first_does():
    view = views.wall_view(wall("ddu", "gg", "??", "d"), NOW)
    reasons = {row.title: str(row.totals.reason) for row in view.groups[0].services}

    assert reasons["Alpha"] == "2 of 3 checks fail. check-1: Reason 1."
    assert reasons["Bravo"].startswith("2 of 2 checks are degraded. check-11:")
    assert reasons["Charlie"].startswith("2 of 2 checks cannot be judged.")
    assert reasons["Delta"] == "Reason 30."


def test_since_is_when_the_trouble_began_and_when_all_became_well():
    rows = {r.title: r for r in views.wall_view(wall("ddu", "uu"), NOW).groups[0].services}

    assert rows["Alpha"].totals.since == NOW - timedelta(minutes=1)
    assert rows["Bravo"].totals.since == NOW - timedelta(minutes=10)


def test_the_slowest_answer_of_a_service_is_shown():
    checks = [brief(1, "up", 1), brief(1, "up", 2), brief(1, "up", 3)]
    looks = {1: Look("up", 12.5, 1.0), 2: Look("up", 80.0, 1.0)}
    view = views.wall_view(Wall([a_service(1, "A")], checks, {}, looks), NOW)

    assert view.groups[0].services[0].slowest_ms == 80.0


def test_a_location_that_says_nothing_is_named():
    seen = {"here": NOW, "busan": NOW - timedelta(seconds=16)}

    assert views.wall_view(Wall([], [], seen), NOW).silent == {"busan": seen["busan"]}


async def queries(database: Database, read) -> int:
    """How many statements a reading sends."""
    sent: list[str] = []
    engine = database._reader.sync_engine
    sa.event.listen(engine, "before_cursor_execute", lambda _c, _k, sql, *_: sent.append(sql))
    async with database.read() as tx:
        await read(tx)
    return sum(sql.startswith("SELECT") for sql in sent)


async def test_the_wall_and_a_service_are_read_with_a_fixed_number_of_queries(db):
    async with db() as database:
        await fill(database, 1, 2)
        small = await queries(database, store_pages.read_wall)
        page = await queries(database, lambda tx: store_pages.read_service(tx, "s0"))
        for number in range(20):
            await register(database, f"x{number}", owner=f"more-{number % 5}")
            await register(database, f"y{number}", owner="s0")
        assert await queries(database, store_pages.read_wall) == small == 4
        assert await queries(database, lambda tx: store_pages.read_service(tx, "s0")) == page == 6


def test_a_long_wall_is_shortened_to_its_worst_and_some_of_each_group():
    services = [a_service(n, f"S{n}", group="ab"[n % 2]) for n in range(40)]
    checks = [brief(n, "down" if n in {3, 5, 7} else "up", n) for n in range(40)]
    groups = views.wall_view(Wall(services, checks, {}), NOW).groups

    short = views.shortened(groups, 13)

    assert [(one.title, len(one.services), one.more) for one in short] == [
        ("b", 8, 12),
        ("a", 5, 15),
    ]
    assert {row.name for row in short[0].services} >= {"s3", "s5", "s7"}
    assert views.shortened(groups, 40) == list(groups)


async def test_a_service_page_has_each_check_with_its_look_and_its_locations(db):
    clock = ManualClock()
    async with db() as database:
        values = {"tcp": "a.example.com:1", "paused": True}
        well, bad = await register(database, "well", values), await register(database, "bad")
        await register(database, "new")
        async with database.write() as tx:
            found = await store_states.known(tx, {well.id: well, bad.id: bad}, "")
            for one, state in ((found[well.id], "up"), (found[bad.id], "down")):
                one.changed = True
                one.state, one.since, one.evidence = state, clock.now(), "evidence/x"
                one.reason = say("Because.").stored()
                one.seen["here"] = Seen("here", state, clock.now(), clock.now())
            await store_states.save_states(tx, list(found.values()))
            await store_states.save_location_states(tx, "here", list(found.values()))
            body = store_states.pack([[bad.id, "down", None, 5.0], [well.id, "up", 2.5, 6.0]])
            await store_states.save_snapshot(tx, "here", clock.now(), 1, body)
            await store_states.save_snapshot(
                tx, "busan", clock.now(), 1, store_states.pack([[well.id, "up", 9.0, 7.0]])
            )
        async with database.read() as tx:
            view = service_view(await store_pages.read_service(tx, "shop"), clock.now())
            one = await store_pages.read_check(tx, "shop", "bad")
            assert await store_pages.read_check(tx, "shop", "gone") is None
            with pytest.raises(NotFound):
                await store_pages.read_service(tx, "gone")
            state = await store_pages.state_shown(tx, bad)

    assert [(row.name, row.state) for row in view.checks] == [
        ("bad", "down"),
        ("well", "up"),
        ("new", None),
    ]
    bad_row, well_row, new_row = view.checks
    assert (bad_row.last_ms, bad_row.last_at_s, bad_row.evidence) == (None, 5.0, "evidence/x")
    assert (well_row.last_ms, well_row.overlay, well_row.target) == (
        9.0,
        "paused",
        "a.example.com:1",
    )
    assert well_row.locations == {"here": "up"}
    assert new_row.reason == views.NOT_YET
    assert (view.totals.state, view.totals.counts) == ("down", {"down": 1, "unknown": 1, "up": 1})
    assert one.check.name == "bad"
    assert (state["state"], state["locations"]) == ("down", {"here": "down"})
