"""What must not go out any more at the moment of sending does not."""

from bongsu.deliver import outbox, store
from bongsu.deliver.model import DeliveryError
from bongsu.deliver.worker import Worker
from bongsu.events import log
from bongsu.kit.clock import ManualClock
from bongsu.kit.i18n import say
from tests.deliver.support import Mailbox, context, message, smtp_server, until

WHY = say("no access any more")


async def queue(database, clock, *names: str) -> list[int]:
    async with database.write() as tx:
        return [
            await outbox.enqueue(
                tx, key=name, kind="mail", options={"to": [f"{name}@example.com"]}, recipient=name,
                message=message(name), subject="task/42", event_id=None, clock=clock,
            )
            for name in names
        ]  # fmt: skip


async def state(database, number: int) -> store.Row:
    async with database.read() as tx:
        row = await store.get(tx, number)
    assert row is not None
    return row


async def test_who_lost_access_gets_nothing_and_the_others_get_theirs(db):
    box, clock = Mailbox(), ManualClock()
    async with db() as database, smtp_server(box) as port:
        kim, lee = await queue(database, clock, "kim", "lee")

        async def guard(tx, claimed):
            return {one.id: WHY for one in claimed if one.recipient == "kim"}

        mail = context(f"smtp://127.0.0.1:{port}?from=b@example.com")
        worker = Worker(database, mail, clock, guard=guard)
        await worker.round()
        await until(lambda: box.mails)
        await worker.round()
        rows = [await state(database, one) for one in (kim, lee)]
        async with database.read() as tx:
            news = [e.type for e in await log.search(tx, type_prefix="delivery.")]
            lanes = await store.due_lanes(tx, clock.now())

    assert [["lee@example.com"]] == box.recipients
    assert ["withdrawn", "delivered"] == [row.state for row in rows]
    assert {"error": WHY.stored()} == rows[0].receipt
    assert ["delivery.delivered", "delivery.withdrawn"] == sorted(news)
    assert [] == lanes


async def test_when_it_cannot_be_found_out_it_is_tried_again_later(db):
    box, clock = Mailbox(), ManualClock()
    asked = []

    async def guard(tx, claimed):
        asked.append(claimed)
        return (
            {one.id: DeliveryError(say("no answer")) for one in claimed} if len(asked) < 2 else {}
        )

    async with db() as database, smtp_server(box) as port:
        (kim,) = await queue(database, clock, "kim")
        mail = context(f"smtp://127.0.0.1:{port}?from=b@example.com")
        worker = Worker(database, mail, clock, guard=guard, jitter=lambda: 0.0)
        await worker.round()
        await worker.round()
        waiting = await state(database, kim)
        clock.advance(60)
        await worker.round()
        await until(lambda: box.mails)
        await worker.round()
        after = await state(database, kim)

    assert ("waiting", "delivered") == (waiting.state, after.state)
    assert {"error": say("no answer").stored()} == waiting.receipt
