import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bongsu.db.session import Database
from bongsu.deliver import outbox, store, store_channels, store_listing
from bongsu.deliver.context import Context
from bongsu.deliver.model import DeliveryError, Receipt
from bongsu.deliver.tables import channel, delivery
from bongsu.deliver.worker import Limits, Worker
from bongsu.events import log
from bongsu.events.envelope import Draft
from bongsu.kit.clock import SYSTEM_CLOCK, Clock, ManualClock
from bongsu.kit.errors import Conflict, NotFound
from bongsu.kit.i18n import say
from bongsu.net.model import Response
from tests.deliver.support import Mailbox, context, message, smtp_server, until


def no_jitter() -> float:
    return 0.0


def worker(database: Database, ctx: Context, clock: Clock = SYSTEM_CLOCK, **limits: Any) -> Worker:
    return Worker(database, ctx, clock, limits=Limits(**limits), jitter=no_jitter)


async def queue(database: Database, key: str, clock: Clock = SYSTEM_CLOCK, **values: Any):
    given: dict[str, Any] = {
        "kind": "mail",
        "options": {"to": ["kim@example.com"]},
        "recipient": "kim@example.com",
        "message": message(key),
        "subject": f"incident/{key}",
        "event_id": None,
    }
    async with database.write() as tx:
        return await outbox.enqueue(tx, key=key, clock=clock, **(given | values))


async def rows(database: Database) -> list[store.Row]:
    async with database.read() as tx:
        return list(reversed(await store_listing.listed(tx, limit=200)))


async def events(database: Database, prefix: str) -> list[Any]:
    async with database.read() as tx:
        return list(reversed(await log.search(tx, type_prefix=prefix, limit=500)))


@contextlib.asynccontextmanager
async def running(*workers: Worker) -> AsyncIterator[None]:
    stop = asyncio.Event()
    tasks = [asyncio.create_task(one.run(stop)) for one in workers]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def settled(one: Worker) -> None:
    """Rounds until nothing is under way; for clocks that stand still."""
    while await one.round() or one._sends:
        if one._sends:
            await asyncio.wait(list(one._sends))
            await asyncio.sleep(0)


async def test_the_same_key_is_queued_once(db):
    async with db() as database:
        assert await queue(database, "k") is not None
        assert await queue(database, "k") is None

        assert 1 == len(await rows(database))


async def test_what_is_queued_is_sent_within_a_tenth_of_a_second_of_the_wake_up(db):
    box, taken_s = Mailbox(), []
    async with db() as database, smtp_server(box) as port:
        one = worker(database, context(f"smtp://127.0.0.1:{port}"))
        async with running(one):
            for number in range(5):
                await asyncio.sleep(0.05)
                box.arrived.clear()
                await queue(database, f"k{number}")
                started = asyncio.get_running_loop().time()
                one.wake.set()
                await asyncio.wait_for(box.arrived.wait(), 2)
                taken_s.append(asyncio.get_running_loop().time() - started)
        row, event = (await rows(database))[-1], (await events(database, "delivery.delivered"))[-1]

    assert min(taken_s) < 0.1, taken_s  # the best of five: other work on this machine is not ours
    assert ("delivered", "Queued as 4711") == (row.state, (row.receipt or {})["text"])
    assert (f"delivery/{row.delivery.id}", ("incident/k4",)) == (event.subject, event.resources)


async def test_without_a_wake_up_it_is_found_within_a_poll(db):
    box = Mailbox()
    async with db() as database, smtp_server(box) as port:
        async with running(worker(database, context(f"smtp://127.0.0.1:{port}"))):
            await queue(database, "k")
            await asyncio.wait_for(box.arrived.wait(), 1.5)

        assert ["delivered"] == [row.state for row in await rows(database)]


async def test_a_refusal_for_now_climbs_the_ladder_and_every_attempt_is_kept(db):
    clock = ManualClock()
    box = Mailbox(data_answers=["451 later", "452 full"])
    async with db() as database, smtp_server(box) as port:
        one = worker(database, context(f"smtp://127.0.0.1:{port}", clock=clock), clock)
        await queue(database, "k", clock)
        await settled(one)
        (first,) = await rows(database)
        clock.advance(4.9)
        await settled(one)
        assert 1 == len(box.data_answers)
        clock.advance(0.2)
        await settled(one)
        clock.advance(15)
        await settled(one)
        (last,) = await rows(database)
        async with database.read() as tx:
            attempts = await store.attempts_of(tx, [last.delivery.id])

    assert ("waiting", timedelta(seconds=5)) == (
        first.state,
        (first.next_attempt_at or clock.now()) - first.created_at,
    )
    assert "delivered" == last.state
    assert [(1, False), (2, False), (3, True)] == [(a.number, a.ok) for a in attempts]
    assert "451" in attempts[0].text


async def test_a_recipient_that_does_not_exist_is_a_dead_letter_with_an_event_and_can_be_replayed(
    db,
):
    box = Mailbox(rcpt_answers={"kim@example.com": "550 no such user"})
    async with db() as database, smtp_server(box) as port:
        one = worker(database, context(f"smtp://127.0.0.1:{port}"))
        async with database.write() as tx:
            cause = log.record(tx, Draft(type="t", source="s", subject="check/1", depth=2))
        await queue(database, "k", event_id=cause)
        await settled(one)
        (dead,) = await rows(database)
        (failed,) = await events(database, "delivery.failed")
        box.rcpt_answers = {}
        async with database.write() as tx:
            await outbox.again(tx, dead.delivery.id, "user/1", SYSTEM_CLOCK)
        await settled(one)
        (replayed,) = await rows(database)
        async with database.write() as tx:
            with pytest.raises(Conflict, match=r"kim@example\.com is delivered"):
                await outbox.again(tx, dead.delivery.id, "user/1", SYSTEM_CLOCK)
            with pytest.raises(NotFound, match="no delivery 99"):
                await outbox.again(tx, 99, "user/1", SYSTEM_CLOCK)
        assert ["user/1"] == [e.actor for e in await events(database, "delivery.replayed")]

    assert ("dead", "delivered") == (dead.state, replayed.state)
    assert (4, 3, cause) == (failed.severity, failed.depth, failed.causation)
    assert "550" in failed.data["reason"]["args"]["why"]["args"]["text"] or "550" in str(
        failed.data
    )


async def test_a_hanging_lane_holds_up_nobody_else(db):
    """Fifty mails to a server that hangs; a webhook queued after them goes out at once."""
    box, posted = Mailbox(hang=True), []

    async def fetch(request: Any) -> Response:
        posted.append(request.url)
        return Response(request.url, status=204)

    async with db() as database, smtp_server(box) as port:
        one = worker(database, context(f"smtp://127.0.0.1:{port}", fetch=fetch), deadline_s=2.0)
        for number in range(50):
            await queue(database, f"m{number}")
        async with running(one):
            await until(lambda: len(one._sends) == 16)
            hook = {"url": "https://hooks.example.com/"}
            await queue(database, "w", kind="webhook", options=hook, channel="ops")
            started = asyncio.get_running_loop().time()
            one.wake.set()
            await until(lambda: posted)
            taken_s = asyncio.get_running_loop().time() - started

    assert taken_s < 0.2


async def test_a_deadline_ends_an_attempt_in_words(db):
    box = Mailbox(hang=True)
    async with db() as database, smtp_server(box) as port:
        one = worker(database, context(f"smtp://127.0.0.1:{port}"), deadline_s=0.1)
        await queue(database, "k")
        await settled(one)
        (row,) = await rows(database)

    assert ("waiting", "No answer within {seconds} s.") == (
        row.state, (row.receipt or {})["error"]["text"],
    )  # fmt: skip


async def test_two_workers_never_send_the_same_delivery(db):
    box = Mailbox()
    async with db() as database, smtp_server(box) as port:
        url = f"smtp://127.0.0.1:{port}"
        pair = [worker(database, context(url)) for _ in range(2)]
        for number in range(60):
            await queue(database, f"k{number}")
        async with running(*pair):
            await until(lambda: len(box.mails) >= 60)
            await asyncio.sleep(0.1)
        states = {row.state for row in await rows(database)}

    assert 60 == len({mail["Message-ID"] for mail in box.parsed()}) == len(box.mails)
    assert {"delivered"} == states


async def test_a_crash_between_sending_and_recording_gives_one_duplicate_with_the_same_id(db):
    """kill -9 of the first worker after the server took the mail: the row says sending, its lease runs out."""
    clock, box = ManualClock(), Mailbox()
    async with db() as database, smtp_server(box) as port:
        url = f"smtp://127.0.0.1:{port}"
        first = worker(database, context(url, clock=clock), clock)
        await queue(database, "k", clock)
        await first.round()
        await asyncio.wait(list(first._sends))  # sent, and never recorded: the process is gone
        second = worker(database, context(url, clock=clock), clock)
        clock.advance(24)
        await settled(second)
        assert 1 == len(box.mails)
        clock.advance(2)
        for _ in range(3):
            await settled(second)
        clock.advance(3600)
        await settled(second)
        (row,) = await rows(database)
        async with database.read() as tx:
            attempts = await store.attempts_of(tx, [row.delivery.id])
        late = await _record_late(first)

    assert 2 == len(box.mails)
    assert 1 == len({mail["Message-ID"] for mail in box.parsed()})
    assert ("delivered", False) == (row.state, late)
    assert ["before it could say" in attempts[0].text, attempts[1].ok] == [True, True]


async def _record_late(one: Worker) -> bool:
    """The worker was only suspended and comes back: its row is not its own any more."""
    await asyncio.sleep(0)
    before = (await rows(one.db))[0]
    await one.round()
    return (await rows(one.db))[0] != before


async def test_resolved_never_overtakes_opened_for_the_same_person(db):
    clock, box = ManualClock(), Mailbox(data_answers=["451 later"])
    async with db() as database, smtp_server(box) as port:
        one = worker(database, context(f"smtp://127.0.0.1:{port}", clock=clock), clock)
        await queue(database, "opened", clock, subject="incident/1")
        await settled(one)
        await queue(database, "resolved", clock, subject="incident/1")
        await queue(database, "other", clock, subject="incident/1", recipient="lee@example.com")
        await settled(one)
        sent_first = [mail["Message-ID"].split(".")[0] for mail in box.parsed()]
        clock.advance(10)
        await settled(one)
        order = [mail["Message-ID"].split(".")[0] for mail in box.parsed()]

    assert ["<other"] == sent_first
    assert ["<other", "<opened", "<resolved"] == order


async def test_a_lane_that_keeps_failing_is_said_once_and_once_that_it_works_again(db, free_port):
    clock = ManualClock()
    async with db() as database:
        one = worker(database, context(f"smtp://127.0.0.1:{free_port}", clock=clock), clock)
        await queue(database, "k", clock)
        for seconds in (0, 6, 17, 50, 140):
            clock.advance(seconds)
            await settled(one)
        failing = await events(database, "own.lane_")
        box = Mailbox()
        async with smtp_server(box, port=free_port):
            restarted = worker(
                database, context(f"smtp://127.0.0.1:{free_port}", clock=clock), clock
            )
            clock.advance(700)
            await settled(restarted)
        after = await events(database, "own.lane_")

    assert [("own.lane_failing", 4, "lane/mail")] == [
        (e.type, e.severity, e.subject) for e in failing
    ]
    assert ["own.lane_failing", "own.lane_works"] == [e.type for e in after]
    assert {"own/lane/mail"} == {e.dedup_key for e in after}


async def test_410_disables_the_channel_with_its_reason(db):
    async def fetch(request: Any) -> Response:
        return Response(request.url, status=410)

    clock = ManualClock()
    async with db() as database:
        values = {"name": "ops", "kind": "webhook", "options": {}, "enabled": True}
        async with database.write() as tx:
            now = {"created_at": clock.now(), "updated_at": clock.now()}
            await tx.execute(sa.insert(channel).values(**values, **now))
        one = worker(database, context("folder:///x", fetch=fetch, clock=clock), clock)
        hook = {"url": "https://hooks.example.com/"}
        for key in ("a", "b"):
            await queue(database, key, clock, kind="webhook", options=hook, channel="ops")
        await settled(one)
        async with database.read() as tx:
            found = await store_channels.by_name(tx, "ops")
        disabled = await events(database, "channel.disabled")

    assert found is not None
    assert not found.enabled
    assert "gone for good" in str(found.disabled_because)
    assert 1 == len(disabled)


@pytest.mark.parametrize(
    ("kind", "options", "state"),
    [("carrier-pigeon", {}, "dead"), ("webhook", {"colour": "red"}, "dead")],
)
async def test_a_kind_or_options_that_are_not_known_any_more_are_dead_letters(
    db, kind, options, state
):
    async with db() as database:
        one = worker(database, context("folder:///x"))
        await queue(database, "k", kind=kind, options=options)
        await settled(one)

        assert [state] == [row.state for row in await rows(database)]


async def test_a_fault_of_ours_in_a_channel_is_tried_again_and_ends_nothing(db, monkeypatch):
    from bongsu.deliver.channels import webhook

    async def broken(*_args: Any) -> Receipt:
        raise KeyError("bug")

    monkeypatch.setattr(webhook, "send", broken)
    async with db() as database:
        one = worker(database, context("folder:///x"))
        await queue(database, "k", kind="webhook", options={"url": "https://a.example.com/"})
        await settled(one)
        (row,) = await rows(database)

    assert "waiting" == row.state
    assert "KeyError" in str((row.receipt or {})["error"])


@pytest.mark.parametrize("refused", [False, True])
async def test_words_that_no_database_takes_hold_up_no_other_delivery(db, monkeypatch, refused):
    """Seen in review: the round that recorded such an answer failed for ever, and with it its neighbours."""
    from bongsu.deliver.channels import webhook

    async def answer(options: Any, *_args: Any) -> Receipt:
        if "bad" not in options.url:
            return Receipt("200 OK")
        if refused:
            raise DeliveryError(say("It said {text}", text="\ud800\x00"), permanent=True)
        return Receipt("\ud800\x00")

    monkeypatch.setattr(webhook, "send", answer)
    async with db() as database:
        one = worker(database, context("folder:///x"))
        for name in ("bad", "good"):
            options = {"url": f"https://{name}.example.com/"}
            await queue(database, name, kind="webhook", options=options)
        async with asyncio.timeout(10):
            await settled(one)
        bad, good = await rows(database)

    assert ("dead" if refused else "delivered", "delivered") == (bad.state, good.state)
    assert "cannot be kept" in str(bad.receipt)


async def test_a_clock_that_is_set_back_delays_no_retry(db):
    """Seen in review: after the clock went back an hour, what waited for its next attempt waited that hour too."""
    clock, box = ManualClock(), Mailbox(data_answers=["451 later"])
    async with db() as database, smtp_server(box) as port:
        one = worker(database, context(f"smtp://127.0.0.1:{port}", clock=clock), clock)
        await queue(database, "k", clock)
        await settled(one)
        assert "waiting" == (await rows(database))[0].state

        clock.jump(-3600)
        await settled(one)

        assert "delivered" == (await rows(database))[0].state


async def test_a_clean_stop_is_quick_and_what_was_under_way_is_due_at_once(db):
    box = Mailbox(hang=True)
    async with db() as database, smtp_server(box) as port:
        one = worker(database, context(f"smtp://127.0.0.1:{port}"))
        await queue(database, "k")
        stop = asyncio.Event()
        task = asyncio.create_task(one.run(stop))
        await until(lambda: one._sends)
        await asyncio.sleep(0.05)
        started = asyncio.get_running_loop().time()
        stop.set()
        await task
        taken_s = asyncio.get_running_loop().time() - started
        (row,) = await rows(database)

    assert taken_s < 1
    assert ("waiting", True) == (row.state, (row.next_attempt_at or 0) <= SYSTEM_CLOCK.now())


async def test_a_busy_database_is_waited_for(tmp_path, sqlite_template):
    import shutil

    url = f"sqlite:///{tmp_path / 's.db'}"
    shutil.copy(sqlite_template, tmp_path / "s.db")
    holder, database = Database.open(url), Database.open(url, lock_timeout_s=0.1)
    box = Mailbox()
    async with smtp_server(box) as port:
        await queue(holder, "k")
        one = worker(database, context(f"smtp://127.0.0.1:{port}"))
        async with running(one):
            async with holder.write() as tx:
                await tx.execute(sa.update(delivery).values(recipient="x"))
                await asyncio.sleep(0.4)
                assert [] == box.mails
            await asyncio.wait_for(box.arrived.wait(), 3)
    await asyncio.gather(holder.close(), database.close())


async def test_claiming_looks_at_lanes_not_at_rows(db):
    """One query for the lanes and two for each lane with room, however many rows wait."""
    async with db() as database:
        async with database.write() as tx:
            for number in range(300):
                await outbox.enqueue(
                    tx, key=f"k{number}", kind="mail", options={}, recipient=f"r{number}",
                    message=message(f"k{number}"), subject="s", event_id=None,
                )  # fmt: skip
        counted: list[str] = []

        def count(_c, _cursor, statement, *_rest) -> None:
            counted.append(statement)

        engines = [database._writer.sync_engine, database._reader.sync_engine]
        for engine in engines:
            sa.event.listen(engine, "before_cursor_execute", count)
        error = DeliveryError(say("no"))
        one = worker(database, context("folder:///x"))
        one._start = lambda _delivery: None  # type: ignore[method-assign]
        await one.round()

    statements = [text for text in counted if not text.startswith(("BEGIN", "SET"))]
    assert 5 == len(statements), statements
    assert not error.permanent
