"""The pages of one's own tasks, of lists and of what happened: what is on them and what their forms do."""

import json
import re
from datetime import timedelta
from html import unescape
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest

from bongsu.tasks import list_view, projects, service, views
from bongsu.tasks.home_pages import lead
from bongsu.tasks.inputs import ProjectChange, SaveView, TaskChange
from bongsu.tasks.list_pages import PAGE, address
from bongsu.tasks.model import Label
from bongsu.tasks.query import Query, read
from tests.people import CLOCK
from tests.tasks.support import ADA, BEN, COLUMNS, NOW, a_project, a_task, house_of, statements

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SEOUL = ZoneInfo("Asia/Seoul")
HTMX = {"hx-request": "true"}


class Page(str):
    """What a person would read and click."""

    @property
    def text(self):
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", self)).split())

    def all(self, pattern):
        return [unescape(one) for one in re.findall(pattern, self)]

    @property
    def rows(self):
        return self.all(r'<tr id="row-\d+" data-key="([^"]+)"')


async def get(client, path, status=200, **headers):
    answer = await client.get(path, headers={"accept": "text/html"} | headers)
    assert status == answer.status_code, answer.text[-500:]
    return Page(answer.text)


async def post(client, path, code=303, /, **form):
    answer = await client.post(path, data=form, headers={"accept": "text/html"})
    assert code == answer.status_code, answer.text[-500:]
    return answer


def toast_of(answer):
    """What is said at the bottom, at once or on the next page."""
    if "hx-trigger" in answer.headers:
        return json.loads(answer.headers["hx-trigger"])["toast"]
    kept = re.search(r"bongsu_toast=\"?([^;\"]+)", answer.headers["set-cookie"])
    return json.loads(unquote(kept[1]))


# --- groups of days


@pytest.mark.parametrize(
    ("day", "hour", "zone", "group"),
    [
        (None, None, None, "none"),
        ("2026-11-20", None, "Asia/Seoul", "late"),
        ("2026-11-21", None, "Asia/Seoul", "today"),
        ("2026-11-21", "17:59", "Asia/Seoul", "late"),
        ("2026-11-21", "18:01", "Asia/Seoul", "today"),
        ("2026-11-21", "16:00", "UTC", "week"),  # one in the morning of the 22nd in Seoul
        ("2026-11-22", None, "Asia/Seoul", "week"),
        ("2026-11-27", None, "Asia/Seoul", "week"),
        ("2026-11-28", None, "Asia/Seoul", "later"),
    ],
)
def test_a_task_stands_under_the_day_that_it_is_here(day, hour, zone, group):
    from bongsu.tasks.due import Due

    at = Due(day, hour, zone).at if day else None
    task = a_task(due_on=day, due_time=hour, due_zone=zone, due_at=at)

    assert group == list_view.group_of(task, NOW, SEOUL)  # it is six in the evening in Seoul


def test_groups_come_in_order_the_nearest_and_the_most_urgent_first():
    near, far = NOW + timedelta(days=20), NOW + timedelta(days=30)
    day = {"due_on": "2026-12-11", "due_zone": "UTC"}
    tasks = [
        a_task(id=1, **day, due_at=far),
        a_task(id=2),
        a_task(id=3, **day, due_at=near, priority=2),
        a_task(id=4, **day, due_at=near, priority=4),
    ]

    groups = list_view.grouped(tasks, NOW, SEOUL)

    assert [("later", [4, 3, 1]), ("none", [2])] == [
        (g.id, [t.id for t in g.tasks]) for g in groups
    ]


@pytest.mark.parametrize(
    ("sizes", "count", "said"),
    [
        ({"late": 1, "today": 2}, 9, "1 task of yours is late"),
        ({"today": 2}, 9, "2 tasks are due today"),
        ({"later": 3}, 3, "3 tasks are assigned to you"),
        ({}, 0, "Nothing is assigned to you"),
    ],
)
def test_the_head_says_what_needs_one_first(sizes, count, said):
    groups = [
        list_view.Group(name, list_view.GROUPS[name], (a_task(),) * size)
        for name, size in sizes.items()
    ]

    assert said == str(lead(groups, count))


def test_one_button_leads_to_the_next_column_and_from_the_last_nowhere():
    project = a_project()

    assert COLUMNS[1] == list_view.next_column(project, a_task(column_id=1))
    assert list_view.next_column(project, a_task(column_id=3)) is None
    assert list_view.next_column(project, a_task(column_id=9)) is None
    assert list_view.next_column(None, a_task()) is None


# --- heads and chips


def test_a_head_sorts_and_a_second_click_turns_round():
    plain = {one["class"]: one for one in list_view.heads(read({"q": "x"}))}
    sorted_by_due = {one["class"]: one for one in list_view.heads(read({"sort": "due"}))}
    turned = {one["class"]: one for one in list_view.heads(read({"sort": "-due"}))}

    assert ("descending", "/tasks/list?q=x&sort=-updated") == (
        plain["t-updated"]["sort"],
        plain["t-updated"]["href"],
    )
    assert "/tasks/list?q=x&sort=due" == plain["t-due"]["href"]
    assert "href" not in plain["t-assignee"]
    assert ("ascending", "/tasks/list?sort=-due") == (
        sorted_by_due["t-due"]["sort"],
        sorted_by_due["t-due"]["href"],
    )
    assert ("descending", "/tasks/list?sort=due") == (
        turned["t-due"]["sort"],
        turned["t-due"]["href"],
    )


def test_everything_that_was_asked_for_has_a_chip_that_takes_it_off():
    words = {
        "project": "TSK", "q": "tls pin", "assignee": "me", "creator": "2", "watcher": "nobody",
        "status": "open", "column": "2", "label": "tls", "priority": "4", "due": "late", "incident": "12",
        "sort": "due",
    }  # fmt: skip

    chips = list_view.chips(read(words), {2: "Ben"}, [a_project()])

    assert [
        "Project: Shop", "Words: tls pin", "Assigned to: me", "Made by: Ben", "Watched by: nobody",
        "Status: Not done", "Column: In progress", "Label: tls", "Priority: Urgent", "Late", "From INC-12",
    ] == [str(one.text) for one in chips]  # fmt: skip
    assert "q=" not in chips[1].without
    assert "assignee=me" in chips[1].without


def test_chips_of_what_is_not_known_name_it_as_it_was_asked_for():
    asked = read(
        {"project": "GONE", "column": "9", "creator": "7", "status": "all", "incident": "any"}
    )

    assert ["Project: GONE", "Made by: #7", "Status: all", "Column: 9", "From an incident"] == [
        str(one.text) for one in list_view.chips(asked, {}, [a_project()])
    ]


def test_where_one_may_write():
    open_one, archived = a_project(id=1), a_project(id=2, archived_at=NOW)

    assert {1} == list_view.writable({1: "member", 2: "member"}, [open_one, archived])
    assert {1, 2} == list_view.writable({1: "manager", 2: "manager"}, [open_one, archived])
    assert set() == list_view.writable({1: "viewer", 2: None}, [open_one, archived])
    assert ["a", "b"] == list_view.labels_of([a_project(labels=(Label(1, "b"), Label(2, "a")))])
    assert {1: "Ada", 2: "Ben"} == list_view.by_name([ADA, BEN])


def test_the_address_of_a_page_is_the_list_and_its_number():
    assert "" == address(Query())
    assert "?q=x" == address(Query(q="x"))
    assert "?q=x&page=3" == address(Query(q="x"), 3)


# --- one's own page


@one_engine
async def test_ones_own_page_shows_what_one_has_by_day_and_moves_it_with_one_button(db):
    async with db() as database:
        house = await house_of(database)
        ben = house.world.ben.id
        await house.world.task("Late one", assignees=[ben], due="2026-11-20")
        await house.world.task("No day", assignees=[ben], labels=["tls"])
        await house.world.task("Adas", assignees=[house.world.ada.id], watchers=[ben])
        await house.world.task("Done", assignees=[ben], status="done")
        async with await house.client("ben") as client:
            page = await get(client, "/tasks")

            assert "1 task of yours is late" in page.text
            assert ["late", "none"] == page.all(r'data-day="(\w+)"')
            assert "Done" not in page.all(r'data-row href="[^"]+">([^<]+)<')
            assert ["Late one", "No day"] == page.all(r'data-row href="[^"]+">([^<]+)<')
            assert "What I watch TSK-3 Adas" in page.text
            assert "Shop TSK 3 open" in page.text
            moving = re.search(
                r'action="(/tasks/TSK-1/move)".*?name="column" value="(\d+)"', page, re.DOTALL
            )
            await post(client, moving[1], column=moving[2], version="1")
            count = await client.get("/-/tasks/count")
        async with database.read() as tx:
            assert "in_progress" == (await service.get(tx, house.world.ben, "TSK-1"))[0].status
        assert "2" == count.text


@one_engine
async def test_who_may_only_look_has_no_buttons(db):
    async with db() as database:
        house = await house_of(database)
        await house.world.task("Chos", assignees=[house.world.cho.id])
        async with await house.client("cho") as client:
            page = await get(client, "/tasks")

            board = await get(client, "/projects/TSK")

        assert "Nothing is here." in board.text
        assert "Drop a card" not in board.text
        assert "Chos" in page
        assert "/move" not in page
        assert "data-new" not in page


@one_engine
async def test_empty_pages_help_on(db):
    async with db() as database:
        house = await house_of(database)
        async with await house.client("sam") as client:
            page = await get(client, "/tasks")
            listed = await get(client, "/tasks/list")
            count = await client.get("/-/tasks/count")
            await post(client, "/projects/new", title="Sams own", key="")
            again = await get(client, "/tasks")
            empty = await get(client, "/tasks/list?project=SAMS")

        assert ("Begin with a project" in page.text, 'action="/projects/new"' in page) == (
            True,
            True,
        )
        assert "No project yet" in listed.text
        assert "" == count.text
        assert "Nothing waits for you" in again.text
        assert "bongsu tasks import SAMS tasks.csv" in empty.text


@one_engine
async def test_the_pages_are_whole_in_korean(db):
    async with db() as database:
        house = await house_of(database)
        await house.world.task("Pin it", assignees=[house.world.ben.id], due="2026-11-20")
        async with await house.client("ben") as client:
            korean = {"accept-language": "ko"}
            mine = await get(client, "/tasks", **korean)
            listed = await get(client, "/tasks/list?status=open&assignee=me", **korean)
            feed = await get(client, "/tasks/feed", **korean)

        assert "늦은 작업 1개" in mine.text
        assert "담당: 나" in listed.text
        assert "Ada 님이 작업을 만들고 나를 담당으로 지정했습니다." in feed.text


# --- the list


@one_engine
async def test_a_list_is_what_its_address_says(db):
    async with db() as database:
        house = await house_of(database)
        await house.world.task("Pin <the> client", labels=["tls"], priority=4)
        await house.world.task("Write it up")
        async with await house.client("ben") as client:
            every = await get(client, "/tasks/list?sort=number&nonsense=1")
            some = await get(client, "/tasks/list?label=tls&status=open")
            part = await get(client, "/-/tasks/list?label=tls", **HTMX)
            none = await get(client, "/tasks/list?q=xyz")
            wrong = await get(client, "/tasks/list?due=yesterday", 422)

        assert ["TSK-1", "TSK-2"] == every.rows
        assert "Pin &lt;the&gt; client" in every
        assert ["TSK-1"] == some.rows == part.rows
        assert ("Label: tls" in some.text, "Status: Not done" in some.text) == (True, True)
        assert 'id="list" data-live="tasks" data-src="/-/tasks/list?label=tls"' in part
        assert "<html" not in part
        assert "No task fits" in none.text
        assert "Use one of late, today, week, none" in wrong.text


@one_engine
async def test_a_long_list_has_pages(db):
    async with db() as database:
        house = await house_of(database)
        from bongsu.tasks import transfer

        text = "title\n" + "".join(f"task {n}\n" for n in range(PAGE + 7))
        await transfer.take_in(database, house.world.ada, "TSK", text, CLOCK)
        async with await house.client("ben") as client:
            first = await get(client, "/tasks/list?sort=number")
            second = await get(client, "/tasks/list?sort=number&page=2")
            beyond = await get(client, "/tasks/list?sort=number&page=99")

        assert (PAGE, 7) == (len(first.rows), len(second.rows))
        assert ["/tasks/list?sort=number&page=2"] == first.all(r'href="([^"]+)" rel="next"')
        assert f"{PAGE + 1}–{PAGE + 7} of {PAGE + 7}" in second.text
        assert second.rows == beyond.rows


@one_engine
async def test_the_list_of_an_archived_project_can_be_read(db):
    async with db() as database:
        house = await house_of(database)
        await house.world.task("old")
        async with database.write() as tx:
            await projects.change(tx, house.world.ada, "TSK", ProjectChange(archived=True), CLOCK)
        async with await house.client("ben") as client:
            assert [] == (await get(client, "/tasks/list")).rows
            page = await get(client, "/tasks/list?project=TSK")
        async with await house.client("sam") as client:
            await get(client, "/tasks/list?project=TSK", 404)

        assert ["TSK-1"] == page.rows
        assert 'name="tasks"' not in page


@one_engine
async def test_the_page_of_a_list_asks_as_little_for_many_tasks_as_for_few(db):
    async with db() as database:
        house = await house_of(database)
        await house.world.task("one", assignees=[house.world.ben.id], labels=["a"])
        async with await house.client("ben") as client:
            costs = []
            for _ in range(2):
                await client.get("/tasks/list")  # templates are made once
                with statements(database) as asked:
                    await get(client, "/tasks/list")
                costs.append(len(asked))
                for n in range(20):
                    await house.world.task(
                        f"t{n}", assignees=[house.world.ben.id], labels=["a", "b"]
                    )

        assert costs[0] == costs[1]
        assert costs[0] <= 20


# --- one change to many


@one_engine
async def test_many_are_changed_and_what_was_refused_is_said_with_its_reason(db):
    async with db() as database:
        house = await house_of(database)
        await house.world.task("one")
        await house.world.task("two")
        async with await house.client("ben") as client:
            form = {
                "tasks": ["TSK-1", "TSK-2", "TSK-9"],
                "do": "change",
                "priority": "4",
                "labels": "a, b",
            }
            form |= {"assign": str(house.world.cho.id), "due": "2026-12-01"}
            answer = await client.post("/tasks/bulk?q=x", data=form, headers=HTMX)
            plain = await client.post(
                "/tasks/bulk",
                data={"tasks": ["TSK-1", "TSK-9"], "status": "done"},
                headers={"accept": "text/html"},
            )
        async with database.read() as tx:
            two, _ = await service.get(tx, house.world.ben, "TSK-2")

        assert "2 tasks are changed." == toast_of(answer)["text"]
        assert 'data-refused="TSK-9"' in answer.text
        assert "There is no task TSK-9" in answer.text
        assert (4, ("a", "b"), "2026-12-01", ["Cho"]) == (
            two.priority, two.labels, two.due, [who.name for who in two.assignees],
        )  # fmt: skip
        assert ("1 task is changed." in plain.text, "1 task was not changed" in plain.text) == (
            True,
            True,
        )


@one_engine
async def test_labels_and_days_are_taken_off_many_at_once(db):
    async with db() as database:
        house = await house_of(database)
        await house.world.task("one", labels=["a", "b"], due="2026-12-01")
        await house.world.task("two", labels=["a"])
        async with await house.client("ben") as client:
            page = await get(client, "/tasks/list")
            form = {"tasks": ["TSK-1", "TSK-2"], "do": "change", "unlabel": "a", "undue": "on"}
            await client.post("/tasks/bulk", data=form, headers=HTMX)
        async with database.read() as tx:
            found = [(await service.get(tx, house.world.ben, key))[0] for key in form["tasks"]]

        assert {"unlabel", "undue"} <= set(page.all(r'name="(\w+)"'))
        assert [(("b",), None), ((), None)] == [(one.labels, one.due) for one in found]


@one_engine
async def test_a_deletion_of_many_is_undone_in_one(db):
    async with db() as database:
        house = await house_of(database)
        await house.world.task("one")
        await house.world.task("two")
        async with await house.client("ben") as client:
            form = {"tasks": ["TSK-1", "TSK-2"], "do": "delete"}
            answer = await client.post("/tasks/bulk", data=form, headers=HTMX)
            undo = toast_of(answer)["post"]
            assert [] == (await get(client, "/tasks/list")).rows
            back = await client.post(undo, headers=HTMX)
            plain = await post(client, undo)

            assert ["TSK-1", "TSK-2"] == (await get(client, "/tasks/list?sort=number")).rows
        assert "2 tasks are deleted." == toast_of(answer)["text"]
        assert "2 tasks are back." == toast_of(back)["text"] == toast_of(plain)["text"]


@one_engine
@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"do": "change", "priority": "4"}, "Choose at least one task first."),
        ({"tasks": "TSK-1", "do": "change"}, "Choose first what is to be changed."),
        ({"tasks": "TSK-1", "do": "change", "due": "soon"}, "This is no day."),
        ({"tasks": "TSK-1", "do": "change", "priority": "9"}, "This is too large."),
    ],
)
async def test_a_change_that_says_nothing_right_changes_nothing(db, form, said):
    async with db() as database:
        house = await house_of(database)
        await house.world.task("one")
        async with await house.client("ben") as client:
            answer = await client.post("/tasks/bulk", data=form, headers=HTMX)

        assert 422 == answer.status_code
        assert said in json.dumps(toast_of(answer)) + answer.text


# --- saved views


@one_engine
async def test_a_view_is_saved_shown_as_a_chip_and_deleted(db):
    async with db() as database:
        house = await house_of(database)
        async with await house.client("ben") as client:
            answer = await post(
                client, "/tasks/views", name="Late ones", query="due=late&x=1", shared_with="TSK"
            )
            assert "/tasks/list?due=late" == answer.headers["location"]
            page = await get(client, answer.headers["location"])
            assert "<h1>Late ones" in page
            assert ["/tasks/list?due=late"] == page.all(
                r'class="chip" href="([^"]+)" aria-current="true"'
            )
            gone = page.all(r'action="(/tasks/views/\d+/delete)"')
            assert "shared" not in (await get(client, "/tasks")).text
            await post(client, gone[0])
            assert "Late ones" not in await get(client, "/tasks/list")
            wrong = await client.post("/tasks/views", data={"name": " "}, headers=HTMX)
            assert 422 == wrong.status_code


@one_engine
async def test_a_view_that_somebody_shares_stands_on_ones_page(db):
    async with db() as database:
        house = await house_of(database)
        async with database.write() as tx:
            form = SaveView(name="Theirs", query="due=late", shared_with="TSK")
            await views.save(tx, house.world.ben, form, CLOCK)
        async with await house.client("cho") as client:
            assert "Theirs shared" in (await get(client, "/tasks")).text
            assert "/delete" not in await get(client, "/tasks/list?due=late")


# --- what happened


@one_engine
async def test_the_feed_says_who_changed_what_by_day_and_narrows(db):
    async with db() as database:
        house = await house_of(database)
        one = await house.world.task("Pin it")
        await house.world.task("Gone")
        async with database.write() as tx:
            await service.change(tx, house.world.ben, one.key, TaskChange(priority=4), CLOCK)
            await service.delete(tx, house.world.ben, "TSK-2", CLOCK)
        async with await house.client("cho") as client:
            page = await get(client, "/tasks/feed")
            bens = await get(client, f"/tasks/feed?project=tsk&person={house.world.ben.id}")
            mine = await get(client, "/-/tasks/feed?person=me", **HTMX)
            assert "/projects/TSK" in bens.all(r'href="(/projects/[^"]+)" ?')
            of_task = await get(client, "/tasks/feed?task=tsk-1")
            older = await get(client, "/tasks/feed?before=1")
        async with await house.client("sam") as client:
            assert "Pin it" not in await get(client, "/tasks/feed")
            await get(client, "/tasks/feed?project=TSK", 404)
            await get(client, "/tasks/feed?task=TSK-1", 404)

        assert "Ben changed the priority. Priority Normal → became Urgent" in page.text
        assert '<a class="link" href="/tasks/TSK-1">' in page
        assert 'href="/tasks/TSK-2"' not in page
        assert ("Ada created it." in page.text, "Ada created it." in bens.text) == (True, False)
        assert "Nothing happened here yet" in mine.text
        assert ("Ben changed the priority." in of_task.text, "deleted" in of_task.text) == (
            True,
            False,
        )
        assert "Nothing more" in older.text


@one_engine
async def test_the_history_of_a_task_is_a_part_of_its_page(db):
    async with db() as database:
        house = await house_of(database)
        made = await house.world.task("Pin it", description="one\ntwo")
        async with database.write() as tx:
            form = TaskChange(description="one\n2")
            await service.change(tx, house.world.ben, made.key, form, CLOCK)
        async with await house.client("cho") as client:
            part = await get(client, "/-/tasks/history/tsk-1", **HTMX)

        assert f'id="history" data-live="task/{made.id}" data-src="/-/tasks/history/TSK-1"' in part
        assert ("<del>two</del>" in part, "<ins>2</ins>" in part) == (True, True)
        assert "Ada created it." in part.text
