"""Asked once more at the moment of sending: who may no longer read it gets nothing."""

import pytest

from bongsu.accounts import store as accounts
from bongsu.deliver.worker import Worker
from bongsu.tell import store_choices
from bongsu.tell.access import guard
from tests.deliver.support import Mailbox, context, smtp_server, until
from tests.tell.support import task_event, town

MOVED = {
    "before": {"status": "waiting", "column": "Waiting"},
    "after": {"status": "in_progress", "column": "In progress"},
}


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("shut out", "may not see it"),
        ("disabled", "the account is disabled"),
        ("muted", "it was muted in the meantime"),
    ],
)
async def test_a_queued_mail_is_withdrawn_when_it_is_no_longer_theirs(db, how, why):
    box = Mailbox()
    async with db() as database, smtp_server(box) as port:
        home = await town(database)
        alice, bob, charlie = (home.id(name) for name in home.people)
        await home.hear(task_event(by=alice, watchers=[bob, charlie], **MOVED))
        home.gate.shut_out |= {("task/42", bob)} if how == "shut out" else set()
        async with database.write() as tx:
            if how == "disabled":
                await accounts.update_user(tx, bob, disabled_at=home.clock.now())
            if how == "muted":
                await store_choices.mute(tx, bob, "task/42", "h", "/x", home.clock.now())
        mail = context(f"smtp://127.0.0.1:{port}?from=b@example.com")
        worker = Worker(database, mail, home.clock, guard=guard({"task": home.gate}))
        await worker.round()
        await until(lambda: box.mails)
        await worker.round()
        states = [row.state for row in await home.sent()]

        assert [["charlie@example.com"]] == box.recipients
        assert ["withdrawn", "delivered"] == states
        assert [("Bob", False, why), ("Charlie", True, "watches it")] == await home.decided()


async def test_a_gate_that_fails_holds_the_mail_back_and_nobody_elses(db):
    box = Mailbox()
    async with db() as database, smtp_server(box) as port:
        home = await town(database, "Alice", "Bob")
        await home.hear(task_event(by=home.id("Alice"), watchers=[home.id("Bob")], **MOVED))
        home.gate.broken = True
        mail = context(f"smtp://127.0.0.1:{port}?from=b@example.com")
        worker = Worker(
            database, mail, home.clock, guard=guard({"task": home.gate}), jitter=lambda: 0.0
        )
        while await worker.round():
            pass
        held = (await home.sent())[0]
        home.gate.broken = False
        home.clock.advance(60)
        await worker.round()
        await until(lambda: box.mails)
        await worker.round()

        assert "waiting" == held.state
        assert "could not be found out" in held.receipt["error"]["text"]
        assert "delivered" == (await home.sent())[0].state


@pytest.mark.parametrize(("lost", "lead"), [
    ({"task/43"}, "2 changes to one task."),
    ({"task/42", "task/43"}, None),
])  # fmt: skip
async def test_a_digest_goes_without_what_its_reader_may_no_longer_see(db, lost, lead):
    box = Mailbox()
    async with db() as database, smtp_server(box) as port:
        home = await town(database, "Alice", "Bob")
        alice, bob = home.id("Alice"), home.id("Bob")
        await home.prefer("Bob", digest="hourly")
        await home.hear(
            task_event(by=alice, watchers=[bob], **MOVED),
            task_event(by=alice, watchers=[bob], id=43, key="TSK-43", title="Secret", **MOVED),
            task_event(by=alice, watchers=[bob], **MOVED),
        )
        await home.wait(3600)
        home.gate.shut_out |= {(subject, bob) for subject in lost}
        mail = context(f"smtp://127.0.0.1:{port}?from=b@example.com")
        worker = Worker(database, mail, home.clock, guard=guard({"task": home.gate}))
        await worker.round()
        await until(lambda: box.mails or lead is None)
        await worker.round()
        (only,) = await home.sent()
        message = only.delivery.message
        of_42, of_43 = await home.decided("task/42"), await home.decided("task/43")

        assert [("Bob", False, "may not see it")] == of_43
        assert ("withdrawn" if lead is None else "delivered") == only.state
        assert (lead is None) == (not box.mails)
        if lead is not None:
            assert ("2 changes to your tasks", lead) == (message.subject, message.lead)
            assert ["[TSK-42] Pin the client"] == [one.heading for one in message.groups]
            assert [("Bob", True, "in a digest")] * 2 == of_42
            assert "Secret" not in str(box.mails)
