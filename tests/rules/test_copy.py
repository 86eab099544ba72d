"""The action `copy`: the whole event, once for a channel, for every event that fits, and never in a circle."""

import pytest

from bongsu.accounts.model import SYSTEM
from bongsu.deliver.model import Fate, Receipt, Sent
from bongsu.deliver.news import tell
from bongsu.deliver.worker import PAGE_LADDER_S
from bongsu.events.envelope import Draft
from bongsu.kit.errors import Invalid
from bongsu.rules import service
from bongsu.rules.follower import RuleFollower
from bongsu.rules.model import RuleDraft
from bongsu.tell import store as tellings
from tests.incidents.support import DEFAULTS, House, add_channel, house

EVERYTHING = {"source": [{"prefix": "bongsu"}]}
TABLE = {"kind": "dynamodb", "options": {"table": "log"}}


async def copying(home: House, *rules: str, channels: tuple[str, ...] = ("table",)) -> None:
    async with home.db.write() as tx:
        for name in channels:
            await add_channel(tx, name, home.clock.now(), **TABLE)
        for name in rules:
            do = tuple({"copy": {"channel": one}} for one in channels)
            draft = RuleDraft(name=name, when=EVERYTHING, do=do)
            await service.create(tx, SYSTEM, draft, home.clock)


async def follow(home: House) -> None:
    one = RuleFollower(home.db, DEFAULTS, home.clock)
    while await one.follower.step():
        pass


async def arrived(home: House) -> None:
    """Every delivery arrived, and the log has heard what it hears of that."""
    rows = await home.sent()
    async with home.db.write() as tx:
        for row in rows:
            sent = Sent(row.delivery, home.clock.now(), 5, Receipt("written"))
            await tell(tx, sent, Fate("delivered"), None, PAGE_LADDER_S, home.clock)


async def test_every_event_goes_whole_and_only_once_however_many_rules_ask(db):
    async with db() as database:
        home = await house(database)
        await copying(home, "one", "two")
        first = await home.event("home", "down")
        second = await home.event("home", "up")
        await follow(home)
        copies = {r.delivery.event_id: r.delivery for r in await home.sent() if r.delivery.event_id}

        assert f"copy/{first.id}/table" == copies[first.id].key
        assert first.cloudevent() == copies[first.id].message.event
        assert second.cloudevent() == copies[second.id].message.event
        everything = await home.events("")
        assert len(everything) == len(await home.sent())
        async with database.read() as tx:
            assert [] == await tellings.of_subject(tx, first.subject)


async def test_copies_that_arrive_are_no_news_so_that_the_log_does_not_copy_itself(db):
    async with db() as database:
        home = await house(database)
        await copying(home, "all", channels=("table", "bucket"))
        await home.event("home", "down")
        await follow(home)
        before = len(await home.sent())
        await arrived(home)
        await follow(home)

        assert [] == await home.events("delivery.")
        assert before == len(await home.sent())


@pytest.mark.parametrize(("channel", "more"), [("table", 0), ("elsewhere", 0), (None, 1)])
async def test_what_was_sent_to_a_named_channel_is_not_copied_and_what_went_to_people_is(
    db, channel, more
):
    async with db() as database:
        home = await house(database)
        await copying(home, "all")
        await follow(home)
        before = len(await home.sent())
        data = {"channel": channel, "kind": "mail"}
        await home.record(
            Draft(type="delivery.failed", source="bongsu.deliver", subject="delivery/1", data=data)
        )
        await follow(home)

        assert before + more == len(await home.sent())


async def test_a_channel_that_is_off_is_said_once_for_each_subject(db):
    async with db() as database:
        home = await house(database)
        await copying(home, "all")
        async with database.write() as tx:
            await add_channel(tx, "gone", home.clock.now(), enabled=False, **TABLE)
            draft = RuleDraft(name="to-gone", when=EVERYTHING, do=({"copy": {"channel": "gone"}},))
            await service.create(tx, SYSTEM, draft, home.clock)
        event = await home.event("home", "down")
        await home.event("home", "up")
        await follow(home)
        async with database.read() as tx:
            (telling,) = await tellings.of_subject(tx, event.subject)

        assert (False, "gone") == (telling.told.told, telling.channel)
        assert all(row.delivery.channel == "table" for row in await home.sent())


async def test_a_rule_that_copies_to_a_channel_that_is_not_there_is_not_saved(db):
    async with db() as database:
        home = await house(database)
        draft = RuleDraft(name="all", when=EVERYTHING, do=({"copy": {"channel": "nobody"}},))
        with pytest.raises(Invalid) as caught:
            async with database.write() as tx:
                await service.create(tx, SYSTEM, draft, home.clock)

        assert "do[0].copy.channel" == caught.value.problems[0].where


async def test_deliver_to_a_table_works_as_well(db):
    async with db() as database:
        home = await house(database)
        async with database.write() as tx:
            await add_channel(tx, "table", home.clock.now(), **TABLE)
            do = ({"deliver": {"channel": "table"}},)
            draft = RuleDraft(name="d", when={"detail-type": ["check.state_changed"]}, do=do)
            await service.create(tx, SYSTEM, draft, home.clock)
        event = await home.event("home", "down")
        await follow(home)
        (row,) = await home.sent()

        assert event.cloudevent() == row.delivery.message.event
        assert "dynamodb" == row.delivery.kind
