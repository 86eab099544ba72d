import asyncio
from itertools import pairwise

import pytest

from bongsu.kit.errors import BongsuError, Conflict, Invalid, NotAllowed, NotFound
from bongsu.tasks import links, service, store, watching
from bongsu.tasks.inputs import LinkTo, Move, NewTask, TaskChange
from bongsu.tasks.model import TIGHT
from tests.people import CLOCK
from tests.tasks.support import world_of


async def _change(world, actor, key, **said):
    async with world.db.write() as tx:
        return await service.change(tx, actor, key, TaskChange(**said), CLOCK)


async def _move(world, actor, key, **said):
    async with world.db.write() as tx:
        return await service.move(tx, actor, key, Move(**said), CLOCK)


async def _order(world, column):
    async with world.db.read() as tx:
        from bongsu.tasks import store_lists
        from bongsu.tasks.query import Query

        found = await store_lists.cards(
            tx, Query(), world.project.id, me=1, now=CLOCK.now(), limits={column.id: 50}
        )
    return [task.title for task in found[column.id]]


async def test_a_new_task_waits_and_is_one_event_with_everything_that_was_said(db):
    async with db() as database:
        world = await world_of(database)

        made = await world.task(
            assignees=[world.ben.id], labels=["tls"], due="2026-11-30 14:00", priority=4
        )

        assert ("TSK-1", "waiting", "Waiting") == (made.key, made.status, made.column)
        (event,) = await world.events(made.subject)
        assert "task.created" == event.type
        assert event.data["after"]["assignees"] == [{"id": world.ben.id, "name": "Ben"}]
        assert event.data["after"]["due"] == "2026-11-30 14:00"
        assert event.data["due_zone"] == {"before": None, "after": "UTC"}
        assert event.data["task"]["key"] == "TSK-1"
        assert "description" not in event.data["after"]


async def test_numbers_are_never_given_twice(db):
    async with db() as database:
        world = await world_of(database)

        made = await asyncio.gather(*(world.task(f"Task {n}") for n in range(8)))

        assert set(range(1, 9)) == {one.number for one in made}


async def test_one_save_is_one_event_named_by_its_most_telling_change(db):
    async with db() as database:
        world = await world_of(database)
        made = await world.task()

        await _change(
            world,
            world.ben,
            made.key,
            title="Pin it",
            status="in_progress",
            assignees=[world.ben.id],
        )

        event = (await world.events(made.subject))[-1]
        assert "task.status_changed" == event.type
        assert {"title", "status", "column", "assignees"} == set(event.data["changed"])
        assert ("waiting", "in_progress") == (
            event.data["before"]["status"],
            event.data["after"]["status"],
        )
        assert "Pin the client" == event.data["before"]["title"]
        assert f"user/{world.ben.id}" == event.actor


async def test_a_save_that_changes_nothing_leaves_no_trace(db):
    async with db() as database:
        world = await world_of(database)
        made = await world.task(labels=["a"])

        again = await _change(
            world, world.ben, made.key, title=made.title, labels=["a"], priority=2
        )

        assert made.version == again.version
        assert 1 == len(await world.events(made.subject))


async def test_of_two_that_move_a_card_apart_one_wins_and_the_other_hears_who_and_where(db):
    async with db() as database:
        world = await world_of(database)
        made = await world.task()

        results = await asyncio.gather(
            _move(world, world.ada, made.key, column="In progress", version=1),
            _move(world, world.ben, made.key, column="Done", version=1),
            return_exceptions=True,
        )

        lost = [one for one in results if isinstance(one, Conflict)]
        won = [one for one in results if not isinstance(one, BaseException)]
        assert 1 == len(lost) == len(won)
        winner = "Ada" if won[0].status == "in_progress" else "Ben"
        assert f"{winner} moved TSK-1 to {won[0].column}" in str(lost[0])
        assert 2 == len(await world.events(made.subject))


async def test_a_text_that_somebody_changed_meanwhile_is_not_overwritten(db):
    async with db() as database:
        world = await world_of(database)
        made = await world.task()
        await _change(world, world.ben, made.key, description="Ben’s words", version=1)

        with pytest.raises(Conflict, match="Ben changed the text of TSK-1"):
            await _change(world, world.ada, made.key, description="Ada’s words", version=1)

        async with database.read() as tx:
            assert "Ben’s words" == (await store.by_id(tx, made.id)).description


async def test_changes_of_different_things_do_not_stand_in_each_others_way(db):
    async with db() as database:
        world = await world_of(database)
        made = await world.task()
        await _change(world, world.ben, made.key, description="Ben’s words", version=1)

        after = await _change(world, world.ada, made.key, priority=4, status="done", version=1)

        assert ("done", 4, "Ben’s words") == (after.status, after.priority, after.description)


async def test_cards_stand_where_they_were_put(db):
    async with db() as database:
        world = await world_of(database)
        for title in ("one", "two", "three"):
            await world.task(title)
        waiting = world.project.columns[0]

        await _move(world, world.ben, "TSK-3", column=waiting.id, after="TSK-1")
        assert ["one", "three", "two"] == await _order(world, waiting)

        await _move(world, world.ben, "TSK-2", column=waiting.id, after=None)
        assert ["two", "one", "three"] == await _order(world, waiting)
        assert ["task.created", "task.reordered"] == [e.type for e in await world.events("task/2")]


async def test_a_column_that_has_become_tight_is_spread(db):
    async with db() as database:
        world = await world_of(database)
        for title in ("one", "two", "three"):
            await world.task(title)
        waiting = world.project.columns[0]

        for _ in range(40):
            await _move(world, world.ben, "TSK-3", column=waiting.id, after="TSK-1")
            await _move(world, world.ben, "TSK-2", column=waiting.id, after="TSK-1")

        assert ["one", "two", "three"] == await _order(world, waiting)
        async with database.read() as tx:
            places = [(await store.by_key(tx, "TSK", n)).position for n in (1, 2, 3)]
        assert sorted(places) == places
        assert TIGHT < min(b - a for a, b in pairwise(places))


async def test_a_card_is_not_put_under_one_that_has_left(db):
    async with db() as database:
        world = await world_of(database)
        one, two = await world.task("one"), await world.task("two")
        await _change(world, world.ben, one.key, status="done")

        with pytest.raises(Conflict, match="TSK-1 is no longer in Waiting"):
            await _move(world, world.ben, two.key, column="Waiting", after=one.key)


@pytest.mark.parametrize(
    ("who", "error"), [("cho", NotAllowed), ("sam", NotFound)], ids=["viewer", "stranger"]
)
async def test_only_members_change_and_a_stranger_sees_nothing(db, who, error):
    async with db() as database:
        world = await world_of(database)
        made = await world.task()
        actor = getattr(world, who)

        for attempt in (
            _change(world, actor, made.key, title="Mine"),
            _move(world, actor, made.key, column="Done"),
        ):
            with pytest.raises(error):
                await attempt
        async with database.write() as tx:
            with pytest.raises(error):
                await service.delete(tx, actor, made.key, CLOCK)
            with pytest.raises(error):
                await service.create(tx, actor, NewTask(project="TSK", title="x"), CLOCK)
        assert 1 == len(await world.events(made.subject))


async def test_a_stranger_hears_of_a_task_what_one_hears_of_none(db):
    async with db() as database:
        world = await world_of(database)
        made = await world.task()

        said = []
        for key in (made.key, "TSK-999", "NONE-1", "-", "TSK-1.5"):
            async with database.read() as tx:
                with pytest.raises(NotFound) as caught:
                    await service.get(tx, world.sam, key)
            said.append(caught.value.said.text)

        assert 1 == len(set(said))


async def test_an_administrator_manages_every_project(db):
    async with db() as database:
        world = await world_of(database)
        made = await world.task()

        assert "done" == (await _change(world, world.root, made.key, status="done")).status


async def test_who_cannot_see_the_project_cannot_be_assigned(db):
    async with db() as database:
        world = await world_of(database)

        with pytest.raises(Invalid) as caught:
            await world.task(assignees=[world.sam.id])

        assert "assignees" == caught.value.problems[0].where


async def test_a_deleted_task_is_gone_until_it_is_taken_back(db):
    async with db() as database:
        world = await world_of(database)
        made = await world.task(due="2026-11-30")
        async with database.write() as tx:
            await service.delete(tx, world.ben, made.key, CLOCK)
        async with database.read() as tx:
            with pytest.raises(NotFound):
                await service.get(tx, world.ada, made.key)

        async with database.write() as tx:
            back = await service.restore(tx, world.ben, made.key, CLOCK)

        assert made.title == back.title
        types = [event.type for event in await world.events(made.subject)]
        assert ["task.created", "task.deleted", "task.restored"] == types


async def test_done_remembers_when_and_forgets_it_again(db):
    async with db() as database:
        world = await world_of(database)
        made = await world.task()

        done = await _change(world, world.ben, made.key, status="done")
        again = await _change(world, world.ben, made.key, status="in_progress")

        assert CLOCK.now() == done.done_at
        assert again.done_at is None


async def test_a_point_is_ticked_by_its_text(db):
    async with db() as database:
        world = await world_of(database)
        made = await world.task(checklist=[{"text": "read"}, {"text": "write"}])

        async with database.write() as tx:
            after = await service.check(tx, world.ben, made.key, "write", done=True, clock=CLOCK)

        assert (("read", False), ("write", True)) == after.checklist
        async with database.write() as tx:
            with pytest.raises(Conflict):
                await service.check(tx, world.ben, made.key, "gone", done=True, clock=CLOCK)


async def test_links_are_made_once_and_only_to_what_one_sees(db):
    async with db() as database:
        world = await world_of(database)
        one, two = await world.task("one"), await world.task("two")

        async with database.write() as tx:
            linked = await links.link(
                tx, world.ben, one.key, LinkTo(kind="blocks", target=two.key), CLOCK
            )
        assert [("blocks", two.subject)] == [(link.kind, link.target) for link in linked.links]
        for target, error in ((two.key, Conflict), ("TSK-77", Invalid)):
            async with database.write() as tx:
                with pytest.raises(error):
                    await links.link(
                        tx, world.ben, one.key, LinkTo(kind="blocks", target=target), CLOCK
                    )
        async with database.read() as tx:
            assert [one.key] == [t.key for t in await links.linked_to(tx, world.cho, two.subject)]
            assert [] == await links.linked_to(tx, world.sam, two.subject)


async def test_whoever_sees_a_task_may_watch_it(db):
    async with db() as database:
        world = await world_of(database)
        made = await world.task()

        async with database.write() as tx:
            watched = await watching.watch(tx, world.cho, made.key, on=True, clock=CLOCK)
            assert ["Cho"] == [one.name for one in watched.watchers]
            left = await watching.watch(tx, world.cho, made.key, on=False, clock=CLOCK)
            assert () == left.watchers
            with pytest.raises(BongsuError):
                await watching.watch(tx, world.sam, made.key, on=True, clock=CLOCK)
