"""A one-time link in a queued mail: the recipient gets it, nobody else, and it is gone afterwards."""

import pytest
import sqlalchemy as sa

from bongsu.db.schema import metadata
from bongsu.deliver import outbox, store, store_listing
from bongsu.deliver.mime import plain
from bongsu.kit.clock import SYSTEM_CLOCK, ManualClock
from bongsu.kit.errors import Conflict
from bongsu.tell.page_view import DeliveryView
from tests.deliver.support import Mailbox, context, message, smtp_server
from tests.deliver.test_worker import events, queue, rows, settled, worker

LINK = "https://bongsu.example.com/door/door_canary"


def secret(key: str = "k"):
    return message(key, link="", secret_link=LINK, act="Choose a new password", event={})


async def everything(database) -> str:
    async with database.read() as tx:
        found = [await tx.rows(sa.select(table)) for table in metadata.sorted_tables]
    return str(found)


async def test_the_recipient_gets_the_link_and_afterwards_it_is_nowhere(db):
    box = Mailbox()
    async with db() as database, smtp_server(box) as port:
        one = worker(database, context(f"smtp://127.0.0.1:{port}"))
        await queue(database, "k", message=secret())
        (before,) = await rows(database)
        await settled(one)
        (after,) = await rows(database)
        kept = await everything(database)

    (mail,) = box.parsed()
    for kind in ("plain", "html"):
        assert LINK in mail.get_body((kind,)).get_content()
    assert "Choose a new password" in mail.get_body(("html",)).get_content()
    assert LINK not in str(before) + plain(before.delivery.message)
    assert ("delivered", True) == (after.state, after.delivery.message.without_its_link)
    assert LINK not in kept


async def test_it_is_kept_for_the_next_attempt_and_wiped_when_all_are_used_up(db):
    box, clock = Mailbox(mail_answer="451 later"), ManualClock()
    async with db() as database, smtp_server(box) as port:
        one = worker(database, context(f"smtp://127.0.0.1:{port}", clock=clock), clock)
        await queue(database, "k", clock, message=secret())
        await settled(one)
        assert LINK in await everything(database)
        box.mail_answer = ""
        box.rcpt_answers = {"kim@example.com": "550 no such user"}
        clock.advance(60)
        await settled(one)
        (dead,) = await rows(database)
        kept = await everything(database)
        with pytest.raises(Conflict, match="kept for one sending only"):
            async with database.write() as tx:
                await outbox.again(tx, dead.delivery.id, "user/1", SYSTEM_CLOCK)
        news = str(await events(database, ""))

    assert ("dead", 2) == (dead.state, dead.delivery.attempts)
    assert not DeliveryView(dead).may_go_again
    assert LINK not in kept + news


async def test_a_mail_that_waits_may_be_sent_at_once_with_its_link(db):
    box, clock = Mailbox(mail_answer="451 later"), ManualClock()
    async with db() as database, smtp_server(box) as port:
        one = worker(database, context(f"smtp://127.0.0.1:{port}", clock=clock), clock)
        number = await queue(database, "k", clock, message=secret())
        await settled(one)
        box.mail_answer = ""
        async with database.write() as tx:
            await outbox.again(tx, number, "user/1", clock)
        await settled(one)

    assert LINK in box.parsed()[0].get_body(("plain",)).get_content()


async def test_reading_never_gives_the_link(db):
    async with db() as database:
        number = await queue(database, "k", message=secret())
        async with database.read() as tx:
            found = [
                await store.get(tx, number),
                *await store_listing.listed(tx),
            ]

    assert 2 == len(found)
    for row in found:
        assert "" == row.delivery.message.secret_link


def test_a_message_shows_its_link_neither_stored_nor_printed():
    one = secret()

    assert LINK not in str(one.stored()) + repr(one)
    assert LINK in plain(one)


def test_its_page_says_that_there_was_a_link():
    shown = plain(type(secret()).load(secret().stored()))

    assert "only the recipient gets to see" in shown
    assert LINK not in shown
