"""Who enters a project: Ada manages it, Ben works in it, Cho looks, Sam is a stranger, Root administrates."""

from dataclasses import replace

import pytest

from bongsu.kit.errors import NotAllowed, NotFound
from bongsu.tasks import access, projects
from bongsu.tasks.inputs import ProjectChange
from tests.people import CLOCK
from tests.tasks.support import world_of

LEAST = ("viewer", "member", "manager")
ROLES = {"root": "manager", "ada": "manager", "ben": "member", "cho": "viewer"}


@pytest.mark.parametrize("least", LEAST)
@pytest.mark.parametrize("who", ["root", "ada", "ben", "cho", "sam"])
async def test_each_enters_as_far_as_their_role(db, who, least):
    async with db() as database:
        world = await world_of(database)
        role = ROLES.get(who)
        async with database.read() as tx:
            if role is None:
                with pytest.raises(NotFound):
                    await access.enter(tx, world.sam, "TSK", least, "task.read")
            elif LEAST.index(role) < LEAST.index(least):
                with pytest.raises(NotAllowed, match=r"Ask a manager"):
                    await access.enter(tx, getattr(world, who), "tsk", least, "task.read")
            else:
                entry = await access.enter(tx, getattr(world, who), "tsk", least, "task.read")
                assert role == entry.role


async def test_what_everyone_may_counts_for_who_is_not_named(db):
    async with db() as database:
        world = await world_of(database)
        async with database.write() as tx:
            await projects.change(tx, world.ada, "TSK", ProjectChange(everyone="member"), CLOCK)

        async with database.read() as tx:
            for who in (world.sam, world.cho):
                assert "member" == (await access.enter(tx, who, "TSK", "member", "task.write")).role
            with pytest.raises(NotAllowed):
                await access.enter(tx, world.sam, "TSK", "manager", "project.manage")


async def test_a_token_without_the_scope_enters_to_read_only(db):
    async with db() as database:
        world = await world_of(database)
        reading = replace(world.ada, kind="token", token_id=1, scopes=())
        async with database.read() as tx:
            assert (await access.enter(tx, reading, "TSK", "viewer", "task.read")).may("manager")
            for action in ("task.write", "project.manage", "task.comment"):
                with pytest.raises(NotAllowed, match="scopes"):
                    await access.enter(tx, reading, "TSK", "viewer", action)


async def test_a_project_that_never_was_and_one_that_is_not_yours_sound_the_same(db):
    async with db() as database:
        world = await world_of(database)
        said = []
        async with database.read() as tx:
            for key in ("TSK", "NONE"):
                with pytest.raises(NotFound) as caught:
                    await access.enter(tx, world.sam, key, "viewer", "task.read")
                said.append(caught.value.said.text)

        assert said[0] == said[1]


@pytest.mark.parametrize(
    "key", ["", "-", "TSK", "TSK-", "-1", "TSK-x", "TSK-1.5", "TSK-²", "TSK-9999999999"]
)
def test_a_key_that_cannot_be_one_is_none(key):
    with pytest.raises(NotFound):
        access.split_key(key)


def test_a_key_is_a_project_and_a_number():
    assert ("TSK", 42) == access.split_key("tsk-42")
