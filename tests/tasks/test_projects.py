"""Projects, members, columns, labels and saved views: the rules of each use case."""

from dataclasses import replace

import pytest

from bongsu.kit.errors import Conflict, Invalid, NotAllowed, NotFound
from bongsu.tasks import columns, projects, service, views
from bongsu.tasks.inputs import (
    ColumnChange,
    Membership,
    NewColumn,
    NewLabel,
    NewProject,
    ProjectChange,
    SaveView,
)
from tests.people import CLOCK, person
from tests.tasks.support import world_of


async def _do(world, use, *arguments):
    async with world.db.write() as tx:
        return await use(tx, *arguments, CLOCK)


async def _roles(world):
    async with world.db.read() as tx:
        return {one.name: one.role for one in await projects.members(tx, world.ada, "TSK")}


async def test_a_new_project_has_three_columns_in_its_makers_language_who_manages_it(db):
    async with db() as database:
        world = await world_of(database)
        korean = replace(world.ben, language="ko")

        made = await _do(world, projects.create, korean, NewProject(key="ops", title="운영"))

        assert ("OPS", ["대기 중", "진행 중", "완료"]) == (
            made.key,
            [one.name for one in made.columns],
        )
        async with database.read() as tx:
            (member,) = await projects.members(tx, world.ben, "OPS")
        assert ("Ben", "manager") == (member.name, member.role)
        event = (await world.events())[-1]
        assert ("project.created", world.ben.id) == (event.type, event.data["by"])


async def test_a_key_is_had_once(db):
    async with db() as database:
        world = await world_of(database)

        with pytest.raises(Conflict, match="TSK already exists"):
            await _do(world, projects.create, world.ben, NewProject(key="tsk", title="Again"))


@pytest.mark.parametrize(
    ("title", "keys"),
    [
        ("Shop front", ["SHOP", "SHOP2", "SHOP3"]),
        ("3 web", ["WEB", "WEB2", "WEB3"]),
        ("운영 도구", ["P1", "P2", "P3"]),
        ("x", ["P1", "P2", "P3"]),
        ("", ["P1", "P2", "P3"]),
    ],
)
def test_a_key_is_made_from_the_title(title, keys):
    found = projects.keys_of(title)

    assert keys == [next(found) for _ in keys]


async def test_a_free_key_is_one_that_nobody_has(db):
    async with db() as database:
        await world_of(database)
        async with database.read() as tx:
            assert "TSK2" == await projects.free_key(tx, "Tsk!")


async def test_what_is_left_out_of_a_change_stays_and_what_changed_is_told(db):
    async with db() as database:
        world = await world_of(database)

        after = await _do(
            world, projects.change, world.ada, "TSK", ProjectChange(everyone="viewer")
        )
        await _do(world, projects.change, world.ada, "TSK", ProjectChange(title="Shop"))

        assert ("Shop", "viewer") == (after.title, after.everyone)
        told = [one for one in await world.events() if one.type == "project.updated"]
        assert [["everyone"]] == [one.data["changed"] for one in told]


async def test_an_archived_project_leaves_the_list_and_takes_no_more_work(db):
    async with db() as database:
        world = await world_of(database)
        await world.task("one")

        await _do(world, projects.change, world.ada, "TSK", ProjectChange(archived=True))

        async with database.read() as tx:
            assert [] == await projects.seen(tx, world.ben)
            assert 1 == len(await projects.seen(tx, world.ben, archived=True))
            assert "one" == (await service.get(tx, world.ben, "TSK-1"))[0].title
        with pytest.raises(Conflict, match="archived"):
            await _do(world, service.delete, world.ben, "TSK-1")
        await _do(world, projects.change, world.ada, "TSK", ProjectChange(archived=False))
        await _do(world, service.delete, world.ben, "TSK-1")


# --- members


async def test_people_are_added_given_another_role_and_taken_out(db):
    async with db() as database:
        world = await world_of(database)

        await _do(
            world, projects.put_member, world.ada, "TSK", world.sam.id, Membership(role="viewer")
        )
        await _do(
            world, projects.put_member, world.ada, "TSK", world.sam.id, Membership(role="member")
        )
        await _do(
            world, projects.put_member, world.ada, "TSK", world.sam.id, Membership(role="member")
        )
        assert "member" == (await _roles(world))["Sam"]
        await _do(world, projects.remove_member, world.ada, "TSK", world.sam.id)

        assert "Sam" not in await _roles(world)
        told = [one.data for one in await world.events() if one.type == "project.member_changed"][
            2:
        ]
        assert [(None, "viewer"), ("viewer", "member"), ("member", None)] == [
            (one["before"]["role"], one["after"]["role"]) for one in told
        ]


async def test_the_last_manager_stays(db):
    async with db() as database:
        world = await world_of(database)

        for attempt in (
            (projects.remove_member, world.ada, "TSK", world.ada.id),
            (projects.put_member, world.ada, "TSK", world.ada.id, Membership(role="member")),
        ):
            with pytest.raises(Conflict, match="no manager"):
                await _do(world, *attempt)

        await _do(
            world, projects.put_member, world.ada, "TSK", world.ben.id, Membership(role="manager")
        )
        await _do(world, projects.remove_member, world.ada, "TSK", world.ada.id)
        async with database.read() as tx:
            with pytest.raises(NotFound):
                await projects.get(tx, world.ada, "TSK")


async def test_anybody_may_leave_but_only_managers_put_others_out(db):
    async with db() as database:
        world = await world_of(database)

        with pytest.raises(NotAllowed):
            await _do(world, projects.remove_member, world.ben, "TSK", world.cho.id)
        await _do(world, projects.remove_member, world.cho, "TSK", world.cho.id)

        assert {"Ada", "Ben"} == set(await _roles(world))
        with pytest.raises(NotFound):
            await _do(world, projects.remove_member, world.ada, "TSK", world.cho.id)


async def test_who_is_disabled_is_not_added(db):
    async with db() as database:
        world = await world_of(database)
        async with database.write() as tx:
            from bongsu.accounts import store

            await store.update_user(tx, world.sam.id, disabled_at=CLOCK.now())

        for number in (world.sam.id, 9999):
            with pytest.raises(Invalid, match="Nobody was added"):
                await _do(
                    world, projects.put_member, world.ada, "TSK", number, Membership(role="viewer")
                )


@pytest.mark.parametrize(
    "words", ["Sam", " sam@EXAMPLE.com ", "Sam <sam@example.com>", "X <sam@example.com>"]
)
async def test_a_person_is_meant_by_name_or_mail(db, words):
    async with db() as database:
        world = await world_of(database)
        async with database.read() as tx:
            assert world.sam.id == (await projects.person(tx, world.ada, "TSK", words)).id


async def test_nobody_and_several_are_refused_and_only_managers_may_ask(db):
    async with db() as database:
        world = await world_of(database)
        await person(database, "Sam", "viewer", email="other@example.com")
        async with database.read() as tx:
            for words, said in (("Zoe", "Nobody here"), ("sam", "Several people")):
                with pytest.raises(Invalid) as caught:
                    await projects.person(tx, world.ada, "TSK", words)
                assert said in str(caught.value.problems[0].what)
            with pytest.raises(NotAllowed):
                await projects.person(tx, world.ben, "TSK", "Sam")


# --- columns


def _names(project):
    return [one.name for one in project.columns]


async def test_a_new_column_stands_behind_the_last_of_its_status(db):
    async with db() as database:
        world = await world_of(database)

        await _do(
            world,
            columns.add_column,
            world.ada,
            "TSK",
            NewColumn(name="Review", status="in_progress"),
        )
        made = await _do(
            world, columns.add_column, world.ada, "TSK", NewColumn(name="Later", status="waiting")
        )

        assert ["Waiting", "Later", "In progress", "Review", "Done"] == _names(made)
        with pytest.raises(Conflict, match="has a column Review already"):
            await _do(
                world, columns.add_column, world.ada, "TSK", NewColumn(name="Review", status="done")
            )


async def test_twelve_columns_are_the_most(db):
    async with db() as database:
        world = await world_of(database)
        for n in range(9):
            await _do(
                world, columns.add_column, world.ada, "TSK", NewColumn(name=f"c{n}", status="done")
            )

        with pytest.raises(Conflict, match="12 columns"):
            await _do(
                world, columns.add_column, world.ada, "TSK", NewColumn(name="x", status="done")
            )


async def test_columns_are_renamed_and_moved(db):
    async with db() as database:
        world = await world_of(database)
        waiting, doing, done = (one.id for one in world.project.columns)

        after = await _do(
            world,
            columns.change_column,
            world.ada,
            "TSK",
            waiting,
            ColumnChange(name="Ideas", position=2),
        )

        assert ["In progress", "Done", "Ideas"] == _names(after)
        with pytest.raises(Conflict, match="has a column Done"):
            await _do(
                world, columns.change_column, world.ada, "TSK", doing, ColumnChange(name="Done")
            )
        with pytest.raises(NotFound):
            await _do(world, columns.change_column, world.ada, "TSK", 9999, ColumnChange(name="x"))
        same = await _do(
            world, columns.change_column, world.ada, "TSK", done, ColumnChange(name="Done")
        )
        assert _names(after) == _names(same)


async def test_only_an_empty_column_that_is_not_the_only_one_of_its_status_is_deleted(db):
    async with db() as database:
        world = await world_of(database)
        made = await _do(
            world, columns.add_column, world.ada, "TSK", NewColumn(name="Later", status="waiting")
        )
        later = made.columns[1].id
        await world.task("one", column="Later")

        with pytest.raises(Conflict, match="still holds 1 task"):
            await _do(world, columns.delete_column, world.ada, "TSK", later)
        with pytest.raises(Conflict, match="only column of its status"):
            await _do(world, columns.delete_column, world.ada, "TSK", world.project.columns[2].id)

        await _do(world, service.delete, world.ben, "TSK-1")
        after = await _do(world, columns.delete_column, world.ada, "TSK", later)

        assert ["Waiting", "In progress", "Done"] == _names(after)


async def test_what_was_deleted_in_a_column_that_is_gone_comes_back_beside_it(db):
    async with db() as database:
        world = await world_of(database)
        made = await _do(
            world, columns.add_column, world.ada, "TSK", NewColumn(name="Later", status="waiting")
        )
        await world.task("one", column="Later")
        await _do(world, service.delete, world.ben, "TSK-1")
        await _do(world, columns.delete_column, world.ada, "TSK", made.columns[1].id)

        back = await _do(world, service.restore, world.ben, "TSK-1")

        assert ("Waiting", "waiting") == (back.column, back.status)


# --- labels


async def test_labels_are_made_renamed_on_every_task_and_taken_from_all(db):
    async with db() as database:
        world = await world_of(database)
        await world.task("one", labels=["tls"])
        one = await _do(world, columns.add_label, world.ada, "TSK", NewLabel(name="shop"))
        tls = next(label.id for label in one.labels if label.name == "tls")

        await _do(world, columns.rename_label, world.ada, "TSK", tls, NewLabel(name="TLS 1.3"))
        await _do(world, columns.rename_label, world.ada, "TSK", tls, NewLabel(name="TLS 1.3"))
        async with database.read() as tx:
            assert ("TLS 1.3",) == (await service.get(tx, world.ben, "TSK-1"))[0].labels
        for use in (
            (columns.add_label, world.ada, "TSK", NewLabel(name="shop")),
            (columns.rename_label, world.ada, "TSK", tls, NewLabel(name="shop")),
        ):
            with pytest.raises(Conflict, match="has a label shop"):
                await _do(world, *use)
        after = await _do(world, columns.delete_label, world.ada, "TSK", tls)

        assert ["shop"] == [label.name for label in after.labels]
        async with database.read() as tx:
            assert () == (await service.get(tx, world.ben, "TSK-1"))[0].labels
        with pytest.raises(NotFound):
            await _do(world, columns.delete_label, world.ada, "TSK", tls)


async def test_labels_of_another_project_are_not_there(db):
    async with db() as database:
        world = await world_of(database)
        await world.task("one", labels=["tls"])
        await _do(world, projects.create, world.ben, NewProject(key="TWO", title="Two"))
        async with database.read() as tx:
            tls = (await projects.get(tx, world.ada, "TSK")).project.labels[0].id

        with pytest.raises(NotFound):
            await _do(world, columns.delete_label, world.ben, "TWO", tls)


# --- saved views


async def _views(world, who):
    async with world.db.read() as tx:
        return [(one.name, one.query) for one in await views.seen(tx, who)]


async def test_a_view_is_kept_as_its_address_replaced_by_its_name_and_deleted(db):
    async with db() as database:
        world = await world_of(database)
        await _do(
            world, views.save, world.ben, SaveView(name="Mine", query="?status=open&page=3&x=1")
        )

        await _do(
            world, views.save, world.ben, SaveView(name="Mine", query="assignee=me&project=tsk")
        )

        assert [("Mine", "project=TSK&assignee=me")] == await _views(world, world.ben)
        assert [] == await _views(world, world.ada)
        async with database.write() as tx:
            (one,) = await views.seen(tx, world.ben)
            await views.delete(tx, world.ben, one.id)
        assert [] == await _views(world, world.ben)


async def test_a_shared_view_is_seen_by_those_who_see_the_project(db):
    async with db() as database:
        world = await world_of(database)
        await _do(
            world, views.save, world.ben, SaveView(name="Late", query="due=late", shared_with="TSK")
        )

        assert [("Late", "due=late")] == await _views(world, world.cho)
        assert [] == await _views(world, world.sam)
        with pytest.raises(NotAllowed):
            await _do(world, views.save, world.cho, SaveView(name="x", shared_with="TSK"))
        with pytest.raises(NotFound):
            await _do(world, views.save, world.sam, SaveView(name="x", shared_with="TSK"))


async def test_a_shared_view_is_deleted_by_its_owner_or_a_manager_and_nobody_else(db):
    async with db() as database:
        world = await world_of(database)
        await _do(
            world, views.save, world.ben, SaveView(name="Late", query="due=late", shared_with="TSK")
        )
        await _do(world, views.save, world.ben, SaveView(name="Own", query="due=late"))
        async with database.read() as tx:
            own, late = sorted(
                await views.seen(tx, world.ben), key=lambda one: one.name, reverse=True
            )

        async with database.write() as tx:
            for who, number, error in (
                (world.cho, late.id, NotAllowed),
                (world.sam, late.id, NotFound),
                (world.ada, own.id, NotFound),
                (world.ada, 9999, NotFound),
            ):
                with pytest.raises(error):
                    await views.delete(tx, who, number)
            await views.delete(tx, world.ada, late.id)

        assert [("Own", "due=late")] == await _views(world, world.ben)


async def test_a_view_of_a_list_that_cannot_be_is_refused_and_fifty_are_the_most(db, monkeypatch):
    async with db() as database:
        world = await world_of(database)
        with pytest.raises(Invalid):
            await _do(world, views.save, world.ben, SaveView(name="x", query="due=yesterday"))
        monkeypatch.setattr(views, "LIMIT", 2)
        for name in ("a", "b", "b"):
            await _do(world, views.save, world.ben, SaveView(name=name, query="due=late"))

        with pytest.raises(Conflict, match="2 saved views"):
            await _do(world, views.save, world.ben, SaveView(name="c", query="due=late"))
