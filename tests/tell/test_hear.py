"""From a change of a task to everybody whom it concerns, by the built-in rules."""

import pytest

from bongsu.accounts import store as accounts
from bongsu.tell import store_choices
from tests.tell.support import PUBLIC, comment, edit, task_event, town

MOVED = {
    "before": {"status": "waiting", "column": "Waiting"},
    "after": {"status": "in_progress", "column": "In progress"},
}


async def test_creator_assignee_and_watcher_are_told_each_once_with_the_strongest_reason(db):
    async with db() as database:
        home = await town(database)
        alice, bob, charlie = (home.id(name) for name in home.people)

        await home.hear(
            task_event(
                by=alice, creator=alice, assignees=[bob], watchers=[alice, bob, charlie], **MOVED
            )
        )
        sent, decided = await home.sent(), await home.decided()

    assert [
        ("Alice", True, "created it"),
        ("Bob", True, "assigned"),
        ("Charlie", True, "watches it"),
    ] == decided
    assert {"Alice moved it from Waiting to In progress."} == {
        s.delivery.message.lead for s in sent
    }
    assert [
        "You get this because you created it.",
        "You get this because you are assigned.",
        "You get this because you watch it.",
    ] == [s.delivery.message.because for s in sent]


async def test_the_mail_says_what_changed_how_it_stands_and_the_ways_out(db):
    async with db() as database:
        home = await town(database)
        alice, bob = home.id("Alice"), home.id("Bob")

        await home.hear(
            task_event(by=alice, creator=alice, assignees=[bob], due="2026-11-30 14:00", **MOVED)
        )
        message = (await home.sent())[1].delivery.message

    assert ("[TSK-42] Pin the client", "task/42", "TSK") == (
        message.subject, message.thread, message.list_id,
    )  # fmt: skip
    assert (("Status", "Waiting", "In progress"),) == message.changes
    assert (
        ("Status", "In progress"), ("Assigned to", "Bob"), ("Due", "30 Nov 2026, 14:00"),
        ("Project", "Tasks"),
    ) == message.facts  # fmt: skip
    assert f"{PUBLIC}/tasks/TSK-42" == message.link
    assert [
        "Mute TSK-42",
        "Mute the project Tasks",
        "No more of “Status changes”",
        "Choose what I get",
    ] == [words for words, _ in message.ways_out]
    assert message.unsubscribe.startswith(f"{PUBLIC}/unsubscribe/")


async def test_an_hour_that_was_said_abroad_is_mailed_as_the_clock_of_who_reads_it_shows(db):
    async with db() as database:
        home = await town(database)
        bob = home.id("Bob")

        await home.hear(
            task_event(
                "updated", by=home.id("Alice"), assignees=[bob],
                due="2026-11-30 18:00", due_zone="America/New_York",
                before={"due": "2026-11-30"}, after={"due": "2026-11-30 18:00"},
                more={"due_zone": {"before": None, "after": "America/New_York"}},
            )
        )  # fmt: skip
        message = (await home.sent())[0].delivery.message

    assert (("Due", "30 Nov 2026", "1 Dec 2026, 08:00"),) == message.changes
    assert ("Due", "1 Dec 2026, 08:00") in message.facts


async def test_a_korean_is_told_in_korean(db):
    async with db() as database:
        home = await town(database)
        await home.language("Bob", "ko")
        alice, bob = home.id("Alice"), home.id("Bob")

        await home.hear(task_event(by=alice, assignees=[bob], due="2026-11-30", **MOVED))
        message = (await home.sent())[0].delivery.message

    assert "Alice 님이 상태를 옮겼습니다: 대기 중 → 진행 중" == message.lead
    assert (("상태", "대기 중", "진행 중"),) == message.changes
    assert ("기한", "2026년 11월 30일") in message.facts


async def test_who_is_no_longer_assigned_hears_that_too(db):
    async with db() as database:
        home = await town(database)
        alice, bob, charlie = (home.id(name) for name in home.people)
        before, after = [{"id": bob, "name": "Bob"}], [{"id": charlie, "name": "Charlie"}]

        await home.hear(
            task_event("assigned", by=alice, creator=alice, assignees=[charlie],
                       before={"assignees": before}, after={"assignees": after})
        )  # fmt: skip

        assert [
            ("alice", "Alice handed it from Bob to Charlie."),
            ("bob", "Alice took you off it."),
            ("charlie", "Alice assigned it to you."),
        ] == await home.leads()
        assert ("Bob", True, "assigned until now") in await home.decided()


async def test_a_task_that_one_assigns_to_oneself_is_not_silent_until_that_is_switched_off(db):
    async with db() as database:
        home = await town(database, "Alice")
        alice = home.id("Alice")
        created = task_event("created", by=alice, creator=alice, assignees=[alice],
                             after={"title": "Pin the client"})  # fmt: skip

        await home.hear(created)
        await home.prefer("Alice", own=False)
        await home.hear(task_event(by=alice, creator=alice, **MOVED))

        assert [("alice", "Alice created it.")] == await home.leads()
        assert ("Alice", False, "one’s own changes are switched off") == (await home.decided())[-1]


@pytest.mark.parametrize("when", ["shut out", "disabled"])
async def test_who_may_not_see_it_gets_nothing(db, when):
    async with db() as database:
        home = await town(database)
        bob = home.id("Bob")
        if when == "shut out":
            home.gate.shut_out.add(("task/42", bob))
        else:
            async with database.write() as tx:
                await accounts.update_user(tx, bob, disabled_at=home.clock.now())

        await home.hear(task_event(by=home.id("Alice"), watchers=[bob], **MOVED))

        why = "may not see it" if when == "shut out" else "the account is disabled"
        assert [("Bob", False, why)] == await home.decided()
        assert [] == await home.sent()


async def test_a_family_without_a_gate_is_told_to_nobody(db):
    async with db() as database:
        home = await town(database)
        home.follower.gates = {}

        await home.hear(task_event(by=home.id("Alice"), watchers=[home.id("Bob")], **MOVED))

        assert [("Bob", False, "nobody answers for who may see it")] == await home.decided()


async def test_a_comment_is_quoted_and_who_is_mentioned_hears_that(db):
    async with db() as database:
        home = await town(database)
        alice, bob, charlie = (home.id(name) for name in home.people)

        await home.hear(comment(alice, "Look, @Charlie:\n\n**bold**", [charlie], creator=bob))
        leads = await home.leads()
        message = (await home.sent())[0].delivery.message

    assert [("bob", "Alice commented."), ("charlie", "Alice mentioned you in a comment.")] == leads
    assert "Look, @Charlie:\n\n**bold**" == message.quote
    assert f"{PUBLIC}/tasks/TSK-42#note-7" == message.link
    assert () == message.changes


async def test_who_is_mentioned_in_a_description_is_told_that_at_once_and_others_of_the_edit(db):
    async with db() as database:
        home = await town(database)
        alice, bob, charlie = (home.id(name) for name in home.people)
        said = {"before": {"description": ""}, "after": {"description": "Ask @Charlie"}}

        await home.hear(
            task_event("updated", by=alice, creator=bob, watchers=[charlie],
                       more={"mentions": [charlie]}, **said)
        )  # fmt: skip
        await home.wait(6)

        assert [
            ("charlie", "Alice mentioned you in the description."),
            ("bob", "Alice changed the description."),
        ] == await home.leads()
        assert ("Charlie", True, "mentioned") in await home.decided()


async def test_who_is_mentioned_and_assigned_in_one_save_hears_that_the_work_is_theirs(db):
    async with db() as database:
        home = await town(database)
        alice, bob = home.id("Alice"), home.id("Bob")

        await home.hear(
            task_event("created", by=alice, assignees=[bob], watchers=[bob],
                       more={"mentions": [bob]}, after={"description": "@Bob, please"})
        )  # fmt: skip

        assert [("bob", "Alice created it and assigned it to you.")] == await home.leads()


async def test_a_mention_in_an_incident_tells_only_who_is_mentioned(db):
    async with db() as database:
        home = await town(database)
        alice, bob = home.id("Alice"), home.id("Bob")
        draft = comment(alice, "Can you look, @Bob?", [bob])
        incident = {
            "name": "INC-12", "title": "Shop is down", "by": alice,
            "note": {"id": 3, "text": "Can you look, @Bob?", "mentions": [bob]},
        }  # fmt: skip
        values = {"type": "incident.commented", "subject": "incident/12", "data": incident}

        await home.hear(type(draft)(**{n: getattr(draft, n) for n in draft.__slots__} | values))
        message = (await home.sent())[0].delivery.message

    assert ("[INC-12] Shop is down", "incident/12") == (message.subject, message.thread)
    assert "Alice mentioned you in a comment." == message.lead


async def test_the_subject_of_the_thread_stays_when_the_task_is_renamed(db):
    async with db() as database:
        home = await town(database)
        alice = home.id("Alice")
        await home.hear(task_event(by=alice, creator=alice, **MOVED))

        await home.hear(
            edit(alice, "Pin the client", "Pin it", "title", creator=alice, title="Pin it")
        )
        await home.wait(5)
        first, second = (row.delivery.message for row in await home.sent())

    assert first.subject == second.subject == "[TSK-42] Pin the client"
    assert "[TSK-42] Pin it" == second.heading
    assert (("Title", "Pin the client", "Pin it"),) == second.changes


async def test_who_follows_a_project_hears_of_its_tasks_and_mute_and_mine_hold(db):
    async with db() as database:
        home = await town(database, "Alice", "Bob", "Charlie", "Dana")
        alice, bob, charlie, dana = (home.id(name) for name in home.people)
        async with database.write() as tx:
            for user_id, choice in ((dana, "all"), (bob, "mute"), (charlie, "mine")):
                await store_choices.heard_of(tx, user_id, "project/1", "Tasks")
                assert await store_choices.choose_project(tx, user_id, "project/1", choice)

        await home.hear(task_event(by=alice, assignees=[bob], watchers=[charlie], **MOVED))

        assert [
            ("Bob", False, "the project Tasks is muted"),
            ("Charlie", False, "of the project Tasks only one’s own tasks"),
            ("Dana", True, "follows the project"),
        ] == await home.decided()


async def test_nobody_is_told_that_somebody_began_to_watch_unless_it_was_done_to_them(db):
    async with db() as database:
        home = await town(database)
        alice, bob, charlie = (home.id(name) for name in home.people)
        was, now = [{"id": alice, "name": "Alice"}], [{"id": bob, "name": "Bob"}]

        await home.hear(
            task_event("updated", by=alice, creator=charlie, watchers=[alice, bob],
                       before={"watchers": was}, after={"watchers": was + now})
        )  # fmt: skip

        assert [("bob", "Alice changed who watches it.")] == await home.leads()


async def test_what_is_no_news_tells_nobody(db):
    async with db() as database:
        home = await town(database)
        alice = home.id("Alice")

        await home.hear(
            task_event("imported", by=alice, creator=alice, after={"title": "x"}),
            task_event("created", by=alice, creator=alice, key=""),
        )

        assert [] == await home.decided()
        assert [] == await home.events("own.")
