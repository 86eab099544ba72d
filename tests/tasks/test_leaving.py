"""What tasks keep of a person who asks, and of one who has left."""

from bongsu.accounts import store_leaving
from bongsu.tasks import leaving, service, views
from bongsu.tasks.inputs import SaveView, TaskChange
from tests.people import CLOCK
from tests.tasks.support import world_of


async def _work(world):
    await world.task("Bens and Adas", assignees=[world.ada.id, world.ben.id])
    await world.task("done by Ben", assignees=[world.ben.id], status="done")
    await world.task("nothing of his")
    await world.task("watched", watchers=[world.ben.id])
    async with world.db.write() as tx:
        await views.save(tx, world.ben, SaveView(name="Own", query="due=late"), CLOCK)
        await views.save(
            tx, world.ben, SaveView(name="Shared", query="due=late", shared_with="TSK"), CLOCK
        )


async def test_one_gets_everything_that_is_ones_own(db):
    async with db() as database:
        world = await world_of(database)
        await _work(world)

        async with database.read() as tx:
            found = await leaving.export(tx, world.ben.id)

        assert ["Bens and Adas", "done by Ben"] == [one["title"] for one in found["tasks"]]
        assert ["TSK-4"] == found["watched"]
        assert [{"key": "TSK", "title": "Shop", "role": "member"}] == found["projects"]
        assert ["Own", "Shared"] == [one["name"] for one in found["views"]]


async def test_who_leaves_has_no_open_task_any_more_and_those_who_watch_are_told(db):
    async with db() as database:
        world = await world_of(database)
        await _work(world)

        async with database.write() as tx:
            await leaving.forget(tx, world.ben.id, CLOCK)
            await store_leaving.erase(tx, world.ben.id, CLOCK.now())

        async with database.read() as tx:
            one, _ = await service.get(tx, world.ada, "TSK-1")
            done, _ = await service.get(tx, world.ada, "TSK-2")
            watched, _ = await service.get(tx, world.ada, "TSK-4")
            shared = [view.name for view in await views.seen(tx, world.ada)]
        assert ["Ada"] == [who.name for who in one.assignees]
        assert ["Deleted person"] == [who.name for who in done.assignees]
        assert () == watched.watchers
        assert ["Shared"] == shared
        told = [event for event in await world.events("task/1") if event.type == "task.assigned"]
        assert [{"id": world.ben.id, "name": "Deleted person"}] == [
            who for who in told[0].data["before"]["assignees"] if who["id"] == world.ben.id
        ]
        assert told[0].data["by"] is None


async def test_a_save_that_was_under_way_is_not_lost_by_a_leaving(db):
    async with db() as database:
        world = await world_of(database)
        await _work(world)
        async with database.write() as tx:
            await leaving.forget(tx, world.ben.id, CLOCK)

        async with database.write() as tx:
            after = await service.change(
                tx, world.ada, "TSK-1", TaskChange(title="new", version=1), CLOCK
            )

        assert "new" == after.title
