"""What people look for among deliveries: messages, and whatever was given up; copies of the log on demand."""

from bongsu.deliver import outbox, store, store_listing
from bongsu.deliver.model import DeliveryError, Fate, Sent
from bongsu.kit.i18n import say
from tests.deliver.support import message
from tests.people import CLOCK


async def put(tx, key: str) -> int:
    return await outbox.enqueue(
        tx, key=key, kind="mail", options={"to": ["kim@example.com"]}, recipient="kim@example.com",
        message=message(key), subject="task/1", event_id=None, clock=CLOCK,
    )  # fmt: skip


async def give_up(tx) -> None:
    (claimed,) = await store.claim(tx, "mail", worker="w", now=CLOCK.now(), lease_s=9, limit=1)
    error = DeliveryError(say("no such table"), permanent=True)
    await store.finish(
        tx, Sent(claimed, CLOCK.now(), 1, None, error), Fate("dead"), "w", "no such table"
    )


async def test_copies_stand_apart_unless_they_were_given_up(db):
    async with db() as database, database.write() as tx:
        dead = await put(tx, outbox.copy_key("e1", "table"))
        await give_up(tx)
        well = await put(tx, outbox.copy_key("e2", "table"))
        mail = await put(tx, "task/1/mail")
        found = {
            asked: [row.delivery.id for row in await store_listing.listed(tx, copies=asked)]
            for asked in (None, False, True)
        }
        counts = await store_listing.counts(tx)

    assert found == {None: [mail, well, dead], False: [mail, dead], True: [well, dead]}
    assert counts == {"dead": 1, "waiting": 1, "copies": 1}
