"""The form of a task: only what it changed is saved, so that nobody's change in between is undone by it."""

from html.parser import HTMLParser

import pytest

from bongsu.tasks import service, store_projects
from bongsu.tasks.form_values import merged, refreshed, said_of, values_of
from bongsu.tasks.inputs import TaskChange
from tests.people import CLOCK
from tests.tasks.support import ADA, BEN, NOW, a_task, house_of
from tests.tasks.test_list_pages import HTMX, SEOUL, get, post

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Form(HTMLParser):
    """What a browser would send of the form of a task that nobody touched."""

    def __init__(self, page):
        super().__init__()
        self.sent, self.inside, self.name = {"assignees": [], "watchers": []}, False, ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        if tag == "form":
            self.inside = "taskform" in said.get("class", "")
        if not self.inside:
            return
        if tag == "input" and said.get("name") in {"assignees", "watchers"}:
            self.sent[said["name"]] += [said["value"]] if "checked" in said else []
        elif tag == "input" and "name" in said:
            self.sent[said["name"]] = said.get("value", "")
        elif tag in {"textarea", "select"}:
            self.name = said["name"]
            self.sent[self.name] = ""
        elif tag == "option" and "selected" in said:
            self.sent[self.name] = said["value"]

    def handle_data(self, data):
        if self.inside and self.lasttag == "textarea" and self.name:
            self.sent[self.name] += data.removeprefix("\n")

    def handle_endtag(self, tag):
        if tag in {"textarea", "select"}:
            self.name = ""


def fields(page):
    return Form(page).sent


async def change(house, who, **said):
    async with house.world.db.write() as tx:
        await service.change(tx, getattr(house.world, who), "TSK-1", TaskChange(**said), CLOCK)


async def now(house):
    async with house.world.db.read() as tx:
        return (await service.get(tx, house.world.root, "TSK-1"))[0]


@one_engine
async def test_what_somebody_else_changed_meanwhile_stays(db):
    async with db() as database:
        house = await house_of(database)
        ada, ben = house.world.ada, house.world.ben
        await house.world.task(assignees=[ada.id], labels=["tls"], checklist=[{"text": "Ask"}])
        async with await house.client("ada") as client:
            form = fields(await get(client, "/tasks/TSK-1/edit"))
            await change(house, "ben", assignees=[ben.id], priority=4, due="2026-12-01",
                         labels=["tls", "pay"], column="In progress",
                         checklist=[{"text": "Ask", "done": True}])  # fmt: skip
            await post(client, "/tasks/TSK-1/edit", **form | {"labels": "tls, shop"})

        task = await now(house)
        assert [ben.id] == [one.id for one in task.assignees]
        assert (4, "2026-12-01", "In progress") == (task.priority, task.due, task.column)
        assert {"tls", "pay", "shop"} == set(task.labels)
        assert (("Ask", True),) == task.checklist


@one_engine
async def test_after_a_conflict_the_form_shows_what_is_true_where_nothing_was_typed(db):
    async with db() as database:
        house = await house_of(database)
        await house.world.task(description="Old")
        async with await house.client("ada") as client:
            form = fields(await get(client, "/tasks/TSK-1/edit"))
            await change(house, "ben", description="What Ben knows", title="Pin it", priority=4)
            mine = form | {"description": "What Ada knows"}
            answer = await post(client, "/tasks/TSK-1/edit", 409, **mine)
            again = fields(answer.text)
            await post(client, "/tasks/TSK-1/edit", **again)

        assert ("Pin it", "4", "What Ada knows") == tuple(
            again[name] for name in ("title", "priority", "description")
        )
        task = await now(house)
        assert ("Pin it", 4, "What Ada knows") == (task.title, task.priority, task.description)


@one_engine
async def test_an_untouched_form_changes_nothing(db):
    async with db() as database:
        house = await house_of(database)
        await house.world.task(
            title='A "quoted" <title>', description="    code\r\nline", due="2026-11-30 14:00",
            labels=["a;b", 'say "x"'], checklist=[{"text": "[x] odd", "done": True}],
        )  # fmt: skip
        before = await now(house)
        async with await house.client("ben") as client:
            await post(
                client, "/tasks/TSK-1/edit", **fields(await get(client, "/tasks/TSK-1/edit"))
            )

        assert before == await now(house)


@one_engine
@pytest.mark.parametrize(
    ("after", "order"),
    [
        ({"after": ""}, ["TSK-3", "TSK-1", "TSK-2"]),
        ({"after": "TSK-1"}, ["TSK-1", "TSK-3", "TSK-2"]),
        ({}, ["TSK-1", "TSK-2", "TSK-3"]),
    ],
)
async def test_a_card_dropped_on_top_of_a_column_is_on_top(db, after, order):
    async with db() as database:
        house = await house_of(database)
        for title in ("one", "two", "three"):
            await house.world.task(title)
        async with await house.client("ben") as client:
            form = {"column": "Waiting", **after}
            answer = await client.post("/tasks/TSK-3/move", data=form, headers=HTMX)
            board = await get(client, "/projects/TSK")

        assert answer.status_code == 204
        assert order == board.all(r'data-card="([^"]+)"')


@one_engine
async def test_a_place_that_is_no_key_is_refused_in_words(db):
    async with db() as database:
        house = await house_of(database)
        await house.world.task()
        async with await house.client("ben") as client:
            form = {"column": "Waiting", "after": "x" * 25}
            answer = await client.post("/tasks/TSK-1/move", data=form, headers=HTMX)

    assert 422 == answer.status_code


def test_an_hour_is_shown_in_the_zone_of_who_looks_and_a_day_is_the_same_for_all():
    timed = a_task(due_on="2026-11-30", due_time="23:30", due_zone="UTC",
                   due_at=NOW.replace(day=30, hour=23, minute=30))  # fmt: skip
    day = a_task(due_on="2026-11-30", due_zone="America/Los_Angeles", due_at=NOW.replace(day=30))

    assert ("2026-12-01", "08:30") == tuple(
        values_of(timed, SEOUL)[name] for name in ("due_on", "due_time")
    )
    assert ("2026-11-30", "") == tuple(
        values_of(day, SEOUL)[name] for name in ("due_on", "due_time")
    )


def test_only_the_difference_is_said_and_lists_are_added_to_and_taken_from():
    task = a_task(assignees=(ADA,), labels=("a", "b"), checklist=(("One", False), ("Two", False)))
    was = said_of(values_of(task, SEOUL))
    typed = was | {"assignees": [2], "labels": ["b", "c"],
                   "checklist": [{"text": "One", "done": False}, {"text": "New", "done": False}]}  # fmt: skip
    meanwhile = a_task(assignees=(ADA, BEN), labels=("a", "b", "d"),
                       checklist=(("One", True), ("Two", False)))  # fmt: skip

    assert {} == merged(was, was, meanwhile)
    assert {
        "assignees": [2],
        "labels": ["b", "d", "c"],
        "checklist": [{"text": "One", "done": True}, {"text": "New", "done": False}],
    } == merged(typed, was, meanwhile)


def test_without_what_it_showed_everything_is_said():
    said = said_of(values_of(a_task(assignees=(ADA,)), SEOUL))

    assert said == merged(said, {}, a_task(assignees=(BEN,)))


def test_a_refreshed_form_keeps_what_was_typed_and_joins_lists():
    task = a_task(assignees=(ADA,), labels=("a",))
    was = said_of(values_of(task, SEOUL))
    values = values_of(task, SEOUL) | {"title": "Mine", "labels": "a, mine"}
    meanwhile = a_task(
        title="Theirs", priority=4, assignees=(ADA, BEN), labels=("a", "theirs"), version=9
    )

    shown = refreshed(values, was, meanwhile, SEOUL)

    assert ("Mine", "4", [1, 2], "a, theirs, mine", 9) == tuple(
        shown[name] for name in ("title", "priority", "assignees", "labels", "version")
    )


@one_engine
async def test_a_member_chooses_who_watches_and_those_who_came_meanwhile_stay(db):
    async with db() as database:
        house = await house_of(database)
        ada, cho, root = house.world.ada.id, house.world.cho.id, house.world.root.id
        await house.world.task(watchers=[ada])
        async with await house.client("ben") as client:
            page = await get(client, "/tasks/TSK-1")
            form = fields(await get(client, "/tasks/TSK-1/edit"))
            await change(house, "ada", watchers=[ada, root])
            await post(client, "/tasks/TSK-1/edit", **form | {"watchers": [str(cho)]})
            blank = fields(await get(client, "/tasks/new?project=TSK"))
            await post(client, "/tasks/new", **blank | {"title": "Watched", "watchers": [str(cho)]})
        async with await house.client("cho") as client:
            looked = await get(client, "/tasks/TSK-1")
        async with database.read() as tx:
            made, _ = await service.get(tx, house.world.root, "TSK-2")

        assert "/tasks/TSK-1/edit#f-watchers" in page
        assert [str(ada)] == form["watchers"]
        assert {cho, root} == {one.id for one in (await now(house)).watchers}
        assert [cho] == [one.id for one in made.watchers]
        assert "Stop watching" in looked.text
        assert "#f-watchers" not in looked


@one_engine
async def test_who_may_no_longer_see_the_project_stays_named_when_something_else_is_saved(db):
    async with db() as database:
        house = await house_of(database)
        ben, cho = house.world.ben.id, house.world.cho.id
        await house.world.task(assignees=[ben], watchers=[cho])
        async with database.write() as tx:
            for who in (ben, cho):
                await store_projects.remove_member(tx, house.world.project.id, who)
        async with await house.client("ada") as client:
            form = fields(await get(client, "/tasks/TSK-1/edit"))
            await post(client, "/tasks/TSK-1/edit", **form | {"title": "Another"})

        task = await now(house)
        assert "Another" == task.title
        assert ([ben], [cho]) == (
            [one.id for one in task.assignees],
            [one.id for one in task.watchers],
        )
