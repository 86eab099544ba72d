import asyncio

import pytest
import sqlalchemy as sa

from bongsu.accounts.model import SYSTEM
from bongsu.events import log
from bongsu.events.envelope import Draft
from bongsu.events.tables import cursor, set_aside
from bongsu.incidents import store as incidents
from bongsu.rules import service
from bongsu.rules.actions import incident as action
from bongsu.rules.builtin import BUILTIN, install_builtin
from bongsu.rules.follower import RuleFollower
from bongsu.rules.model import RuleDraft
from bongsu.tell import store as tellings
from tests.incidents.support import DEFAULTS, House, add_channel, house


def follower(home: House) -> RuleFollower:
    return RuleFollower(home.db, DEFAULTS, home.clock)


async def rule(home: House, name: str, when=None, do=None, **values):
    draft = RuleDraft(
        name=name,
        when=when or {"detail-type": ["check.state_changed"]},
        do=tuple(do or ({"incident": {"severity": 4}},)),
        **values,
    )
    async with home.db.write() as tx:
        return await service.create(tx, SYSTEM, draft, home.clock)


async def follow(one: RuleFollower) -> None:
    while await one.follower.step():
        pass


async def opened(home: House) -> list[tuple[str, str, int]]:
    async with home.db.read() as tx:
        found = await incidents.listed(tx)
    return [(one.rule, one.dedup_key, one.severity) for one in reversed(found)]


async def test_a_new_installation_tells_owners_without_configuration(db):
    async with db() as database:
        home = await house(database)
        async with database.write() as tx:
            assert len(BUILTIN) == await install_builtin(tx, home.clock)
            assert 0 == await install_builtin(tx, home.clock)
        await home.event("home", "down")
        await home.event("cart", "degraded", key="service/cart")
        await home.event("well", "up", key="service/well")
        await home.event("dim", "unknown", key="service/dim")
        await home.record(Draft(type="own.role_died", source="s", subject="role/w", severity=4))
        one = follower(home)
        await follow(one)
        found = await opened(home)
        async with database.read() as tx:
            audiences = [i.audience for i in reversed(await incidents.listed(tx))]

    assert [
        ("tell-owner", "service/shop", 4),
        ("tell-owner-slow", "service/cart", 3),
        ("own-trouble", "role/w", 4),
    ] == found
    assert [("owners",), ("owners",), ("admins",)] == audiences


async def test_our_own_trouble_ends_when_it_says_so(db):
    async with db() as database:
        home = await house(database)
        async with database.write() as tx:
            await install_builtin(tx, home.clock)
        one = follower(home)
        for state, severity in (("down", 4), ("up", 1)):
            await home.record(
                Draft(type=f"own.lane_{state}", source="s", subject="lane/mail", severity=severity,
                      data={"after": {"state": state}}, dedup_key="own/lane/mail")
            )  # fmt: skip
            await follow(one)
        async with database.read() as tx:
            (incident,) = await incidents.listed(tx)

    assert "resolved" == incident.state


async def test_the_reason_of_the_rule_stands_in_the_timeline(db):
    async with db() as database:
        home = await house(database)
        await rule(home, "mine", {"detail": {"after": {"state": ["down"]}}})
        await home.event()
        await follow(follower(home))
        async with database.read() as tx:
            entries = await incidents.entries(tx, 1)

    assert ["Rule mine matched: “Shop is down” opened with severity 4"] == [
        str(e.said) for e in entries if e.kind == "opened"
    ]
    assert 'detail.after.state is "down", as it should be.' == str(entries[1].because)


async def test_a_rule_counts_from_the_moment_it_is_saved_and_no_longer_when_off_or_deleted(db):
    async with db() as database:
        home = await house(database)
        one = follower(home)
        await home.event("a", key="k/1")
        await follow(one)
        await rule(home, "mine")
        await home.event("a", key="k/2")
        await follow(one)
        async with database.write() as tx:
            await service.switch(tx, SYSTEM, "mine", False, home.clock)
        await home.event("a", key="k/3")
        await follow(one)
        async with database.write() as tx:
            await service.switch(tx, SYSTEM, "mine", True, home.clock)
        await home.event("a", key="k/4")
        await follow(one)
        async with database.write() as tx:
            await service.delete(tx, SYSTEM, "mine", home.clock)
        await home.event("a", key="k/5")
        await follow(one)

        assert ["k/2", "k/4"] == [key for _, key, _ in await opened(home)]


async def test_a_second_process_on_the_same_cursor_knows_the_rules_it_did_not_see_changing(db):
    """The event about the change was read by the other process."""
    async with db() as database:
        home = await house(database)
        first, second = follower(home), follower(home)
        await home.event("a", key="k/0")
        await second.follower.step()
        await rule(home, "mine")
        await follow(first)
        await home.event("a", key="k/1")
        await follow(second)

        assert ["k/1"] == [key for _, key, _ in await opened(home)]


async def test_a_rule_that_fails_is_set_aside_and_the_others_act(db, monkeypatch):
    async with db() as database:
        home = await house(database)
        await rule(home, "bad", do=({"incident": {"severity": 5}},))
        await rule(home, "good")
        real, tries = action.apply, []

        async def apply(tx, event, **values):
            if values["rule"] == "bad":
                tries.append(event.id)
                await real(tx, event, **values)  # written, and taken back with the savepoint
                raise ValueError("password=hunter2 is wrong")
            return await real(tx, event, **values)

        monkeypatch.setattr(action, "apply", apply)
        await home.event("a", key="k/1")
        await home.event("b", key="k/2")
        await follow(follower(home))
        async with database.read() as tx:
            aside = await tx.rows(sa.select(set_aside))
            position = await tx.scalar(sa.select(cursor.c.seq).where(cursor.c.name == "rules"))
            newest = await log.newest_seq(tx)
        failed = await home.events("own.rule_failed")

        assert [("good", "k/1", 4), ("good", "k/2", 4)] == await opened(home)
    assert 6 == len(tries)
    assert 2 == len(aside)
    assert newest == position
    assert [("bad", "own/rule/bad"), ("bad", "own/rule/bad")] == [
        (e.data["rule"], e.dedup_key) for e in failed
    ]
    assert "hunter2" not in str(failed[0].data)


async def test_a_stored_rule_that_no_longer_compiles_is_left_out_and_the_rest_works(db, caplog):
    from bongsu.rules.tables import rule as table

    async with db() as database:
        home = await house(database)
        await rule(home, "broken")
        await rule(home, "good")
        async with database.write() as tx:
            await tx.execute(
                sa.update(table).where(table.c.name == "broken").values(pattern={"a": "b"})
            )
        await home.event("a", key="k/1")
        await follow(follower(home))

        assert ["good"] == [name for name, _, _ in await opened(home)]
    assert "rule broken is not used" in caplog.text


# --- deliver


async def test_an_event_goes_to_a_channel_once_a_rule_and_event(db):
    async with db() as database:
        home = await house(database)
        async with database.write() as tx:
            await add_channel(tx, "ops", home.clock.now())
        await rule(home, "hook", do=({"deliver": {"channel": "ops"}},))
        first = await home.event("home", "down")
        await home.event("home", "up", before="down")
        await follow(follower(home))
        sent = await home.sent()
        async with database.read() as tx:
            told = await tellings.of_subject(tx, first.subject)

    assert 2 == len(sent)
    message = sent[0].delivery.message
    assert ("webhook/ops", first.id) == (sent[0].delivery.lane, sent[0].delivery.event_id)
    assert (first.cloudevent(), "Shop / home: down") == (message.event, message.subject)
    assert "it answers 503" == message.lead
    assert [("ops", True)] * 2 == [(one.person, one.told.told) for one in told]
    assert "rule hook: detail-type" in str(told[0].told.reason)


async def test_a_channel_that_is_off_is_said_once_not_for_every_event(db):
    async with db() as database:
        home = await house(database)
        async with database.write() as tx:
            await add_channel(tx, "ops", home.clock.now(), enabled=False)
        await rule(home, "hook", do=({"deliver": {"channel": "ops"}},))
        for _ in range(5):
            event = await home.event()
        await follow(follower(home))
        async with database.read() as tx:
            told = await tellings.of_subject(tx, event.subject)

        assert [] == await home.sent()
    assert [(False, "the channel ops is off: somebody turned it off")] == [
        (one.told.told, str(one.told.reason)) for one in told
    ]


async def test_news_of_a_channels_own_deliveries_do_not_go_round(db):
    async with db() as database:
        home = await house(database)
        async with database.write() as tx:
            await add_channel(tx, "ops", home.clock.now())
            await add_channel(tx, "other", home.clock.now())
        await rule(home, "all", {"source": [{"prefix": ""}]}, ({"deliver": {"channel": "ops"}},))
        one = follower(home)
        await follow(one)
        before = len(await home.sent())
        await home.record(
            Draft(
                type="delivery.delivered", source="s", subject="delivery/1", data={"channel": "ops"}
            )
        )
        await home.record(
            Draft(
                type="delivery.failed", source="s", subject="delivery/2", data={"channel": "other"}
            )
        )
        await home.record(Draft(type="own.loop_cut", source="s", subject="x"))
        await follow(one)

        assert ["delivery/2"] == [row.delivery.subject for row in (await home.sent())[before:]]


async def test_a_thousand_rules_are_read_without_holding_the_loop(db):
    from bongsu.rules import store

    async with db() as database:
        home = await house(database, members=())
        now = home.clock.now()
        async with database.write() as tx:
            for number in range(1000):
                values = {
                    "name": f"r{number}", "enabled": True, "builtin": False, "created_at": now,
                    "pattern": {"source": [f"s{number}"]}, "actions": [{"incident": {}}],
                    "updated_at": now,
                }  # fmt: skip
                await store.insert(tx, values)
        await home.event()
        turns = 0

        async def count() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        counting = asyncio.create_task(count())
        one = follower(home)
        await follow(one)
        counting.cancel()

        assert 1000 == len(one.book.rules)
        assert turns > 20


@pytest.mark.parametrize("state", ["down", "up"])
async def test_incidents_are_effects_of_their_event(db, state):
    async with db() as database:
        home = await house(database)
        await rule(home, "mine")
        cause = await home.event("home", "down")
        one = follower(home)
        await follow(one)
        if state == "up":
            cause = await home.event("home", "up", before="down")
            await follow(one)
        effect = (await home.events("incident."))[-1]

    assert (cause.id, cause.depth + 1) == (effect.causation, effect.depth)
