"""What the log says of tasks and projects in words, and who reads which part of it."""

from datetime import timedelta

import pytest

from bongsu.accounts.model import SYSTEM
from bongsu.tasks import columns, links, projects, service, store_feed, transfer
from bongsu.tasks.changes import Change
from bongsu.tasks.inputs import (
    LinkTo,
    Membership,
    Move,
    NewColumn,
    NewProject,
    NewTask,
    ProjectChange,
    TaskChange,
)
from bongsu.tasks.news import tell_log
from bongsu.tasks.told import FEED_TYPES, told
from tests.people import CLOCK
from tests.tasks.support import statements, world_of


async def _feed(world, ids=None, **how):
    async with world.db.read() as tx:
        return await store_feed.of_projects(
            tx, FEED_TYPES, [world.project.id] if ids is None else ids, **how
        )


async def _said(world, me=0, language="en", **how):
    return [
        str(told(event, me, language).what.to(language))
        for event in (await _feed(world, **how)).events
    ]


async def _change(world, key="TSK-1", actor=None, **said):
    async with world.db.write() as tx:
        return await service.change(tx, actor or world.ben, key, TaskChange(**said), CLOCK)


async def test_each_kind_of_change_is_one_sentence_and_its_values(db):
    async with db() as database:
        world = await world_of(database)
        await world.task(labels=["tls"])
        await _change(world, status="in_progress", priority=4)
        await _change(world, assignees=[world.cho.id])
        await _change(world, title="Pin it", due="2026-12-24 14:00")
        await _change(world, labels=["tls", "shop"])
        async with database.write() as tx:
            await service.delete(tx, world.ada, "TSK-1", CLOCK)

        events = (await _feed(world)).events
        lines = [told(event, world.cho.id, "en") for event in events]

        assert [
            "Ada deleted it.",
            "Ben changed the labels.",
            "Ben changed 2 details.",
            "Ben assigned it to you.",
            "Ben moved it from Waiting to In progress.",
            "Ada created it.",
        ] == [str(one.what) for one in lines[:6]]
        assert [("Labels", "tls", "shop, tls")] == [
            (r.name, r.before, r.after) for r in lines[1].rows
        ]
        assert [
            ("Title", "Pin the client", "Pin it"),
            ("Due", "none", "24 Dec 2026, 14:00"),
        ] == [(r.name, r.before, r.after) for r in lines[2].rows]
        assert () == lines[3].rows
        assert [("Priority", "Normal", "Urgent")] == [
            (r.name, r.before, r.after) for r in lines[4].rows
        ]
        assert ("TSK-1", "/tasks/TSK-1", "Shop", "Ada") == (
            lines[0].key,
            lines[0].href,
            lines[0].project,
            lines[0].who,
        )
        assert lines[0].of_task


async def test_a_place_in_the_column_and_a_turn_of_the_incident_are_not_called_a_file(db):
    async with db() as database:
        world = await world_of(database)
        one = await world.task()
        await world.task("Another")
        async with database.write() as tx:
            form = Move(column="Waiting", after="TSK-2")
            moved = await service.move(tx, world.ben, "TSK-1", form, CLOCK)
            for state in ("open", "acknowledged", "resolved"):
                change = Change("incident_changed", {}, {"incident": f"INC-7 {state}"})
                tell_log(tx, SYSTEM, moved, change, CLOCK)
        async with database.read() as tx:
            events = (await store_feed.of_task(tx, one.id)).events

        assert [
            "INC-7 is over.",
            "Somebody has INC-7.",
            "INC-7 is open.",
            "Ben moved it up or down in Waiting.",
            "Ada created it.",
        ] == [str(told(event, 0, "en").what) for event in events]
        assert "{" not in "".join(told(event, 0, "ko").what.to("ko") for event in events)


async def test_long_texts_are_shown_line_by_line(db):
    async with db() as database:
        world = await world_of(database)
        await world.task(description="one\ntwo\nthree")
        await _change(world, description="one\n2\nthree")

        (row,) = told((await _feed(world)).events[0], 0, "en").rows

        assert [("same", "one"), ("gone", "two"), ("new", "2"), ("same", "three")] == [
            (line.kind, line.text) for line in row.lines
        ]


async def test_projects_have_sentences_of_their_own(db):
    async with db() as database:
        world = await world_of(database)
        async with database.write() as tx:
            await projects.change(
                tx, world.ada, "TSK", ProjectChange(title="The shop", everyone="viewer"), CLOCK
            )
            await projects.put_member(
                tx, world.ada, "TSK", world.sam.id, Membership(role="viewer"), CLOCK
            )
            await projects.put_member(
                tx, world.ada, "TSK", world.sam.id, Membership(role="member"), CLOCK
            )
            await projects.remove_member(tx, world.ada, "TSK", world.sam.id, CLOCK)
            form = NewColumn(name="Review", status="in_progress")
            await columns.add_column(tx, world.ada, "TSK", form, CLOCK)
            await projects.change(tx, world.ada, "TSK", ProjectChange(archived=True), CLOCK)
            await projects.change(tx, world.ada, "TSK", ProjectChange(archived=False), CLOCK)
        await transfer.take_in(database, world.ada, "TSK", "title\na\nb\n", CLOCK)

        events = (await _feed(world)).events
        lines = [told(event, 0, "en") for event in events]

        assert [
            "Ada took in 2 tasks from a file.",
            "Ada brought the project back.",
            "Ada archived the project.",
            "Ada changed the project.",
            "Ada took Sam out of the project.",
            "Ada changed what Sam may do: “See” → “Work on tasks”.",
            "Ada added Sam: “See”.",
            "Ada changed the project.",
            "Ada added Cho: “See”.",
            "Ada added Ben: “Work on tasks”.",
            "Ada added Ada: “Manage the project”.",
            "Ada made the project.",
        ][:10] == [str(one.what) for one in lines][:10]
        rows = [(r.name, r.before, r.after) for r in lines[3].rows]
        assert [
            ("Columns", "Waiting, In progress, Done", "Waiting, In progress, Review, Done")
        ] == rows
        rows = [(r.name, r.before, r.after) for r in lines[7].rows]
        assert [("Title", "Shop", "The shop"), ("What everyone may do", "Nothing", "See")] == rows
        assert ("/projects/TSK", False) == (lines[0].href, lines[0].of_task)


async def test_every_sentence_is_said_in_korean_too(db):
    async with db() as database:
        world = await world_of(database)
        await world.task()
        await _change(world, status="done")
        await _change(world, assignees=[world.ben.id])
        await transfer.take_in(database, world.ada, "TSK", "title\na\n", CLOCK)

        said = await _said(world, me=world.ben.id, language="ko")

        assert [
            "Ada 님이 파일에서 작업 1개를 들여왔습니다.",
            "Ben 님이 맡았습니다.",
            "Ben 님이 상태를 옮겼습니다: 대기 중 → 완료",
            "Ada 님이 작업을 만들었습니다.",
        ] == said[:4]


async def test_what_no_person_did_is_said_of_bongsu(db):
    from bongsu.accounts.model import SYSTEM

    async with db() as database:
        world = await world_of(database)
        async with database.write() as tx:
            await service.create(tx, SYSTEM, NewTask(project="TSK", title="From a rule"), CLOCK)

        line = told((await _feed(world)).events[0], 0, "en")

        assert ("Bongsu itself created it.", "") == (str(line.what), line.who)


async def test_the_history_of_a_task_has_its_import_its_reminders_and_its_links(db):
    from bongsu.tasks.worker import Reminders

    async with db() as database:
        world = await world_of(database)
        await transfer.take_in(
            database, world.ada, "TSK", "title,due\nPin it,2026-11-22 10:00\nTwo,\n", CLOCK
        )
        async with database.write() as tx:
            await links.link(tx, world.ben, "TSK-1", LinkTo(target="TSK-2", kind="blocks"), CLOCK)
        later = type(CLOCK)(CLOCK.now() + timedelta(hours=2))
        assert 1 == await Reminders(database, later).step()

        async with database.read() as tx:
            found = await store_feed.of_task(tx, 1, limit=2)
            rest = await store_feed.of_task(tx, 1, before_seq=found.older)

        said = [str(told(event, 0, "en").what) for event in (*found.events, *rest.events)]
        assert ["It is due soon.", "Ben changed the links.", "Ada took it in from a file."] == said
        assert rest.older is None
        links_row = told(found.events[1], 0, "en").rows
        assert [("Links", "none", "TSK-2 Two")] == [(r.name, r.before, r.after) for r in links_row]


# --- which events


async def test_the_feed_goes_on_where_the_page_before_ended(db):
    async with db() as database:
        world = await world_of(database)
        for n in range(7):
            await world.task(f"task {n}")

        first = await _feed(world, limit=3)
        second = await _feed(world, before_seq=first.older, limit=3)
        rest = await _feed(world, before_seq=second.older, limit=50)

        titles = [told(e, 0, "en").title for e in (*first.events, *second.events, *rest.events)]
        assert [f"task {n}" for n in range(6, -1, -1)] == titles[:7]
        assert rest.older is None


async def test_the_feed_is_of_the_projects_that_were_named_and_of_one_person(db):
    async with db() as database:
        world = await world_of(database)
        async with database.write() as tx:
            two = await projects.create(tx, world.ben, NewProject(key="TWO", title="Two"), CLOCK)
            await service.create(tx, world.ben, NewTask(project="TWO", title="of two"), CLOCK)
        await world.task("of one")
        await _change(world, priority=4)

        assert ["of two", "Two"] == [
            told(e, 0, "en").title for e in (await _feed(world, [two.id])).events
        ]
        assert ["of one"] == [
            told(e, 0, "en").title for e in (await _feed(world, by=world.ben.id)).events
        ]
        assert () == (await _feed(world, [])).events
        assert () == (await _feed(world, by=world.sam.id)).events


async def test_a_quiet_project_is_found_behind_a_loud_one_or_it_is_said_where_to_go_on(
    db, monkeypatch
):
    async with db() as database:
        world = await world_of(database)
        await world.task("quiet")
        async with database.write() as tx:
            two = await projects.create(tx, world.ben, NewProject(key="TWO", title="Two"), CLOCK)
            for n in range(30):
                await service.create(
                    tx, world.ben, NewTask(project="TWO", title=f"loud {n}"), CLOCK
                )
        assert "quiet" == told((await _feed(world)).events[0], 0, "en").title

        monkeypatch.setattr(store_feed, "_WINDOWS", (4, 8))
        nothing = await _feed(world, by=world.ada.id)
        assert ((), True) == (nothing.events, nothing.older is not None)
        seen, at = [], nothing.older
        while at is not None:
            more = await _feed(world, by=world.ada.id, before_seq=at)
            seen, at = [*seen, *more.events], more.older
        assert "quiet" in [told(event, 0, "en").title for event in seen]
        assert two.id != world.project.id


async def test_other_events_of_the_log_are_not_touched(db):
    from bongsu.events import log
    from bongsu.events.envelope import Draft

    async with db() as database:
        world = await world_of(database)
        await world.task("one")
        async with database.write() as tx:
            for n in range(20):
                log.record(
                    tx, Draft(type="check.state_changed", source="x", subject=f"check/{n}"), CLOCK
                )

        with statements(database) as asked:
            found = await _feed(world)

        assert "one" == told(found.events[0], 0, "en").title
        assert 2 == len(asked)


async def test_deleted_tasks_are_named_so_that_nothing_leads_to_them(db):
    async with db() as database:
        world = await world_of(database)
        one, two = await world.task("one"), await world.task("two")
        async with database.write() as tx:
            await service.delete(tx, world.ada, one.key, CLOCK)

        async with database.read() as tx:
            assert {one.id} == await store_feed.deleted(tx, {one.id, two.id})
            assert set() == await store_feed.deleted(tx, set())


@pytest.mark.parametrize(
    "data", [{}, {"task": None, "project": None, "before": None, "after": None}]
)
@pytest.mark.parametrize(
    "kind", ["task.updated", "task.created", "project.updated", "project.imported"]
)
def test_an_event_with_nothing_in_it_is_still_a_line(kind, data):
    from bongsu.events.envelope import Event

    names = dict.fromkeys(Event.__slots__)
    event = Event(
        **(
            names
            | {
                "type": kind,
                "data": data,
                "subject": "task/1",
                "seq": 1,
                "time": CLOCK.now(),
                "actor": "x",
            }
        )
    )

    assert told(event, 0, "ko").what.to("ko")
