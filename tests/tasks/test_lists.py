"""Which tasks a list shows, in which order, and in how many queries."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bongsu.tasks import bulk, links, projects, service, store_lists, watching
from bongsu.tasks.inputs import Bulk, LinkTo, NewProject, TaskChange
from bongsu.tasks.query import Query, read
from tests.people import CLOCK
from tests.tasks.support import statements, world_of

SEOUL = CLOCK.now().astimezone(ZoneInfo("Asia/Seoul"))  # 18:00 on 21 November


async def _keys(world, now=None, me=None, ids=None, **words):
    async with world.db.read() as tx:
        found = await store_lists.listed(
            tx,
            read(words),
            [world.project.id] if ids is None else ids,
            me=me or world.ben.id,
            now=now or CLOCK.now(),
        )
        count = await store_lists.count(
            tx,
            read(words),
            [world.project.id] if ids is None else ids,
            me=me or world.ben.id,
            now=now or CLOCK.now(),
        )
    assert len(found) == count
    return [one.number for one in found]


async def _three(world):
    """1: Ben's, urgent, tls; 2: nobody's, done; 3: Ada's and Ben's, watched by Cho."""
    await world.task(
        "Pin the client", assignees=[world.ben.id], priority=4, labels=["tls"], status="waiting"
    )
    await world.task(
        "Write it up", description="The **outage** of 3 November", status="done", due="2026-11-21"
    )
    await world.task(
        "결제 100% 확인",
        assignees=[world.ada.id, world.ben.id],
        watchers=[world.cho.id],
        due="2026-11-22",
    )


async def test_every_filter_narrows_the_list(db):
    async with db() as database:
        world = await world_of(database)
        await _three(world)
        async with database.write() as tx:
            await links.link(
                tx, world.ada, "TSK-1", LinkTo(target="incident/12", kind="from"), CLOCK
            )
        done = world.project.columns[2].id

        expected = {
            (("assignee", "me"),): [3, 1],
            (("assignee", str(world.ada.id)),): [3],
            (("assignee", "nobody"),): [2],
            (("watcher", str(world.cho.id)),): [3],
            (("watcher", "nobody"),): [2, 1],
            (("creator", str(world.ada.id)),): [3, 2, 1],
            (("creator", "me"),): [],
            (("creator", "nobody"),): [],
            (("status", "open"),): [3, 1],
            (("status", "done"),): [2],
            (("status", "all"),): [3, 2, 1],
            (("column", str(done)),): [2],
            (("label", "tls"),): [1],
            (("label", "t_s"),): [],
            (("priority", "4"),): [1],
            (("incident", "12"),): [1],
            (("incident", "any"),): [1],
            (("incident", "13"),): [],
            (("q", "client pin"),): [1],
            (("q", "OUTAGE"),): [2],
            (("q", "tsk-3"),): [3],
            (("q", "100%"),): [3],
            (("q", "결제"),): [3],
            (("q", "none of it"),): [],
            (("assignee", "me"), ("priority", "4"), ("status", "open")): [1],
        }
        for words, numbers in expected.items():
            assert numbers == await _keys(world, **dict(words)), words


async def test_days_are_those_of_whoever_asks(db):
    """At 23:30 of the 21st in Seoul it is the 21st in London and the 21st in Seoul; an hour later no longer."""
    async with db() as database:
        world = await world_of(database)
        for day in ("2026-11-20", "2026-11-21", "2026-11-22", "2026-11-28"):
            await world.task(day, due=day)
        await world.task("no day")
        later = SEOUL + timedelta(hours=6, minutes=30)  # 00:30 of the 22nd in Seoul

        assert [2] == await _keys(world, SEOUL, due="today")
        assert [3] == await _keys(world, later, due="today")
        assert [2] == await _keys(world, later.astimezone(ZoneInfo("UTC")), due="today")
        assert [3, 2] == await _keys(world, SEOUL, due="week")
        assert [4, 3] == await _keys(world, later, due="week")
        assert [1] == await _keys(world, SEOUL, due="late")
        assert [5] == await _keys(world, SEOUL, due="none")


async def test_what_is_done_is_neither_late_nor_due(db):
    async with db() as database:
        world = await world_of(database)
        await world.task("done", due="2026-11-20", status="done")
        await world.task("done", due="2026-11-21", status="done")

        assert [] == [*await _keys(world, due="late"), *await _keys(world, due="today")]


@pytest.mark.parametrize(
    ("sort", "numbers"),
    [
        ("", [4, 3, 2, 1]),
        ("-updated", [1, 2, 3, 4]),
        ("created", [4, 3, 2, 1]),
        ("-created", [1, 2, 3, 4]),
        ("due", [2, 1, 4, 3]),
        ("-due", [1, 2, 4, 3]),
        ("priority", [3, 4, 2, 1]),
        ("-priority", [4, 2, 1, 3]),
        ("number", [1, 2, 3, 4]),
        ("-number", [4, 3, 2, 1]),
        ("title", [3, 1, 2, 4]),
        ("-title", [4, 2, 1, 3]),
    ],
)
async def test_a_list_is_sorted_by_what_was_asked_for(db, sort, numbers):
    """What has no day stands at the end either way; capital letters make no difference."""
    async with db() as database:
        world = await world_of(database)
        for title, due, priority in (
            ("banana", "2026-12-02", 2),
            ("Cherry", "2026-12-01", 2),
            ("Apple", None, 4),
            ("date", None, 2),
        ):
            await world.task(title, due=due, priority=priority)
            CLOCK.advance(1)

        assert numbers == await _keys(world, sort=sort)


async def test_pages_follow_each_other_without_a_gap(db):
    async with db() as database:
        world = await world_of(database)
        for n in range(7):
            await world.task(f"task {n}")
        seen = []
        for offset in (0, 3, 6):
            async with database.read() as tx:
                page = await store_lists.listed(
                    tx,
                    Query(sort="number"),
                    [world.project.id],
                    me=1,
                    now=CLOCK.now(),
                    offset=offset,
                    limit=3,
                )
            seen += [one.number for one in page]

        assert [1, 2, 3, 4, 5, 6, 7] == seen


async def test_what_was_deleted_and_what_is_in_no_project_of_yours_is_not_there(db):
    async with db() as database:
        world = await world_of(database)
        await _three(world)
        async with database.write() as tx:
            await service.delete(tx, world.ada, "TSK-2", CLOCK)

        assert [3, 1] == await _keys(world)
        assert [] == await _keys(world, ids=[])


async def test_projects_are_counted_by_what_is_open_and_labels_by_their_tasks(db):
    async with db() as database:
        world = await world_of(database)
        await _three(world)
        async with database.write() as tx:
            await projects.create(tx, world.ada, NewProject(key="TWO", title="Two"), CLOCK)
            two = (await projects.get(tx, world.ada, "TWO")).project
        async with database.read() as tx:
            one = (await projects.get(tx, world.ada, "TSK")).project
            counts = await store_lists.open_counts(tx, [one.id, two.id])
            labels = await store_lists.label_counts(tx, one.id)
            nothing = await store_lists.open_counts(tx, [])

        assert {one.id: 2} == counts
        assert {one.labels[0].id: 1} == labels
        assert {} == nothing


async def test_the_palette_finds_the_key_first_then_what_is_open(db):
    async with db() as database:
        world = await world_of(database)
        await world.task("Pin TSK-3 later", status="done")
        await world.task("Pin the client")
        await world.task("Write it up")

        async def found(words, limit=5):
            async with database.read() as tx:
                return [
                    one.number
                    for one in await store_lists.found(tx, words, [world.project.id], limit)
                ]

        assert [3, 1] == await found("tsk-3")
        assert [2, 1] == await found("pin")
        assert [2] == await found("pin", 1)
        assert [] == await found("nothing-9")
        async with database.read() as tx:
            assert [] == await store_lists.found(tx, "pin", [], 5)


async def test_a_list_costs_the_same_number_of_queries_whatever_its_length(db):
    async with db() as database:
        world = await world_of(database)
        for n in range(3):
            await world.task(f"t{n}", labels=["a"], assignees=[world.ben.id])

        async def cost():
            with statements(database) as queries:
                await _keys(world, label="a", assignee="me", q="t", sort="due")
            return len(queries)

        few = await cost()
        for n in range(30):
            await world.task(
                f"t{n}", labels=["a", "b"], assignees=[world.ben.id], watchers=[world.cho.id]
            )

        assert few == await cost() == 6  # the list, four things that hang on it, the count


# --- one change to many


async def test_one_refusal_stops_no_other(db):
    async with db() as database:
        world = await world_of(database)
        await _three(world)
        form = Bulk(
            tasks=["TSK-1", "TSK-99", "TSK-3", "TSK-1"], status="done", add_labels=["tls", "new"]
        )

        async with database.write() as tx:
            done = await bulk.change(tx, world.ben, form, CLOCK)

        assert ("TSK-1", "TSK-3") == done.done
        assert [("TSK-99", "There is no task TSK-99")] == [
            (key, str(why)[:23]) for key, why in done.refused
        ]
        async with database.read() as tx:
            one, _ = await service.get(tx, world.ben, "TSK-1")
        assert ("done", ("new", "tls")) == (one.status, one.labels)


async def test_people_and_labels_are_added_and_a_day_can_be_taken_away(db):
    async with db() as database:
        world = await world_of(database)
        await _three(world)

        async with database.write() as tx:
            form = Bulk(tasks=["TSK-3"], assign=[world.cho.id], unassign=[world.ada.id], due=None)
            await bulk.change(tx, world.ben, form, CLOCK)
            three, _ = await service.get(tx, world.ben, "TSK-3")

        assert ["Ben", "Cho"] == [one.name for one in three.assignees]
        assert three.due is None


async def test_many_are_deleted_and_taken_back(db):
    async with db() as database:
        world = await world_of(database)
        await _three(world)

        async with database.write() as tx:
            await bulk.change(tx, world.ben, Bulk(tasks=["TSK-1", "TSK-2"], delete=True), CLOCK)
        assert [3] == await _keys(world)
        async with database.write() as tx:
            await bulk.change(tx, world.ben, Bulk(tasks=["TSK-1", "TSK-2"], restore=True), CLOCK)

        assert {1, 2, 3} == set(await _keys(world))


async def test_who_may_only_look_is_refused_for_each(db):
    async with db() as database:
        world = await world_of(database)
        await _three(world)

        async with database.write() as tx:
            done = await bulk.change(
                tx, world.cho, Bulk(tasks=["TSK-1", "TSK-2"], delete=True), CLOCK
            )

        assert ((), 2) == (done.done, len(done.refused))
        assert 3 == len(await _keys(world))


async def test_a_new_day_with_a_task_that_comes_back_is_reminded_of(db):
    """A reopened task with a new day once kept the reminder of the old one."""
    async with db() as database:
        world = await world_of(database)
        await world.task("done", due="2026-11-01", status="done")

        async with database.write() as tx:
            form = TaskChange(status="waiting", due="2026-12-01")
            await service.change(tx, world.ben, "TSK-1", form, CLOCK)
        async with database.read() as tx:
            from bongsu.tasks import store

            assert datetime(
                2026, 11, 30, 9, 0, tzinfo=ZoneInfo("UTC")
            ) == await store.next_reminder(tx)


async def test_watching_moves_a_task_into_the_list_of_what_one_watches(db):
    async with db() as database:
        world = await world_of(database)
        await world.task("one")

        async with database.write() as tx:
            await watching.watch(tx, world.cho, "TSK-1", on=True, clock=CLOCK)

        assert [1] == await _keys(world, me=world.cho.id, watcher="me")
