"""What is registered is seen soon after a start, as soon as its number allows."""

import pytest

from bongsu.kit.clock import ManualClock
from bongsu.watch.engine import Engine
from bongsu.watch.recorder import Recorder
from bongsu.watch.roster import Roster
from bongsu.watch.schedule import SECOND_US
from bongsu.watch.trouble import Troubles
from tests.watch.world import Heard, Kept, Looks, register


@pytest.mark.parametrize(("count", "seconds"), [(1, 1), (3, 1)])
async def test_a_few_checks_are_due_within_a_second_of_the_start(db, count, seconds):
    """A single check with the usual interval was first seen up to a minute after `bongsu up`."""
    clock = ManualClock()
    async with db() as database:
        for number in range(count):
            await register(database, f"check-{number}")
        engine = Engine(Looks(clock), Heard(), clock, 100)
        recorder = Recorder(database, Kept(), clock, "here", Troubles("here"))
        await Roster(database, engine, recorder, clock, "here").load()
        due = [at_us - engine.now_us() for at_us in engine.schedule._next.values()]

    assert count == len(due)
    assert max(due) <= seconds * SECOND_US + 1
