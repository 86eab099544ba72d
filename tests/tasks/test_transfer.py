import json
from dataclasses import replace

import pytest

from bongsu.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from bongsu.tasks import projects, service, store_lists, transfer
from bongsu.tasks.inputs import NewProject, ProjectChange
from bongsu.tasks.query import Query
from tests.people import CLOCK
from tests.tasks.support import world_of

FILE = (
    "title,description,column,assignees,priority,labels,due,checklist\n"
    'Pin the client,"**now**, ""really""",In progress,ben@example.com,4,"tls;""a, b""",2026-11-30 14:00,'
    '"[x] read\n[ ] write"\n'
    "=1+1,'quoted,Waiting,,,,,\n"
)


async def _all(world, key="TSK"):
    async with world.db.read() as tx:
        one = (await projects.get(tx, world.root, key)).project
        return await store_lists.everything(tx, one.id, 0, 500)


async def _said(world, key):
    left_out = {"links", "project"}
    return [
        {k: v for k, v in one.fields().items() if k not in left_out}
        for one in await _all(world, key)
    ]


async def _text(pages):
    return "".join([page async for page in pages])


async def test_a_file_is_taken_in_as_it_says(db):
    async with db() as database:
        world = await world_of(database)

        assert 2 == await transfer.take_in(database, world.ada, "tsk", FILE, CLOCK)

        one, two = await _all(world)
        assert ("TSK-1", "In progress", 4, "2026-11-30 14:00") == (
            one.key,
            one.column,
            one.priority,
            one.due,
        )
        assert (["Ben"], ("a, b", "tls")) == ([who.name for who in one.assignees], one.labels)
        assert (("read", True), ("write", False)) == one.checklist
        assert ("=1+1", "'quoted") == (two.title, two.description)
        assert "Ada" == two.creator.name


async def test_each_task_is_an_event_about_which_nobody_is_mailed_and_the_file_is_one(db):
    async with db() as database:
        world = await world_of(database)

        await transfer.take_in(database, world.ada, "TSK", FILE, CLOCK)

        found = [one for one in await world.events() if "imported" in one.type]
        assert ["task.imported", "task.imported", "project.imported"] == [one.type for one in found]
        assert "Pin the client" == found[0].data["after"]["title"]
        assert 2 == found[2].data["after"]["tasks"]


async def test_a_dry_run_and_a_file_with_a_mistake_write_nothing(db):
    async with db() as database:
        world = await world_of(database)
        before = len(await world.events())

        assert 2 == await transfer.take_in(database, world.ada, "TSK", FILE, CLOCK, dry_run=True)
        with pytest.raises(Invalid, match="1 place of the file is wrong") as caught:
            await transfer.take_in(
                database, world.ada, "TSK", FILE + ",,,,,,,\nx,,,zoe,,,,\n", CLOCK
            )

        assert ["line 6, assignees"] == [one.where for one in caught.value.problems]
        assert [] == await _all(world)
        assert before == len(await world.events())


async def test_an_empty_file_is_taken_in_without_a_word(db):
    async with db() as database:
        world = await world_of(database)
        before = len(await world.events())

        assert 0 == await transfer.take_in(database, world.ada, "TSK", "title\n", CLOCK)

        assert before == len(await world.events())


async def test_a_long_file_is_written_in_batches_under_what_was_there(db):
    async with db() as database:
        world = await world_of(database)
        await world.task("first")
        text = "title,labels\n" + "".join(f"task {n},l{n % 7}\n" for n in range(250))

        await transfer.take_in(database, world.ada, "TSK", text, CLOCK)

        found = await _all(world)
        assert list(range(1, 252)) == [one.number for one in found]
        assert sorted(one.position for one in found) == [one.position for one in found]
        assert 251 == len({one.position for one in found})
        async with database.read() as tx:
            assert 7 == len((await projects.get(tx, world.ada, "TSK")).project.labels)


@pytest.mark.parametrize("kind", ["csv", "json"])
async def test_what_goes_out_comes_in_again_unchanged(db, kind):
    async with db() as database:
        world = await world_of(database)
        await transfer.take_in(database, world.ada, "TSK", FILE, CLOCK)
        async with database.write() as tx:
            await projects.create(
                tx, world.ada, NewProject(key="TWO", title="Two", everyone="viewer"), CLOCK
            )
        out = await _text(getattr(transfer, f"{kind}_of")(database, world.cho, "TSK"))

        await transfer.take_in(database, world.ada, "TWO", out, CLOCK)

        assert await _said(world, "TSK") == await _said(world, "TWO")


async def test_an_export_is_whole_without_what_was_deleted(db):
    async with db() as database:
        world = await world_of(database)
        await world.task("kept")
        gone = await world.task("gone")
        async with database.write() as tx:
            await service.delete(tx, world.ada, gone.key, CLOCK)

        out = json.loads(await _text(transfer.json_of(database, world.cho, "TSK")))

        assert (["kept"], "Shop") == (
            [one["title"] for one in out["tasks"]],
            out["project"]["title"],
        )


async def test_a_name_that_two_people_share_means_nobody(db):
    async with db() as database:
        world = await world_of(database)
        async with database.read() as tx:
            names = await transfer.assignable(tx, world.project)
        assert world.ben.id == names["ben"] == names["ben@example.com"]
        assert "sam" not in names

        from tests.people import person

        other = await person(database, "Ben", "admin", email="other@example.com")
        async with database.read() as tx:
            names = await transfer.assignable(tx, world.project)
        assert "ben" not in names
        assert other.id == names["other@example.com"]


async def test_only_members_take_in_and_everybody_who_sees_it_takes_out(db):
    async with db() as database:
        world = await world_of(database)

        for who, error in ((world.cho, NotAllowed), (world.sam, NotFound)):
            with pytest.raises(error):
                await transfer.take_in(database, who, "TSK", FILE, CLOCK)
        with pytest.raises(NotFound):
            await _text(transfer.csv_of(database, world.sam, "TSK"))
        assert "title" in await _text(transfer.csv_of(database, world.cho, "TSK"))


async def test_an_archived_project_takes_nothing_in(db):
    async with db() as database:
        world = await world_of(database)
        async with database.write() as tx:
            await projects.change(tx, world.ada, "TSK", ProjectChange(archived=True), CLOCK)

        with pytest.raises(Conflict, match="archived"):
            await transfer.take_in(database, world.ben, "TSK", FILE, CLOCK)


async def test_a_list_counts_what_was_taken_in(db):
    async with db() as database:
        world = await world_of(database)
        await transfer.take_in(database, world.ada, "TSK", FILE, CLOCK)

        async with database.read() as tx:
            count = await store_lists.count(
                tx, Query(label="tls"), [world.project.id], me=world.ben.id, now=CLOCK.now()
            )
        assert 1 == count


@pytest.mark.parametrize("form", ["csv", "json"])
async def test_no_hour_moves_when_somebody_elsewhere_takes_the_file_in(db, form):
    async with db() as database:
        world = await world_of(database)
        ada = replace(world.ada, time_zone="Asia/Seoul")
        ben = replace(world.ben, time_zone="America/New_York")
        text = (
            "title,due\nHour,2026-11-30 14:00\nDay,2026-11-30\nElsewhere,2026-11-30T14:00-05:00\n"
        )
        await transfer.take_in(database, ada, "TSK", text, CLOCK)

        made = {"csv": transfer.csv_of, "json": transfer.json_of}[form]
        await transfer.take_in(database, ben, "TSK", await _text(made(database, ben, "TSK")), CLOCK)

        found = await _all(world)
        assert "2026-11-30T05:00:00+00:00" == found[0].due_at.isoformat()
        assert [one.due_at for one in (found[0], found[2])] == [
            one.due_at for one in (found[3], found[5])
        ]
        assert "2026-11-30 00:00" == found[3].due  # as Ben’s clock shows it
        assert "2026-11-30" == found[4].due


async def test_a_zone_beside_the_hour_is_read_as_older_files_have_it(db):
    async with db() as database:
        world = await world_of(database)
        text = '{"tasks": [{"title": "x", "due": "2026-11-30 14:00", "due_zone": "Asia/Seoul"}]}'

        await transfer.take_in(database, world.ada, "TSK", text, CLOCK)

        assert "2026-11-30 05:00" == (await _all(world))[0].due
