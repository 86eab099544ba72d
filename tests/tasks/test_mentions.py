"""Who is named in a description hears of it once, if they may see the task."""

from bongsu.tasks import service
from bongsu.tasks.inputs import TaskChange
from tests.people import CLOCK
from tests.tasks.support import house_of, world_of


async def _describe(world, key, text, **said):
    async with world.db.write() as tx:
        form = TaskChange(description=text, **said)
        return await service.change(tx, world.ada, key, form, CLOCK)


async def _mentions(world, task):
    return [event.data.get("mentions") for event in await world.events(task.subject)]


async def test_a_new_task_names_whom_its_description_mentions_and_they_watch_it(db):
    async with db() as database:
        world = await world_of(database)

        made = await world.task(description="Ask @Ben, not @Sam")

        assert [[world.ben.id]] == await _mentions(world, made)
        assert [world.ben.id] == [one.id for one in made.watchers]
        (event,) = await world.events(made.subject)
        assert "watchers" not in event.data["changed"]


async def test_an_edit_names_only_who_was_not_mentioned_before(db):
    async with db() as database:
        world = await world_of(database)
        made = await world.task(description="Ask @Ben")

        await _describe(world, made.key, "Ask @Ben and @Cho")
        await _describe(world, made.key, "Ask @Cho, or @Ben", priority=4)
        saved = await _describe(world, made.key, "Ask nobody, `@Cho`")

        assert [[world.ben.id], [world.cho.id], None, None] == await _mentions(world, made)
        assert {world.ben.id, world.cho.id} == {one.id for one in saved.watchers}


async def test_a_save_that_leaves_the_description_alone_mentions_nobody(db):
    async with db() as database:
        world = await world_of(database)
        made = await world.task(description="Ask @Ben")

        async with database.write() as tx:
            await service.change(tx, world.ada, made.key, TaskChange(title="Other"), CLOCK)

        assert [[world.ben.id], None] == await _mentions(world, made)


async def test_who_is_named_in_a_description_is_a_link_on_its_page(db):
    async with db() as database:
        house = await house_of(database)
        await house.world.task(description="@Ben knows, @Nobody does not")
        async with await house.client("ada") as client:
            page = await client.get("/tasks/TSK-1", headers={"accept": "text/html"})

    assert f'<a href="/people#user-{house.world.ben.id}" class="mention">@Ben</a>' in page.text
    assert "@Nobody does not" in page.text


async def test_whoever_describes_a_task_hears_who_is_named_and_not_told_as_after_a_comment(db):
    async with db() as database:
        house = await house_of(database)
        why = "Sam may not see this and is not told."
        new = {"project": "TSK", "title": "x", "description": "Ask @Ben and @Sam"}
        async with await house.client("ada") as client:
            made = (await client.post("/api/v1/tasks", json=new)).json()
            title, words = [(await client.patch("/api/v1/tasks/TSK-1", json=change)).json()
                            for change in ({"title": "y"}, {"description": "@Sam, @Ben"})]  # fmt: skip
            page = (await client.get("/tasks/TSK-1", headers={"accept": "text/html"})).text
            part = (await client.get("/-/tasks/TSK-1/body", headers={"accept-language": "ko"})).text
        async with await house.client("cho") as client:
            looked = (await client.get("/tasks/TSK-1", headers={"accept": "text/html"})).text

        assert [[why], [why]] == [one["not_told"] for one in (made, words)]
        assert "not_told" not in title
        assert f"<span>{why}</span>" in page
        assert "Sam 님은 이것을 볼 수 없어 알리지 않습니다." in part
        assert why not in looked
