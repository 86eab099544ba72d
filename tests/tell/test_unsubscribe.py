"""One click in a mail: signed, without a session, only by POST, at once, with a way back."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.tell import pages, store_choices
from bongsu.tell.links import SCOPES, WayOut, claimed, is_signed, token
from tests.people import app_with, visitor
from tests.tell.support import PUBLIC, comment, task_event, town

MOVED = {
    "before": {"status": "waiting", "column": "Waiting"},
    "after": {"status": "in_progress", "column": "In progress"},
}
SAFE = st.text(alphabet="abc/0123456789.", max_size=40)


async def mailed(database):
    """Bob watches a task and was mailed once; gives the links of that mail by their words."""
    home = await town(database, "Alice", "Bob")
    await home.hear(task_event(by=home.id("Alice"), watchers=[home.id("Bob")], **MOVED))
    message = (await home.sent())[0].delivery.message
    links = {words: address.removeprefix(PUBLIC) for words, address in message.ways_out}
    return home, links | {"header": message.unsubscribe.removeprefix(PUBLIC)}


def client_of_nobody(home):
    return visitor(app_with(home.db, pages.router, clock=home.clock))


async def told(home) -> int:
    before = len(await home.sent())
    await home.hear(task_event(by=home.id("Alice"), watchers=[home.id("Bob")], **MOVED))
    return len(await home.sent()) - before


@pytest.mark.parametrize(
    ("words", "heading"),
    [
        ("header", "Mails about [TSK-42] Pin the client"),
        ("Mute TSK-42", "Mails about [TSK-42] Pin the client"),
        ("Mute the project Tasks", "Mails about the project Tasks"),
        ("No more of “Status changes”", "Mails of the kind “Status changes”"),
    ],
)
async def test_looking_changes_nothing_and_one_post_stops_it_until_it_is_taken_back(
    db, words, heading
):
    async with db() as database:
        home, links = await mailed(database)
        async with client_of_nobody(home) as client:
            page = await client.get(links[words])
            after_looking = await told(home)
            body = {"List-Unsubscribe": "One-Click"}
            stopped = await client.post(links[words], data=body)
            twice = await client.post(links[words])
            after_click = await told(home)
            back = await client.post(f"{links[words]}/back")
            after_back = await told(home)

    assert heading in re.sub(r"\s+", " ", page.text)
    assert [200] * 4 == [one.status_code for one in (page, stopped, twice, back)]
    assert (1, 0, 1) == (after_looking, after_click, after_back)
    assert "They no longer come to bob@example.com." in stopped.text
    assert "They come to bob@example.com now." in back.text
    assert "set-cookie" not in stopped.headers


async def test_a_muted_task_of_the_link_is_listed_among_the_muted(db):
    async with db() as database:
        home, links = await mailed(database)
        async with client_of_nobody(home) as client:
            await client.post(links["header"])
        async with database.read() as tx:
            (muted,) = await store_choices.muted_by(tx, home.id("Bob"))
        changed = await home.events("telling.")

    assert ("task/42", "[TSK-42] Pin the client", "/tasks/TSK-42") == (
        muted.subject,
        muted.heading,
        muted.path,
    )
    assert [f"user/{home.id('Bob')}"] == [event.actor for event in changed]


async def test_a_digest_can_be_stopped_as_a_whole(db):
    async with db() as database:
        home = await town(database, "Alice", "Bob")
        await home.prefer("Bob", digest="hourly")
        for text in ("one", "two"):
            await home.hear(comment(home.id("Alice"), text, watchers=[home.id("Bob")]))
        await home.wait(3600)
        (only,) = await home.sent()
        link = only.delivery.message.unsubscribe.removeprefix(PUBLIC)
        async with client_of_nobody(home) as client:
            stopped = await client.post(link)
        await home.hear(task_event(by=home.id("Alice"), watchers=[home.id("Bob")], **MOVED))

        assert "All mails about tasks" in stopped.text
        assert ("Bob", False, "mails about tasks are switched off") == (await home.decided())[-1]


async def test_the_page_speaks_the_language_of_whoever_got_the_mail(db):
    async with db() as database:
        home, links = await mailed(database)
        await home.language("Bob", "ko")
        async with client_of_nobody(home) as client:
            page = await client.get(links["header"], headers={"accept-language": "en"})

    assert "그만 받기" in page.text


async def test_a_link_that_nobody_signed_does_nothing(db):
    async with db() as database:
        home, links = await mailed(database)
        bob, alice = home.id("Bob"), home.id("Alice")
        good = links["header"].rpartition("/")[2]
        other = token(WayOut(alice, "all"), "guessed")
        mixed = token(WayOut(bob, "all"), "x").partition(".")[0] + "." + good.partition(".")[2]
        async with client_of_nobody(home) as client:
            answers = [
                (await client.post(f"/unsubscribe/{one}")).status_code
                for one in (other, mixed, good[:-2], good + "x", "x", "..", "%00", "é.é")
            ]

        assert [404] * 8 == answers
        assert 1 == await told(home)


@given(user_id=st.integers(1, 10**12), scope=st.sampled_from(SCOPES), target=SAFE, secret=SAFE)
def test_a_token_says_what_was_signed_and_only_its_key_opens_it(user_id, scope, target, secret):
    one = WayOut(user_id, scope, target)
    made = token(one, secret)

    assert one == claimed(made)
    assert is_signed(made, secret)
    assert not is_signed(made, f"{secret}x")
    assert re.fullmatch(r"[\w-]+\.[\w-]+", made, re.ASCII)


@given(st.text(max_size=60))
def test_any_text_is_looked_at_without_harm(text):
    claimed(text)
    assert not is_signed(text, "secret")
