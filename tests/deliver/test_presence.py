"""A killed sender's deliveries are taken over at once, by a successor on the same machine and by nobody else."""

from pathlib import Path

import pytest

from bongsu.deliver import store
from bongsu.deliver.presence import Presence
from bongsu.deliver.worker import Limits, Worker
from bongsu.kit.clock import ManualClock
from tests.deliver.support import Mailbox, context, smtp_server
from tests.deliver.test_worker import queue, rows, settled


def died(presence: Presence) -> None:
    """As the kernel does it: the lock is free, the file is still there."""
    presence._lock.release()


def test_who_lives_is_not_gone_and_who_was_killed_is_until_it_is_forgotten(tmp_path: Path):
    killed, living, heir = (Presence(tmp_path, name) for name in ("killed", "living", "heir"))

    assert heir.gone() == []
    died(killed)

    assert heir.gone() == heir.gone() == ["killed"]
    assert living.gone() == [], "one heir is enough"
    heir.forget()
    assert heir.gone() == []
    assert sorted(path.stem for path in tmp_path.iterdir()) == ["heir", "living"]


def test_a_clean_end_leaves_nothing_and_an_heir_that_ends_leaves_the_dead_to_the_next(tmp_path):
    killed, heir = Presence(tmp_path, "killed"), Presence(tmp_path, "heir")
    died(killed)
    assert heir.gone() == ["killed"]

    heir.close()

    assert Presence(tmp_path, "next").gone() == ["killed"]


def test_a_name_is_present_once(tmp_path: Path):
    Presence(tmp_path, "a")

    with pytest.raises(ValueError, match="present already"):
        Presence(tmp_path, "a")


async def test_what_a_killed_sender_had_under_way_is_sent_before_its_lease_ends(db, tmp_path):
    clock, box = ManualClock(), Mailbox()
    killed, elsewhere = Presence(tmp_path / "here", "killed"), Presence(tmp_path / "there", "other")
    async with db() as database, smtp_server(box) as port:
        for key, name in (("mine", killed.name), ("theirs", elsewhere.name)):
            await queue(database, key, clock)
            async with database.write() as tx:
                await store.claim(tx, "mail", worker=name, now=clock.now(), lease_s=25, limit=1)
        died(killed)
        heir = Presence(tmp_path / "here", "heir")
        ctx = context(f"smtp://127.0.0.1:{port}", clock=clock)
        await settled(Worker(database, ctx, clock, limits=Limits(), presence=heir))
        states = {row.delivery.key: row.state for row in await rows(database)}

        assert states == {"mine": "delivered", "theirs": "sending"}
        assert heir.gone() == []
