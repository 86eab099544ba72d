"""What has to wait: edits that go on, quiet hours, digests."""

from datetime import time, timedelta

import pytest

from bongsu.accounts import store as accounts
from bongsu.deliver.letter import plain
from bongsu.tell import store, store_choices
from bongsu.tell.store_notices import is_due
from tests.tell.support import comment, edit, task_event, town

MOVED = {
    "before": {"status": "waiting", "column": "Waiting"},
    "after": {"status": "in_progress", "column": "In progress"},
}


async def watched(database):
    """A task of Alice that Bob watches."""
    home = await town(database, "Alice", "Bob")
    return home, home.id("Alice"), {"watchers": [home.id("Bob")]}


async def until(home):
    async with home.db.read() as tx:
        return [one.told.until for one in await store.of_subject(tx, "task/42")]


# --- edits of one text


async def test_rapid_edits_of_one_text_are_one_mail_from_before_the_first_to_after_the_last(db):
    async with db() as database:
        home, alice, task = await watched(database)
        await home.hear(edit(alice, "one", "two", **task))
        await home.wait(4)
        await home.hear(edit(alice, "two", "three", **task))
        await home.hear(edit(alice, "Pin", "Pin it", "title", **task))
        await home.wait(4.9)
        early = await home.sent()
        await home.wait(0.2)
        (only,) = await home.sent()
        decided = await home.decided()

    assert [] == early
    assert (
        ("Title", "Pin", "Pin it"),
        ("Description", "one", "three"),
    ) == only.delivery.message.changes
    assert "Alice changed 2 details." == only.delivery.message.lead
    assert [("Bob", True, "watches it")] == decided


async def test_an_edit_that_is_taken_back_is_not_told_and_says_why(db):
    async with db() as database:
        home, alice, task = await watched(database)
        await home.hear(edit(alice, "one", "two", **task), edit(alice, "two", "one", **task))
        waiting = await home.decided()
        await home.wait(6)

        assert [("Bob", False, "further edits are waited for")] == waiting
        assert [
            ("Bob", False, "the edit was taken back before it was told")
        ] == await home.decided()
        assert [] == await home.sent()


async def test_edits_of_different_people_are_told_apart(db):
    async with db() as database:
        home = await town(database)
        alice, bob, charlie = (home.id(name) for name in home.people)
        task = {"watchers": [charlie]}
        await home.hear(edit(alice, "one", "two", **task))
        await home.wait(1)
        await home.hear(edit(bob, "two", "three", **task))
        await home.wait(0)
        first = await home.leads()
        await home.hear(edit(alice, "three", "four", **task))
        await home.wait(5)
        changes = [row.delivery.message.changes for row in await home.sent()]

    assert [("charlie", "Alice changed the description.")] == first
    assert [("one", "two"), ("two", "three"), ("three", "four")] == [c[0][1:] for c in changes]


async def test_other_changes_do_not_wait_for_an_edit(db):
    async with db() as database:
        home, alice, task = await watched(database)
        await home.hear(edit(alice, "one", "two", **task))
        await home.hear(task_event(by=alice, **MOVED, **task))
        at_once = await home.leads()
        await home.wait(5)

        assert [("bob", "Alice moved it from Waiting to In progress.")] == at_once
        assert ("bob", "Alice changed the description.") == (await home.leads())[1]


async def test_a_save_of_more_than_texts_does_not_wait(db):
    async with db() as database:
        home, alice, task = await watched(database)
        both = {"before": {"title": "a", "priority": 2}, "after": {"title": "b", "priority": 4}}

        await home.hear(task_event("updated", by=alice, **both, **task))

        assert [("bob", "Alice changed 2 details.")] == await home.leads()


async def test_edits_of_one_comment_are_put_together_too(db):
    async with db() as database:
        home, alice, task = await watched(database)
        note = {"note": {"id": 7, "text": "c", "mentions": []}}
        for before, after in (("a", "b"), ("b", "c")):
            await home.hear(
                task_event("comment_edited", by=alice, before={"comment": before},
                           after={"comment": after}, more=note, **task)
            )  # fmt: skip
        await home.wait(5)
        (only,) = await home.sent()

    assert (("Comment", "a", "c"),) == only.delivery.message.changes


async def test_a_clock_that_is_set_back_lets_no_edit_wait_for_an_hour(db):
    async with db() as database:
        home, alice, task = await watched(database)
        await home.hear(edit(alice, "one", "two", **task))
        home.clock.jump(-3600)
        await home.wait(0)

        assert [("bob", "Alice changed the description.")] == await home.leads()


# --- asked again when it is sent


@pytest.mark.parametrize("how", ["shut out", "disabled", "muted", "switched off"])
async def test_who_may_not_or_will_not_hear_it_any_more_gets_nothing(db, how):
    async with db() as database:
        home, alice, task = await watched(database)
        bob = home.id("Bob")
        await home.hear(edit(alice, "one", "two", **task))
        async with database.write() as tx:
            if how == "disabled":
                await accounts.update_user(tx, bob, disabled_at=home.clock.now())
            elif how == "muted":
                await store_choices.mute(tx, bob, "task/42", "[TSK-42]", "/x", home.clock.now())
        if how == "shut out":
            home.gate.shut_out.add(("task/42", bob))
        if how == "switched off":
            await home.prefer("Bob", off=True)
        await home.wait(6)
        why = {
            "shut out": "may not see it", "disabled": "the account is disabled",
            "muted": "TSK-42 is muted", "switched off": "mails about tasks are switched off",
        }  # fmt: skip

        assert [("Bob", False, why[how])] == await home.decided()
        assert [] == await home.sent()


async def test_news_that_fail_are_tried_three_times_and_then_given_up_loudly(db):
    async with db() as database:
        home, alice, task = await watched(database)
        await home.hear(edit(alice, "one", "two", **task))
        home.gate.broken = True
        for _ in range(4):
            await home.wait(61)
        async with database.read() as tx:
            left = await is_due(tx, home.clock.now() + timedelta(days=1))

        assert [("Bob", False, "it could not be said, by a fault of ours")] == await home.decided()
        assert ["own.telling_failed"] == [e.type for e in await home.events("own.")]
        assert not left


# --- quiet hours and digests

NIGHT_S = 12 * 3600  # from noon to midnight in Seoul


async def test_the_night_is_quiet_and_one_change_comes_in_the_morning_as_its_own_mail(db):
    async with db() as database:
        home, alice, task = await watched(database)
        await home.prefer("Bob", quiet_from=time(22), quiet_until=time(7))
        await home.wait(NIGHT_S)
        await home.hear(task_event(by=alice, **MOVED, **task))
        night, waits = await home.sent(), await until(home)
        await home.wait(7 * 3600)
        (only,) = await home.sent()

    assert [] == night
    assert [7] == [(at + timedelta(hours=9)).hour for at in waits]
    assert ("[TSK-42] Pin the client", "task/42") == (
        only.delivery.message.subject,
        only.delivery.message.thread,
    )


async def test_several_changes_come_as_one_digest_newest_first_by_task(db):
    async with db() as database:
        home, alice, task = await watched(database)
        await home.prefer("Bob", digest="hourly")
        await home.hear(task_event(by=alice, **MOVED, **task))
        await home.wait(60)
        await home.hear(task_event("created", by=alice, id=43, key="TSK-43", title="Release", **task,
                                   after={"title": "Release"}))  # fmt: skip
        await home.wait(60)
        await home.hear(comment(alice, "Done?", **task))
        await home.wait(3600)
        (only,) = await home.sent()
        message, decided = only.delivery.message, await home.decided()

    assert ("3 changes to your tasks", "3 changes to 2 tasks.") == (message.subject, message.lead)
    assert ["[TSK-42] Pin the client", "[TSK-43] Release"] == [g.heading for g in message.groups]
    assert (
        ("24 Nov, 12:02", "Alice commented.\n“Done?”"),
        ("24 Nov, 12:00", "Alice moved it from Waiting to In progress."),
    ) == message.groups[0].lines
    assert {("Bob", True, "in a digest")} == set(decided)
    assert "24 Nov, 12:01  Alice created it." in plain(message)


async def test_a_digest_names_a_long_text_that_changed_and_leaves_it_to_the_page(db):
    async with db() as database:
        home, alice, task = await watched(database)
        await home.prefer("Bob", digest="hourly")
        was, now = {"description": "a\nb", "priority": 2}, {"description": "a\nc", "priority": 3}
        await home.hear(task_event("updated", by=alice, before=was, after=now, **task))
        await home.wait(1)
        await home.hear(comment(alice, "Done?", **task))
        await home.wait(3600)
        (only,) = await home.sent()

    said = only.delivery.message.groups[0].lines[1][1]
    assert "Alice changed 2 details.\nPriority: Normal → High\nDescription: …" == said


async def test_a_digest_shows_twenty_and_counts_the_rest(db):
    async with db() as database:
        home, alice, task = await watched(database)
        await home.prefer("Bob", digest="daily", digest_hour=8)
        for number in range(23):
            await home.hear(comment(alice, f"no. {number}", **task))
            await home.wait(1)
        await home.wait(24 * 3600)
        (only,) = await home.sent()
        groups = only.delivery.message.groups

    assert [20, 1] == [len(group.lines) for group in groups]
    assert "no. 22" in groups[0].lines[0][1]
    assert (("", "and 3 more, on the pages of the tasks"),) == groups[1].lines


async def test_an_empty_digest_is_not_sent(db):
    async with db() as database:
        home, alice, task = await watched(database)
        await home.prefer("Bob", digest="hourly")
        await home.hear(edit(alice, "a", "b", **task), edit(alice, "b", "a", **task))
        await home.wait(3600)

        assert [] == await home.sent()
        assert ["the edit was taken back before it was told"] == [
            w for *_, w in await home.decided()
        ]


async def test_a_mention_comes_at_once_in_spite_of_a_digest_but_never_before_the_creation(db):
    async with db() as database:
        home, alice, task = await watched(database)
        await home.prefer("Bob", digest="daily")
        await home.hear(task_event("created", by=alice, after={"title": "Pin the client"}, **task))
        await home.hear(comment(alice, "@Bob?", [home.id("Bob")], **task))
        leads = await home.leads()
        await home.wait(24 * 3600)

        assert (
            [
                ("bob", "Alice created it."),
                ("bob", "Alice mentioned you in a comment."),
            ]
            == leads
            == await home.leads()
        )


async def test_an_edit_that_is_due_does_not_overtake_the_creation_either(db):
    async with db() as database:
        home, alice, task = await watched(database)
        await home.prefer("Bob", digest="daily")
        await home.hear(task_event("created", by=alice, after={"title": "Pin the client"}, **task))
        await home.prefer("Bob")
        await home.hear(edit(alice, "a", "b", **task))
        await home.wait(5)

        assert ["Alice created it.", "Alice changed the description."] == [
            lead for _, lead in await home.leads()
        ]
